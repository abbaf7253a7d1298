"""Ensures that written rules take whom they say, the first that fits, and are refused in words."""

import duckdb
import pandas as pd
import pytest

from segmentation.features.written_rules import (
    names_of,
    positions_sql,
    problems_of,
    rules_of,
    segment_sql,
    segment_words,
)

KINDS = {"spend": "number", "orders": "number", "country": "category"}


def rules(*rows):
    columns = ("position", "segment_name", "feature", "operator", "value")
    return rules_of(dict(zip(columns, row, strict=True)) for row in rows)


FOUR = rules(
    (1, "Best", "spend", ">=", "100"),
    (1, "Best", "orders", ">", "1"),
    (2, "Abroad", "country", "<>", "Britain's"),
    (3, "Unknown", "spend", "is missing", None),
    (4, "Best", "orders", "=", 9),
    (7, "Rest", None, None, None),
)
UNITS = pd.DataFrame(
    [
        (200.0, 2, "France", 1, "Best"),
        (200.0, 1, "France", 2, "Abroad"),
        (100.0, 2, "Britain's", 1, "Best"),
        (99.99, 2, "Britain's", 7, "Rest"),
        (None, 2, "Britain's", 3, "Unknown"),
        (50.0, 9, "(missing)", 4, "Best"),
        (50.0, 1, "(missing)", 7, "Rest"),
        (None, 1, "France", 2, "Abroad"),
    ],
    columns=["spend", "orders", "country", "position", "segment"],
)


def of_all(sql: str) -> list:
    with duckdb.connect() as connection:
        connection.register("units", UNITS)
        return [value for (value,) in connection.sql(f"select {sql} from units").fetchall()]


def test_the_first_rule_that_fits_takes_a_row_and_missing_values_never_compare():
    assert of_all(positions_sql(FOUR, KINDS)) == UNITS["position"].tolist()


@pytest.mark.parametrize("name", names_of(FOUR))
def test_the_rule_of_a_segment_takes_it_whole_and_nobody_else(name):
    assert of_all(segment_sql(FOUR, KINDS, name)) == (UNITS["segment"] == name).tolist()


def test_rules_without_a_last_one_for_all_leave_some_out():
    found = of_all(positions_sql(FOUR[:1], KINDS))
    assert found == [1, None, 1, None, None, None, None, None]


def test_rules_are_told_in_words():
    assert names_of(FOUR) == ("Best", "Abroad", "Unknown", "Rest")
    assert segment_words(FOUR, "Best") == (
        "spend at least 100 and orders above 1; or orders is 9, of those whom no rule before takes"
    )
    assert segment_words(FOUR, "Unknown") == "spend is missing, of those whom no rule before takes"
    assert segment_words(FOUR, "Rest") == "everybody else"
    assert segment_words(FOUR[:1], "Best") == "spend at least 100 and orders above 1"
    assert problems_of(FOUR, KINDS) == []


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "There is no rule: write one at least."),
        ([(1, "", "spend", ">", "1")], "Rule 1 names no segment"),
        ([(2, "A", "spent", ">", "1")], "Rule 2 asks of 'spent', which is no feature. There are: "),
        ([(1, "A", "spend", "~", "1")], "Rule 1 compares by '~', which is none of =, <>"),
        ([(1, "A", "spend", ">", "")], "Rule 1 compares spend with nothing"),
        ([(1, "A", "spend", ">", "1,5")], "Rule 1 compares the number spend with '1,5'"),
        ([(1, "A", "spend", ">", "nan")], "Rule 1 compares the number spend with 'nan'"),
        ([(1, "A", "country", ">", "France")], "Rule 1 compares the text country by '>'"),
        ([(1, "A", "spend", "is known", "1")], "Rule 1 compares 'is known' with '1'"),
        ([(1, "A", None, None, None), (2, "B", "spend", ">", "1")],
         "Rule 2 can take nobody: rule 1 (everybody else) takes all"),
        ([(1, "A", "spend", ">=", "100"), (3, "B", "spend", ">", "100")],
         "Rule 3 can take nobody: rule 1 (spend at least 100)"),
        ([(1, "A", "spend", "<", "9"), (2, "B", "spend", "=", "8"), (2, "B", "orders", "=", "1")],
         "Rule 2 can take nobody"),
        ([(1, "A", "country", "is known", None), (2, "B", "country", "=", "France")],
         "Rule 2 can take nobody"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_a_sentence(rows, told):
    (found,) = problems_of(rules(*rows), KINDS)
    assert found.startswith(told)


@pytest.mark.parametrize(
    "rows",
    [
        [(1, "A", "spend", ">", "100"), (2, "B", "spend", ">=", "100")],
        [(1, "A", "spend", "<", "100"), (2, "B", "spend", "<=", "100")],
        [(1, "A", "spend", "<", "100"), (2, "B", "orders", "<", "100")],
        [(1, "A", "country", "=", "France"), (2, "B", "country", "is known", None)],
        [(1, "A", "country", "<>", "France"), (2, "B", "country", "=", "France")],
    ],
)
def test_a_rule_that_takes_somebody_is_let_be(rows):
    assert problems_of(rules(*rows), KINDS) == []
