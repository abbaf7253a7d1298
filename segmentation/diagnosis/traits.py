"""What is true of most of a segment and of few others: what names and suggestions are made of.

A trait is a claim about the values of one feature: between two numbers, or one level. It counts by
how much more common it is in the segment than among the rest. So it is true in absolute terms, and
no trait that most of the rest share is one.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from segmentation.diagnosis.wording import (
    Column,
    flag_of,
    is_number_text,
    means_yes,
    plain_number,
    short,
    values_of,
)
from segmentation.features.recipe import MISSING, OTHER, Recipe
from segmentation.features.scaling import signed_log1p

LEAST_LEAD = 0.2
"""How much more common than among the rest, in shares of units, a trait must be."""
MOST = 0.5
"""Share of a segment that has a trait, at least; and of the rest, at most."""
CLEAR = 0.6
"""Share of a segment of which a single value or a word is said."""
MORE_LIFT = 1.5
"""How many times as often as among the rest a level is "more", where it is not most."""
MORE_SHARE = 0.25
FEWEST_GAPS = 20
"""Customers with two orders or more that a rhythm needs."""
MOST_ROWS = 5000
"""Rows of a segment that are looked at."""
DONE = ("ed", "bought", "sold", "sent", "kept", "paid")
"""Ends of what is done to the things that a label counts."""
LARGEST_COUNT = 1000
"""Whole numbers up to which a plural is counted: 3 orders."""


@dataclass(frozen=True)
class Claim:
    """What a phrase says of one feature's values, so that it can be checked.

    Attributes
    ----------
    feature, phrase : str
    at_least, at_most : float or None
        Bounds of numbers, both included.
    level : str or None
        The level of a category.
    said : float or None
        The number in the phrase, a median.
    is_more : bool
        Whether it is only more common than among the rest, not most common.
    """

    feature: str
    phrase: str
    at_least: float | None = None
    at_most: float | None = None
    level: str | None = None
    said: float | None = None
    is_more: bool = False

    def fits(self, values: np.ndarray) -> np.ndarray:
        """Return for each value, a float or a text, whether the claim holds for it."""
        if values.dtype == object:
            return values == self.level
        if self.level == MISSING:
            return np.isnan(values)
        found = ~np.isnan(values)
        with np.errstate(invalid="ignore"):
            if self.at_least is not None:
                found &= values >= self.at_least
            if self.at_most is not None:
                found &= values <= self.at_most
        return found

    @property
    def sets_apart(self) -> bool:
        """Whether it says more than a median."""
        return (self.at_least, self.at_most, self.level) != (None, None, None)

    def told(self) -> dict:
        """Return it as JSON holds it."""
        return asdict(self)


@dataclass(frozen=True)
class Trait:
    """A claim with how common it is.

    Attributes
    ----------
    claim : Claim
    share, rest : float
        Of the segment and of all others.
    detail : str
        The same at full length, for a description.
    """

    claim: Claim
    share: float
    rest: float
    detail: str

    @property
    def lead(self) -> float:
        """How much more common it is than among the rest."""
        return self.share - self.rest

    @property
    def stands_out(self) -> bool:
        """Whether it sets the segment apart."""
        least = MORE_SHARE if self.claim.is_more else MOST
        return self.share >= least and self.rest <= MOST and self.lead >= LEAST_LEAD


@dataclass(frozen=True, eq=False)
class Portraits:
    """The units of all segments, as traits are looked for in them.

    Attributes
    ----------
    columns : tuple of Column
    values : dict of str to ndarray of shape (n,)
        Floats or texts by feature.
    segments : ndarray of int, shape (n,)
    units : ndarray of shape (n,)
        How many a row stands for; the same for all of a segment.
    recipe : Recipe
        Its features come first, and say what high and low are called.
    """

    columns: tuple[Column, ...]
    values: dict[str, np.ndarray]
    segments: np.ndarray
    units: np.ndarray
    recipe: Recipe
    _found: dict[int, list[Trait]] = field(default_factory=dict)
    _orders: dict[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        frame: pd.DataFrame,
        segments: np.ndarray,
        columns: Sequence[Column],
        recipe: Recipe,
        units: np.ndarray | None = None,
    ) -> "Portraits":
        """Make portraits of a table's rows.

        Parameters
        ----------
        frame : DataFrame of n rows
        segments : ndarray of int, shape (n,)
        columns : sequence of Column
        recipe : Recipe
        units : ndarray of shape (n,), optional
            How many each row stands for. Without it they are all units: of a large segment the
            first rows are looked at, and stand for all of it.
        """
        if units is None:
            frame, segments, units = _first_of_each(frame, np.asarray(segments))
        values = values_of(frame, columns)
        return cls(
            tuple(column for column in columns if column.name in values),
            values,
            np.asarray(segments),
            np.asarray(units, dtype=float),
            recipe,
        )

    @cached_property
    def ids(self) -> list[int]:
        """The segments, by id."""
        return [int(one) for one in np.unique(self.segments)]

    @cached_property
    def fitted(self) -> set[str]:
        """Features that the recipe names."""
        return {feature.name for feature in self.recipe.features}

    @cached_property
    def gap(self) -> float | None:
        """Days between two orders of a customer at the median; None where there are too few."""
        needed = [self.values.get(name) for name in RHYTHM]
        if any(values is None for values in needed):
            return None
        first, last, orders = needed
        several = (orders >= 2) & (first > last)
        if several.sum() < FEWEST_GAPS:
            return None
        gaps = (first[several] - last[several]) / (orders[several] - 1)
        return max(1.0, float(_quantiles(gaps, self.units[several], [0.5])[0]))

    @cached_property
    def flags(self) -> set[str]:
        """Features that only say yes or no."""
        return {
            name
            for name, values in self.values.items()
            if flag_of(one for one in pd.unique(values) if one == one)
        }

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """How far numbers go along with each other, from 0 to 1, where both have a value."""
        numbers = {
            column.name: signed_log1p(self.values[column.name])
            for column in self.columns
            if column.kind == "number"
        }
        return pd.DataFrame(numbers).corr().abs()

    def share(self, claim: Claim, members: np.ndarray) -> float:
        """Return the share of some units that a claim is true of."""
        total = self.units[members].sum()
        fits = claim.fits(self.values[claim.feature])
        return round(float(self.units[members & fits].sum() / total), 9) if total else 0.0

    def inside(self, segment: int) -> np.ndarray:
        """Return for each row whether it is of a segment."""
        return self.segments == segment

    def median(self, feature: str, segment: int, *, rest: bool = False) -> float | None:
        """Return a number's median in a segment, or the rest; None where none has a value."""
        if rest:
            return self._rest_median(feature, segment)
        values = self.values[feature][self.inside(segment)]
        known = values[~np.isnan(values)]
        return float(np.median(known)) if len(known) else None

    def is_between(self, feature: str, segment: int) -> bool:
        """Return whether a segment's median lies between those of others."""
        own = self.median(feature, segment)
        found = [self.median(feature, one) for one in self.ids if one != segment]
        others = [one for one in found if one is not None]
        return own is not None and bool(others) and min(others) < own < max(others)

    def place_words(self, column: Column, segment: int) -> str:
        """Return a number's median in words, and that it lies in the middle where it does."""
        own = self.median(column.name, segment)
        if column.is_days:
            return days_words(column).between.format(plain_number(short(own)))
        if is_counted(column, own):
            return f"about {column.about(own)} {column.label}"
        if column.name not in WORDS and self.is_between(column.name, segment):
            return graded("middle", column.label).format(column.about(own))
        return self._words(column).about.format(column.about(own))

    def traits(self, segment: int) -> list[Trait]:
        """Return the best trait of every feature, whether it stands out or not, best first.

        The recipe's features come before others that are as telling.
        """
        if segment not in self._found:
            found = [
                best
                for column in self.columns
                if (best := self._best(list(self._candidates(column, segment)))) is not None
            ]
            self._found[segment] = sorted(found, key=self._rank)
        return self._found[segment]

    def every(self, feature: str, segment: int) -> list[Trait]:
        """Return all traits of a feature that stand out, best first."""
        column = next(column for column in self.columns if column.name == feature)
        found = [one for one in self._candidates(column, segment) if one.stands_out]
        return sorted(found, key=lambda one: -one.lead)

    def _rank(self, trait: Trait) -> tuple[float, str]:
        bonus = 0.15 * (trait.claim.feature in self.fitted) + 0.1 * (trait.claim.feature in FIRST)
        return (-round(trait.lead + bonus, 9), trait.claim.feature)

    @staticmethod
    def _best(found: list[Trait]) -> Trait | None:
        # the first of those that are as good: words before numbers, one value before a range
        good = [one for one in found if one.stands_out] or found
        return max(good, key=lambda one: round(round(one.lead, 9), 1), default=None)

    def _trait(self, claim: Claim, segment: int, detail: str) -> Trait:
        inside = self.inside(segment)
        return Trait(claim, self.share(claim, inside), self.share(claim, ~inside), detail)

    def _candidates(self, column: Column, segment: int) -> Iterator[Trait]:
        values = self.values[column.name]
        if column.kind == "category":
            yield from self._levels(column, segment, values)
            return
        known = ~np.isnan(values)
        inside = self.inside(segment)
        missing = Claim(column.name, _unknown(column), level=MISSING)
        if self.share(missing, inside) >= MOST:
            yield self._trait(missing, segment, missing.phrase)
            return
        if column.name in self.flags:
            yield from self._numeric_flag(column, segment)
            return
        own, units = values[inside & known], self.units[inside & known]
        if not len(own):
            return
        low, high = (float(one) for one in _quantiles(own, units, [0.25, 0.75]))
        if column.is_days:
            yield from self._days(column, segment, low, high)
        elif is_counted(column, high):
            yield from self._counts(column, segment, low, high)
        else:
            yield from self._numbers(column, segment, low, high)

    def _levels(self, column: Column, segment: int, values: np.ndarray) -> Iterator[Trait]:
        inside = self.inside(segment)
        missing = Claim(column.name, _unknown(column), level=MISSING)
        if self.share(missing, inside) >= MOST:
            yield self._trait(missing, segment, missing.phrase)
        shares = pd.Series(values[inside]).value_counts(normalize=True)
        is_flag = column.name in self.flags
        common = shares.index[(shares >= MORE_SHARE) & ~shares.index.isin([MISSING, OTHER])]
        for level in sorted(common, key=lambda level: (-shares[level], level)):
            named = _level_name(column, level, is_flag)
            most = self._trait(Claim(column.name, f"mostly {named}", level=level), segment, named)
            if most.share >= MOST:
                yield most
                continue
            is_more = most.share >= max(MORE_SHARE, MORE_LIFT * most.rest)
            if is_more and not is_flag and len(self.ids) > 1:
                claim = Claim(column.name, f"more {named}", level=level, is_more=True)
                yield self._trait(claim, segment, named)

    def _numeric_flag(self, column: Column, segment: int) -> Iterator[Trait]:
        for value in (1.0, 0.0):
            named = column.label if value else f"no {column.label}"
            claim = Claim(column.name, f"mostly {named}", at_least=value, at_most=value)
            yield self._trait(claim, segment, named)

    def _days(self, column: Column, segment: int, low: float, high: float) -> Iterator[Trait]:
        words = days_words(column)
        if column.name == LAST_ORDER and self.gap is not None:
            long = lapse_of(self.gap)
            lapsed = Claim(column.name, "lapsed", at_least=long + 1)
            yield self._clear(lapsed, segment, f"lapsed, no order for {plain_number(long)} days")
            near = human_days(self.gap)
            active = Claim(column.name, "active", at_most=near)
            yield self._clear(active, segment, f"ordered within {plain_number(near)} days")
        near, far = human_days(high, up=True), human_days(low)
        if self._is_lately(column.name, near):
            claim = Claim(column.name, words.within.format(plain_number(near)), at_most=near)
            yield self._trait(claim, segment, claim.phrase)
        if far > 0:
            claim = Claim(column.name, words.over.format(plain_number(far)), at_least=far)
            yield self._trait(claim, segment, claim.phrase)
        if 0 < far < near:
            told = words.between.format(f"{plain_number(far)}–{plain_number(near)}")
            claim = Claim(column.name, told, at_least=far, at_most=near)
            yield self._trait(claim, segment, claim.phrase)

    def _is_lately(self, feature: str, days: float) -> bool:
        """Return whether who ordered within some days may still be a customer."""
        return feature != LAST_ORDER or self.gap is None or days <= lapse_of(self.gap)

    def _clear(self, claim: Claim, segment: int, detail: str) -> Trait:
        """Return a trait that is none unless it is true of clearly more than half."""
        found = self._trait(claim, segment, detail)
        return found if found.share >= CLEAR else Trait(claim, 0.0, 1.0, detail)

    def _counts(self, column: Column, segment: int, low: float, high: float) -> Iterator[Trait]:
        middle = self.median(column.name, segment)
        if float(middle).is_integer():
            exact = self._trait(counted(column, middle, middle), segment, "")
            if exact.share >= CLEAR:
                yield self._trait(exact.claim, segment, exact.claim.phrase)
        for least, most in ((low, high), (low, None), (None, high)):
            if least == most or (least is not None and least <= 0 and most is None):
                continue
            claim = counted(column, least, most)
            yield self._trait(claim, segment, claim.phrase)

    def _numbers(self, column: Column, segment: int, low: float, high: float) -> Iterator[Trait]:
        middle = self.median(column.name, segment)
        rest = self._rest_median(column.name, segment)
        name, about = column.name, column.about(middle)
        words = self._words(column)
        none = self._trait(
            Claim(name, words.none, at_least=0.0, at_most=0.0, said=0.0), segment, words.none
        )
        if none.share >= CLEAR:
            yield none
            return
        others = column.about(rest)
        detail = f"{column.label} about {about} (others {others})"
        if about == others:
            # what is written alike is told by the quartiles, as names are checked by
            quartiles = np.nanquantile(self.values[name][self.inside(segment)], [0.25, 0.75])
            told = [*map(column.about, quartiles)]
            detail = f"{column.label} {' to '.join(told)}"
            if told[0] == told[1]:
                claim = Claim(name, self.place_words(column, segment), low, high, said=middle)
                yield Trait(claim, 0.0, 1.0, f"{column.label} about {about}")
                return
        elif middle > rest and self.mean_leads(name, segment, 1):
            claim = Claim(name, words.high.format(about), at_least=low, said=middle)
            yield self._trait(claim, segment, detail)
        elif middle < rest and self.mean_leads(name, segment, -1):
            claim = Claim(name, words.low.format(about), at_most=high, said=middle)
            yield self._trait(claim, segment, detail)
        claim = Claim(name, self.place_words(column, segment), low, high, said=middle)
        yield self._trait(claim, segment, detail)

    def _words(self, column: Column) -> "_Words":
        if column.name in WORDS:
            return WORDS[column.name]
        low, high = graded("low", column.label), graded("high", column.label)
        for feature in self.recipe.features:
            plain = feature.name.replace("_", " ")
            if feature.name == column.name and feature.low not in ("", f"low {plain}"):
                low = f"{escaped(feature.low)} ({{}})"
            if feature.name == column.name and feature.high not in ("", f"high {plain}"):
                high = f"{escaped(feature.high)} ({{}})"
        none = f"{column.label} 0 %" if column.is_share else f"no {column.label}"
        return _Words(low, high, f"{escaped(column.label)} about {{}}", none)

    def _rest_median(self, feature: str, segment: int) -> float | None:
        order = self._ordered(feature)
        rest = order[self.segments[order] != segment]
        if not len(rest):
            return self.median(feature, segment)
        return float(_quantiles(self.values[feature][rest], self.units[rest], [0.5], True)[0])

    def _ordered(self, feature: str) -> np.ndarray:
        """Return the places of a number's known values, the smallest first."""
        if feature not in self._orders:
            values = self.values[feature]
            known = np.flatnonzero(~np.isnan(values))
            self._orders[feature] = known[np.argsort(values[known], kind="stable")]
        return self._orders[feature]

    def mean_leads(self, feature: str, segment: int, direction: float) -> bool:
        """Return whether a segment's mean is above the rest's (1), or below (-1)."""
        values = self.values[feature]
        known, inside = ~np.isnan(values), self.inside(segment)
        if not (known & ~inside).any():
            return False
        scale = float(np.abs(values[known]).max()) or 1.0
        means = [
            np.average(values[rows & known] / scale, weights=self.units[rows & known])
            for rows in (inside, ~inside)
        ]
        return direction * (means[0] - means[1]) > 0


@dataclass(frozen=True)
class _Words:
    """What a number is said by; {} is the median."""

    low: str
    high: str
    about: str
    none: str


@dataclass(frozen=True)
class _DaysWords:
    """What days since something are said by; {} is their number."""

    within: str
    over: str
    between: str


ORDERS = ("kept_orders", "total_orders")
LAST_ORDER = "days_since_last_order"
RHYTHM = ("days_since_first_order", LAST_ORDER, "total_orders")
FIRST = (*ORDERS, LAST_ORDER, "average_order_value")
"""What a shop's customers are told by first, in the order of a name."""
WORDS = {
    "average_order_value": _Words(
        "about {} an order", "about {} an order", "about {} an order", "nothing kept"
    ),
    "total_spend": _Words("spent about {}", "spent about {}", "spent about {}", "nothing kept"),
    "return_rate": _Words("few returns ({})", "returns ({})", "returns about {}", "no returns"),
    "cancellation_rate": _Words(
        "few cancellations ({})", "cancels ({})", "cancels about {}", "no cancellations"
    ),
    "margin_to_date": _Words(*["margin of about {}"] * 3, "no margin"),
    "margin_rate": _Words(
        "lower margin ({})", "higher margin ({})", "margin about {}", "margin 0 %"
    ),
}
"""Phrases for the project's own features; any other has its source's name in it."""
DAYS_WORDS = {
    LAST_ORDER: _DaysWords(
        "ordered in the last {} days", "no order for {} days", "last order {} days ago"
    ),
    "days_since_first_order": _DaysWords(
        "new in the last {} days", "known for over {} days", "known for {} days"
    ),
    "days_since_last_sale": _DaysWords(
        "ordered in the last {} days", "not ordered for {} days", "last ordered {} days ago"
    ),
}
UNKNOWN = {"average_order_value": "nothing kept", "return_rate": "nothing delivered"}


def _first_of_each(
    frame: pd.DataFrame, segments: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Keep the first rows of each segment, and say how many each stands for."""
    groups = pd.Series(segments).groupby(segments)
    is_kept = (groups.cumcount() < MOST_ROWS).to_numpy()
    sizes = groups.transform("size").to_numpy()
    units = sizes / np.minimum(sizes, MOST_ROWS)
    return frame[is_kept], segments[is_kept], units[is_kept]


def days_words(column: Column) -> _DaysWords:
    """Return what days since something are said by."""
    what = escaped(column.label.removeprefix("days since").strip())
    other = _DaysWords(
        f"{what} in the last {{}} days", f"{what} over {{}} days ago", f"{what} {{}} days ago"
    )
    return DAYS_WORDS.get(column.name, other)


def escaped(text: str) -> str:
    """Return a text that `str.format` leaves as it is."""
    return text.replace("{", "{{").replace("}", "}}")


def graded(grade: str, label: str) -> str:
    """Return what a number is said to be, with {} for it: "low price ({})".

    Behind a name of several words, whose first may be an adjective: "large deal share low ({})".
    """
    words = [grade, escaped(label)] if len(label.split()) == 1 else [escaped(label), grade]
    return f"{' '.join(words)} ({{}})"


def is_counted(column: Column, high: float) -> bool:
    """Return whether a number counts things that have a plural, few enough to be told."""
    words = column.label.split()
    is_plural = bool(words) and (words[-1].rstrip(")").endswith("s") or _is_done(words))
    return column.is_count and not column.is_money and is_plural and high <= LARGEST_COUNT


def _is_done(words: Sequence[str]) -> bool:
    """Return whether a label is a plural that something was done to: "products purchased"."""
    return len(words) == 2 and words[0].endswith("s") and words[1].endswith(DONE)


def counted(column: Column, least: float | None, most: float | None) -> Claim:
    """Return the claim that things are so many: "one order", "2–3 orders", "4+ orders"."""
    many = column.label
    if least == most and least is not None:
        one = singular(many)
        word = {0.0: f"no {many}", 1.0: f"one {one}"}.get(least, f"{plain_number(least)} {many}")
    elif most is None:
        word = f"{plain_number(least)}+ {many}"
    elif least is None or least <= 0:
        word = f"up to {plain_number(most)} {many if most != 1 else singular(many)}"
    else:
        word = f"{plain_number(least)}–{plain_number(most)} {many}"
    return Claim(column.name, word, at_least=least, at_most=most)


def singular(many: str) -> str:
    """Return one of what a plural counts: "category", "product purchased"."""
    first, *rest = many.split()
    if _is_done(many.split()):
        return f"{singular(first)} {rest[0]}"
    for ending, one in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if many.endswith(ending):
            return f"{many.removesuffix(ending)}{one}"
    return many


def human_days(days: float, *, up: bool = False) -> float:
    """Return a number of days that people say, not above the given one, or not below it."""
    step = 1 if days < 15 else 5 if days < 60 else 10 if days < 365 else 50
    rounded = math.ceil(days / step) if up else math.floor(days / step)
    return float(rounded * step)


def lapse_of(gap: float) -> float:
    """Return the days without an order after which a customer counts as lapsed: two gaps."""
    return human_days(2 * gap, up=True)


def _unknown(column: Column) -> str:
    return UNKNOWN.get(column.name, f"{column.label} unknown")


def _level_name(column: Column, level: str, is_flag: bool) -> str:
    if is_flag:
        return column.label if means_yes(level) else f"no {column.label}"
    return f"{column.label} {level}" if is_number_text(level) else level


def _quantiles(
    values: np.ndarray, units: np.ndarray, places: Sequence[float], is_sorted: bool = False
) -> np.ndarray:
    """Return the smallest values that have a share of the units at or below them."""
    if not is_sorted:
        order = np.argsort(values, kind="stable")
        values, units = values[order], units[order]
    sums = np.cumsum(units)
    wanted = np.searchsorted(sums, np.array(places) * sums[-1] * (1 - 1e-12))
    return values[np.minimum(wanted, len(values) - 1)]


def claims_of(told: Sequence[Mapping]) -> list[Claim]:
    """Read claims from their JSON."""
    return [Claim(**one) for one in told]
