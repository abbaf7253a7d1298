from segmentation.dbt_models.forecasting import fit_purchases_table


def model(dbt, session):
    """One row per parameter of the forecast, and one per repeats and node."""
    dbt.config(materialized="table")
    # A build whose segments are refused there fits nothing, not this either.
    dbt.ref("unit_counts")
    return fit_purchases_table(dbt.ref("purchase_draw"))
