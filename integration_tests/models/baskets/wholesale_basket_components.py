"""What wholesale customers buy together."""

import numpy as np
import pandas as pd

from segmentation.baskets.baskets import fit_baskets

SPENDING = ["Delicassen", "Detergents_Paper", "Fresh", "Frozen", "Grocery", "Milk"]


def model(dbt, session):
    """One row per basket and category: what is bought together, by logarithms of spending."""
    dbt.config(materialized="table")
    rows = dbt.ref("wholesale").df().sort_values("CustomerID")
    fit = fit_baskets(np.log1p(rows[SPENDING].to_numpy(dtype=float)), SPENDING, seed=0)
    count, width = fit.components.shape
    return pd.DataFrame(
        {
            "component": np.repeat(np.arange(1, count + 1), width),
            "component_name": np.repeat(fit.names, width),
            "category": SPENDING * count,
            "weight": fit.components.ravel(),
            "reason": fit.reason,
        }
    )
