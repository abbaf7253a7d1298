from segmentation.dbt_models.fitting import fit_scaling_table


def model(dbt, session):
    """One row per encoded feature of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_scaling_table(
        dbt.ref("int_customer_fit_plan"),
        dbt.ref("int_customer_fit_sample_features"),
        key="customer_id",
    )
