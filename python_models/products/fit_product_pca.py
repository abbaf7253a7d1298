from segmentation.dbt_models.fitting import fit_pca_table


def model(dbt, session):
    """One row per component and encoded feature of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_pca_table(
        dbt.ref("int_product_fit_plan"),
        dbt.ref("int_product_fit_sample_scaled_features"),
        dbt.ref("product_scaling"),
        key="product_id",
    )
