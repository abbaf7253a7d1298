from segmentation.dbt_models.baskets import fit_basket_pairs_table


def model(dbt, session):
    """One row per pair of categories of a basket version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_basket_pairs_table(
        dbt.ref("basket_plan"),
        dbt.ref("basket_fit_sample"),
    )
