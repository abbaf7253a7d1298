"""Can the segments be believed, and do they last: stability, methods, drift, migrations."""

import pandas as pd

from segmentation.published.served import Published
from segmentation.report.data import read, sizes_table


def stability(published: Published) -> pd.DataFrame:
    """Return the bootstrap stability of each segment: segment_id, jaccard, verdict."""
    table = f"{published.segmentation}_segment_stability"
    version = published.model_version()
    query = f"""
        select segment_id, jaccard, verdict
        from {table} where model_version = {version} and jaccard is not null order by segment_id
    """
    return read(published, query, table)


def quality(published: Published) -> pd.DataFrame:
    """Return the figures behind the verdict, the serving version's row."""
    table = f"{published.segmentation}_segmentation_quality"
    return read(
        published, f"select * from {table} where model_version = {published.model_version()}", table
    )


def algorithms(published: Published) -> pd.DataFrame:
    """Return the comparison with other clustering algorithms, in the order of their scores."""
    table = f"{published.segmentation}_algorithm_comparison"
    query = f"""
        select * from {table} where model_version = {published.model_version()}
        order by silhouette desc nulls last, algorithm
    """
    return read(published, query, table)


def correlations(published: Published) -> pd.DataFrame:
    """Return the association of every pair of features, the strongest first.

    Returns
    -------
    DataFrame
        feature_a, feature_b, measure, value and, for two numbers, spearman (else null).
    """
    table = f"{published.segmentation}_feature_correlations"
    query = f"""
        with pairs as (
            select
                feature_a, feature_b,
                max(measure) filter (measure <> 'spearman') as measure,
                max(value) filter (measure <> 'spearman') as value,
                max(value) filter (measure = 'spearman') as spearman
            from {table} group by feature_a, feature_b
        )
        select * from pairs
        where value is not null order by abs(value) desc, feature_a, feature_b
    """
    return read(published, query, table)


def drift(published: Published) -> pd.DataFrame:
    """Return how far the data has moved from what the model was fitted on, largest first."""
    table = _prefixed(published, "segment_drift")
    query = f"""
        select
            measure, coalesce(feature, measure) as feature, psi, warn_above, drifted_above,
            is_trigger, status, baseline_value, current_value
        from {table} order by psi desc nulls last, measure, feature
    """
    return read(published, query, table)


def sizes_over_time(published: Published) -> pd.DataFrame:
    """Return segment sizes by date: as_of_date, segment_id, segment_name, size, share."""
    table = sizes_table(published)
    query = f"""
        select as_of_date, segment_id, segment_name, {published.segmentation}s as size, share
        from {table} order by as_of_date, segment_id
    """
    return read(published, query, table)


def migrations(published: Published) -> pd.DataFrame:
    """Return the flows of the newest date with an earlier one: who came from where.

    Returns
    -------
    DataFrame
        as_of_date, from_segment_id (null: joined), to_segment_id (null: left), cause, size.
        Empty while there is only one date.
    """
    table = f"{published.segmentation}_segment_migrations"
    query = f"""
        select as_of_date, from_segment_id, to_segment_id, cause, {published.segmentation}s as size
        from {table}
        where as_of_date = (
            select max(as_of_date) from {table} where from_segment_id is not null
        )
        order by from_segment_id nulls last, to_segment_id nulls last, cause
    """
    return read(published, query, table)


def agreement(published: Published) -> pd.DataFrame:
    """Return how far another model version agrees with the serving one, one row per version."""
    table = f"{published.segmentation}_segment_agreement"
    query = f"""
        select
            serving_version, other_version, count(*) as size,
            avg(case when is_same then 1.0 else 0.0 end) as same_share
        from {table} group by serving_version, other_version order by other_version
    """
    return read(published, query, table)


def _prefixed(published: Published, table: str) -> str:
    return table if published.segmentation == "customer" else f"{published.segmentation}_{table}"
