"""The bodies of the Python models that say how far a segmentation can be trusted.

They work like those of `segmentation.dbt_models.fitting`, on a bounded sample of the fitted rows
with the segment each has under the model under trial.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import ruling, schemas
from segmentation.dbt_models.plan import (
    Placed,
    Plan,
    feature_rows,
    placed_rows,
    rows_of_version,
    untied_components,
    versioned_table,
)
from segmentation.features.recipe import Recipe

SEPARATION_ROWS = 2_000
"""Silhouettes need all distances between the rows."""
STRUCTURE_ROWS = 2_000
NULL_STARTS = 3
STABILITY_REFITS = 50
COMPARISON_ROWS = 3_000
COMPARISON_REFITS = 3
MAP_ROWS = 1_500


def fit_facts_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row of figures about a new version: what it explains, separates and can be believed.

    Confidence, explained variance, libraries; how well it separates the judged rows, and how well
    the model does that was active (both null where there was none, or where one of them has a
    single segment there); its segments against a single cloud of the same size and spread.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.clusters import assign
        from segmentation.features.baseline import library_versions

        placed = placed_rows(fit_rows, scaling, loadings, plan, plan.model_version)
        assigned = assign(placed.components, _clusters(centroids, plan, plan.model_version))
        fitted_loadings = rows_of_version(loadings, plan, plan.model_version)
        ratios = fitted_loadings.drop_duplicates("component")["explained_variance_ratio"]
        judged = _with_segments(placed, assigned.cluster).judged(plan)
        active = _active_segments(fit_rows, scaling, loadings, centroids, plan)
        separation, active_separation = _separations(judged.by_rank(), active)
        figures = {
            "mean_confidence": float(np.nanmean(assigned.margin)),
            "explained_variance": min(1.0, float(ratios.sum())),
            "library_versions": library_versions(),
            "separation": separation,
            "active_separation": active_separation,
        }
        return pd.DataFrame([figures | _structure(judged, fitted_loadings, plan)])

    return versioned_table(fit_plan, schemas.FACTS, fit, written=ruling.facts)


def _separations(judged: Placed, active: pd.Series) -> np.ndarray:
    # Like with like: the same rows in the new model's space, each model's own segments.
    from sklearn.metrics import pairwise_distances

    from segmentation.clustering.threads import single_thread
    from segmentation.selection.candidates import silhouettes

    actives = judged.rows["unit_id"].map(active)
    known = judged.where(actives.notna().to_numpy()).head(SEPARATION_ROWS)
    if known.rows.empty:
        return np.full(2, np.nan)
    partitions = [
        pd.factorize(known.rows["segment_id"])[0],
        pd.factorize(known.rows["unit_id"].map(active))[0],
    ]
    with single_thread():
        found = silhouettes(pairwise_distances(known.components), partitions)
    return found if np.isfinite(found).all() else np.full(2, np.nan)


def _structure(judged: Placed, loadings: pd.DataFrame, plan: Plan) -> dict[str, Any]:
    """Judge whether the segments are groups."""
    from segmentation.diagnosis.structure import evaluate_structure

    found = evaluate_structure(
        judged.components,
        judged.rows["segment_id"].to_numpy(),
        seed=plan.recipe.seed,
        untied=untied_components(judged, plan, loadings),
        refit=_refit(plan.recipe, NULL_STARTS),
        border_refit=_refit(plan.recipe),
        permuted=lambda draw: untied_components(judged, plan, loadings, draw),
        max_rows=STRUCTURE_ROWS,
    )
    return {
        "silhouette": found.silhouette,
        "null_silhouette": found.null_mean,
        "null_silhouette_sd": found.null_sd,
        "excess": found.excess,
        "z": found.z,
        "valley_depth": found.valley_depth,
        "has_structure": found.has_structure,
        "grouping": found.grouping,
        "group_count": found.groups,
        "clear_share": found.clear_share,
        "verdict": found.sentence,
        "rows_judged": min(len(judged.rows), STRUCTURE_ROWS),
    }


def fit_pairs_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per pair of segments that border on each other: two groups, or slices of one."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.structure import judge_borders
        from segmentation.features.pca import encoded_columns

        judged = _judged(fit_rows, scaling, loadings, centroids, plan)
        segments = judged.rows["segment_id"].to_numpy()
        fitted_loadings = rows_of_version(loadings, plan, plan.model_version)
        pairs, _ = judge_borders(
            judged.components,
            untied_components(judged, plan, fitted_loadings),
            segments,
            seed=plan.recipe.seed,
            refit=_refit(plan.recipe),
        )
        named = encoded_columns(rows_of_version(scaling, plan, plan.model_version))
        renamed = pairs.rename(
            columns={
                "segment": "segment_id",
                "other_segment": "other_segment_id",
                "rows_between": "units_between",
            }
        )
        features = named["feature"].to_numpy()
        return renamed.assign(**_dividing_features(judged.scaled, segments, renamed, features))

    return versioned_table(fit_plan, schemas.PAIRS, fit)


def _dividing_features(
    scaled: np.ndarray, segments: np.ndarray, pairs: pd.DataFrame, features: np.ndarray
) -> dict[str, list]:
    """Return the feature in which each pair is furthest apart, for how it spreads within both."""
    found: dict[str, list] = {"feature": [], "feature_difference": []}
    for pair in pairs.itertuples():
        one, other = (scaled[segments == each] for each in (pair.segment_id, pair.other_segment_id))
        difference = other.mean(axis=0) - one.mean(axis=0)
        within = np.sqrt(one.var(axis=0) * len(one) + other.var(axis=0) * len(other))
        apart = np.abs(difference) / np.maximum(within, np.finfo(float).tiny)
        place = int(apart.argmax())
        found["feature"].append(features[place])
        found["feature_difference"].append(float(difference[place]))
    return found


def fit_stability_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per segment: how well refits on drawn rows find it again."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.selection.stability import bootstrap_jaccard, stability_verdict

        judged = _judged(fit_rows, scaling, loadings, centroids, plan)
        segments, labels = np.unique(judged.rows["segment_id"], return_inverse=True)
        jaccards = bootstrap_jaccard(
            judged.components,
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

    return versioned_table(fit_plan, schemas.STABILITY, fit, lambda plan: plan.makes_extras)


def fit_rules_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per segment: the rule on plain values that says who is in it, as JSON."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.rules import fit_rules

        judged = _judged(fit_rows, scaling, loadings, centroids, plan)
        rules = fit_rules(judged.rows, judged.rows["segment_id"].to_numpy(), plan.fitted)
        return pd.DataFrame(
            {
                "segment_id": [rule.segment_id for rule in rules],
                "rule": [rule.json() for rule in rules],
            }
        )

    return versioned_table(fit_plan, schemas.RULES, fit)


def fit_alternatives_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per sampled unit and k: its segment under one segment less, and one more.

    The selected k shows the model's own segments; their names are added in SQL.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.clusters import fit_labels
        from segmentation.selection.alternatives import segment_alternatives

        judged = _judged(fit_rows, scaling, loadings, centroids, plan).by_rank()
        k = judged.rows["segment_id"].nunique()
        assignments = segment_alternatives(
            judged.components,
            k,
            judged.rows["segment_id"].to_numpy(),
            lambda matrix, k: fit_labels(matrix, k, plan.recipe),
        )
        named = [
            rows.assign(segment_name=None if number == k else _names(rows, judged.rows, plan))
            for number, rows in assignments.groupby("k")
        ]
        table = pd.concat(named, ignore_index=True)
        units = judged.rows["unit_id"].to_numpy()
        return table.assign(unit_id=units[table["row"]], is_selected=table["k"] == k)

    return versioned_table(fit_plan, schemas.ALTERNATIVES, fit, _explores)


def fit_comparison_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per algorithm, all on the same rows."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.comparison import compare_methods

        judged = _judged(fit_rows, scaling, loadings, centroids, plan).by_rank()
        compared = judged.head(COMPARISON_ROWS)
        return compare_methods(
            compared.components,
            compared.rows["segment_id"].nunique(),
            compared.rows["segment_id"].to_numpy(),
            seed=plan.recipe.seed,
            max_rows=COMPARISON_ROWS,
            max_quadratic_rows=COMPARISON_ROWS,
            refits=COMPARISON_REFITS,
        )

    return versioned_table(fit_plan, schemas.COMPARISON, fit, _explores)


def fit_importance_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per feature of the model: how far the segments would be the same without it."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.clusters import fit_labels
        from segmentation.diagnosis.importance import feature_importance
        from segmentation.features.pca import apply_pca, encoded_columns, fit_pca

        judged = _judged(fit_rows, scaling, loadings, centroids, plan)
        fitted = rows_of_version(scaling, plan, plan.model_version)
        columns = encoded_columns(fitted)

        def labels(others: np.ndarray, kept: pd.Series, k: int) -> np.ndarray:
            left = fitted[fitted["position"].isin(columns.loc[kept, "position"])]
            components = apply_pca(others, fit_pca(others, left, plan.recipe))
            return fit_labels(components, k, plan.recipe)

        segments = judged.rows["segment_id"].to_numpy()
        found = feature_importance(judged.scaled, columns["feature"], segments, labels)
        return found.assign(rows=len(segments))

    return versioned_table(fit_plan, schemas.IMPORTANCE, fit, lambda plan: plan.makes_extras)


def fit_map_table(
    fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any, centroids: Any
) -> pa.Table:
    """One row per mapped unit: its place on a plane, and its segment."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.maps import tsne_map

        judged = _judged(fit_rows, scaling, loadings, centroids, plan).by_rank()
        mapped = judged.head(MAP_ROWS)
        points = tsne_map(mapped.components, seed=plan.recipe.seed, max_rows=MAP_ROWS)
        return points.assign(
            unit_id=mapped.rows["unit_id"].to_numpy(),
            segment_id=mapped.rows["segment_id"].to_numpy(),
        )

    return versioned_table(fit_plan, schemas.MAP, fit, _explores)


def fit_correlations_table(fit_plan: Any, fit_rows: Any) -> pa.Table:
    """One row per pair of features and measure, of the recipe and of the describing ones."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.diagnosis.correlations import feature_correlations

        judged = feature_rows(fit_rows, plan, plan.rows_judged)
        features = judged[[name for name, _ in plan.columns]]
        return feature_correlations(features, plan.names("number"), plan.names("category"))

    return versioned_table(
        fit_plan, schemas.CORRELATIONS, fit, lambda plan: plan.is_fit and plan.explore
    )


def _explores(plan: Plan) -> bool:
    return plan.makes_extras and plan.explore


def _judged(fit_rows: Any, scaling: Any, loadings: Any, centroids: Any, plan: Plan) -> Placed:
    """Return the judged rows, each with its segment_id under the version of the plan."""
    from segmentation.clustering.clusters import assign

    placed = placed_rows(fit_rows, scaling, loadings, plan, plan.model_version, plan.rows_judged)
    clusters = _clusters(centroids, plan, plan.model_version)
    return _with_segments(placed, assign(placed.components, clusters).cluster)


def _with_segments(placed: Placed, segments: np.ndarray) -> Placed:
    return replace(placed, rows=placed.rows.assign(segment_id=segments))


def _active_segments(
    fit_rows: Any, scaling: Any, loadings: Any, centroids: Any, plan: Plan
) -> pd.Series:
    """Return the segment of every judged unit under the version that served before."""
    from segmentation.clustering.clusters import assign

    version = plan.active_version
    if version is None:
        return pd.Series(dtype="Int64")
    placed = placed_rows(fit_rows, scaling, loadings, plan, version, plan.rows_judged)
    clusters = _clusters(centroids, plan, version)
    segments = assign(placed.components, clusters).cluster
    return pd.Series(segments, index=placed.rows["unit_id"].to_numpy())


def _clusters(centroids: Any, plan: Plan, version: int) -> pd.DataFrame:
    """Return the segments of a version as clusters numbered by their ids."""
    return rows_of_version(centroids, plan, version).rename(columns={"segment_id": "cluster"})


def _refit(
    recipe: Recipe, kmeans_starts: int | None = None
) -> Callable[[np.ndarray, int, int], np.ndarray]:
    """Return the recipe's algorithm from few starts, with a seed of its own, segments from 0."""
    from segmentation.clustering.clusters import fit_labels
    from segmentation.clustering.kmeans import fit_kmeans
    from segmentation.selection.stability import REFIT_STARTS

    starts = kmeans_starts or REFIT_STARTS

    def refit(matrix: np.ndarray, k: int, seed: int) -> np.ndarray:
        if recipe.algorithm == "kmeans":
            settings = {"seed": seed, "n_init": starts, "max_iter": recipe.max_iter}
            return fit_kmeans(matrix, k, **settings).labels
        return fit_labels(matrix, k, replace(recipe, seed=seed, n_init=1)) - 1

    return refit


def _names(rows: pd.DataFrame, described: pd.DataFrame, plan: Plan) -> pd.Series:
    from segmentation.diagnosis.naming import name_segments
    from segmentation.diagnosis.traits import Portraits

    features = described.iloc[rows["row"]]
    segments = rows["segment"].to_numpy()
    names = name_segments(Portraits.of(features, segments, plan.described, plan.recipe))
    return rows["segment"].map(names.set_index("segment_id")["segment_name"])
