from segmentation.published.publishing import read_public_tables, read_segmentations
from segmentation.published.staging import publish_built


def model(dbt, session):
    """Publish the audited tables; every one of them and all tests are above this model."""
    dbt.config(materialized="table")
    return publish_built(
        session,
        read_public_tables(dbt.ref("public_tables")),
        read_segmentations(dbt.ref("segmentations")),
        dbt.config.meta_get("serving"),
        int(dbt.config.meta_get("kept")),
        dbt.this.schema,
    )
