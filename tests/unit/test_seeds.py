"""Ensures that the seeds a shop may edit, and that no data changes, are rules that can be followed.

They are tested here and not in every build: what they hold is the same in each.
"""

import csv
from itertools import product
from pathlib import Path

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
SCORES = ("recency", "frequency", "monetary")


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
