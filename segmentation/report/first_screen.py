"""The first screen: where the money is, what to do first, what changed, who was left out."""

import pandas as pd

from segmentation.published.changes import TABLE, changes_told
from segmentation.published.served import Published
from segmentation.published.status import STALE_DAYS
from segmentation.report import data
from segmentation.report.data import Overview
from segmentation.report.parts import Card
from segmentation.report.words import count_of, listed, percent

HALF = 0.5


def told(
    published: Published, found: Overview, segments: pd.DataFrame, cards: tuple[Card, ...]
) -> tuple[tuple[str, str], ...]:
    """Return the sentences that matter, each with what it is about.

    Parameters
    ----------
    published : Published
    found : Overview
    segments : DataFrame
        As `data.segments` returns it.
    cards : tuple of Card
        The most valuable segment first.
    """
    sentences = [
        ("Where the money is.", _concentration(segments, published.units)),
        ("What to do first.", _first(published, cards)),
        ("What changed.", _change(published)),
        ("Who is left out.", _left_out(published, found)),
        ("Old data.", _age(found)),
    ]
    return tuple((about, sentence) for about, sentence in sentences if sentence)


def _concentration(segments: pd.DataFrame, units: str) -> str:
    """Say how few segments bring half of the revenue."""
    known = segments.dropna(subset=["value_share"])
    by_value = known.sort_values(["value_share", "segment_id"], ascending=[False, True])
    if by_value.empty or by_value["value_share"].iloc[0] <= 0:
        return ""
    needed = int((by_value["value_share"].cumsum() < HALF).sum()) + 1
    best = by_value.head(needed)
    brought, share = percent(best["value_share"].sum()), percent(best["share"].sum())
    names = listed([f"“{name}”" for name in best["segment_name"]])
    return f"{share} of the {units} bring {brought} of the revenue: {names}."


def _first(published: Published, cards: tuple[Card, ...]) -> str:
    """Say what to do with the segment that is expected to bring most, else the most valuable."""
    advice = data.suggestions(published)
    if advice.empty:
        return ""
    expected = advice.dropna(subset=["expected_value"])
    first = (
        int(expected.loc[expected["expected_value"].idxmax(), "segment_id"])
        if not expected.empty
        else cards[0].segment_id
    )
    card = next(one for one in cards if one.segment_id == first)
    return f"“{card.name}”: {card.suggestion} {card.stake}".strip()


def _change(published: Published) -> str:
    units = {published.segmentation: published.units}
    sentences = changes_told(published.connection, units, f"published.{TABLE}")
    return sentences.get(published.segmentation, "")


def _left_out(published: Published, found: Overview) -> str:
    if not found.excluded:
        return ""
    reasons = data.exclusions(published)
    told_of = [
        f"{count_of(size, published.unit, published.units)}: {reason}"
        for size, reason in zip(reasons["size"], reasons["reason"], strict=True)
    ]
    return f"{'; '.join(told_of)}."


def _age(found: Overview) -> str:
    """Say that the data were old when they were published."""
    if found.published_at is None or found.as_of_date == data.UNDATED:
        return ""
    days = (found.published_at.date() - found.as_of_date).days
    if days <= STALE_DAYS:
        return ""
    return f"They end {days:,} days before this publication: build of newer ones before you act."
