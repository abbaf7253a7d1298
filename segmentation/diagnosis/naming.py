"""Readable names from what sets a segment apart: "One order, lapsed · about 41 an order"."""

import json
from collections.abc import Iterator, Mapping
from itertools import count

import numpy as np
import pandas as pd

from segmentation.diagnosis.traits import (
    FIRST,
    LAST_ORDER,
    MOST,
    ORDERS,
    Claim,
    Portraits,
    Trait,
    claims_of,
)
from segmentation.diagnosis.wording import Column, percent

MOST_CORRELATED = 0.7
"""Correlation above which two features say the same thing, so a name uses only one."""
PHRASES = 3
"""Phrases in a name, unless more are needed to tell two segments apart."""
FEWEST = 2
"""Phrases that a name has where fewer set the segment apart: it is told by its place."""
APART = 0.1
"""Least difference between medians of which a place is told beside what sets a segment apart."""
STRAY = 0.3
"""Least lead of a feature that is no part of the recipe."""
FOLLOWERS = {"total_items", "distinct_brands", "distinct_categories", "days_since_first_order"}
"""What follows from the number of orders, and is named only as a part of the recipe."""
SEPARATOR = " · "
THIRD = 0.35
"""Least lead of a third phrase: a name is short where two say it."""
PLACES = {name: place for place, name in enumerate(FIRST)}
"""Where features stand in a name; any other comes behind, by how telling it is."""


def name_segments(
    portraits: Portraits, *, earlier_names: Mapping[int, str] | None = None
) -> pd.DataFrame:
    """Name every segment by what is true of most of it and of few others.

    A name has up to three phrases, of features that do not go along with each other. A segment
    that nothing sets apart is told by where it stands among the others, or by what most of it and
    fewer of them have; one without even that is like the others.

    Parameters
    ----------
    portraits : Portraits
    earlier_names : mapping of int to str, optional
        Names given at birth, by id: they stay, and those of retired ids are not given again.

    Returns
    -------
    DataFrame
        segment_id, segment_name and claims, one row per segment; names are unique. claims is what
        the name says as JSON, for `untrue_claims`; null where it was given earlier.
    """
    earlier = earlier_names or {}
    taken = set(earlier.values())
    rows = []
    for segment in portraits.ids:
        if segment in earlier:
            rows.append((segment, earlier[segment], None))
            continue
        options = _options(portraits, segment)
        name, claims = next(one for one in options if one[0] not in taken)
        taken.add(name)
        told = json.dumps([claim.told() for claim in claims], ensure_ascii=False)
        rows.append((segment, name, told))
    return pd.DataFrame(rows, columns=["segment_id", "segment_name", "claims"])


def untrue_claims(portraits: Portraits, segment: int, claims: str) -> list[str]:
    """Return what a name says and no longer holds, a few words each.

    A claim holds as long as it is true of half of the segment and of more than of the rest, and a
    number in it lies between the segment's quartiles.

    Parameters
    ----------
    portraits : Portraits
    segment : int
    claims : str
        JSON of `name_segments`.
    """
    inside = portraits.inside(segment)
    found = []
    for claim in claims_of(json.loads(claims)):
        if claim.feature not in portraits.values:
            found.append(f"{claim.feature} is no longer there")
            continue
        share, rest = portraits.share(claim, inside), portraits.share(claim, ~inside)
        least = min(0.5, 1.2 * rest) if claim.is_more else 0.45
        now = None if claim.said is None else portraits.median(claim.feature, segment)
        if now is not None and not _is_near(portraits, claim, inside):
            column = next(one for one in portraits.columns if one.name == claim.feature)
            found.append(f'"{claim.phrase}" is about {column.about(now)} now')
        elif claim.sets_apart and (share < least or (share < rest and len(portraits.ids) > 1)):
            told = f'"{claim.phrase}" is true of {percent(share)} of them'
            found.append(f"{told} and {percent(rest)} of the others")
    return found


def _is_near(portraits: Portraits, claim: Claim, inside: np.ndarray) -> bool:
    values = portraits.values[claim.feature][inside]
    known = values[~np.isnan(values)]
    if not len(known):
        return False
    low, high = np.quantile(known, [0.25, 0.75])
    return bool(min(low, np.median(known)) <= claim.said <= max(high, np.median(known)))


def _options(portraits: Portraits, segment: int) -> Iterator[tuple[str, list[Claim]]]:
    chosen, spare = _chosen(portraits, segment)
    nothing = "everybody" if len(portraits.ids) == 1 else "like the others"
    for extra in range(len(spare) + 1):
        yield _named([*chosen, *spare[:extra]], nothing)
    for trait in chosen:
        for other in portraits.every(trait.claim.feature, segment):
            yield _named([other if one is trait else one for one in chosen], nothing)
    name, claims = _named(chosen, nothing)
    for number in count(2):
        yield f"{name} ({number})", claims


def _chosen(portraits: Portraits, segment: int) -> tuple[list[Trait], list[Trait]]:
    """Return the traits of a name, and what it may be told apart by besides."""
    overlap, traits = portraits.overlap, portraits.traits(segment)
    telling = [one for one in traits if one.stands_out and _may_name(portraits, one)]
    distinct = distinct_traits(telling, overlap)
    if len(distinct) >= FEWEST or len(portraits.ids) == 1:
        others = [one for one in telling if one not in distinct]
        kept = distinct[:FEWEST] + [one for one in distinct[FEWEST:PHRASES] if one.lead >= THIRD]
        return kept, [*distinct[len(kept) :], *others]
    middle = [
        _in_place(portraits, one, segment)
        for one in distinct_traits(
            [
                *distinct,
                *(t for t in traits if _has_place(portraits, t, segment, is_first=not distinct)),
            ],
            overlap,
        )
        if one not in distinct
    ]
    filled = [*distinct, *middle] or [one for one in traits if one.share >= MOST and one.lead > 0]
    return filled[:FEWEST], filled[FEWEST:]


def _may_name(portraits: Portraits, trait: Trait) -> bool:
    feature = trait.claim.feature
    return feature in portraits.fitted or (feature not in FOLLOWERS and trait.lead >= STRAY)


def _has_place(portraits: Portraits, trait: Trait, segment: int, *, is_first: bool) -> bool:
    """Return whether a trait is a number of the recipe whose place is worth telling.

    One that is not the same among the rest; beside what sets the segment apart, clearly not.
    """
    claim = trait.claim
    if claim.feature not in portraits.fitted or claim.level is not None:
        return False
    own, rest = (portraits.median(claim.feature, segment, rest=one) for one in (False, True))
    least = 0 if is_first or claim.feature in FIRST else APART
    return len(portraits.ids) == 1 or abs(own - rest) > least * max(abs(own), abs(rest))


def _in_place(portraits: Portraits, trait: Trait, segment: int) -> Trait:
    """Return a trait that does not stand out as the segment's place among the others."""
    feature = trait.claim.feature
    column: Column = next(one for one in portraits.columns if one.name == feature)
    own = portraits.median(feature, segment)
    if own is None:
        return trait
    claim = Claim(feature, portraits.place_words(column, segment), said=own)
    return Trait(claim, trait.share, trait.rest, trait.detail)


def distinct_traits(traits: list[Trait], overlap: pd.DataFrame) -> list[Trait]:
    """Leave out traits that repeat an earlier one."""
    kept: list[Trait] = []
    for trait in traits:
        if not any(_says_the_same(trait, other, overlap) for other in kept):
            kept.append(trait)
    return kept


def _says_the_same(one: Trait, other: Trait, overlap: pd.DataFrame) -> bool:
    a, b = one.claim.feature, other.claim.feature
    if a == b or {a, b} <= set(ORDERS):
        return True
    if {a, b} <= set(FIRST):
        return False
    if a not in overlap or b not in overlap:
        return False
    return overlap.loc[a, b] > MOST_CORRELATED


def _named(traits: list[Trait], nothing: str) -> tuple[str, list[Claim]]:
    """Return a name and what it claims; `nothing` is the name of who has no trait."""
    ordered = sorted(traits, key=lambda one: PLACES.get(one.claim.feature, len(PLACES)))
    claims = [one.claim for one in ordered]
    phrases = [claim.phrase for claim in claims]
    is_joined = len(claims) > 1 and claims[0].feature in ORDERS and claims[1].feature == LAST_ORDER
    if is_joined:
        since = phrases[1].replace("no order for", "none for")
        phrases[:2] = [f"{phrases[0]}, {since}"]
    text = SEPARATOR.join(phrases) or nothing
    first = text[0].upper()
    return (first if len(first) == 1 else text[0]) + text[1:], claims
