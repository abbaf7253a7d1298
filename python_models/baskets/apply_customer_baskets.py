from segmentation.dbt_models.baskets import weigh_baskets


def model(dbt, session):
    """One row per customer with a category: the weights of the typical baskets."""
    dbt.config(materialized="table")
    return weigh_baskets(
        session,
        dbt.ref("int_customer_basket_vectors"),
        dbt.ref("int_basket_plan"),
        dbt.ref("basket_components"),
        key="customer_id",
    )
