"""The bodies of the Python models that say how far a segmentation can be trusted.

They work like those of `segmentation.dbt_models.fitting`, on a bounded sample of rows with the
segment each got from the model under trial.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import schemas
from segmentation.dbt_models.fitting import Plan, rows_of_version, versioned_table
from segmentation.features.frames import bounded_frame, vectors
from segmentation.features.recipe import Recipe

STRUCTURE_ROWS = 2_000
STABILITY_REFITS = 50
COMPARISON_ROWS = 3_000
COMPARISON_REFITS = 3
MAP_ROWS = 1_500
RANK = "sample_rank"
"""Rows in the order of their keys' hashes: any first ones are a fair sample."""


def fit_structure_table(
    plan_relation: Any, sample: Any, scaled: Any, pca: Any, *, key: str
) -> pa.Table:
    """One row: the segments against a single cloud of the same size and spread.

    Ties are spread in the scaled features, and projected as those were.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.structure import evaluate_structure, spread_ties
        from segmentation.features.pca import apply_pca

        frame = bounded_frame(sample, key)
        features = bounded_frame(scaled).set_index(key).loc[frame[key]]
        spread = spread_ties(vectors(features, "scaled_values"), seed=plan.recipe.seed)
        found = evaluate_structure(
            vectors(frame, "components"),
            frame["segment_id"].to_numpy(),
            seed=plan.recipe.seed,
            untied=apply_pca(spread, rows_of_version(pca, plan.model_version)),
            refit=_refit(plan.recipe),
            max_rows=STRUCTURE_ROWS,
        )
        return pd.DataFrame(
            {
                "silhouette": [found.silhouette],
                "null_silhouette": [found.null_mean],
                "null_silhouette_sd": [found.null_sd],
                "excess": [found.excess],
                "z": [found.z],
                "valley_depth": [found.valley_depth],
                "has_structure": [found.has_structure],
                "verdict": [found.sentence],
                "rows_judged": [min(len(frame), STRUCTURE_ROWS)],
            }
        )

    return versioned_table(plan_relation, schemas.STRUCTURE, fit)


def fit_stability_table(plan_relation: Any, sample: Any, *, key: str) -> pa.Table:
    """One row per segment: how well refits on drawn rows find it again."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.selection.stability import bootstrap_jaccard, stability_verdict

        frame = bounded_frame(sample, key)
        segments, labels = np.unique(frame["segment_id"], return_inverse=True)
        jaccards = bootstrap_jaccard(
            vectors(frame, "components"),
            labels,
            seed=plan.recipe.seed,
            bootstraps=STABILITY_REFITS,
            refit=_refit(plan.recipe),
        )
        return pd.DataFrame(
            {
                "segment_id": segments,
                "jaccard": jaccards,
                "verdict": [stability_verdict(jaccard) for jaccard in jaccards],
                "refits": STABILITY_REFITS,
            }
        )

    return versioned_table(plan_relation, schemas.STABILITY, fit)


def fit_alternatives_table(plan_relation: Any, sample: Any, features: Any, *, key: str) -> pa.Table:
    """One row per sampled key and k: its segment under one segment less, and one more.

    The selected k shows the model's own segments; their names are added in SQL.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.selection.alternatives import segment_alternatives

        frame = bounded_frame(sample, RANK)
        described = bounded_frame(features).set_index(key).loc[frame[key]]
        k = frame["segment_id"].nunique()
        assignments, _ = segment_alternatives(
            vectors(frame, "components"),
            k,
            seed=plan.recipe.seed,
            chosen_segments=frame["segment_id"].to_numpy(),
            fit=_fit_labels(plan.recipe),
        )
        named = [
            rows.assign(segment_name=_names(rows, described, plan.recipe, number == k))
            for number, rows in assignments.groupby("k")
        ]
        table = pd.concat(named, ignore_index=True)
        keys = frame[key].astype(str).to_numpy()
        return table.assign(row_key=keys[table["row"]], is_selected=table["k"] == k)

    return versioned_table(plan_relation, schemas.ALTERNATIVES, fit)


def fit_comparison_table(plan_relation: Any, sample: Any) -> pa.Table:
    """One row per algorithm, all on the same rows."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.comparison import compare_methods

        frame = bounded_frame(sample, RANK).head(COMPARISON_ROWS)
        return compare_methods(
            vectors(frame, "components"),
            frame["segment_id"].nunique(),
            frame["segment_id"].to_numpy(),
            seed=plan.recipe.seed,
            max_rows=COMPARISON_ROWS,
            max_quadratic_rows=COMPARISON_ROWS,
            refits=COMPARISON_REFITS,
        )

    return versioned_table(plan_relation, schemas.COMPARISON, fit)


def fit_map_table(plan_relation: Any, sample: Any, *, key: str) -> pa.Table:
    """One row per mapped key: its place on a plane, and its segment."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.maps import tsne_map

        frame = bounded_frame(sample, RANK).head(MAP_ROWS)
        points = tsne_map(vectors(frame, "components"), seed=plan.recipe.seed, max_rows=MAP_ROWS)
        return points.assign(
            row_key=frame[key].astype(str).to_numpy(), segment_id=frame["segment_id"].to_numpy()
        )

    return versioned_table(plan_relation, schemas.MAP, fit)


def fit_correlations_table(plan_relation: Any, features: Any, *, key: str) -> pa.Table:
    """One row per pair of features and measure, of the recipe and of the describing ones."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.correlations import feature_correlations

        frame = bounded_frame(features, key).drop(columns=[key, RANK])
        numeric = frame.select_dtypes("number").columns
        categorical = [name for name in frame.columns if name not in numeric]
        return feature_correlations(frame, list(numeric), categorical)

    return versioned_table(plan_relation, schemas.CORRELATIONS, fit)


def _fit_labels(recipe: Recipe) -> Callable[[np.ndarray, int], np.ndarray]:
    """Return the recipe's algorithm as a function of rows and k, with segments from 1."""
    from segmentation.clustering.clusters import assign, fit_clusters

    def fit(matrix: np.ndarray, k: int) -> np.ndarray:
        return assign(matrix, fit_clusters(matrix, k, recipe)).cluster

    return fit


def _refit(recipe: Recipe) -> Callable[[np.ndarray, int, int], np.ndarray]:
    """Return the same from few starts, each refit with a seed of its own, segments from 0."""
    from segmentation.selection.stability import REFIT_STARTS

    starts = REFIT_STARTS if recipe.algorithm == "kmeans" else 1

    def refit(matrix: np.ndarray, k: int, seed: int) -> np.ndarray:
        return _fit_labels(replace(recipe, seed=seed, n_init=starts))(matrix, k) - 1

    return refit


def _names(
    rows: pd.DataFrame, described: pd.DataFrame, recipe: Recipe, is_published: bool
) -> pd.Series | None:
    from segmentation.diagnosis.naming import name_segments

    if is_published:
        return None
    features = described.iloc[rows["row"]]
    names = name_segments(features, rows["segment"].to_numpy(), recipe)
    return rows["segment"].map(names.set_index("segment_id")["segment_name"])
