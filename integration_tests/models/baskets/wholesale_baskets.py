"""How much of each basket every wholesale customer buys."""

import numpy as np
import pandas as pd

from segmentation.baskets.baskets import basket_weights, strongest_component


def model(dbt, session):
    """One row per customer and basket: its share of what the customer spends, in logarithms."""
    dbt.config(materialized="table")
    parts = dbt.ref("wholesale_basket_components").df()
    shapes = parts.pivot(index="component", columns="category", values="weight")
    rows = dbt.ref("wholesale").df().sort_values("CustomerID")
    weights = basket_weights(
        np.log1p(rows[list(shapes.columns)].to_numpy(dtype=float)), shapes.to_numpy()
    )
    count = len(shapes)
    return pd.DataFrame(
        {
            "customer_id": np.repeat(rows["CustomerID"].to_numpy(), count),
            "component": np.tile(shapes.index.to_numpy(), len(rows)),
            "share": (weights / weights.sum(axis=1, keepdims=True)).ravel(),
            "is_strongest": (
                strongest_component(weights)[:, None] == shapes.index.to_numpy()
            ).ravel(),
        }
    )
