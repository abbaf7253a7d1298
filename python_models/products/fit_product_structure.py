from segmentation.dbt_models.trust import fit_structure_table


def model(dbt, session):
    """One row per model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_structure_table(
        dbt.ref("int_product_fit_plan"),
        dbt.ref("int_product_trust_sample"),
        dbt.ref("int_product_fit_sample_scaled_features"),
        dbt.ref("product_pca"),
        key="product_id",
    )
