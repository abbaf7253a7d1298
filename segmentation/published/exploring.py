"""A segment's rows, filtered and made ready to download; numbers of segments beside each other."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date

import pandas as pd

from segmentation.features.written_rules import WrittenRule, positions_sql
from segmentation.published.audiences import Filters, audience, content, manifest, pseudonymised
from segmentation.published.served import Published, Segment

WORTH = ("total_spend", "revenue")
"""Columns that say what a row is worth."""
MOST_LEVELS = 200
"""Levels of a category that are worth a list to choose from."""


@dataclass(frozen=True)
class Download:
    """A file made in memory, with the manifest that belongs beside it.

    Attributes
    ----------
    name, manifest_name : str
        As ``segmentation export`` would call them.
    content, manifest : bytes
    """

    name: str
    content: bytes
    manifest_name: str
    manifest: bytes


def filter_levels(published: Published, segment: Segment) -> dict[str, tuple[str, ...]]:
    """Return the categories that a segment can be filtered by, with their levels there.

    Parameters
    ----------
    published : Published
        An open published file.
    segment : Segment

    Returns
    -------
    dict of str to tuple of str
        The most frequent level first, at most `MOST_LEVELS`.
    """
    types = published.columns(published.features)
    texts = [name for name, kind in types.items() if kind == "VARCHAR" and name != published.key]
    return {name: _levels(published, segment, name) for name in texts}


def _levels(published: Published, segment: Segment, name: str) -> tuple[str, ...]:
    rows = published.rows(
        f"select {name} from {published.features} "
        f"inner join {published.members} using ({published.key}) "
        f"where segment_id = ? and {name} is not null "
        f"group by {name} order by count(*) desc, {name} limit {MOST_LEVELS}",
        [segment.segment_id],
    )
    return tuple(level for (level,) in rows)


def date_spans(published: Published) -> dict[str, tuple[date, date]]:
    """Return the features that are times, with the first and the last day of each."""
    types = published.columns(published.features)
    names = [name for name, kind in types.items() if kind.startswith(("TIMESTAMP", "DATE"))]
    if not names:
        return {}
    ends = ", ".join(f"cast(min({n}) as date), cast(max({n}) as date)" for n in names)
    found = published.rows(f"select {ends} from {published.features}")[0]
    spans = dict(zip(names, zip(found[::2], found[1::2], strict=True), strict=True))
    return {name: span for name, span in spans.items() if span[0] is not None}


def preview(
    published: Published, segment: Segment, filters: Filters, limit: int, offset: int = 0
) -> pd.DataFrame:
    """Return some rows of an audience with their raw features, the surest first.

    Parameters
    ----------
    published : Published
        An open published file.
    segment : Segment
    filters : Filters
    limit, offset : int
        Rows at most, and rows before them.

    Returns
    -------
    DataFrame
        The key, confidence, the features; its attribute ``attrs["rows"]`` counts all rows.

    Raises
    ------
    CommandError
        As `segmentation.published.audiences.audience` raises it.
    """
    rows = audience(published, segment, filters)
    published.connection.register("audience_rows", rows)
    key = published.key
    frame = published.frame(
        f"""
        select audience_rows.confidence, features.*
        from audience_rows inner join {published.features} as features using ({key})
        order by audience_rows.confidence desc nulls last, {key}
        limit {limit} offset {offset}
        """
    )
    published.connection.unregister("audience_rows")
    frame = frame[[key, "confidence", *(n for n in frame if n not in (key, "confidence"))]]
    frame.attrs["rows"] = rows.num_rows
    return frame


def download(
    published: Published, segment: Segment, filters: Filters, kind: str, key: bytes | None = None
) -> Download:
    """Return an audience as the file that ``segmentation export`` would write.

    Parameters
    ----------
    published : Published
        An open published file.
    segment : Segment
    filters : Filters
    kind : str
        ``csv``, ``json`` or ``parquet``.
    key : bytes, optional
        Makes pseudonyms of the ids.

    Raises
    ------
    CommandError
        If the filters leave nobody.
    """
    table = audience(published, segment, filters)
    if key:
        table = pseudonymised(table, published.key, key)
    made, stem = content(table, kind), f"{published.segmentation}_segment_{segment.segment_id}"
    told = manifest(published, segment, filters, table) | {
        "file": f"{stem}.{kind}",
        "sha256": hashlib.sha256(made).hexdigest(),
    }
    text = json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n"
    return Download(f"{stem}.{kind}", made, f"{stem}.manifest.json", text.encode())


def alternatives(published: Published) -> pd.DataFrame:
    """Return the segments there would be with other numbers of them.

    Only the numbers whose assignments were stored: the chosen one and its neighbours.

    Returns
    -------
    DataFrame
        k, is_selected, segment, segment_name, size, share, and the means of the model's numeric
        features in columns ``mean_<feature>``; empty if no alternatives are published.
    """
    if not published.has("k_alternatives"):
        return pd.DataFrame()
    names = _numeric_inputs(published)
    means = "".join(f", avg(cast({name} as double)) as mean_{name}" for name in names)
    query = f"""
        select
            k, is_selected, segment, segment_name, count(*) as size,
            count(*) / sum(count(*)) over (partition by k) as share {means}
        from k_alternatives
        inner join {published.features} as features
            on k_alternatives.unit_id = cast(features.{published.key} as varchar)
        where k_alternatives.model_version = {published.model_version()}
        group by k, is_selected, segment, segment_name
        order by k, segment
    """
    return published.frame(query)


def _numeric_inputs(published: Published) -> list[str]:
    types = published.columns(published.features)
    scaling = published.fitted("scaling", "position, level")
    inputs = dict.fromkeys(scaling["feature"])
    return [name for name in inputs if types.get(name, "VARCHAR") != "VARCHAR"]


def feature_kinds(published: Published) -> dict[str, str]:
    """Return the features that a rule can ask of: ``number`` or ``category`` by name."""
    found = {}
    for name, kind in published.columns(published.features).items():
        if name == published.key:
            continue
        if kind in ("VARCHAR", "BOOLEAN"):
            found[name] = "category"
        elif kind.startswith(("DECIMAL", "DOUBLE", "FLOAT")) or "INT" in kind:
            found[name] = "number"
    return found


def upper_fifth(published: Published, feature: str) -> float | None:
    """Return the number, of two digits, that about a fifth of the rows reach."""
    query = f"select quantile_cont(cast({feature} as double), 0.8) from {published.features}"
    value = published.rows(query)[0][0]
    return None if value is None else float(f"{value:.2g}")


def counted_by_rules(published: Published, rules: tuple[WrittenRule, ...]) -> pd.DataFrame:
    """Count what each segment of written rules would hold, of all rows with features.

    Parameters
    ----------
    published : Published
        An open published file.
    rules : tuple of WrittenRule
        As the next build reads them, without a problem.

    Returns
    -------
    DataFrame
        segment_name (null: no rule takes them), units, share, revenue and revenue_share, in the
        order of the rules; revenue is null where no column says what a row is worth.
    """
    kinds = feature_kinds(published)
    money = next((name for name in WORTH if name in kinds), None)
    worth = f"cast({money} as decimal(18, 2))" if money else "null"
    names = {rule.position: rule.segment_name for rule in rules}
    counted = published.frame(
        f"""
        select {positions_sql(rules, kinds)} as position, count(*) as units,
            cast(sum({worth}) as double) as revenue
        from {published.features} group by position order by position nulls last
        """
    )
    counted = counted.assign(segment_name=counted["position"].map(names))
    counted["place"] = counted["position"].fillna(len(names) + max(names, default=0) + 1)
    found = (
        counted.groupby("segment_name", dropna=False, sort=False)
        .agg(
            units=("units", "sum"),
            revenue=("revenue", lambda one: one.sum(min_count=1)),
            place=("place", "min"),
        )
        .reset_index()
        .sort_values("place", ignore_index=True)
    )
    return found.assign(
        share=found["units"] / found["units"].sum(),
        revenue_share=found["revenue"] / found["revenue"].sum(),
    )[["segment_name", "units", "share", "revenue", "revenue_share"]]
