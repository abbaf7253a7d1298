from segmentation.dbt_models.trust import fit_correlations_table


def model(dbt, session):
    """One row per pair of features and measure of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_correlations_table(
        dbt.ref("int_customer_fit_plan"),
        dbt.ref("int_customer_described_sample"),
        key="customer_id",
    )
