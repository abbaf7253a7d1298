"""The bodies of the Python models: read the plan, fit, return rows of one model version.

Each function takes what a dbt Python model gets from ``dbt.ref`` and returns an Arrow table of a
fixed schema: the new version's rows, or none in a build that fits nothing. scikit-learn takes
seconds to import, so a fit imports it where it is used: a build that fits nothing does not pay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import schemas
from segmentation.features.frames import bounded_frame, vectors
from segmentation.features.recipe import Recipe

SEPARATION_ROWS = 2_000
"""Silhouettes need all distances between the rows."""


@dataclass(frozen=True)
class Plan:
    """What this build does about a segmentation's model: one row of ``int_…_fit_plan``."""

    is_fit: bool
    is_matched: bool
    model_version: int
    recipe: Recipe
    match_floor: float
    rows_available: int

    @classmethod
    def read(cls, relation: Any) -> "Plan":
        """Read the plan from the one row of its table."""
        row = bounded_frame(relation).iloc[0]
        return cls(
            bool(row["is_fit"]),
            bool(row["is_matched"]),
            int(row["model_version"]),
            Recipe.from_json(row["recipe"]),
            float(row["match_floor"]),
            int(row["rows_available"]),
        )


def fit_scaling_table(plan_relation: Any, sample: Any, *, key: str) -> pa.Table:
    """Fit scaling on the sampled features; rows as `segmentation.features.scaling.fit_scaling`."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.scaling import fit_scaling

        return fit_scaling(bounded_frame(sample, key), plan.recipe)

    return versioned_table(plan_relation, schemas.SCALING, fit)


def fit_pca_table(plan_relation: Any, sample: Any, scaling: Any, *, key: str) -> pa.Table:
    """Fit principal components on the sampled scaled features."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.pca import fit_pca

        matrix = vectors(bounded_frame(sample, key), "scaled_values")
        return fit_pca(matrix, rows_of_version(scaling, plan.model_version), plan.recipe)

    return versioned_table(plan_relation, schemas.PCA, fit)


def fit_candidates_table(
    plan_relation: Any, sample: Any, *, key: str, unit: str = "customers"
) -> pa.Table:
    """Evaluate every candidate k on a bounded sample of components and select one.

    One segment is a candidate too where the range starts at 2: the gap statistic may answer so.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.selection.candidates import evaluate_candidates
        from segmentation.selection.selection import select_k

        recipe = plan.recipe
        frame = bounded_frame(sample, key)
        bounded = frame[frame["sample_rank"] <= recipe.max_selection_rows]
        candidates = evaluate_candidates(
            vectors(bounded, "components"),
            [*([1] if recipe.k_min == 2 else []), *recipe.candidate_ks],
            seed=recipe.seed,
            n_init=recipe.n_init,
            max_iter=recipe.max_iter,
            bootstraps=recipe.bootstraps,
            gap_references=recipe.gap_references,
            with_gap=True,
            with_stability=True,
        )
        selected = select_k(
            candidates,
            minimum_share=recipe.minimum_share,
            minimum_stability=recipe.minimum_stability,
            minimum_k=recipe.minimum_k,
            forced_k=recipe.k,
            unit=unit,
        )
        if len(bounded) < plan.rows_available:
            bound = f"; judged on {len(bounded):,} of {plan.rows_available:,} {unit}"
            selected["reason"] += np.where(selected["is_selected"], bound, "")
        return selected

    return versioned_table(plan_relation, schemas.CANDIDATES, fit)


def fit_clusters_table(
    plan_relation: Any, sample: Any, candidates: Any, previous_segments: Any, *, key: str
) -> pa.Table:
    """Fit the clusters of the selected k, numbered from 1 by descending size.

    The stored segments of the same customers give a warm start, tried besides the random ones.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.clusters import fit_clusters

        table = rows_of_version(candidates, plan.model_version)
        k = int(table.loc[table["is_selected"], "k"].iloc[0])
        frame = bounded_frame(sample, key)
        matrix = vectors(frame, "components")
        stored = _stored_segments(frame, previous_segments, plan, key)
        return fit_clusters(matrix, k, plan.recipe, _group_means(matrix, stored, k))

    return versioned_table(plan_relation, schemas.CLUSTERS, fit)


def fit_matches_table(
    plan_relation: Any,
    sample: Any,
    clusters: Any,
    previous_segments: Any,
    earlier_names: Any,
    *,
    key: str,
) -> pa.Table:
    """Give every new cluster the id of the segment it continues, or one never used before."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.agreement import match_segments

        frame = bounded_frame(sample, key)
        labels = _assignment(frame, rows_of_version(clusters, plan.model_version)).cluster
        used = bounded_frame(earlier_names)["segment_id"]
        matches = match_segments(
            _stored_segments(frame, previous_segments, plan, key),
            labels,
            floor=plan.match_floor,
            highest_id=int(used.max()) if len(used) else 0,
        )
        return matches.rename(columns={"new_label": "cluster", "customers": "shared_rows"})

    return versioned_table(plan_relation, schemas.MATCHES, fit)


def fit_names_table(
    plan_relation: Any,
    features: Any,
    components: Any,
    clusters: Any,
    matches: Any,
    earlier_names: Any,
    *,
    key: str,
) -> pa.Table:
    """Name the segments of a new version: ids that exist keep their name."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.agreement import ids_by_label
        from segmentation.diagnosis.naming import name_segments

        placed = bounded_frame(components, key)
        rows = bounded_frame(features, key).set_index(key).loc[placed[key]]
        labels = _assignment(placed, rows_of_version(clusters, plan.model_version)).cluster
        matched = rows_of_version(matches, plan.model_version).rename(
            columns={"cluster": "new_label"}
        )
        ids = pd.Series(labels).map(ids_by_label(matched)).to_numpy()
        born = bounded_frame(earlier_names).set_index("segment_id")["segment_name"].to_dict()
        return name_segments(rows, ids, plan.recipe, earlier_names=born)

    return versioned_table(plan_relation, schemas.NAMES, fit)


def fit_baseline_table(plan_relation: Any, features: Any, *, key: str) -> pa.Table:
    """Keep the distribution of every feature at fit time, for drift."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.baseline import feature_baseline

        return feature_baseline(bounded_frame(features, key), plan.recipe)

    return versioned_table(plan_relation, schemas.BASELINE, fit)


def fit_facts_table(
    plan_relation: Any, components: Any, clusters: Any, pca: Any, sample: Any, *, key: str
) -> pa.Table:
    """One row of figures about a new version: confidence, explained variance, libraries.

    Besides, how well it separates the sampled rows, and how well the model does that was active:
    both null where there was none, or where one of them has a single segment there.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.baseline import library_versions

        frame = bounded_frame(components, key)
        margins = _assignment(frame, rows_of_version(clusters, plan.model_version)).margin
        ratios = rows_of_version(pca, plan.model_version).drop_duplicates("component")
        separation, active_separation = _separations(bounded_frame(sample, "sample_rank"))
        return pd.DataFrame(
            {
                "mean_confidence": [float(np.nanmean(margins))],
                "explained_variance": [min(1.0, float(ratios["explained_variance_ratio"].sum()))],
                "library_versions": [library_versions()],
                "separation": [separation],
                "active_separation": [active_separation],
            }
        )

    return versioned_table(plan_relation, schemas.FACTS, fit)


def _separations(sample: pd.DataFrame) -> np.ndarray:
    # Like with like: the same rows in the new model's space, each model's own segments.
    from sklearn.metrics import pairwise_distances

    from segmentation.clustering.threads import single_thread
    from segmentation.selection.candidates import silhouettes

    known = sample.dropna(subset="active_segment_id").head(SEPARATION_ROWS)
    partitions = [pd.factorize(known[name])[0] for name in ("segment_id", "active_segment_id")]
    if known.empty:
        return np.full(len(partitions), np.nan)
    with single_thread():
        found = silhouettes(pairwise_distances(vectors(known, "components")), partitions)
    return found if np.isfinite(found).all() else np.full(len(partitions), np.nan)


def _assignment(frame: pd.DataFrame, clusters: pd.DataFrame) -> Any:
    from segmentation.clustering.clusters import assign

    return assign(vectors(frame, "components"), clusters)


def _stored_segments(
    frame: pd.DataFrame, previous_segments: Any, plan: Plan, key: str
) -> pd.Series:
    # Only a model of the same recipe is continued; another one starts with ids of its own.
    stored = bounded_frame(previous_segments).set_index(key)["stored_segment_id"]
    if not plan.is_matched:
        stored = stored.iloc[:0]
    return stored.reindex(frame[key]).reset_index(drop=True)


def _group_means(matrix: np.ndarray, groups: pd.Series, k: int) -> np.ndarray | None:
    means = pd.DataFrame(matrix).groupby(groups.to_numpy(dtype=float, na_value=np.nan)).mean()
    return means.to_numpy() if len(means) == k else None


def rows_of_version(relation: Any, version: int) -> pd.DataFrame:
    """Read the rows of one model version from a fitted table."""
    frame = bounded_frame(relation)
    return frame[frame["model_version"] == version].reset_index(drop=True)


def versioned_table(
    plan_relation: Any, schema: pa.Schema, fit: Callable[[Plan], pd.DataFrame]
) -> pa.Table:
    """Return the rows that `fit` makes for the version the plan wants, or none if it wants none.

    Parameters
    ----------
    plan_relation : relation
        The one row of ``int_…_fit_plan``.
    schema : Schema
        Columns and types of the table, `model_version` among them.
    fit : callable
        Given the plan, returns the other columns.
    """
    plan = Plan.read(plan_relation)
    if not plan.is_fit:
        return schema.empty_table()
    frame = fit(plan).assign(model_version=plan.model_version)
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
