"""Where rows lie: bounded, reproducible samples of them, centroids, loadings, maps."""

import pandas as pd

from segmentation.published.served import Published
from segmentation.report.data import read

SMALLEST_SAMPLE = 60
"""Rows drawn of a segment at least, so that small segments stay visible."""


def map_points(published: Published, limit: int = 12_000) -> pd.DataFrame:
    """Return a sample of rows in component space.

    Segments are drawn in proportion to their size, small ones a little more, always the same
    rows: those whose key has the smallest md5. The first rows of a segment are a fair sample of
    it, so a further `rank <= n` thins the picture evenly.

    Parameters
    ----------
    published : Published
    limit : int
        Rows drawn, about.

    Returns
    -------
    DataFrame
        segment_id, rank (within the segment, from 1), x, y and z, the first three components
        (null where there are fewer). Empty where segments follow rules, which have no space.
    """
    if published.has(published.members) and "components" not in published.columns(
        published.members
    ):
        return pd.DataFrame()
    query = f"""
        with sizes as (
            select segment_id, count(*) as size, sum(count(*)) over () as total
            from {published.members} group by segment_id
        ),
        quotas as (
            select
                segment_id,
                least(size, greatest({SMALLEST_SAMPLE}, ceil({limit} * size / total))) as quota,
                size
            from sizes
        ),
        hashed as (
            select
                {published.key} as row_key, segment_id, components, quota,
                md5({published.unit_id}) as draw
            from {published.members} inner join quotas using (segment_id)
            where
                size <= 4 * quota
                or substr(draw, 1, 6) < printf('%06x', cast(
                    16777215 * least(1.0, 2.0 * quota / size) as integer
                ))
        ),
        drawn as (
            select *, row_number() over (partition by segment_id order by draw, row_key) as rank
            from hashed
            qualify rank <= quota
        )
        select
            segment_id, cast(rank as integer) as rank,
            cast(components[1] as float) as x,
            cast(components[2] as float) as y,
            cast(components[3] as float) as z
        from drawn order by segment_id, drawn.rank
    """
    return read(published, query, published.members)


def thinned(points: pd.DataFrame, limit: int) -> pd.DataFrame:
    """Return about `limit` of the sampled rows, in the same proportions."""
    if len(points) <= limit:
        return points
    sizes = points.groupby("segment_id")["rank"].transform("max")
    quota = (sizes * limit / len(points)).clip(lower=SMALLEST_SAMPLE / 2)
    return points[points["rank"] <= quota]


def centroids(published: Published) -> pd.DataFrame:
    """Return one row per segment with its centre: segment_id, x, y, z."""
    query = f"""
        select
            segment_id,
            max(centroid) filter (component = 1) as x,
            max(centroid) filter (component = 2) as y,
            max(centroid) filter (component = 3) as z
        from centroids where model_version = {published.model_version()}
        group by segment_id order by segment_id
    """
    return read(published, query, "centroids")


def loadings(published: Published) -> pd.DataFrame:
    """Return what components are made of: component, feature, loading, explained_variance_ratio.

    Levels of a category are written "feature: level".
    """
    query = f"""
        select
            component, coalesce(feature || ': ' || level, feature) as feature, loading,
            explained_variance_ratio
        from loadings where model_version = {published.model_version()}
        order by component, position
    """
    return read(published, query, "loadings")


def neighbour_map(published: Published) -> pd.DataFrame:
    """Return the t-SNE picture of a bounded sample: segment_id, x, y."""
    query = """
        select segment_id, cast(x as float) as x, cast(y as float) as y
        from segment_map order by segment_id, unit_id
    """
    return read(published, query, "segment_map")
