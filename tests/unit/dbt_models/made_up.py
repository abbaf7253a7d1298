"""Made-up plans, rows and models, as the tables that dbt hands to a Python model."""

import json
from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import pandas as pd

from segmentation.features.recipe import Feature
from tests.recipes import make_recipe

SPEND = Feature("spend", "number", low="low spend", high="high spend")
ORDERS = Feature("orders", "number", low="few orders", high="many orders")
COLUMNS = (("spend", "number"), ("country", "category"), ("orders", "number"))
"""A table of three features, of which the recipe names the two numbers."""


def plan_row(
    segmentation: str = "customer",
    columns: Iterable[tuple[str, str]] = COLUMNS,
    features: tuple[Feature, ...] = (SPEND, ORDERS),
    **told,
) -> dict:
    """Return a row of ``fit_plan``: version 4 is to be fitted, and nothing serves yet.

    What is told of a setting goes into the recipe, what is told of a column into the row.
    """
    row = {
        "segmentation": segmentation,
        "unit": f"{segmentation}s",
        "table_name": f"{segmentation}_features",
        "is_fit": True,
        "makes_extras": True,
        "explore": True,
        "is_matched": False,
        "model_version": 4,
        "active_version": None,
        "match_floor": 0.5,
        "rows_available": 240,
        "rows_judged": 10_000,
    }
    recipe = make_recipe("mine", features, **{k: v for k, v in told.items() if k not in row})
    listed = [{"name": name, "kind": kind} for name, kind in columns]
    return (
        row
        | {"recipe": json.dumps(asdict(recipe)), "feature_columns": json.dumps(listed)}
        | {name: value for name, value in told.items() if name in row}
    )


def plan_table(*rows: dict) -> pd.DataFrame:
    """Return ``fit_plan``; a version that nobody has is missing, as the engine gives it."""
    return pd.DataFrame(list(rows)).astype({"active_version": "Int64"})


def rows_table(
    segmentation: str,
    numbers: np.ndarray,
    levels: Iterable[list],
    keys: Iterable[int] | None = None,
    seed: int = 1,
) -> pd.DataFrame:
    """Return rows of ``fit_rows``: in the order of a typed key, ranks drawn against it."""
    count = len(numbers)
    keys = np.arange(count) + 95 if keys is None else np.asarray(keys)
    rank = np.random.default_rng(seed).permutation(count) + 1
    return pd.DataFrame(
        {
            "segmentation": segmentation,
            "unit_id": keys.astype(str),
            "unit_order": np.arange(count) + 1,
            "sample_rank": rank,
            "numbers": list(np.asarray(numbers, dtype=float)),
            "levels": list(levels),
        }
    )


def shuffled(*frames: pd.DataFrame, seed: int = 3) -> pd.DataFrame:
    """Return the rows of several tables mixed, as an engine may return them."""
    mixed = pd.concat(frames, ignore_index=True)
    order = np.random.default_rng(seed).permutation(len(mixed))
    return mixed.iloc[order].reset_index(drop=True)


def scaling_as_it_is(segmentation: str, version: int, features: Iterable[str]) -> pd.DataFrame:
    """Return a scaling that leaves numbers as they are, and fills none."""
    names = list(features)
    return pd.DataFrame(
        {
            "segmentation": segmentation,
            "model_version": version,
            "position": np.arange(len(names)) + 1,
            "feature": names,
            "level": None,
            "code": np.nan,
            "transform": "none",
            "fill_value": np.nan,
            "center": 0.0,
            "scale": 1.0,
            "weight": 1.0,
        }
    )


def loadings_of(segmentation: str, version: int, loadings: np.ndarray) -> pd.DataFrame:
    """Return a table of loadings, one row of the matrix a component."""
    components, positions = np.indices(loadings.shape) + 1
    return pd.DataFrame(
        {
            "segmentation": segmentation,
            "model_version": version,
            "component": components.ravel(),
            "position": positions.ravel(),
            "loading": np.asarray(loadings, dtype=float).ravel(),
            "mean": 0.0,
            "explained_variance_ratio": np.array([0.6, 0.2, 0.1])[components.ravel() - 1],
        }
    )


def centroids_of(segmentation: str, version: int, places: dict[int, list[float]]) -> pd.DataFrame:
    """Return the centroids of segments by id."""
    return pd.DataFrame(
        [
            {
                "segmentation": segmentation,
                "model_version": version,
                "segment_id": segment,
                "component": component,
                "centroid": float(value),
                "axis_loadings": None,
                "log_constant": np.nan,
            }
            for segment, place in places.items()
            for component, value in enumerate(place, start=1)
        ]
    )
