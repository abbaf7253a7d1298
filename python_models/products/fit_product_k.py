from segmentation.dbt_models.fitting import fit_candidates_table


def model(dbt, session):
    """One row per candidate number of segments of a model version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_candidates_table(
        dbt.ref("int_product_fit_plan"),
        dbt.ref("int_product_fit_sample_components"),
        key="product_id",
        unit="products",
    )
