"""Ensures that a table is described by its values: missing ones, numbers in texts, dates, marks."""

import duckdb
import pytest

from segmentation.scaffold.table import QUERIES, _column

CLEAN = (
    "case when lower(trim(cast(value as string))) not in ('', 'null', 'nan') "
    "then trim(cast(value as string)) end"
)
FINITE = "case when abs(cast(value as double)) <= 1.0e300 then value end"


def described(values: list, kind: str, data_type: str):
    """A column as the macro hands it over: answers as lists of texts."""
    with duckdb.connect() as connection:
        connection.execute(f"create table rows_of_it (value {data_type})")
        connection.executemany("insert into rows_of_it values (?)", [[value] for value in values])
        answers = []
        for query in QUERIES[kind]:
            query = query.replace("{relation}", "rows_of_it").replace("{finite}", FINITE)
            query = query.replace("{clean}", CLEAN).replace("{name}", "value")
            rows = connection.execute(query).fetchall()
            answers.append([[str(one) for one in row] for row in rows])
    return _column({"name": "value", "type": data_type, "kind": kind, "answers": answers})


def test_numbers_are_described_by_those_that_are_finite():
    column = described([1, 2.5, None, float("inf"), float("nan"), 4], "number", "double")
    assert (column.values, column.distinct, column.least, column.greatest) == (5, 5, 1.0, 4.0)
    assert column.whole == 2 and column.numeric_texts == 0 and column.marks == ()


def test_texts_that_are_numbers_are_counted_with_the_marks_among_them():
    column = described(["1,5", "2,25", "?", "?", "n/a", "", None, "NaN"], "text", "varchar")
    assert (column.values, column.distinct, column.numeric_texts) == (5, 4, 2)
    assert (column.comma_texts, column.clear_commas, column.point_texts) == (2, 2, 0)
    assert column.marks == (("?", 2), ("n/a", 1)) and column.least == 1.5


@pytest.mark.parametrize(
    ("values", "clear", "points", "padded", "dates"),
    [
        (["1,234", "5,678"], 0, 0, 0, 0),
        (["1,23", "5.67"], 1, 1, 0, 0),
        (["0", "0.5", "0,5", "-0"], 1, 1, 0, 0),
        (["007", "12"], 0, 0, 1, 0),
        (["2024-01-02", "2024-02-30", "2024-03-01 10:00:00"], 0, 0, 0, 2),
    ],
)
def test_what_is_odd_about_texts_of_numbers_is_counted(values, clear, points, padded, dates):
    column = described(values, "text", "varchar")
    assert (column.clear_commas, column.point_texts) == (clear, points)
    assert (column.padded_texts, column.dates) == (padded, dates)


def test_other_columns_are_described_by_how_many_values_they_have():
    column = described([True, False, None], "other", "boolean")
    assert (column.values, column.distinct, column.least, column.whole) == (2, 2, None, 0)
