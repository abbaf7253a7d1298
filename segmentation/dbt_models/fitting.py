"""The bodies of the Python models that fit: return rows of the model versions a build wants.

Each function takes what a dbt Python model gets from ``dbt.ref`` and returns an Arrow table of a
fixed schema: the new versions' rows, or none in a build that fits nothing. scikit-learn takes
seconds to import, so a fit imports it where it is used: a build that fits nothing does not pay.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import ruling, schemas
from segmentation.dbt_models.plan import (
    Plan,
    feature_rows,
    placed_rows,
    rows_of_version,
    scaled_rows,
    untied_components,
    versioned_table,
)
from segmentation.features.frames import bounded_frame, rows_of


def fit_scaling_table(fit_plan: Any, fit_rows: Any) -> pa.Table:
    """Fit scaling on the sampled features; rows as `features.scaling.fit_scaling`."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.scaling import fit_scaling

        return fit_scaling(feature_rows(fit_rows, plan), plan.recipe)

    return versioned_table(fit_plan, schemas.SCALING, fit)


def fit_loadings_table(fit_plan: Any, fit_rows: Any, scaling: Any) -> pa.Table:
    """Fit principal components on the sampled rows, scaled."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.pca import fit_pca

        _, scaled = scaled_rows(fit_rows, scaling, plan, plan.model_version)
        return fit_pca(scaled, rows_of_version(scaling, plan, plan.model_version), plan.recipe)

    return versioned_table(fit_plan, schemas.LOADINGS, fit)


def fit_candidates_table(fit_plan: Any, fit_rows: Any, scaling: Any, loadings: Any) -> pa.Table:
    """Evaluate every candidate k on a bounded sample of components and select one."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.selection.choice import choose_k

        judged = placed_rows(
            fit_rows, scaling, loadings, plan, plan.model_version, plan.rows_judged
        )
        fitted_loadings = rows_of_version(loadings, plan, plan.model_version)
        components, untied = judged.components, untied_components(judged, plan, fitted_loadings)
        selected = choose_k(
            components, untied, plan.recipe, unit=plan.unit, with_extras=plan.makes_extras
        )
        if len(components) < plan.rows_available:
            bound = f"; judged on {len(components):,} of {plan.rows_available:,} {plan.unit}"
            selected["reason"] += np.where(selected["is_selected"], bound, "")
        return selected

    return versioned_table(fit_plan, schemas.CANDIDATES, fit, written=ruling.candidate)


def fit_clusters_table(
    fit_plan: Any,
    fit_rows: Any,
    scaling: Any,
    loadings: Any,
    candidates: Any,
    previous_segments: Any,
) -> pa.Table:
    """Fit the clusters of the selected k, numbered from 1 by descending size.

    The stored segments of the same units give a warm start, tried besides the random ones.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.clusters import fit_clusters

        table = rows_of_version(candidates, plan, plan.model_version)
        k = int(table.loc[table["is_selected"], "k"].iloc[0])
        placed = placed_rows(fit_rows, scaling, loadings, plan, plan.model_version)
        stored = _stored_segments(placed.rows, previous_segments, plan)
        warm_start = _group_means(placed.components, stored, k)
        return fit_clusters(placed.components, k, plan.recipe, warm_start)

    return versioned_table(fit_plan, schemas.CLUSTERS, fit)


def fit_segments_table(
    fit_plan: Any,
    fit_rows: Any,
    scaling: Any,
    loadings: Any,
    clusters: Any,
    previous_segments: Any,
    earlier_names: Any,
) -> pa.Table:
    """Give every new cluster the id of the segment it continues, or a new one, and a name.

    Ids that exist keep the name they got at birth.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.agreement import ids_by_label, match_segments
        from segmentation.clustering.clusters import assign
        from segmentation.diagnosis.naming import name_segments
        from segmentation.diagnosis.traits import Portraits

        placed = placed_rows(fit_rows, scaling, loadings, plan, plan.model_version)
        fitted = rows_of_version(clusters, plan, plan.model_version)
        labels = assign(placed.components, fitted).cluster
        born = bounded_frame(rows_of(earlier_names, plan.segmentation)).set_index("segment_id")
        matches = match_segments(
            _stored_segments(placed.rows, previous_segments, plan),
            labels,
            floor=plan.match_floor,
            highest_id=int(born.index.max()) if len(born) else 0,
        )
        ids = pd.Series(labels).map(ids_by_label(matches)).to_numpy()
        order = placed.rows["sample_rank"].argsort().to_numpy()
        portraits = Portraits.of(placed.rows.iloc[order], ids[order], plan.described, plan.recipe)
        names = name_segments(portraits, earlier_names=born["segment_name"].to_dict())
        return _with_names(matches, names).rename(
            columns={"new_label": "cluster", "customers": "shared_rows"}
        )

    return versioned_table(
        fit_plan, schemas.SEGMENTS, fit, written=lambda plan: ruling.segments(plan, earlier_names)
    )


def fit_baseline_table(fit_plan: Any, fit_rows: Any) -> pa.Table:
    """Keep the distribution of every feature at fit time, for drift."""

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.features.baseline import feature_baseline

        return feature_baseline(feature_rows(fit_rows, plan), plan.recipe)

    return versioned_table(fit_plan, schemas.BASELINE, fit)


def _stored_segments(rows: pd.DataFrame, previous_segments: Any, plan: Plan) -> pd.Series:
    # Only a model of the same recipe is continued; another one starts with ids of its own.
    frame = bounded_frame(rows_of(previous_segments, plan.segmentation))
    stored = frame.set_index("unit_id")["stored_segment_id"]
    if not plan.is_matched:
        stored = stored.iloc[:0]
    return stored.reindex(rows["unit_id"]).reset_index(drop=True)


def _with_names(matches: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """Add names and what they claim to the segments that there are; one that ends has none."""
    told = names.set_index("segment_id").to_dict("index")
    living = [
        told[match.new_id] if match.kind in ("kept", "split", "new") else {}
        for match in matches.itertuples()
    ]
    words = {
        name: pd.Series([one.get(name) for one in living], dtype=object)
        for name in ("segment_name", "claims")
    }
    return matches.assign(**words)


def _group_means(matrix: np.ndarray, groups: pd.Series, k: int) -> np.ndarray | None:
    means = pd.DataFrame(matrix).groupby(groups.to_numpy(dtype=float, na_value=np.nan)).mean()
    return means.to_numpy() if len(means) == k else None
