from segmentation.dbt_models.trust import fit_structure_table


def model(dbt, session):
    """One row per model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_structure_table(
        dbt.ref("int_customer_fit_plan"),
        dbt.ref("int_customer_trust_sample"),
        dbt.ref("int_customer_fit_sample_scaled_features"),
        dbt.ref("customer_pca"),
        key="customer_id",
    )
