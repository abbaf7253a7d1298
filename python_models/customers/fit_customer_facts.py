from segmentation.dbt_models.fitting import fit_facts_table


def model(dbt, session):
    """One row per model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_facts_table(
        dbt.ref("int_customer_fit_plan"),
        dbt.ref("int_customer_fit_sample_components"),
        dbt.ref("fit_customer_kmeans"),
        dbt.ref("customer_pca"),
        dbt.ref("int_customer_trust_sample"),
        key="customer_id",
    )
