"""What wholesale customers buy together."""

import numpy as np
import pandas as pd

from segmentation.baskets.baskets import basket_candidates, fit_components, name_components

SPENDING = ["Delicassen", "Detergents_Paper", "Fresh", "Frozen", "Grocery", "Milk"]


def model(dbt, session):
    """One row per basket and category: what is bought together, by logarithms of spending."""
    dbt.config(materialized="table")
    rows = dbt.ref("wholesale").df().sort_values("CustomerID")
    spent = np.log1p(rows[SPENDING].to_numpy(dtype=float))
    tried = basket_candidates(spent, SPENDING, seed=0)
    chosen = tried[tried["is_selected"]].iloc[0]
    shapes, _ = fit_components(spent, SPENDING, int(chosen["components"]), seed=0)
    count, width = shapes.shape
    return pd.DataFrame(
        {
            "component": np.repeat(np.arange(1, count + 1), width),
            "component_name": np.repeat(name_components(shapes, SPENDING), width),
            "category": SPENDING * count,
            "weight": shapes.ravel(),
            "reason": chosen["reason"],
        }
    )
