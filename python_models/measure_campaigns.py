from segmentation.dbt_models.campaigns import measure_campaigns_table


def model(dbt, session):
    """One row per campaign and measure: sums and figures, nothing of anybody."""
    dbt.config(materialized="table")
    # The data are judged before anything is measured on them.
    dbt.ref("unit_counts")
    return measure_campaigns_table(session, dbt.ref("order_items_counted"), dbt.ref("as_of"))
