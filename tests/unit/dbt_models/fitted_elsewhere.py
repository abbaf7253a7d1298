"""Fit made-up customers, from scaling to the map, and store every table: run as a program."""

import json
import sys

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_info

from segmentation.dbt_models import fitting, judging
from segmentation.features.recipe import Feature
from tests.unit.dbt_models.made_up import plan_row, plan_table, rows_table

FEATURES = (
    Feature("orders", "number", "log1p", low="few orders", high="many orders"),
    Feature("spend", "number", "log1p", low="low spend", high="high spend"),
    Feature("rate", "number", low="keeps", high="returns"),
    Feature("days", "number", low="recent", high="lapsed"),
    Feature("country", "category"),
)
ROWS = 700
SETTINGS = {
    "rows_available": ROWS,
    "k": None,
    "k_max": 7,
    "bootstraps": 8,
    "n_init": 5,
    "components": 0.9,
}
NO_STORED = pd.DataFrame(columns=["segmentation", "unit_id", "stored_segment_id"])
NO_NAMES = pd.DataFrame(columns=["segmentation", "segment_id", "segment_name"])


def customers() -> pd.DataFrame:
    """Counts, rates and money with ties and gaps, in groups that touch."""
    rng = np.random.default_rng(11)
    group = rng.integers(0, 4, ROWS)
    orders = 1 + rng.poisson(np.array([0.3, 1, 4, 9])[group])
    spend = np.round(orders * rng.lognormal(np.array([3, 4, 3, 4.5])[group], 0.6), 2)
    rate = np.round(rng.binomial(orders, 0.1 + 0.2 * (group == 1)) / orders, 6)
    rate[rng.random(ROWS) < 0.1] = np.nan
    days = rng.integers(0, 400, ROWS)
    countries = np.array(["Peru", "Chad", "Laos", "(missing)"])[rng.integers(0, 4, ROWS)]
    numbers = np.column_stack([orders, spend, rate, days])
    return rows_table("customer", numbers, [[country] for country in countries])


def tables() -> dict[str, pd.DataFrame]:
    """Return every fitted table by name."""
    columns = [(feature.name, feature.kind) for feature in FEATURES]
    plan = plan_table(plan_row(columns=columns, features=FEATURES, **SETTINGS))
    rows = customers()
    scaling = fitting.fit_scaling_table(plan, rows).to_pandas()
    loadings = fitting.fit_loadings_table(plan, rows, scaling).to_pandas()
    placed = (plan, rows, scaling, loadings)
    candidates = fitting.fit_candidates_table(*placed).to_pandas()
    clusters = fitting.fit_clusters_table(*placed, candidates, NO_STORED).to_pandas()
    segments = fitting.fit_segments_table(*placed, clusters, NO_STORED, NO_NAMES).to_pandas()
    ids = segments.set_index("cluster")["new_id"]
    numbered = clusters.assign(segment_id=clusters["cluster"].map(ids))
    centroids = numbered.drop(columns="cluster")
    judged = {
        name: getattr(judging, f"fit_{name}_table")(*placed, centroids).to_pandas()
        for name in ("facts", "stability", "importance", "alternatives", "comparison", "map")
    }
    correlations = judging.fit_correlations_table(plan, rows).to_pandas()
    fitted = {
        "scaling": scaling,
        "loadings": loadings,
        "candidates": candidates,
        "clusters": clusters,
        "segments": segments,
        "correlations": correlations,
    }
    return fitted | judged


def main(path: str) -> None:
    """Write the tables to a file, and print which kernels made them."""
    pd.to_pickle(tables(), path)
    print(
        json.dumps(
            sorted({one["architecture"] for one in threadpool_info() if "architecture" in one})
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
