"""What the report and the app show of a segmentation, read from the published file.

Every function takes an open `Published` and returns a frame, sorted, ready to draw. A table that
was not published gives an empty frame: optional parts of a build may be left out.
"""

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from segmentation.published.served import Published

VALUE_COLUMNS = ("total_spend", "revenue")
"""Columns of a features table that say what a row is worth, the first one found."""
UNDATED = date(1970, 1, 1)
"""What a table without a date is of."""


@dataclass(frozen=True)
class Overview:
    """What was built.

    Attributes
    ----------
    rows, excluded, segments : int
        Rows in a segment, rows left out with a reason, number of segments.
    model_version : int
        Version that serves.
    recipe_name : str
        Recipe it was fitted by.
    as_of_date : date
        Day the data reaches.
    published_at : datetime or None
        When the file was published, UTC.
    silhouette : float or None
        Mean silhouette of the fitted rows, in [-1, 1].
    verdict : str
        Whether to believe the segments, one sentence.
    has_structure : bool or None
        What the verdict says; None where structure was not tested.
    """

    rows: int
    excluded: int
    segments: int
    model_version: int
    recipe_name: str
    as_of_date: date
    published_at: datetime | None
    silhouette: float | None
    verdict: str
    has_structure: bool | None


def columns_of(published: Published, table: str) -> tuple[str, ...]:
    """Return the column names of any published table; empty if there is no such table."""
    rows = published.rows(
        "select column_name from duckdb_columns() "
        "where database_name = 'published' and table_name = ? order by column_index",
        [table],
    )
    return tuple(name for (name,) in rows)


def read(published: Published, query: str, *needs: str) -> pd.DataFrame:
    """Run a query, or return an empty frame if one of the tables it needs is not published."""
    if not all(columns_of(published, table) for table in needs):
        return pd.DataFrame()
    return published.connection.execute(query).df()


def overview(published: Published) -> Overview:
    """Return what was built and whether to believe it.

    Raises
    ------
    CommandError
        If the segments or the registry are not published.
    """
    prefix = published.segmentation
    version = published.model_version()
    rows, segments = published.rows(
        f"select count(*), count(distinct segment_id) from {published.table('segments')}"
    )[0]
    model = published.fitted("segment_models", "model_version").iloc[0]
    left_out = read(published, f"select 1 from {prefix}_exclusions", f"{prefix}_exclusions")
    stamps = read(published, "select max(published_at) as at from publications", "publications")
    has_structure, verdict = _verdict(published, version)
    return Overview(
        rows=rows,
        excluded=len(left_out),
        segments=segments,
        model_version=version,
        recipe_name=str(model["recipe_name"]),
        as_of_date=published.as_of_date() or pd.Timestamp(model["as_of_date"]).date(),
        published_at=next(iter(stamps["at"].dropna()), None) if len(stamps) else None,
        silhouette=None if pd.isna(model["silhouette"]) else float(model["silhouette"]),
        verdict=verdict,
        has_structure=has_structure,
    )


def _verdict(published: Published, version: int) -> tuple[bool | None, str]:
    table = f"{published.segmentation}_segmentation_quality"
    query = f"select has_structure, verdict from {table} where model_version = {version}"
    found = read(published, query, table)
    if not found.empty and not pd.isna(found["verdict"].iloc[0]):
        tested = not pd.isna(found["has_structure"].iloc[0])
        has_structure = bool(found["has_structure"].iloc[0]) if tested else None
        return has_structure, str(found["verdict"].iloc[0])
    return None, (
        "Whether the data falls into groups at all was not tested in this build: "
        "read the segments as a convenient division, not as a discovery."
    )


def sizes_table(published: Published) -> str:
    """Return the name of the table of segment sizes by date."""
    prefix = "" if published.segmentation == "customer" else f"{published.segmentation}_"
    return f"{prefix}segment_sizes_over_time"


def segments(published: Published) -> pd.DataFrame:
    """Return one row per segment, from the published summary or, without one, counted.

    Returns
    -------
    DataFrame
        segment_id, segment_name, size (rows), share, value (sum of spend or revenue), value_share
        and description; what is not known is null.
    """
    table = f"{published.segmentation}_segment_summary"
    if not columns_of(published, table):
        return _counted_segments(published)
    query = f"""
        select
            segment_id, segment_name, {published.segmentation}s as size, share,
            cast(revenue as double) as value, revenue_share as value_share, description
        from {table} order by segment_id
    """
    summary = read(published, query, table)
    return _counted_segments(published) if summary.empty else summary


def _counted_segments(published: Published) -> pd.DataFrame:
    value = value_column(published)
    summed = f"cast(sum({value}) as double)" if value else "cast(null as double)"
    features = f"inner join {published.table('features')} using ({published.key})" if value else ""
    query = f"""
        select
            segment_id, segment_name, count(*) as size,
            count(*) / sum(count(*)) over () as share,
            {summed} as value,
            {summed} / nullif(sum({summed}) over (), 0) as value_share,
            null as description
        from {published.table("segments")} {features}
        group by segment_id, segment_name
        order by segment_id
    """
    return read(published, query)


def value_column(published: Published) -> str | None:
    """Return the features column that says what a row is worth, None if there is none."""
    found = columns_of(published, f"{published.segmentation}_features")
    return next((name for name in VALUE_COLUMNS if name in found), None)


def value_label(published: Published) -> str:
    """Return what `value` is called on the page: whatever was sold is revenue."""
    return "revenue" if value_column(published) else "value"


def profiles(published: Published) -> pd.DataFrame:
    """Return means per segment and numeric feature, without the key and without empty features."""
    table = f"{published.segmentation}_segment_profiles"
    query = f"""
        select * from {table}
        where feature <> '{published.key}' and mean is not null
            and relative_importance is not null and effect_size is not null
        order by feature, segment_id
    """
    return read(published, query, table)


def top_values(published: Published) -> pd.DataFrame:
    """Return the three most frequent values per segment and feature, with their lift."""
    table = f"{published.segmentation}_cluster_report"
    query = f"""
        select segment_id, feature, rank, value, share, population_share, lift
        from {table} where feature <> '{published.key}'
        order by segment_id, feature, rank
    """
    return read(published, query, table)


def suggestions(published: Published) -> pd.DataFrame:
    """Return what to do with each segment: segment_id, kind, suggestion."""
    table = f"{published.segmentation}_segment_suggestions"
    query = f"select segment_id, kind, suggestion from {table} order by segment_id"
    return read(published, query, table)


def k_candidates(published: Published) -> pd.DataFrame:
    """Return every number of segments tried, with its scores and the reason."""
    version = published.model_version()
    table = f"{published.segmentation}_k_candidates"
    query = f"select * from {table} where model_version = {version} order by k"
    return read(published, query, table)


def k_flows(published: Published) -> pd.DataFrame:
    """Return who moves where between neighbouring k.

    Returns
    -------
    DataFrame
        from_k, from_segment, from_segment_name, to_k, to_segment, to_segment_name, size (rows of
        the sample) and share (of the segment they come from).
    """
    table = f"{published.segmentation}_k_alternative_flows"
    query = f"""
        select * rename ({published.segmentation}s as size)
        from {table} order by from_k, from_segment, to_segment
    """
    return read(published, query, table)


def models(published: Published) -> pd.DataFrame:
    """Return every model version, newest first."""
    table = published.table("segment_models")
    query = f"""
        select model_version, status, reason, as_of_date, recipe_name, rows_fitted, k, silhouette
        from {table} order by model_version desc
    """
    return read(published, query, table)


def data_quality(published: Published) -> pd.DataFrame:
    """Return what was wrong with the source rows and what was done about it."""
    query = """
        select table_name, check_name, rows, share, action from data_quality
        where rows > 0 and action not in ('read', 'kept') order by rows desc, table_name, check_name
    """
    return read(published, query, "data_quality")


def exclusions(published: Published) -> pd.DataFrame:
    """Return how many rows were left out, by reason."""
    table = f"{published.segmentation}_exclusions"
    query = (
        f"select reason, count(*) as size from {table} group by reason order by size desc, reason"
    )
    return read(published, query, table)
