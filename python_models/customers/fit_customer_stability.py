from segmentation.dbt_models.trust import fit_stability_table


def model(dbt, session):
    """One row per segment of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_stability_table(
        dbt.ref("int_customer_extras_plan"),
        dbt.ref("int_customer_trust_sample"),
        key="customer_id",
    )
