from segmentation.dbt_models.describing import describe_segments_table


def model(dbt, session):
    """One row per segment of the models that serve."""
    dbt.config(materialized="table")
    return describe_segments_table(
        dbt.ref("fit_plan"),
        dbt.ref("serving_models"),
        dbt.ref("described_rows"),
        dbt.ref("fit_rules"),
        dbt.ref("fit_segments"),
        dbt.ref("suggestion_rules"),
    )
