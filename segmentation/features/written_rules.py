"""Segments by rules that somebody wrote: conditions on features, the first that fits wins.

A rule is some rows of the seed ``rule_segments`` with one position: its conditions, all of which
must hold; a row without a feature takes everybody. Rules may share a name, and then are one
segment. A comparison with a missing value never holds. ``models/segmentation/apply/
rule_assignments.sql`` says the same of all rows in a build.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segmentation.features.recipe import MISSING

ORDERED = ("<", "<=", ">", ">=")
VALUED = ("=", "<>", *ORDERED)
OPERATORS = (*VALUED, "is missing", "is known")
WORDS = {
    "=": "is",
    "<>": "is not",
    "<": "below",
    "<=": "at most",
    ">": "above",
    ">=": "at least",
}


@dataclass(frozen=True)
class WrittenCondition:
    """What a rule asks of one feature.

    Attributes
    ----------
    feature, operator : str
        One of `OPERATORS`.
    value : str
        What it is compared with; empty where there is nothing to compare.
    """

    feature: str
    operator: str
    value: str = ""

    def sql(self, is_number: bool) -> str:
        """Return it as SQL, true or false of each row."""
        if is_number:
            known, value = f"cast({self.feature} as double)", self.value
        else:
            known = f"nullif(cast({self.feature} as varchar), '{MISSING}')"
            value = "'" + self.value.replace("'", "''") + "'"
        if self.operator in VALUED:
            return f"coalesce({known} {self.operator} {value}, false)"
        return f"{known} is {'' if self.operator == 'is missing' else 'not '}null"

    def words(self) -> str:
        """Return it in words: "total spend at least 100"."""
        name = self.feature.replace("_", " ")
        if self.operator not in VALUED:
            return f"{name} {self.operator}"
        return f"{name} {WORDS[self.operator]} {self.value}"

    def implies(self, other: "WrittenCondition") -> bool:
        """Return whether every row that fits this fits the other, as far as can be seen."""
        if self.feature != other.feature:
            return False
        if self == other or (other.operator == "is known" and self.operator in VALUED):
            return True
        here, there = _interval(self), _interval(other)
        return bool(here and there) and there[0] <= here[0] and here[1] <= there[1]


@dataclass(frozen=True)
class WrittenRule:
    """Conditions that must all hold; none takes everybody.

    Attributes
    ----------
    position : int
        Rules are tried in this order.
    segment_name : str
    conditions : tuple of WrittenCondition
    """

    position: int
    segment_name: str
    conditions: tuple[WrittenCondition, ...] = ()

    def sql(self, kinds: Mapping[str, str]) -> str:
        """Return it as a condition of features, given each one's kind."""
        told = [one.sql(kinds.get(one.feature) == "number") for one in self.conditions]
        return " and ".join(told) or "true"

    def words(self) -> str:
        """Return it in words."""
        return " and ".join(one.words() for one in self.conditions) or "everybody else"


def rules_of(rows: Iterable[Mapping[str, object]]) -> tuple[WrittenRule, ...]:
    """Return rules by position, of rows of the seed.

    Parameters
    ----------
    rows : iterable of mapping
        position, segment_name, feature, operator, value; of several names the first by letters.
    """
    found: dict[int, WrittenRule] = {}
    for row in rows:
        position = int(row["position"])
        name = _text(row["segment_name"])
        rule = found.get(position) or WrittenRule(position, name)
        texts = [_text(row[name]) for name in ("feature", "operator", "value")]
        asked = (WrittenCondition(*texts),) if any(texts) else ()
        found[position] = WrittenRule(
            position, min(rule.segment_name, name), rule.conditions + asked
        )
    return tuple(found[position] for position in sorted(found))


def names_of(rules: Iterable[WrittenRule]) -> tuple[str, ...]:
    """Return the segments that rules make, in their order."""
    return tuple(dict.fromkeys(rule.segment_name for rule in rules))


def problems_of(rules: tuple[WrittenRule, ...], kinds: Mapping[str, str]) -> list[str]:
    """Return what is wrong with rules, a sentence each.

    Parameters
    ----------
    rules : tuple of WrittenRule
    kinds : mapping of str to str
        ``number`` or ``category`` by feature.
    """
    if not rules:
        return ["There is no rule: write one at least."]
    found = []
    for place, rule in enumerate(rules):
        told = f"Rule {rule.position}"
        if not rule.segment_name:
            found.append(f"{told} names no segment: give it a name.")
        wrong = [problem for one in rule.conditions if (problem := _problem(one, kinds))]
        found += [f"{told} {problem}" for problem in wrong]
        before = [one for one in rules[:place] if not wrong and _covers(one, rule)]
        if before:
            found.append(
                f"{told} can take nobody: rule {before[0].position} "
                f"({before[0].words()}) takes all of them before. Move it up or remove it."
            )
    return found


def _covers(earlier: WrittenRule, later: WrittenRule) -> bool:
    return all(
        any(mine.implies(asked) for mine in later.conditions) for asked in earlier.conditions
    )


def _problem(one: WrittenCondition, kinds: Mapping[str, str]) -> str | None:
    if one.feature not in kinds:
        return (
            f"asks of '{one.feature}', which is no feature. There are: {', '.join(kinds)}. "
            "Correct the name."
        )
    if one.operator not in OPERATORS:
        return f"compares by '{one.operator}', which is none of {', '.join(OPERATORS)}."
    if one.operator not in VALUED:
        return f"compares '{one.operator}' with '{one.value}': empty that." if one.value else None
    if not one.value:
        return f"compares {one.feature} with nothing: give it a value."
    if kinds[one.feature] == "number" and _number(one.value) is None:
        return f"compares the number {one.feature} with '{one.value}': write a number."
    if kinds[one.feature] != "number" and one.operator in ORDERED:
        return f"compares the text {one.feature} by '{one.operator}': use = or <>."
    return None


def positions_sql(rules: tuple[WrittenRule, ...], kinds: Mapping[str, str]) -> str:
    """Return SQL that says which rule takes a row: its position, null if none does."""
    cases = "".join(f" when {rule.sql(kinds)} then {rule.position}" for rule in rules)
    return f"case{cases} end"


def segment_sql(rules: tuple[WrittenRule, ...], kinds: Mapping[str, str], name: str) -> str:
    """Return SQL that says whether a row is in a segment."""
    listed = ", ".join(str(rule.position) for rule in rules if rule.segment_name == name)
    return f"({positions_sql(rules, kinds)}) in ({listed})"


def segment_words(rules: tuple[WrittenRule, ...], name: str) -> str:
    """Return who is in a segment, in words."""
    own = [rule for rule in rules if rule.segment_name == name]
    told = "; or ".join(rule.words() for rule in own)
    is_first = own[0] == rules[0] and len(own) == 1
    is_rest = not own[-1].conditions and len(own) == 1
    return told if is_first or is_rest else f"{told}, of those whom no rule before takes"


def _text(value: object) -> str:
    is_missing = value is None or value != value
    return "" if is_missing else str(value).strip()


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _interval(one: WrittenCondition) -> tuple[tuple[float, int], tuple[float, int]] | None:
    """Return the ends between which a number fits; the second part says beyond or up to."""
    value = _number(one.value)
    if value is None or one.operator not in ("=", *ORDERED):
        return None
    low, high = (-math.inf, 0), (math.inf, 0)
    if one.operator in ("=", ">=", ">"):
        low = (value, 1 if one.operator == ">" else 0)
    if one.operator in ("=", "<=", "<"):
        high = (value, -1 if one.operator == "<" else 0)
    return low, high
