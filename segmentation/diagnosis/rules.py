"""Rules that say who is in a segment: a few conditions that can be retyped in another system.

A small tree on the plain values of the features reproduces the segments. Its thresholds are round
numbers from the start, so a rule is measured as it is written. A condition is one feature between
two bounds, or in a list of levels; a branch has three at most. Branches that lead to one segment
and differ in one condition only become one.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from segmentation.diagnosis.wording import (
    Column,
    flag_of,
    listed,
    means_yes,
    values_of,
)
from segmentation.features.frames import quoted_name
from segmentation.features.recipe import MISSING

MOST_CONDITIONS = 3
LEAVES_A_SEGMENT = 3
MOST_EDGES = 96
MOST_LEVELS = 32
ENOUGH = 0.9
"""Share of units that the rules should reproduce."""
PRICE_OF_A_LEAF = 0.004
"""Share of units that one branch more must add."""
LEAST_ROWS = 10
LARGEST_COUNTED = 100
"""Whole numbers up to which a bound is the last one that fits: at most 3, not below 4."""


@dataclass(frozen=True)
class Condition:
    """What a rule asks of one feature.

    Attributes
    ----------
    at_least, below : float or None
        Bounds of a number.
    levels : tuple of str or None
        Levels of a category: those it has, or with `is_except` those it has not.
    is_except : bool
    takes_missing : bool
        Whether a missing value fits, too.
    takes_known : bool
        Whether any other value does; False asks for a missing one.
    """

    at_least: float | None = None
    below: float | None = None
    levels: tuple[str, ...] | None = None
    is_except: bool = False
    takes_missing: bool = True
    takes_known: bool = True

    def fits(self, values: np.ndarray) -> np.ndarray:
        """Return for each value, a float or a text, whether it fits."""
        if values.dtype == object:
            missing = values == MISSING
            found = np.ones(len(values), dtype=bool)
            if self.levels is not None:
                found = np.isin(values.astype(str), self.levels) != self.is_except
        else:
            missing = np.isnan(values)
            found = np.ones(len(values), dtype=bool)
            with np.errstate(invalid="ignore"):
                if self.at_least is not None:
                    found &= values >= self.at_least
                if self.below is not None:
                    found &= values < self.below
        return np.where(missing, self.takes_missing, found & self.takes_known)

    @property
    def has_bounds(self) -> bool:
        """Whether it asks anything of a value that is there."""
        return (self.at_least, self.below, self.levels) != (None, None, None)

    @property
    def asks(self) -> bool:
        """Whether it leaves anything out."""
        return self.has_bounds or not (self.takes_missing and self.takes_known)


Box = dict[str, Condition]
"""A branch: conditions by feature, all of which must hold."""


@dataclass(frozen=True)
class Rule:
    """Who is in a segment: any of some branches."""

    segment_id: int
    boxes: tuple[Box, ...]

    def fits(self, values: dict[str, np.ndarray]) -> np.ndarray:
        """Return for each unit whether the rule takes it.

        Parameters
        ----------
        values : dict of str to ndarray of shape (n,)
            Floats or texts by feature, as `values_of` gives them.
        """
        return np.any([_in_box(box, values) for box in self.boxes], axis=0)

    @property
    def features(self) -> set[str]:
        """What the rule asks about."""
        return {name for box in self.boxes for name in box}

    @property
    def conditions(self) -> int:
        """Conditions of the longest branch."""
        return max(len(box) for box in self.boxes)

    def text(self, columns: Sequence[Column], flags: frozenset[str] = frozenset()) -> str:
        """Return the rule in words: "orders 1 and days since last order at least 90"."""
        known = {column.name: column for column in columns}
        branches = [
            " and ".join(_words(known[name], box[name], name in flags) for name in box)
            for box in self.boxes
        ]
        return "; or ".join(branch or "everything" for branch in branches)

    def sql(self, columns: Sequence[Column]) -> str:
        """Return the rule as what follows ``where``, in standard SQL."""
        known = {column.name: column for column in columns}
        branches = [
            " and ".join(_sql(known[name], box[name]) for name in box) or "1 = 1"
            for box in self.boxes
        ]
        return " or ".join(f"({branch})" for branch in branches)

    def json(self) -> str:
        """Return the rule as JSON: a list of branches, each a list of conditions."""
        branches = [[_told(name, box[name]) for name in box] for box in self.boxes]
        return json.dumps(branches, ensure_ascii=False)

    @classmethod
    def of_json(cls, segment_id: int, text: str) -> "Rule":
        """Read a rule from its JSON."""
        return cls(
            segment_id,
            tuple({told["feature"]: _condition(told) for told in box} for box in json.loads(text)),
        )


@dataclass
class _Node:
    rows: np.ndarray
    box: Box
    counts: np.ndarray
    split: "_Split | None" = None
    children: tuple["_Node", "_Node"] | None = None

    @property
    def segment(self) -> int:
        return int(self.counts.argmax())


@dataclass(frozen=True)
class _Split:
    gain: float
    feature: str
    left: Condition
    right: Condition


@dataclass(frozen=True)
class _Binned:
    """A feature's values as places among its edges, or its levels; the last is missing."""

    places: np.ndarray
    size: int
    edges: np.ndarray | None = None
    levels: tuple[str, ...] = ()
    has_missing: bool = False


@dataclass
class _Grower:
    binned: dict[str, _Binned]
    segments: np.ndarray
    count: int
    least_rows: int = field(init=False)
    root: _Node = field(init=False)

    def __post_init__(self) -> None:
        smallest = int(np.bincount(self.segments).min())
        self.least_rows = max(1, min(LEAST_ROWS, smallest // 2))
        rows = np.arange(len(self.segments))
        self.root = self.node(rows, {})

    def node(self, rows: np.ndarray, box: Box) -> _Node:
        made = _Node(rows, box, np.bincount(self.segments[rows], minlength=self.count))
        made.split = self._best_split(made)
        return made

    def _best_split(self, node: _Node) -> _Split | None:
        if (node.counts > 0).sum() < 2 or len(node.rows) < 2 * self.least_rows:
            return None
        allowed = self.binned if len(node.box) < MOST_CONDITIONS else node.box
        found = [self._split_of(node, name) for name in allowed]
        known = [split for split in found if split is not None]
        return max(known, key=lambda split: split.gain) if known else None

    def _split_of(self, node: _Node, name: str) -> _Split | None:
        binned = self.binned[name]
        joint = self.segments[node.rows] * binned.size + binned.places[node.rows]
        table = np.bincount(joint, minlength=self.count * binned.size)
        table = table.reshape(self.count, binned.size).T.astype(float)
        lefts, conditions = _options(binned, table)
        if not conditions:
            return None
        rights = node.counts - lefts
        small = np.minimum(lefts.sum(axis=1), rights.sum(axis=1)) < self.least_rows
        gains = _purity(lefts) + _purity(rights) - _purity(node.counts[None, :])
        # rounded, so that equal gains are equal on any processor, and the first one counts
        gains = np.where(small, -1.0, np.round(gains, 6))
        best = int(gains.argmax())
        if gains[best] <= 1e-9:
            return None
        sides = _both_sides(conditions[best], has_missing=table[-1].any())
        return _Split(float(gains[best]), name, *sides)

    def divide(self, node: _Node) -> None:
        split = node.split
        binned = self.binned[split.feature]
        is_left = _takes(binned, split.left)[binned.places[node.rows]]
        node.children = tuple(
            self.node(node.rows[side], node.box | {split.feature: _both(node.box, split, asked)})
            for side, asked in ((is_left, split.left), (~is_left, split.right))
        )

    def merged(self, boxes: list[Box]) -> list[Box]:
        """Join branches where that says the same, and leave out what asks nothing."""
        found = [self.asking(box) for box in boxes]
        while (joined := [self.asking(box) for box in _merged(found)]) != found:
            found = joined
        return found

    def asking(self, box: Box) -> Box:
        """Leave out of a branch what asks nothing, as of a feature that is never missing."""
        return {
            name: condition
            for name, condition in box.items()
            if condition.asks and (self.binned[name].has_missing or condition.has_bounds)
        }


def fit_rules(
    frame: pd.DataFrame, segment_ids: np.ndarray, columns: Sequence[Column]
) -> list[Rule]:
    """Find the smallest tree that reproduces segments, as one rule a segment.

    Branches are added where they sort out most, as long as each adds units that follow the rules,
    or fewer than 90 % do. A segment that no branch leads to gets the single branch that fits it
    best; such a rule also takes units of others, which its precision says.

    Parameters
    ----------
    frame : DataFrame of n rows
        Features by name, numbers as floats with NaN for missing, categories as texts.
    segment_ids : ndarray of int, shape (n,)
    columns : sequence of Column
        What the rules may ask about.

    Returns
    -------
    list of Rule
        One per segment, by id.
    """
    ids, segments = np.unique(segment_ids, return_inverse=True)
    values = values_of(frame, columns)
    if len(ids) == 1:
        return [Rule(int(ids[0]), ({},))]
    binned = {name: made for name, own in values.items() if (made := _binned(columns, name, own))}
    grower = _Grower(binned, segments, len(ids))
    leaves = _grown(grower)
    found = []
    for place, segment in enumerate(ids):
        boxes = [leaf.box for leaf in leaves if leaf.segment == place]
        if not boxes:
            boxes = [_single_box(grower, segments == place)]
        found.append(Rule(int(segment), tuple(grower.merged(boxes))))
    return found


def flags_of(values: dict[str, np.ndarray]) -> frozenset[str]:
    """Return the features that only say yes or no.

    Parameters
    ----------
    values : dict of str to ndarray of shape (n,)
        As `values_of` gives them.
    """
    return frozenset(
        name for name, own in values.items() if flag_of(pd.Series(own).dropna().unique())
    )


def measure_rules(
    rules: Sequence[Rule],
    values: dict[str, np.ndarray],
    segment_ids: np.ndarray,
    weights: np.ndarray,
) -> pd.DataFrame:
    """Say how well rules reproduce segments.

    Parameters
    ----------
    rules : sequence of Rule
        Tried by descending precision.
    values : dict of str to ndarray of shape (n,)
        As `values_of` gives them.
    segment_ids : ndarray of int, shape (n,)
    weights : ndarray of shape (n,)
        Units that a row stands for.

    Returns
    -------
    DataFrame
        segment_id; rule_precision (share of those it takes that are in the segment; null where it
        takes nobody), rule_recall (share of the segment that it takes; null for an empty one),
        rule_share (share of all that it takes), each by itself; and fidelity, the same for all:
        share of units whose segment is the first rule that takes them.
    """
    total = weights.sum()
    taken = np.array([rule.fits(values) for rule in rules])
    ids = np.array([rule.segment_id for rule in rules])
    rows = []
    for rule, own in zip(rules, taken, strict=True):
        inside = segment_ids == rule.segment_id
        hit, caught, members = (weights[one].sum() for one in (own & inside, own, inside))
        rows.append(
            {
                "segment_id": rule.segment_id,
                "rule_precision": hit / caught if caught else np.nan,
                "rule_recall": hit / members if members else np.nan,
                "rule_share": caught / total if total else np.nan,
            }
        )
    measured = pd.DataFrame(rows)
    order = np.argsort(-measured["rule_precision"].fillna(0).to_numpy(), kind="stable")
    first = np.where(taken.any(axis=0), ids[order][taken[order].argmax(axis=0)], -1)
    fidelity = weights[first == segment_ids].sum() / total if total else np.nan
    return measured.assign(fidelity=fidelity)


def _grown(grower: _Grower) -> list[_Node]:
    """Return the leaves of the best of the trees that grow leaf by leaf."""
    leaves = [grower.root]
    best, least = leaves, _cost(leaves, grower)
    while len(leaves) < LEAVES_A_SEGMENT * grower.count:
        open_leaves = [leaf for leaf in leaves if leaf.split is not None]
        if not open_leaves:
            break
        chosen = max(open_leaves, key=lambda leaf: leaf.split.gain)
        grower.divide(chosen)
        place = next(number for number, leaf in enumerate(leaves) if leaf is chosen)
        leaves = [*leaves[:place], *chosen.children, *leaves[place + 1 :]]
        cost = _cost(leaves, grower)
        if cost < least:
            best, least = leaves, cost
    return best


def _cost(leaves: list[_Node], grower: _Grower) -> tuple[bool, int, float]:
    """Return what makes a tree worse: a segment left out, too few reproduced, then its size."""
    total = len(grower.segments)
    right = sum(leaf.counts.max() for leaf in leaves) / total
    nameless = grower.count - len({leaf.segment for leaf in leaves})
    branches = sum(
        len(grower.merged([leaf.box for leaf in leaves if leaf.segment == segment]))
        for segment in range(grower.count)
    )
    return (right < ENOUGH, nameless, 1 - right + PRICE_OF_A_LEAF * branches)


def _single_box(grower: _Grower, inside: np.ndarray) -> Box:
    """Return the branch of at most three conditions that finds a segment best, by F1."""
    own = _Grower(grower.binned, inside.astype(int), 2)
    node, best, score = own.root, own.root.box, 0.0
    while node.split is not None and len(node.box) <= MOST_CONDITIONS:
        own.divide(node)
        scored = [(_f1(child, inside), -place) for place, child in enumerate(node.children)]
        found, place = max(scored)
        node = node.children[-place]
        if found > score:
            best, score = node.box, found
    return best


def _f1(node: _Node, inside: np.ndarray) -> float:
    hit = inside[node.rows].sum()
    return float(2 * hit / (len(node.rows) + inside.sum()))


def _in_box(box: Box, values: dict[str, np.ndarray]) -> np.ndarray:
    size = len(next(iter(values.values())))
    found = np.ones(size, dtype=bool)
    for name, condition in box.items():
        found &= condition.fits(values[name])
    return found


def _binned(columns: Sequence[Column], name: str, values: np.ndarray) -> _Binned | None:
    if values.dtype == object:
        return _binned_levels(values)
    column = next(column for column in columns if column.name == name)
    edges = _edges(values[np.isfinite(values)], column)
    missing = np.isnan(values)
    if not len(edges) and not missing.any():
        return None
    places = np.searchsorted(edges, values, side="right")
    places = np.where(missing, len(edges) + 1, places)
    return _Binned(places, len(edges) + 2, edges=edges, has_missing=bool(missing.any()))


def _binned_levels(values: np.ndarray) -> _Binned | None:
    known = pd.Series(values[values != MISSING]).value_counts()
    ordered = sorted(known.index, key=lambda level: (-known[level], level))
    levels = tuple(ordered[:MOST_LEVELS])
    missing = values == MISSING
    if len(ordered) < 2 and not missing.any():
        return None
    codes = {level: code for code, level in enumerate(levels)}
    # behind the levels with a name come all others, and then what is missing
    places = np.array([codes.get(value, len(levels)) for value in values])
    places = np.where(missing, len(levels) + 1, places)
    return _Binned(places, len(levels) + 2, levels=levels, has_missing=bool(missing.any()))


def _edges(values: np.ndarray, column: Column) -> np.ndarray:
    """Return where a feature may be cut: between neighbours, at the roundest number there is."""
    distinct = np.unique(values)
    if len(distinct) > MOST_EDGES:
        ordered = np.sort(values)
        places = np.linspace(0, len(ordered) - 1, MOST_EDGES + 1).round().astype(int)
        distinct = np.unique(ordered[places])
    least = 1.0 if column.is_whole else 0.01 if column.is_money else 0.0
    cuts = [roundest(low, high, least) for low, high in pairwise(distinct)]
    return np.unique(np.array(cuts, dtype=float))


def roundest(low: float, high: float, least_step: float = 0.0) -> float:
    """Return the number above `low` and up to `high` that is quickest to type.

    Parameters
    ----------
    low, high : float
        Finite, low before high.
    least_step : float
        Of which it must be a multiple where there is one between them; 0 asks for none.
    """
    if low < 0 <= high:
        return 0.0
    middle = low + (high - low) / 2
    start = int(np.floor(np.log10(max(abs(low), abs(high)))))
    for exponent in range(start, start - 16, -1):
        for digit in (1.0, 0.5):
            step = float(f"{digit}e{exponent}")
            if step < least_step:
                return high
            found = float(f"{np.ceil(middle / step) * step:.12g}")
            below = float(f"{np.floor(middle / step) * step:.12g}")
            nearest = [one for one in (found, below) if low < one <= high]
            if nearest:
                return min(nearest, key=lambda one: abs(one - middle))
    return high


def _options(binned: _Binned, table: np.ndarray) -> tuple[np.ndarray, list[Condition]]:
    """Return what may go left: counts by segment, and the conditions that say so."""
    known, missing = table[:-1], table[-1]
    if binned.edges is not None:
        sums = np.cumsum(known, axis=0)[:-1]
        asked = [Condition(below=float(edge), takes_missing=False) for edge in binned.edges]
    else:
        sums = known[: len(binned.levels)]
        asked = [Condition(levels=(level,), takes_missing=False) for level in binned.levels]
    if not missing.any():
        return sums, asked
    also = [replace(one, takes_missing=True) for one in asked]
    alone = Condition(takes_known=False)
    return np.vstack([sums, sums + missing, missing[None, :]]), [*asked, *also, alone]


def _both_sides(left: Condition, *, has_missing: bool) -> tuple[Condition, Condition]:
    other = has_missing and not left.takes_missing
    if not left.takes_known:
        return left, Condition(takes_missing=False)
    if left.below is not None:
        return left, Condition(at_least=left.below, takes_missing=other)
    return left, Condition(levels=left.levels, is_except=True, takes_missing=other)


def _takes(binned: _Binned, asked: Condition) -> np.ndarray:
    """Return for each place of a feature whether a condition takes it."""
    found = np.zeros(binned.size, dtype=bool)
    if asked.takes_known and binned.edges is not None:
        below = np.searchsorted(binned.edges, asked.below) + 1
        found[:below] = True
    elif asked.takes_known:
        found[[binned.levels.index(level) for level in asked.levels]] = True
    found[-1] = asked.takes_missing
    return found


def _both(box: Box, split: _Split, asked: Condition) -> Condition:
    """Return the condition that holds where the branch's own and a further one do."""
    own = box.get(split.feature, Condition())
    lows = [one.at_least for one in (own, asked) if one.at_least is not None]
    highs = [one.below for one in (own, asked) if one.below is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    levels, is_except = _both_levels(own, asked)
    takes_missing = own.takes_missing and asked.takes_missing
    is_empty = levels == () or (None not in (low, high) and low >= high)
    if is_empty or not (own.takes_known and asked.takes_known):
        return Condition(takes_missing=takes_missing, takes_known=False)
    return Condition(low, high, levels, is_except, takes_missing)


def _both_levels(own: Condition, asked: Condition) -> tuple[tuple[str, ...] | None, bool]:
    if own.levels is None or asked.levels is None:
        one = own if asked.levels is None else asked
        return one.levels, one.is_except
    if own.is_except and asked.is_except:
        return tuple(sorted({*own.levels, *asked.levels})), True
    named, other = (own, asked) if not own.is_except else (asked, own)
    kept = [level for level in named.levels if (level in other.levels) != other.is_except]
    return tuple(kept), False


def _merged(boxes: list[Box]) -> list[Box]:
    """Join branches that differ in one condition, as long as there are any."""
    for place, one in enumerate(boxes):
        for other in boxes[place + 1 :]:
            joined = _joined(one, other)
            if joined is not None:
                rest = [box for box in boxes if box is not one and box is not other]
                kept = {name: asked for name, asked in joined.items() if asked.asks}
                return _merged([*rest[:place], kept, *rest[place:]])
    return boxes


def _joined(one: Box, other: Box) -> Box | None:
    apart = [
        name
        for name in [*one, *(name for name in other if name not in one)]
        if one.get(name, Condition()) != other.get(name, Condition())
    ]
    if not apart:
        return one
    if len(apart) > 1:
        return None
    name = apart[0]
    either = _either(one.get(name, Condition()), other.get(name, Condition()))
    return None if either is None else one | {name: either}


def _either(one: Condition, other: Condition) -> Condition | None:
    """Return the condition that holds where one of two does, if there is one."""
    missing = one.takes_missing or other.takes_missing
    if not (one.takes_known and other.takes_known):
        known = one if one.takes_known else other
        return replace(known, takes_missing=missing)
    if one.levels is not None and other.levels is not None:
        return _either_levels(one, other, missing)
    if one.levels is not None or other.levels is not None:
        return None
    first, second = sorted(
        [one, other], key=lambda asked: -np.inf if asked.at_least is None else asked.at_least
    )
    top = np.inf if first.below is None else first.below
    if second.at_least is not None and second.at_least > top:
        return None
    tops = (first.below, second.below)
    return Condition(
        at_least=first.at_least,
        below=None if None in tops else max(tops),
        takes_missing=missing,
    )


def _either_levels(one: Condition, other: Condition, missing: bool) -> Condition | None:
    if not one.is_except and not other.is_except:
        levels = tuple(sorted({*one.levels, *other.levels}))
        return Condition(levels=levels, takes_missing=missing)
    if one.is_except and other.is_except:
        levels = tuple(sorted({*one.levels} & {*other.levels}))
        return Condition(levels=levels or None, is_except=bool(levels), takes_missing=missing)
    left_out, named = (one, other) if one.is_except else (other, one)
    levels = tuple(level for level in left_out.levels if level not in named.levels)
    return Condition(levels=levels or None, is_except=bool(levels), takes_missing=missing)


def _purity(counts: np.ndarray) -> np.ndarray:
    """Return the sum of squared counts over their sum, a row: the part of Gini that changes."""
    totals = counts.sum(axis=1)
    return np.square(counts.astype(float)).sum(axis=1) / np.maximum(totals, 1)


def _words(column: Column, asked: Condition, is_flag: bool) -> str:
    if not asked.takes_known:
        return f"{column.label} unknown"
    if asked.levels is None and asked.at_least is None and asked.below is None:
        return f"{column.label} known"
    told = _level_words(column, asked, is_flag) if asked.levels else _bounds(column, asked, is_flag)
    return f"{told} (or unknown)" if asked.takes_missing else told


def _level_words(column: Column, asked: Condition, is_flag: bool) -> str:
    if is_flag and len(asked.levels) == 1:
        yes = means_yes(asked.levels[0]) != asked.is_except
        return f"{column.label} {'yes' if yes else 'no'}"
    quoted = [f'"{level}"' for level in asked.levels]
    return f"{column.label} {'not ' if asked.is_except else ''}{listed(quoted, 'or')}"


def _bounds(column: Column, asked: Condition, is_flag: bool) -> str:
    low, high = asked.at_least, asked.below
    if is_flag and (low is None or high is None):
        return f"{column.label} {'yes' if high is None else 'no'}"
    is_counted = column.is_whole and max(low or 0, high or 0) <= LARGEST_COUNTED
    if not is_counted:
        told = [f"at least {column.written(low)}"] if low is not None else []
        told += [f"below {column.written(high)}"] if high is not None else []
        return f"{column.label} {' and '.join(told)}"
    if low is None:
        return f"{column.label} at most {column.written(high - 1)}"
    if high is None:
        return f"{column.label} at least {column.written(low)}"
    if high - low == 1:
        return f"{column.label} {column.written(low)}"
    return f"{column.label} {column.written(low)} to {column.written(high - 1)}"


def _sql(column: Column, asked: Condition) -> str:
    name = _sql_name(column.name)
    if column.kind == "category":
        missing = f"{name} is null or {name} = '{MISSING}'"
    else:
        missing = f"{name} is null"
    if not asked.takes_known:
        return f"({missing})" if " or " in missing else missing
    parts = []
    if asked.levels is not None:
        texts = ", ".join("'" + level.replace("'", "''") + "'" for level in asked.levels)
        parts.append(f"{name} {'not in' if asked.is_except else 'in'} ({texts})")
    low, high = asked.at_least, asked.below
    is_counted = column.is_whole and max(low or 0, high or 0) <= LARGEST_COUNTED
    if is_counted and low is not None and high is not None:
        is_one = high - low == 1
        told = f"= {_digits(low)}" if is_one else f"between {_digits(low)} and {_digits(high - 1)}"
        parts.append(f"{name} {told}")
    else:
        parts += [f"{name} >= {_digits(low)}"] if low is not None else []
        if high is not None:
            end = f"<= {_digits(high - 1)}" if is_counted else f"< {_digits(high)}"
            parts.append(f"{name} {end}")
    told = " and ".join(parts)
    if asked.takes_missing:
        return f"({told} or {missing})" if parts else "1 = 1"
    if column.kind == "category" and (asked.is_except or not parts):
        known = f"{name} <> '{MISSING}'"
        return f"{told} and {known}" if parts else known
    return told if parts else f"{name} is not null"


def _sql_name(name: str) -> str:
    """Return a column's name as a reader types it; a single word might be one of SQL's own."""
    is_plain = re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name)
    return name if is_plain else quoted_name(name)


def _digits(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _told(name: str, asked: Condition) -> dict:
    told: dict = {"feature": name}
    if asked.at_least is not None:
        told["at_least"] = asked.at_least
    if asked.below is not None:
        told["below"] = asked.below
    if asked.levels is not None:
        told["not_in" if asked.is_except else "in"] = list(asked.levels)
    told["missing"] = "only" if not asked.takes_known else "yes" if asked.takes_missing else "no"
    return told


def _condition(told: dict) -> Condition:
    levels = told.get("in", told.get("not_in"))
    return Condition(
        at_least=told.get("at_least"),
        below=told.get("below"),
        levels=None if levels is None else tuple(levels),
        is_except="not_in" in told,
        takes_missing=told["missing"] != "no",
        takes_known=told["missing"] != "only",
    )
