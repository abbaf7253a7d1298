"""What to do with a segment: the first rule of a seed that asks for what is true of it."""

import string
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.diagnosis.naming import distinct_traits
from segmentation.diagnosis.traits import (
    LAST_ORDER,
    MOST,
    ORDERS,
    Portraits,
    Trait,
    human_days,
    lapse_of,
    singular,
)
from segmentation.diagnosis.wording import listed, percent, plain_number, short
from segmentation.features.recipe import MISSING

DETAILS = 4
"""Statements in a description at most."""
HANDFUL = 20
"""Units below which a segment is looked at one by one."""
MANY = 4
"""Orders at the median from which on a customer orders often."""
COMMON = 0.15
FEWEST = 10
"""Share and number of customers from which on their favourite category is worth naming."""
DEFAULT_GAP = 30.0
"""Days between two orders where too few customers have two."""
CLEAR_LEAD = 0.35
"""How much more common than among the rest what a rule asks for must be."""
WORTH = ("total_spend", "revenue")
TEXTS = ("suggestion", "aims_at", "success")
STATES = {
    "orders": ("none", "one", "few", "many"),
    "recency": ("active", "due", "lapsed"),
    "size": ("handful", "largest", "between", "smallest"),
}
"""What rules may ask besides a feature's high, low, none or one."""
FIGURES = {
    "average_order_value": "order_value",
    "total_spend": "spend",
    "average_price": "price",
    "revenue": "revenue",
    "margin_rate": "margin_rate",
    "discount_share": "discount",
    "return_rate": "returns",
    "cancellation_rate": "cancellations",
    "units": "sold",
    "days_since_last_sale": "sold_days",
}
"""What a rule's texts call the medians of features."""


@dataclass(frozen=True)
class Advice:
    """What to do with one segment.

    Attributes
    ----------
    segment_id : int
    kind, suggestion : str
    aims_at : str
        The figure that it should move.
    success : str
        How to see whether it did.
    """

    segment_id: int
    kind: str
    suggestion: str
    aims_at: str
    success: str


def describe(portraits: Portraits, segment: int) -> str:
    """Return what a segment is like: statements with their figures, "; " between them.

    Those that set it apart most, of features that do not go along with each other.

    Parameters
    ----------
    portraits : Portraits
    segment : int
    """
    traits = portraits.traits(segment)
    telling = [one for one in traits if one.stands_out]
    kept = distinct_traits(telling, portraits.overlap)[:DETAILS]
    if not kept:
        kept = [one for one in traits if one.claim.feature in portraits.fitted][:DETAILS]
        told = listed([_plain(portraits, one, segment) for one in kept]) or "no feature varies"
        return f"like the others in most: {told}"
    return "; ".join(_statement(one) for one in kept)


def advise(
    portraits: Portraits, rules: pd.DataFrame, segmentation: str, units: str
) -> list[Advice]:
    """Return what to do with each segment, by id.

    A segment takes the first rule whose every condition it meets and whose figures it has; one
    that another segment took already only where nothing else fits. Segments of which a unit is
    worth most choose first. A rule for the segmentation comes before those for any.

    Parameters
    ----------
    portraits : Portraits
    rules : DataFrame
        The seed: segmentation (empty is any), position, kind, asks, suggestion, aims_at, success.
    segmentation : str
    units : str
        What its rows are called.
    """
    sizes = {one: portraits.units[portraits.inside(one)].sum() for one in portraits.ids}
    own = _rules_of(rules, segmentation)
    fitting = {}
    figures = {}
    for segment in portraits.ids:
        states = states_of(portraits, segment, sizes)
        figures[segment] = figures_of(portraits, segment, units)
        fitting[segment] = [
            rule
            for rule in own
            if _meets(rule["asks"], states) and _fields(rule) <= set(figures[segment])
        ]
    taken: set[str] = set()
    found = []
    worth = _worth(portraits)
    for segment in sorted(portraits.ids, key=lambda one: (-worth[one], len(fitting[one]), one)):
        if not fitting[segment]:
            continue
        free = [rule for rule in fitting[segment] if rule["kind"] not in taken]
        rule = (free or fitting[segment])[0]
        taken.add(rule["kind"])
        known = figures[segment]
        first, *others = (rule[name].format(**known) for name in TEXTS)
        if any(one.suggestion == first for one in found):
            first = f"{first} Of these {known['units']}: {known['traits']}."
        found.append(Advice(segment, rule["kind"], first, *others))
    return sorted(found, key=lambda one: one.segment_id)


def states_of(portraits: Portraits, segment: int, sizes: Mapping[int, float]) -> dict[str, str]:
    """Return what rules may ask of a segment, by what they ask about.

    Any feature is ``high`` or ``low`` where that sets the segment apart, ``none`` where most have
    none of it, and a count ``one`` where it is one: that is not high, even if others have none.
    Of customers: ``orders`` is none, one, few or many, ``recency`` active, due or lapsed by the
    shop's rhythm. ``size`` is handful (under 20), largest, smallest or between.
    """
    states = {
        trait.claim.feature: state
        for trait in portraits.traits(segment)
        if trait.stands_out
        and trait.lead >= CLEAR_LEAD
        and (state := _state(portraits, trait, segment))
    }
    for feature, name in {"average_order_value": "order_value", "total_spend": "spend"}.items():
        if feature in states:
            states[name] = states[feature]
    states |= _order_states(portraits, segment)
    if sizes[segment] < HANDFUL:
        states["size"] = "handful"
    elif len(sizes) > 1:
        states["size"] = {
            max(sizes, key=lambda one: (sizes[one], -one)): "largest",
            min(sizes, key=lambda one: (sizes[one], -one)): "smallest",
        }.get(segment, "between")
    return states


def figures_of(portraits: Portraits, segment: int, units: str) -> dict[str, str]:
    """Return the figures of a segment that rules may write, as texts."""
    inside = portraits.inside(segment)
    size = round(portraits.units[inside].sum())
    called = units.replace("_", " ")
    found = {"units": f"{size:,} {singular(called) if size == 1 else called}"}
    found["traits"], found["figure"] = _traits_told(portraits, segment)
    if size >= HANDFUL:
        found["ten"] = "ten"
    for column in portraits.columns:
        if column.name in FIGURES:
            middle = portraits.median(column.name, segment)
            if middle is not None:
                found[FIGURES[column.name]] = column.about(middle)
    if LAST_ORDER in portraits.values:
        gap = portraits.gap or DEFAULT_GAP
        found["days"] = plain_number(short(portraits.median(LAST_ORDER, segment) or 0))
        found["gap"] = plain_number(human_days(gap, up=True))
        found["lapse"] = plain_number(lapse_of(gap))
    if orders := _orders(portraits):
        known = portraits.values[orders][inside]
        found["orders"] = plain_number(portraits.median(orders, segment) or 0)
        share = np.mean(known == 1)
        found["one_order"] = "all" if share == 1 else percent(share)
        found["kept_share"] = percent(1 - _kept_nothing(portraits, inside))
    found["category"] = "what they bought last"
    favourite = portraits.values.get("most_frequent_category")
    if favourite is not None:
        counts = pd.Series(favourite[inside & (favourite != MISSING)]).value_counts()
        level = min(counts.index, key=lambda one: (-counts[one], one), default=None)
        if level is not None and counts[level] >= max(FEWEST, COMMON * inside.sum()):
            found["category"] = level
    return found


def problems_of(rules: pd.DataFrame) -> list[str]:
    """Return what is wrong with rules, a sentence each: what no segment could be told.

    Parameters
    ----------
    rules : DataFrame
        As for `advise`.
    """
    known = {
        "units",
        "traits",
        "figure",
        "ten",
        "days",
        "gap",
        "lapse",
        "orders",
        "one_order",
        "kept_share",
    }
    known |= {"category", *FIGURES.values()}
    found = []
    for key in (["kind"], ["segmentation", "position"]):
        if rules.duplicated(key).any():
            found.append(f"Two rules of suggestion_rules have one {key[-1]}.")
    for rule in _rules_of(rules, None):
        place = f"Rule {rule['position']} of suggestion_rules"
        found += [f"{place} has no {name}." for name in ("kind", *TEXTS) if not rule[name].strip()]
        found += [
            f"{place} writes {{{field}}}, which is none of {', '.join(sorted(known))}."
            for field in sorted(_fields(rule) - known)
        ]
        for part in _conditions(rule["asks"]):
            name, _, state = (side.strip() for side in part.partition("="))
            known_states = STATES.get(name, ("high", "low", "none", "one"))
            if state not in known_states:
                found.append(f"{place} asks '{part}', but {name} is {listed(known_states, 'or')}.")
    return found


def _rules_of(rules: pd.DataFrame, segmentation: str | None) -> list[dict[str, str]]:
    filled = rules.fillna("").astype({"position": int})
    own = filled[filled["segmentation"].isin([segmentation, ""])] if segmentation else filled
    ordered = own.assign(is_any=own["segmentation"] == "").sort_values(["is_any", "position"])
    return ordered.astype({"position": str}).to_dict("records")


def _conditions(asks: str) -> list[str]:
    return [part.strip() for part in asks.split("&") if part.strip()]


def _meets(asks: str, states: Mapping[str, str]) -> bool:
    wanted = [part.split("=") for part in _conditions(asks)]
    return all(states.get(name.strip()) == state.strip() for name, state in wanted)


def _fields(rule: Mapping[str, str]) -> set[str]:
    parts = [part for name in TEXTS for part in string.Formatter().parse(rule[name])]
    return {field for _, field, _, _ in parts if field}


def _state(portraits: Portraits, trait: Trait, segment: int) -> str | None:
    claim = trait.claim
    if claim.level is not None:
        return None
    if claim.at_least == claim.at_most == 0:
        return "none"
    middle = portraits.median(claim.feature, segment)
    values = portraits.values[claim.feature]
    rest = values[~portraits.inside(segment) & ~np.isnan(values)]
    if not len(rest) or middle is None:
        return None
    direction = np.sign(middle - np.median(rest))
    column = next(one for one in portraits.columns if one.name == claim.feature)
    if column.is_count and middle == 1:
        return "one"
    if not (direction and portraits.mean_leads(claim.feature, segment, direction)):
        return None
    return "high" if direction > 0 else "low"


def _orders(portraits: Portraits) -> str | None:
    """Return the count of orders that the recipe, and so names and rules, speak of."""
    known = [name for name in ORDERS if name in portraits.values]
    return next((name for name in known if name in portraits.fitted), next(iter(known), None))


def _worth(portraits: Portraits) -> dict[int, float]:
    """Return what a unit of each segment brought, at the median; 0 where nothing says so."""
    money = next((name for name in WORTH if name in portraits.values), None)
    return {one: (portraits.median(money, one) or 0.0) if money else 0.0 for one in portraits.ids}


def _kept_nothing(portraits: Portraits, inside: np.ndarray) -> float:
    """Return the share of customers without an order of any value."""
    values = portraits.values.get("average_order_value", np.ones(len(inside)))[inside]
    return float(np.mean(np.isnan(values) | (values == 0)))


def _order_states(portraits: Portraits, segment: int) -> dict[str, str]:
    states = {}
    inside = portraits.inside(segment)
    if orders := _orders(portraits):
        middle = portraits.median(orders, segment) or 0
        nothing = _kept_nothing(portraits, inside)
        one = "one" if middle <= 1 else "many" if middle >= MANY else "few"
        states["orders"] = "none" if nothing > MOST or middle == 0 else one
    if LAST_ORDER in portraits.values:
        middle = portraits.median(LAST_ORDER, segment)
        gap = portraits.gap or DEFAULT_GAP
        is_active, is_lapsed = middle <= human_days(gap, up=True), middle > lapse_of(gap)
        states["recency"] = "active" if is_active else "lapsed" if is_lapsed else "due"
    return states


def _statement(trait: Trait) -> str:
    if "(others " in trait.detail:
        return trait.detail
    return f"{trait.detail}: {percent(trait.share)} of them, {percent(trait.rest)} of the others"


def _plain(portraits: Portraits, trait: Trait, segment: int) -> str:
    column = next(one for one in portraits.columns if one.name == trait.claim.feature)
    middle = portraits.median(column.name, segment) if column.kind == "number" else None
    return trait.detail if middle is None else f"{column.label} about {column.about(middle)}"


def _traits_told(portraits: Portraits, segment: int) -> tuple[str, str]:
    """Return what sets a segment apart most, in two statements and in one."""
    telling = [one for one in portraits.traits(segment) if one.stands_out]
    kept = [_aside(one) for one in distinct_traits(telling, portraits.overlap)[:2]]
    told = kept or [describe(portraits, segment)]
    return listed(told), told[0]


def _aside(trait: Trait) -> str:
    if "(others " in trait.detail:
        return trait.detail
    return f"{trait.detail} ({percent(trait.share)}, others {percent(trait.rest)})"
