from segmentation.dbt_models.baskets import fit_basket_count_table


def model(dbt, session):
    """One row per number of typical baskets tried for a basket version."""
    dbt.config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="model_version",
    )
    return fit_basket_count_table(
        dbt.ref("int_basket_plan"),
        dbt.ref("int_basket_fit_sample"),
    )
