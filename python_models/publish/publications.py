from segmentation.published.publishing import publish, read_public_tables


def model(dbt, session):
    """Publish the audited tables; every one of them and all tests are above this model."""
    dbt.config(materialized="table")
    serving_model = dbt.ref("int_customer_serving_model")
    version = int(serving_model.df()["model_version"].iloc[0])
    tables = read_public_tables(dbt.ref("int_public_tables"))
    return publish(session, tables, dbt.config.meta_get("serving"), version)
