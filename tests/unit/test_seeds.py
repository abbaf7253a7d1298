"""Ensures that the seeds a shop may edit, and that no data changes, are rules that can be followed.

They are tested here and not in every build: what they hold is the same in each.
"""

import csv
from itertools import product
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
SCORES = ("recency", "frequency", "monetary")
NO_TRAITS = ("position", "kind", "suggestion")


def rows(seed: str) -> list[dict[str, str]]:
    """Return the rows of a seed."""
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def broken_cells(cells: list[dict[str, str]]) -> list[str]:
    """Return what is wrong with rules that name the combinations of three scores."""
    ordered = sorted(cells, key=lambda cell: int(cell["rule_order"]))
    found = [f"rule {cell['rule_order']} leaves a cell empty" for cell in cells if not all_of(cell)]
    if len({cell["rule_order"] for cell in cells}) < len(cells):
        found.append("two rules have one place")
    ranges = {
        cell["rule_order"]: [bounds(cell, score) for score in SCORES]
        for cell in ordered
        if all_of(cell)
    }
    found += [
        f"rule {order} spans no scores from 1 to 5, lower bound first"
        for order, spans in ranges.items()
        if not all(1 <= low <= high <= 5 for low, high in spans)
    ]
    first = {
        scores: next((order for order, spans in ranges.items() if fits(scores, spans)), None)
        for scores in product(range(1, 6), repeat=3)
    }
    found += [f"no rule names {scores}" for scores, order in first.items() if order is None]
    return found + [f"rule {order} names nobody" for order in ranges if order not in first.values()]


def all_of(row: dict[str, str]) -> bool:
    """Return whether every cell of a row is filled."""
    return all(value.strip() for value in row.values())


def bounds(cell: dict[str, str], score: str) -> tuple[int, int]:
    """Return the lowest and highest of a score that a rule takes."""
    return int(cell[f"{score}_min"]), int(cell[f"{score}_max"])


def fits(scores: tuple[int, ...], spans: list[tuple[int, int]]) -> bool:
    """Return whether a rule takes a combination of scores."""
    return all(low <= score <= high for score, (low, high) in zip(scores, spans, strict=True))


def broken_suggestions(rules: list[dict[str, str]]) -> list[str]:
    """Return what is wrong with rules that suggest what to do with a segment."""
    found = []
    for column in ("position", "kind"):
        if len({rule[column] for rule in rules}) < len(rules):
            found.append(f"two rules have one {column}")
    for rule in rules:
        found += [
            f"rule {rule['position']} has no {column}"
            for column in NO_TRAITS
            if not rule[column].strip()
        ]
        found += [
            f"rule {rule['position']} asks {asked!r} of {trait}"
            for trait, asked in rule.items()
            if trait not in NO_TRAITS and asked not in ("high", "low", "")
        ]
    return found


def test_the_rfm_cells_name_every_combination_of_scores():
    assert broken_cells(rows("rfm_cells")) == []


@pytest.mark.parametrize(
    ("rule", "change", "found"),
    [
        (0, {"meaning": ""}, "rule 1 leaves a cell empty"),
        (1, {"rule_order": "1"}, "two rules have one place"),
        (0, {"recency_max": "6"}, "rule 1 spans no scores"),
        (0, {"recency_min": "5", "recency_max": "4"}, "rule 1 spans no scores"),
        (10, {"monetary_max": "1"}, "no rule names (1, 1, 2)"),
        (0, {"frequency_min": "1", "recency_min": "1", "monetary_min": "1"}, "names nobody"),
    ],
)
def test_a_mistake_in_the_rfm_cells_is_found(rule, change, found):
    cells = rows("rfm_cells")
    cells[rule] |= change
    assert any(found in problem for problem in broken_cells(cells))


def test_the_suggestions_ask_what_can_be_asked():
    assert broken_suggestions(rows("suggestion_rules")) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"total_spend": "hihg"}, "rule 2 asks 'hihg' of total_spend"),
        ({"suggestion": " "}, "rule 2 has no suggestion"),
        ({"kind": "Best customers"}, "two rules have one kind"),
        ({"position": "1"}, "two rules have one position"),
    ],
)
def test_a_mistake_in_the_suggestions_is_found(change, found):
    rules = rows("suggestion_rules")
    rules[1] |= change
    assert found in broken_suggestions(rules)
