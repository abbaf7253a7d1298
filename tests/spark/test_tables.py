"""Ensures that a table is replaced whole, and that a build that was ended is made good."""

from datetime import datetime

import pyarrow as pa
import pytest
from dbt.adapters.sparksession import tables

from segmentation.features.frames import spark_frame

SCHEMA = "kept"


@pytest.fixture(autouse=True)
def schema(spark):
    spark.sql(f"create schema if not exists {SCHEMA}")
    yield
    spark.sql(f"drop schema {SCHEMA} cascade")


def rows(spark, name):
    return sorted(tuple(row) for row in spark.table(f"{SCHEMA}.{name}").collect())


def names(spark):
    return sorted(tables.table_names(spark, SCHEMA))


def test_a_table_may_be_replaced_by_what_is_read_from_it(spark):
    tables.replace(spark, f"{SCHEMA}.a", "select 1 as x")
    tables.replace(spark, f"{SCHEMA}.a", f"select x + 1 as x from {SCHEMA}.a")
    assert rows(spark, "a") == [(2,)]
    assert names(spark) == ["a"]


def test_a_view_gives_way_to_a_table(spark):
    spark.sql(f"create view {SCHEMA}.a as select 1 as x")
    tables.replace(spark, f"{SCHEMA}.a", "select 2 as x")
    assert rows(spark, "a") == [(2,)]


def test_a_query_that_fails_leaves_the_old_table(spark):
    tables.replace(spark, f"{SCHEMA}.a", "select 1 as x")
    with pytest.raises(Exception, match="stop"):
        tables.replace(spark, f"{SCHEMA}.a", "select raise_error('stop') as x, 1 as y")
    assert rows(spark, "a") == [(1,)]


def test_files_that_a_killed_build_left_are_in_nobodys_way(spark):
    tables.replace(spark, f"{SCHEMA}.a", "select 1 as x")
    place = spark.catalog.getDatabase(SCHEMA).locationUri
    spark.range(3).write.parquet(f"{place}/a__dbt_building")
    tables.replace(spark, f"{SCHEMA}.a", "select 2 as x")
    assert rows(spark, "a") == [(2,)]


def test_a_whole_table_of_an_ended_build_is_put_in_place(spark):
    spark.range(3).createOrReplaceTempView("in_nobodys_way")
    spark.sql(f"create table {SCHEMA}.a__dbt_built as select 1 as x")
    spark.sql(f"create table {SCHEMA}.b as select 1 as x")
    spark.sql(f"create table {SCHEMA}.b__dbt_built as select 2 as x")
    tables.recover(spark, SCHEMA)
    assert rows(spark, "a") == [(1,)]
    assert rows(spark, "b") == [(2,)]
    assert names(spark) == ["a", "b"]


def test_rows_under_the_same_keys_are_replaced_and_columns_may_come(spark):
    spark.sql(f"create table {SCHEMA}.a as select * from values (1, 'old'), (2, 'old') t (k, x)")
    spark.sql(f"create table {SCHEMA}.new as select * from values (2, 'new', 2.5D) t (k, x, y)")
    tables.add_rows(spark, f"{SCHEMA}.a", f"{SCHEMA}.new", ["k"])
    assert rows(spark, "a") == [(1, "old", None), (2, "new", 2.5)]
    assert names(spark) == ["a"]


def test_without_keys_all_rows_stay(spark):
    spark.sql(f"create table {SCHEMA}.a as select 1 as k, 'x' as gone")
    spark.sql(f"create table {SCHEMA}.new as select 1 as k")
    tables.add_rows(spark, f"{SCHEMA}.a", f"{SCHEMA}.new", [])
    assert {tuple(row) for row in spark.table(f"{SCHEMA}.a").collect()} == {(1, "x"), (1, None)}


def test_columns_without_a_type_have_that_of_the_table_they_are_added_to(spark):
    spark.sql(f"create table {SCHEMA}.a as select 1 as k, array(0.5D) as xs")
    nothing = spark.sql("select null as k, array() as xs, null as new, 1 as one where false")
    typed = tables.typed(spark, nothing, f"{SCHEMA}.a")
    assert dict(typed.dtypes) == {"k": "int", "xs": "array<double>", "new": "string", "one": "int"}
    assert dict(tables.typed(spark, nothing, f"{SCHEMA}.b").dtypes)["k"] == "string"


def test_a_frame_without_rows_has_the_types_of_its_columns(spark):
    rows = pa.table({"a": [1], "b": [1.5], "c": ["x"], "d": [datetime(2024, 1, 31)], "e": [None]})
    kinds = spark_frame(spark, rows).dtypes
    none = spark_frame(spark, rows.slice(0, 0))
    assert (none.dtypes, none.count()) == (kinds, 0)
