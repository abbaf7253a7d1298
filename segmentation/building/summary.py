"""What a build says in the end: what was published, what was found, and where the report is."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap

import duckdb

from segmentation.cli.telling import WIDTH, wrapped
from segmentation.published.changes import changes_told
from segmentation.published.kept import kept_of_the_source
from segmentation.published.listing import rules_sentence, stake_sentence
from segmentation.published.served import open_published
from segmentation.published.serving_folder import DATABASE, PARQUET, replaced_another


def summary(serving: Path) -> str:
    """Return what was published and, by segmentation, whether to believe it and what was found.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    """
    path = serving / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select count(*) from publications").fetchall()[0][0]
        told = connection.execute(
            """
            select
                segmentation, unit, is_stale, reason, verdict,
                case when segmentation = 'customer' then prediction end
            from segmentations
            left join segmentation_quality using (segmentation, model_version)
            order by segmentation <> 'customer', segmentation
            """
        ).fetchall()
        found = connection.execute(SEGMENTS).fetchall()
        moved = changes_told(connection, {name: unit for name, unit, *_ in told})
        left = dict(_rows(connection, "exclusions", LEFT_OUT))
        campaigns = _rows(connection, "campaign_results", CAMPAIGNS)
        kept = kept_of_the_source(connection)
    lines = ["", f"Published {tables} tables: {path} and {serving / PARQUET}/"]
    if replaced := replaced_another(serving):
        lines += ["", wrapped(replaced)]
    for name, unit, is_stale, reason, *sentences in told:
        segments = [Found(*row) for segmentation, *row in found if segmentation == name]
        if is_stale:
            state = "what was published before stands" if segments else "none are published"
            lines += ["", f"This build left out the {unit}, {state}: {reason}"]
        for sentence in filter(None, sentences):
            lines += ["", wrapped(sentence)]
        lines += _table_of(segments, unit) if segments else []
        lines += _sentences(segments, unit, moved.get(name), left.get(name))
    lines += _worth(campaigns)
    lines += ["", wrapped(kept)] if kept else []
    return "\n".join(lines)


SEGMENTS = """
    select
        segments.segmentation, segments.segment_id, segments.segment_name, segments.units,
        segments.share, segments.revenue, segments.revenue_share, segments.name_objection,
        rules.rule, rules.branches, rules.fidelity, advice.suggestion, advice.horizon_days,
        advice.expected_value, advice.value_at_risk, advice.probability_active
    from segments
    left join segment_rules as rules using (segmentation, segment_id)
    left join segment_suggestions as advice using (segmentation, segment_id)
    order by segments.revenue desc nulls last, segments.units desc, segments.segment_id
"""
LEFT_OUT = """
    select
        segmentation,
        string_agg(format('{:,} {}', units, reason), ', ' order by units desc, reason)
    from (
        select segmentation, reason, count(*) as units
        from exclusions group by segmentation, reason
    ) group by segmentation
"""
CAMPAIGNS = """
    select campaign, sentence from campaign_results where measure = 'buying'
    order by status = 'running' desc, starts_on desc, campaign
"""
TOLD = 3
"""Campaigns told one by one, those that run first."""


@dataclass(frozen=True)
class Found:
    """A segment as the summary tells it."""

    segment_id: int
    name: str
    units: int
    share: float
    revenue: float | None
    revenue_share: float | None
    objection: str | None
    rule: str | None
    branches: int | None
    fidelity: float | None
    suggestion: str | None
    horizon: int | None
    expected: float | None
    at_risk: float | None
    active: float | None

    @property
    def details(self) -> list[str]:
        """Who is in it, what to do with it, and what is at stake."""
        stake = stake_sentence(self.horizon, self.expected, self.at_risk, self.active)
        told = [f"if {self.rule}" if self.rule else "", self.suggestion or ""]
        return [*filter(None, told), *([f"At stake: {stake}"] if stake else [])]


def _rows(connection: duckdb.DuckDBPyConnection, table: str, query: str) -> list[tuple]:
    """Return the rows of a query, none where its table is not published."""
    known = connection.execute(
        "select 1 from duckdb_tables() where table_name = ?", [table]
    ).fetchall()
    return connection.execute(query).fetchall() if known else []


def _table_of(segments: list[Found], unit: str) -> list[str]:
    has_money = any(one.revenue is not None for one in segments)
    count_width = max(len(unit), 9)
    figures = f"  {unit:>{count_width}}   share" + f"  {'revenue':>13}   share" * has_money
    widest = max(WIDTH - len(figures) - 6, 17)
    width = min(max(17, *(len(one.name) for one in segments)), widest)
    lines = ["", f"  id  {'segment, by value' if has_money else 'segment':<{width}}{figures}"]
    for one in segments:
        worth = "" if one.revenue is None else f"  {one.revenue:>13,.0f}  {one.revenue_share:>6.1%}"
        name, *more = wrap(one.name, width)
        lines.append(
            f"  {one.segment_id:>2}  {name:<{width}}  {one.units:>{count_width},}  "
            f"{one.share:>6.1%}{worth}"
        )
        lines += [f"      {line}" for line in more]
        lines += [wrapped(detail, " " * 6, " " * 8) for detail in one.details]
    return lines


def _sentences(segments: list[Found], unit: str, moved: str | None, left: str | None) -> list[str]:
    """Return what to know beside the table: rules, names, who moved, who has no segment."""
    told = []
    known = [one for one in segments if one.rule]
    if known:
        branches = sum(one.branches for one in known)
        told.append(rules_sentence(branches, known[0].fidelity, unit))
    told += [
        f"The name of segment {one.segment_id} is no longer true: {one.objection}. Set another in "
        "the seed segment_overrides."
        for one in segments
        if one.objection
    ]
    if moved:
        told.append(moved)
    if left:
        told.append(f"Without a segment: {left}.")
    return [line for sentence in told for line in ("", wrapped(sentence))]


def _worth(campaigns: list[tuple[str, str]]) -> list[str]:
    told = [f"Campaign {name}: {sentence}" for name, sentence in campaigns[:TOLD]]
    if len(campaigns) > TOLD:
        told.append(f"{len(campaigns) - TOLD} more: `segmentation lift`.")
    return [line for sentence in told for line in ("", wrapped(sentence))]


def report(serving: Path) -> str:
    """Write the report and say where it is; a failure is a sentence, the publication stands.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    """
    try:
        # Imported here: a build that fails early needs no drawing library.
        from segmentation.report.page import write_report

        path = write_report(serving)
        with open_published(serving) as published:
            others = [name for name in published.segmentations() if name != published.segmentation]
        for name in others:
            write_report(serving, segmentation=name)
        return f"\nReport: {path}"
    except Exception as error:  # whatever goes wrong with a page must not fail a publication
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"\nThe segments are published, but the report could not be made: {reason}"
