from segmentation.dbt_models.fitting import fit_facts_table


def model(dbt, session):
    """One row per model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_facts_table(
        dbt.ref("int_product_fit_plan"),
        dbt.ref("int_product_fit_sample_components"),
        dbt.ref("fit_product_kmeans"),
        dbt.ref("product_pca"),
        dbt.ref("int_product_trust_sample"),
        key="product_id",
    )
