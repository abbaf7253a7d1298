from segmentation.dbt_models.fitting import fit_names_table


def model(dbt, session):
    """One row per segment of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_names_table(
        dbt.ref("int_product_fit_plan"),
        dbt.ref("int_product_fit_sample_features"),
        dbt.ref("int_product_fit_sample_components"),
        dbt.ref("fit_product_kmeans"),
        dbt.ref("fit_product_matches"),
        dbt.ref("int_product_earlier_names"),
        key="product_id",
    )
