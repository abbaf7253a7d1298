"""Ensures that a build says what it kept of the rows and the money it read."""

import duckdb
import pytest

from segmentation.published.kept import kept_of_the_source

COLUMNS = "table_name, check_name, rows, action, money"


def told(*rows: str, columns: str = COLUMNS) -> str:
    with duckdb.connect() as connection:
        values = ", ".join(f"({row})" for row in rows)
        connection.execute(
            f"create table data_quality as select * from (values {values}) as t({columns})"
        )
        return kept_of_the_source(connection)


ITEMS = (
    "'order_items', 'rows read', 16312, 'read', 1000.00",
    "'order_items', 'rows kept', 1615, 'kept', 90.00",
    "'order_items', 'orphan', 14697, 'dropped', 910.00",
)


def test_rows_and_money_that_were_kept_are_told_of_those_that_were_read():
    assert told(*ITEMS) == "Kept 1,615 of 16,312 order items (9 % of the money)."


def test_what_is_whole_is_told_as_whole_and_money_comes_first():
    assert (
        told(
            "'users', 'rows read', 40, 'read', null",
            "'users', 'rows kept', 40, 'kept', null",
            "'order_items', 'rows read', 9, 'read', 5.0",
            "'order_items', 'rows kept', 9, 'kept', 5.0",
            "'products', 'rows read', 0, 'read', null",
            "'products', 'rows kept', 0, 'kept', null",
        )
        == "Kept all 9 order items, all 40 users."
    )


def test_the_same_row_twice_is_no_money_lost():
    assert (
        told(
            "'order_items', 'rows read', 10, 'read', 100.0",
            "'order_items', 'rows kept', 6, 'kept', 60.0",
            "'order_items', 'exact duplicate', 4, 'dropped', 40.0",
        )
        == "Kept 6 of 10 order items (4 were there twice, all of the money)."
    )


@pytest.mark.parametrize(("kept", "share"), [(999_999, "99.9"), (990_001, "99.0"), (4_999, "0")])
def test_nearly_all_is_not_all(kept, share):
    read = ITEMS[0].replace("1000.00", "1000000.00")
    assert f"({share} % of the money)" in told(read, ITEMS[1].replace("90.00", str(kept)))


def test_a_shop_that_counts_nothing_and_an_older_publication_say_nothing():
    assert told(*ITEMS, columns="table_name, check_name, rows, action, amount") == ""
    with duckdb.connect() as connection:
        connection.execute("create table data_quality as select 1 as money from range(0)")
        connection.execute("alter table data_quality add column table_name varchar")
        for name, type in (("check_name", "varchar"), ("rows", "bigint"), ("action", "varchar")):
            connection.execute(f"alter table data_quality add column {name} {type}")
        assert kept_of_the_source(connection) == ""
        connection.execute("drop table data_quality")
        assert kept_of_the_source(connection) == ""
