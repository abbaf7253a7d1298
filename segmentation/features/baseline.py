"""The world at fit time, kept with the model so that drift can be measured later."""

import importlib.metadata
import json

import numpy as np
import pandas as pd

from segmentation.features.recipe import MISSING, OTHER, Feature, Recipe
from segmentation.features.scaling import pool_levels, usable_features

QUANTILE_BINS = 10
MOST_VALUES = 10
"""Up to this many different numbers, every number is a bin of its own."""
MOST_LEVELS = 50_000
"""A category with more levels than this is nearly a key: rare and new ones are not told apart."""
LIBRARIES = ("duckdb", "numpy", "pandas", "scikit-learn", "scipy")


def feature_baseline(frame: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Bin every feature of the fitted rows and keep the share of rows in each bin.

    Numbers with few values get a bin per value, others the deciles; categories a bin per level
    and one for "(other)"; a missing number is a bin of its own. Levels pooled in "(other)" are
    kept by name as well, as rows of its bin without a share, so that a level never seen can be
    told from a rare one; not where there are more than `MOST_LEVELS` of them.

    Parameters
    ----------
    frame : DataFrame of n rows
        The recipe's feature columns of the fitted rows.
    recipe : Recipe
        Features; those that are constant or missing throughout are left out.

    Returns
    -------
    DataFrame
        One row per feature and bin, and per pooled level: feature, kind, bin (from 1),
        lower_bound (exclusive), upper_bound (inclusive), null where a bin is open, level, share
        in [0, 1], null for a pooled level, fitted_rows, least and greatest fitted value,
        is_trigger.
    """
    tables = [
        (_number_bins if feature.kind == "number" else _level_bins)(
            frame[feature.name], feature, recipe
        ).assign(feature=feature.name, kind=feature.kind, is_trigger=feature.triggers)
        for feature in usable_features(frame, recipe)
    ]
    return pd.concat(tables, ignore_index=True).assign(fitted_rows=len(frame))


def _number_bins(column: pd.Series, feature: Feature, recipe: Recipe) -> pd.DataFrame:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    present = np.sort(values[~np.isnan(values)])
    uppers = _upper_bounds(present)
    counts = np.diff(np.searchsorted(present, uppers, side="right"), prepend=0)
    bins = pd.DataFrame(
        {
            "bin": np.arange(1, len(uppers) + 1),
            "lower_bound": np.r_[np.nan, uppers[:-1]],
            "upper_bound": np.r_[uppers[:-1], np.nan],
            "level": None,
            "share": counts / len(values),
            "least": present[0],
            "greatest": present[-1],
        }
    )
    missing = bins.tail(1).assign(
        bin=len(bins) + 1,
        lower_bound=np.nan,
        upper_bound=np.nan,
        level=MISSING,
        share=np.isnan(values).mean(),
    )
    return pd.concat([bins, missing], ignore_index=True)


def _upper_bounds(present: np.ndarray) -> np.ndarray:
    different = np.unique(present)
    if len(different) <= MOST_VALUES:
        return different
    steps = np.arange(1, QUANTILE_BINS + 1) / QUANTILE_BINS
    return np.unique(np.quantile(present, steps, method="inverted_cdf"))


def _level_bins(column: pd.Series, feature: Feature, recipe: Recipe) -> pd.DataFrame:
    shares = pool_levels(column, recipe.max_levels).value_counts(normalize=True)
    levels = sorted({*shares.index, OTHER})
    bins = pd.DataFrame(
        {
            "bin": np.arange(1, len(levels) + 1),
            "level": levels,
            "share": shares.reindex(levels, fill_value=0.0).to_numpy(),
        }
    )
    pooled = sorted(set(column.unique()) - set(levels))
    if len(pooled) > MOST_LEVELS:
        pooled = []
    rare = pd.DataFrame({"bin": levels.index(OTHER) + 1, "level": pooled, "share": np.nan})
    open_ended = dict.fromkeys(("lower_bound", "upper_bound", "least", "greatest"), np.nan)
    return pd.concat([bins, rare], ignore_index=True).assign(**open_ended)


def library_versions() -> str:
    """Return the versions of the libraries a fit depends on, as a JSON object."""
    return json.dumps({name: importlib.metadata.version(name) for name in LIBRARIES})
