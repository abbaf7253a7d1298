"""Ensures that what passes through Spark's driver to DuckDB is bounded, and that this is said."""

import pytest

from segmentation.published.publishing import PublicTable
from segmentation.published.staging import _in_duckdb

TABLES = {
    "units": PublicTable(
        "select id, id % 3 as x from numbers where id < 1000", ("id",), "customer"
    ),
    "changes": PublicTable(
        "select 'customer' as segmentation, id % 1000 as id, id as n from numbers",
        ("segmentation", "id", "n"),
    ),
    "sums": PublicTable("select 'customer' as segmentation, 7 as x", ("segmentation",)),
}


@pytest.fixture
def staged(spark, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SEGMENTATION_SPARK_WAREHOUSE", str(tmp_path))
    spark.range(2000).createOrReplaceTempView("numbers")

    def staging(most):
        monkeypatch.setenv("SEGMENTATION_SPARK_SERVING_ROWS", most)
        with _in_duckdb(spark, TABLES) as (connection, tables):
            held = {name: connection.execute(one.query).fetchall() for name, one in tables.items()}
        return held, capsys.readouterr().err

    return staging


def test_all_rows_are_staged_where_they_are_few(staged):
    held, said = staged("2000")
    assert [len(rows) for rows in held.values()] == [1000, 2000, 1]
    assert said == ""


def test_beyond_the_bound_tables_keep_the_same_units(staged):
    held, said = staged("500")
    units, changed = {row[0] for row in held["units"]}, {row[1] for row in held["changes"]}
    assert 400 < len(held["units"]) < 600
    assert 400 < len(held["changes"]) < 600
    assert len(held["changes"]) == 2 * len(changed)
    assert changed < units
    assert held["sums"] == [("customer", 7)]
    assert said.splitlines() == [
        f"Of the {rows} rows of {name} the DuckDB file holds about 500, chosen by a hash of id; "
        "Spark holds all. The bound is SEGMENTATION_SPARK_SERVING_ROWS."
        for name, rows in {"units": "1,000", "changes": "2,000"}.items()
    ]


def test_the_same_rows_are_drawn_again(staged):
    assert staged("500") == staged("500")
