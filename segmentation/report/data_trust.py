"""Can the segments be believed, and do they last: stability, methods, drift, migrations."""

import pandas as pd

from segmentation.published.served import Published
from segmentation.report.data import read


def stability(published: Published) -> pd.DataFrame:
    """Return the bootstrap stability of each segment: segment_id, jaccard, verdict."""
    query = f"""
        select segment_id, jaccard, verdict from segment_stability
        where model_version = {published.model_version()} and jaccard is not null
        order by segment_id
    """
    return read(published, query, "segment_stability")


def quality(published: Published) -> pd.DataFrame:
    """Return the figures behind the verdict, the serving version's row."""
    query = f"select * from segmentation_quality where model_version = {published.model_version()}"
    return read(published, query, "segmentation_quality")


def pairs(published: Published) -> pd.DataFrame:
    """Return the verdict on each border between two segments, the clearest first."""
    query = f"""
        select * from segment_pairs where model_version = {published.model_version()}
        order by fall desc nulls last, segment_id, other_segment_id
    """
    return read(published, query, "segment_pairs")


def algorithms(published: Published) -> pd.DataFrame:
    """Return the comparison with other clustering algorithms, in the order of their scores."""
    query = f"""
        select * from algorithm_comparison where model_version = {published.model_version()}
        order by silhouette desc nulls last, algorithm
    """
    return read(published, query, "algorithm_comparison")


def importance(published: Published) -> pd.DataFrame:
    """Return how far the segments stay without each feature, those that make them first."""
    query = f"""
        select feature, agreement from feature_importance
        where model_version = {published.model_version()} and agreement is not null
        order by agreement, feature
    """
    return read(published, query, "feature_importance")


def correlations(published: Published) -> pd.DataFrame:
    """Return the association of every pair of features, the strongest first.

    Returns
    -------
    DataFrame
        feature_a, feature_b, measure, value and, for two numbers, spearman (else null).
    """
    query = """
        with pairs as (
            select
                feature_a, feature_b,
                max(measure) filter (measure <> 'spearman') as measure,
                max(value) filter (measure <> 'spearman') as value,
                max(value) filter (measure = 'spearman') as spearman
            from feature_correlations group by feature_a, feature_b
        )
        select * from pairs
        where value is not null order by abs(value) desc, feature_a, feature_b
    """
    return read(published, query, "feature_correlations")


def drift(published: Published) -> pd.DataFrame:
    """Return how far the data has moved from what the model was fitted on, largest first."""
    query = """
        select
            measure, coalesce(feature, measure) as feature, psi, warn_above, drifted_above,
            is_trigger, status, baseline_value, current_value
        from segment_drift order by psi desc nulls last, measure, feature
    """
    return read(published, query, "segment_drift")


def sizes_over_time(published: Published) -> pd.DataFrame:
    """Return segment sizes by date: as_of_date, segment_id, segment_name, size, share."""
    query = """
        select as_of_date, segment_id, segment_name, units as size, share
        from segment_sizes order by as_of_date, segment_id
    """
    return read(published, query, "segment_sizes")


def migrations(published: Published) -> pd.DataFrame:
    """Return the flows of the newest date with an earlier one: who came from where.

    Returns
    -------
    DataFrame
        as_of_date, from_segment_id (null: joined), to_segment_id (null: left), cause, size.
        Empty while there is only one date.
    """
    query = """
        select as_of_date, from_segment_id, to_segment_id, cause, units as size
        from segment_migrations
        where as_of_date = (
            select max(as_of_date) from segment_migrations where from_segment_id is not null
        )
        order by from_segment_id nulls last, to_segment_id nulls last, cause
    """
    return read(published, query, "segment_migrations")


def agreement(published: Published) -> pd.DataFrame:
    """Return how far another model version agrees with the serving one, one row per version."""
    query = """
        select
            serving_version, other_version, count(*) as size,
            avg(case when is_same then 1.0 else 0.0 end) as same_share
        from segment_agreement group by serving_version, other_version order by other_version
    """
    return read(published, query, "segment_agreement")
