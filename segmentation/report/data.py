"""What the report and the app show of a segmentation, read from the published file.

Every function takes an open `Published` and returns a frame, sorted, ready to draw. A table that
was not published gives an empty frame: optional parts of a build may be left out.
"""

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from segmentation.published.listing import rules_sentence
from segmentation.published.served import Published
from segmentation.report.words import spaced

UNDATED = date(1970, 1, 1)
"""What a table without a date is of."""
OF_THE_SHOP = ("customer", "product")
"""Segmentations of what the shop's source tables hold."""


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
    prediction : str or None
        What the segments foretold of the last horizon, one sentence; None where it was not judged.
    notice : str or None
        That the last build left the segments as they were and why, one sentence.
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
    prediction: str | None
    notice: str | None


def read(published: Published, query: str, *needs: str) -> pd.DataFrame:
    """Run a query, or return an empty frame if one of the tables it needs is not published."""
    if not all(published.has(table) for table in needs):
        return pd.DataFrame()
    return published.frame(query)


def overview(published: Published) -> Overview:
    """Return what was built and whether to believe it.

    Raises
    ------
    CommandError
        If the segments or the registry are not published.
    """
    version = published.model_version()
    rows, segments = published.rows(
        f"select count(*), count(distinct segment_id) from {published.members}"
    )[0]
    model = published.fitted("segment_models", "model_version").iloc[0]
    left_out = read(published, "select 1 from exclusions", "exclusions")
    stamps = read(published, "select max(published_at) as at from publications", "publications")
    has_structure, verdict = _verdict(published, version)
    return Overview(
        rows=rows,
        excluded=len(left_out),
        segments=segments,
        model_version=version,
        recipe_name=str(model["recipe_name"]),
        as_of_date=published.as_of_date,
        published_at=next(iter(stamps["at"].dropna()), None) if len(stamps) else None,
        silhouette=None if pd.isna(model["silhouette"]) else float(model["silhouette"]),
        verdict=verdict,
        has_structure=has_structure,
        prediction=_prediction(published, version),
        notice=_notice(published) if published.is_stale else None,
    )


def _notice(published: Published) -> str:
    dated = published.as_of_date != UNDATED
    kept = f"those of {published.as_of_date}" if dated else "the earlier ones"
    why = f": {published.reason.rstrip('.')}" if published.reason else ""
    return f"The last build could not renew these segments, so {kept} are shown{why}."


def _verdict(published: Published, version: int) -> tuple[bool | None, str]:
    query = (
        f"select has_structure, verdict from segmentation_quality where model_version = {version}"
    )
    found = read(published, query, "segmentation_quality")
    if not found.empty and not pd.isna(found["verdict"].iloc[0]):
        tested = not pd.isna(found["has_structure"].iloc[0])
        has_structure = bool(found["has_structure"].iloc[0]) if tested else None
        return has_structure, spaced(str(found["verdict"].iloc[0]))
    return None, (
        "Whether the data falls into groups at all was not tested in this build: "
        "read the segments as a convenient division, not as a discovery."
    )


def _prediction(published: Published, version: int) -> str | None:
    query = f"select * from segmentation_quality where model_version = {version}"
    found = read(published, query, "segmentation_quality")
    said = found.get("prediction", pd.Series(dtype=str)).dropna()
    return None if said.empty else spaced(str(said.iloc[0]))


def segments(published: Published) -> pd.DataFrame:
    """Return one row per segment.

    Returns
    -------
    DataFrame
        segment_id, segment_name, size (rows), share, value (revenue), value_share, mean_margin,
        description and name_objection; value, value_share and mean_margin are null where no column
        says what a row is worth.

    Raises
    ------
    CommandError
        If the segments are not published.
    """
    query = """
        select
            segment_id, segment_name, units as size, share,
            cast(revenue as double) as value, revenue_share as value_share, mean_margin,
            description, name_objection
        from segments order by segment_id
    """
    return published.frame(query)


def value_label(segments: pd.DataFrame) -> str:
    """Return what `value` is called on the page: whatever was sold is revenue."""
    return "revenue" if segments["value"].notna().any() else "value"


def profiles(published: Published) -> pd.DataFrame:
    """Return means per segment and numeric feature, without the key and without empty features."""
    query = f"""
        select * from segment_profiles
        where feature <> '{published.key}' and mean is not null
            and effect_size is not null
        order by feature, segment_id
    """
    return read(published, query, "segment_profiles")


def medians(published: Published, features: tuple[str, ...]) -> pd.DataFrame:
    """Return the median of some features by segment, in the order of the features."""
    found = read(
        published, "select segment_id, feature, median from segment_profiles", "segment_profiles"
    )
    if found.empty:
        return found
    found = found[found["feature"].isin(features) & found["median"].notna()]
    place = found["feature"].map(features.index)
    return found.assign(place=place).sort_values(["segment_id", "place"], ignore_index=True)


def top_values(published: Published) -> pd.DataFrame:
    """Return the three most frequent values per segment and feature, beside the rest."""
    query = f"""
        select
            segment_id, feature, rank, value, share, share_low, share_high, rest_share, rest_lift,
            rest_lift_low, rest_lift_high, is_clear
        from cluster_report where feature <> '{published.key}'
        order by segment_id, feature, rank
    """
    return read(published, query, "cluster_report")


def suggestions(published: Published) -> pd.DataFrame:
    """Return what to do with each segment, what for, and what is at stake: one row each, by id."""
    query = """
        select
            segment_id, kind, suggestion, aims_at, success,
            horizon_days, expected_value, value_at_risk, probability_active
        from segment_suggestions order by segment_id
    """
    return read(published, query, "segment_suggestions")


def rules(published: Published) -> pd.DataFrame:
    """Return who is in each segment, with figures of how well the rule says it."""
    query = """
        select segment_id, rule, rule_precision, rule_recall, branches, fidelity
        from segment_rules order by segment_id
    """
    return read(published, query, "segment_rules")


def rules_told(published: Published) -> str:
    """Return how far the rules together say who is in the segments; empty without rules."""
    found = rules(published)
    if found.empty:
        return ""
    told = int(found["branches"].sum()), found["fidelity"].iloc[0], published.units
    return spaced(rules_sentence(*told))


def k_candidates(published: Published) -> pd.DataFrame:
    """Return every number of segments tried, with its scores and the reason."""
    version = published.model_version()
    query = f"select * from k_candidates where model_version = {version} order by k"
    return read(published, query, "k_candidates")


def k_flows(published: Published) -> pd.DataFrame:
    """Return who moves where between neighbouring k.

    Returns
    -------
    DataFrame
        from_k, from_segment, from_segment_name, to_k, to_segment, to_segment_name, size (rows of
        the sample) and share (of the segment they come from).
    """
    query = """
        select * rename (units as size)
        from k_alternative_flows order by from_k, from_segment, to_segment
    """
    return read(published, query, "k_alternative_flows")


def models(published: Published) -> pd.DataFrame:
    """Return every model version, newest first."""
    query = """
        select model_version, status, reason, as_of_date, recipe_name, rows_fitted, k, silhouette
        from segment_models order by model_version desc
    """
    return published.frame(query)


def data_quality(published: Published) -> pd.DataFrame:
    """Return what was wrong with the shop's source rows and what was done about it.

    Empty for a segmentation of another table.
    """
    if published.segmentation not in OF_THE_SHOP:
        return pd.DataFrame()
    query = """
        select table_name, check_name, rows, share, action from data_quality
        where rows > 0 and action not in ('read', 'kept') order by rows desc, table_name, check_name
    """
    return read(published, query, "data_quality")


def exclusions(published: Published) -> pd.DataFrame:
    """Return how many rows were left out, by reason."""
    query = """
        select reason, count(*) as size from exclusions group by reason order by size desc, reason
    """
    return read(published, query, "exclusions")
