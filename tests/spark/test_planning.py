"""Ensures that a query is planned once, and that nothing of it is left when its table is there."""

from types import SimpleNamespace

import pytest
from dbt.adapters.sparksession import tables
from dbt.adapters.sparksession.impl import SparkSessionAdapter

SCHEMA = "planned"
RELATION = SimpleNamespace(schema=SCHEMA, identifier="report")
QUERY = """
with days as (select n, n % 7 as day from (select unnest(range(50)) as n) as numbers),
totals as (select day, sum(n) as total from days group by day)
select a.day, a.total, b.total as next_total
from totals as a left join totals as b on a.day + 1 = b.day
where a.total > (select avg(total) from totals)
"""


@pytest.fixture
def adapter(spark, monkeypatch):
    monkeypatch.setattr(SparkSessionAdapter, "_session", lambda self: spark)
    monkeypatch.setattr("dbt.adapters.sparksession.impl.WORTH_KEEPING", 2)
    made = object.__new__(SparkSessionAdapter)
    made._kept, made._plans = {}, {}
    spark.sql(f"create schema if not exists {SCHEMA}")
    yield made
    made._let_go(RELATION)
    spark.sql(f"drop schema {SCHEMA} cascade")


def test_the_short_query_has_the_rows_of_the_long_one(adapter, spark):
    short = adapter.planned(QUERY, RELATION)
    rows = spark.sql(short).collect()
    assert sorted(tuple(row) for row in rows) == [(0, 196, 154), (5, 182, 189), (6, 189, None)]
    assert len(short) < 80


def test_a_query_is_planned_once(adapter, spark, monkeypatch):
    short = adapter.planned(QUERY, RELATION)
    asked = []
    monkeypatch.setattr(type(adapter), "_session", lambda self: asked.append(1) or spark)
    assert adapter.planned(QUERY, RELATION) == short
    assert adapter.planned(short, RELATION) == short
    assert not asked


def test_two_queries_of_one_table_have_a_plan_each(adapter, spark):
    first, second = (adapter.planned(f"select {n} as x", RELATION) for n in (1, 2))
    assert [spark.sql(one).collect()[0].x for one in (first, second)] == [1, 2]


def temporary_views(spark) -> set[str]:
    return {row.viewName for row in spark.sql("show views").collect() if row.isTemporary}


def test_nothing_is_left_when_the_table_is_in_place(adapter, spark):
    before = temporary_views(spark)
    adapter.planned(QUERY, RELATION)
    assert tables.table_names(spark, SCHEMA)
    assert temporary_views(spark) > before
    adapter._let_go(RELATION)
    assert not tables.table_names(spark, SCHEMA)
    assert temporary_views(spark) == before
