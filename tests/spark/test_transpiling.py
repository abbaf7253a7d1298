"""Ensures that a query gives on Spark, translated, the value that it gives on DuckDB."""

import math
from decimal import Decimal

import duckdb
import pytest
from dbt.adapters.sparksession import transpiling
from dbt.adapters.sparksession.transpiling import (
    UntranslatableError,
    parts_read_often,
    spark_sql,
    spark_type,
)

ROWS = """
select * from (values
    (1, cast(1 as bigint), 2.5e0, cast(13.61 as decimal(18, 2)), 'a-b-a', [1.5e0, 2.0e0]),
    (2, cast(2 as bigint), 3.5e0, cast(13.62 as decimal(18, 2)), '(12,5 €)', [0.5e0]),
    (3, cast(7 as bigint), -2.5e0, cast(-0.29 as decimal(18, 2)), '7|8', [3.0e0, 4.0e0, 5.0e0]),
    (4, null, null, null, null, null)
) as t (id, whole, number, money, word, items)
"""
SCALARS = {
    "division of whole numbers": "whole / 2",
    "division of decimals": "money / cast(3 as decimal(18, 2))",
    "division of texts' numbers": "round(money / 7, 9)",
    "division by nothing": "(whole - 2) / (whole - whole)",
    "division of nothing by nothing": "(id - id) / (number - number)",
    "division by no nothing": "id / nullif(number - 2.5e0, 0)",
    "division by a literal": "money / 3.0e0",
    "cast of a double rounds to even": "cast(number as bigint)",
    "cast of a decimal rounds": "cast(money as bigint)",
    "cast of a long key is exact": "cast('9007199254740993' as bigint)",
    "try_cast of no number": "try_cast(word as bigint)",
    "try_cast of a double": "try_cast(number as int)",
    "sum beyond a bigint": "cast(cast(whole as hugeint) * 9223372036854775807 as string)",
    "rounding of a double": "round(number * 0.402e0, 2)",
    "rounding of what a double cannot say": "round(1.005e0, 2)",
    "rounding of a decimal": "round(cast(1.005 as decimal(18, 3)), 2)",
    "rounding to no place": "round(number)",
    "rounding to tens": "round(number * 100, -1)",
    "text of several": "concat(word, '-', whole, null)",
    "text with a mark": "concat_ws('-', word, null, whole)",
    "whole match": "regexp_full_match(word, 'a-b|7.8')",
    "first replacement": "regexp_replace(word, 'a', '$x')",
    "replacement with groups": "regexp_replace(word, '^\\(?(\\d+).*', 'n\\1\\0')",
    "every replacement": "regexp_replace(word, '[\\s\\p{Sc}()]', '', 'g')",
    "replacement of a case": (
        "regexp_replace(word, '(.)-(.)', case when whole > 1 then '\\2' else '\\2\\1' end)"
    ),
    "extracted whole": "regexp_extract(word, '[a-z]-')",
    "extracted group": "regexp_extract(word, '([a-z])-(.)', 2)",
    "extracted names": "regexp_extract(word, '([a-z])-(.)', ['first', 'second'])['second']",
    "name of a type": "typeof(word) || typeof(whole) || typeof(number)",
    "name of the type of a time": "typeof(cast('2024-01-01' as timestamp))",
    "days between": "date_diff('day', date '2024-02-28', date '2024-03-01')",
    "time with an offset": "cast('2024-01-01 12:00:00+02' as timestamptz) at time zone 'UTC'",
    "time with an offset and no seconds": (
        "try_cast(replace('2023-01-19 16:41X+0530', 'X', '') as timestamptz) at time zone 'UTC'"
    ),
    "no time with an offset": "try_cast(word as timestamptz) at time zone 'UTC'",
    "time of twelve hours": (
        "try_strptime('2024-1-5 1:07 PM', ['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M %p'])"
    ),
    "no time at all": "try_strptime('yesterday', ['%Y-%m-%d %I:%M %p'])",
    "element": "items[1]",
    "element by a column": "items[whole]",
    "element beyond the end": "items[9]",
    "product of lists": "list_dot_product(items, items)",
    "distance of lists": "list_distance(items, list_transform(items, lambda x: x + 3))",
    "sum of a list": "list_sum(items)",
    "sum of a list with a gap": "list_sum([1.0e0, null, 2.0e0])",
    "sum of no list": "list_sum(list_filter(items, lambda x: x > 99))",
    "sorted structs": (
        "list_sort([struct_pack(a := 2.0e0, b := 1), struct_pack(a := 1.0e0, b := 2)])[1].b"
    ),
    "list as a text": "list_sum(cast('[1, 2.5, null]' as double[]))",
    "texts as a text": "cast('[(missing), \"a, b\"]' as varchar[])[2]",
    "no element as a text": "list_sum(cast('[]' as double[]))",
    "struct as a text": "cast('{a: 2, b: x y}' as struct(a double, b varchar)).b",
    "nested names": (
        "(with t as (select 1 as x) select x from (with t as (select 2 as x) select x from t) as u)"
    ),
}
AGGREGATES = {
    "mean of decimals": "avg(money)",
    "mean of whole numbers": "avg(whole)",
    "median of decimals": "median(money)",
    "median of an even number": "median(case when id < 3 then money end)",
    "median of doubles": "median(number)",
    "list in order": "list(word order by id)",
    "list of structs": "list(struct_pack(a := word, b := whole) order by id)[2].b",
    "list with a gap": "list(number order by id)[4]",
    "different pairs": "count(distinct struct_pack(a := whole, b := word))",
}


def value(cell):
    """Return what is compared: numbers as numbers, lists as tuples."""
    if isinstance(cell, (list, tuple)):
        return tuple(map(value, cell))
    return float(cell) if isinstance(cell, (Decimal, int)) and not isinstance(cell, bool) else cell


def same(left, right) -> bool:
    if isinstance(left, tuple):
        return isinstance(right, tuple) and all(map(same, left, right)) and len(left) == len(right)
    if isinstance(left, float) and isinstance(right, float):
        is_nan = math.isnan(left) and math.isnan(right)
        return is_nan or math.isclose(left, right, rel_tol=1e-12, abs_tol=1e-12)
    return left == right


def both(spark, query: str) -> tuple[list, list]:
    """Run a query on both engines."""
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    ours = connection.execute(query).fetchall()
    theirs = spark.sql(spark_sql(query)).collect()
    return [tuple(map(value, row)) for row in ours], [tuple(map(value, row)) for row in theirs]


@pytest.mark.parametrize("expression", SCALARS.values(), ids=SCALARS.keys())
def test_an_expression_has_the_same_value(spark, expression):
    ours, theirs = both(spark, f"select {expression} as v from ({ROWS}) as r order by id")
    assert len(ours) == 4
    assert all(map(same, ours, theirs)), (ours, theirs)


@pytest.mark.parametrize("expression", AGGREGATES.values(), ids=AGGREGATES.keys())
def test_an_aggregate_has_the_same_value(spark, expression):
    ours, theirs = both(spark, f"select {expression} as v from ({ROWS}) as r")
    assert len(ours) == 1
    assert all(map(same, ours, theirs)), (ours, theirs)


def test_rows_that_a_unit_test_gives_are_those_of_duckdb(spark):
    query = """
    with __dbt__cte__given as (
        select unnest([1, 2]) as x, unnest(['p', 'it''s']) as y, [1.5, null] as l, null::text as n,
            timestamp '2023-01-01' + to_days(cast(range // 2 as int)) as d
        from range(3)
    ),
    __dbt__cte__none as (select cast(1 as bigint) as x limit 0)
    select g.*, n.x as z from __dbt__cte__given as g left join __dbt__cte__none as n on g.x = n.x
    order by g.d, g.x
    """
    ours, theirs = both(spark, query)
    assert len(ours) == 6
    assert ours == theirs


def test_a_list_of_nothing_is_missing(spark):
    query = f"select list(word order by id) as v from ({ROWS}) as r where id > 9"
    assert both(spark, query) == ([(None,)], [(None,)])


def test_a_hash_tells_rows_apart_and_is_the_same_in_any_order(spark):
    query = """
    select md5(concat_ws('-', count(*), sum(cast(hash(hash(a, b)) as hugeint)))) as h
    from (values {}) as t (a, b)
    """
    rows = ["('x', null)", "(null, 'x')", "('x|,', 'y')", "('x', '|,y')", "('x|', 'y')"]
    (once,), (again,) = (
        spark.sql(spark_sql(query.format(", ".join(order)))).collect()
        for order in (rows, rows[::-1])
    )
    assert once == again
    alone = {spark.sql(spark_sql(query.format(row))).collect()[0][0] for row in rows}
    assert len(alone) == len(rows)


@pytest.mark.parametrize(
    "query",
    [
        "select list(a order by b desc) from t",
        "select date_diff('month', a, b) from t",
        "select cast(a as timestamptz) at time zone 'Europe/Berlin' from t",
        "select regexp_replace(a, b, 'c') from t",
        "select regexp_replace(a, 'b', c) from t",
        "select median(a) filter (where b) from t",
        "select list(a) filter (where b) from t",
        "select from where",
    ],
)
def test_what_cannot_be_said_is_refused(query):
    with pytest.raises(UntranslatableError):
        spark_sql(query)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("varchar", "STRING"),
        ("double[]", "ARRAY<DOUBLE>"),
        ("decimal(18, 2)", "DECIMAL(18, 2)"),
        ("timestamp", "TIMESTAMP_NTZ"),
    ],
)
def test_a_type_has_its_name(ours, theirs):
    assert spark_type(ours) == theirs


def parted(query: str) -> tuple[list[str], str]:
    """Ensure that a query in parts has the rows of the whole; return their names and the rest."""
    connection = duckdb.connect()
    connection.execute("create table given as select unnest([1, 2, 3]) as x")
    expected = connection.execute(query).fetchall()
    parts, rest = parts_read_often(query, "t")
    for name, part in parts:
        connection.execute(f"create temp table {name} as {part}")
    assert connection.execute(rest).fetchall() == expected
    return [name for name, _ in parts], rest


def test_what_is_read_often_is_computed_once_and_gives_the_same_rows():
    branches = " union all ".join(f"select x + {n} as x from doubled" for n in range(12))
    query = f"""
    with numbers as (select * from given), doubled as (select 2 * x as x from numbers where x > 1),
    once as ({branches}) select x from once order by x
    """
    parts, rest = parted(query)
    assert parts == ["t__doubled"]
    assert "2 * x" not in rest


def test_what_ctes_of_a_cte_read_often_is_computed_once_too():
    """A name within a name, one that hides a table, and a cost that adds up over several CTEs."""
    branches = " union all ".join(f"select x + {n} as x from doubled" for n in range(12))
    query = f"""
    with doubled as (select 100 as x),
    inside as (
        with given as (select given.x + 1 as x from given where given.x > 1),
        doubled as (select 2 * given.x as x from given)
        {branches}
    ),
    hidden as (with doubled as (with doubled as (select 7 as x) select x from doubled) from doubled)
    select x from inside union all select x from hidden union all select x from doubled order by x
    """
    parts, rest = parted(query)
    assert parts == ["t__inside__doubled"]
    assert "2 * " not in rest


def test_what_is_read_once_stays_where_it_is():
    query = "with a as (select x from given group by x) select * from a"
    assert parts_read_often(query, "t") == ([], query)


def test_what_duckdb_is_told_to_keep_is_left_to_spark(spark):
    for told in ("", "materialized ", "not materialized "):
        query = f"with a as {told}(select 7 as x) select one.x from a as one cross join a as other"
        assert spark.sql(spark_sql(query)).collect()[0].x == 7


def test_every_rule_is_tested(monkeypatch):
    """A rule that no query above reaches has no parity."""
    reached = set()

    def noted(kind, rule):
        def noting(node):
            reached.add(kind)
            return rule(node)

        return noting

    rules = {kind: noted(kind, rule) for kind, rule in transpiling.RULES.items()}
    functions = {
        name: lambda *given, name=name, rule=rule: reached.add(name) or rule(*given)
        for name, rule in transpiling.FUNCTIONS.items()
    }
    monkeypatch.setattr(transpiling, "RULES", rules)
    monkeypatch.setattr(transpiling, "FUNCTIONS", functions)
    transpiling.spark_sql.cache_clear()
    for expression in [*SCALARS.values(), *AGGREGATES.values(), "hash(a)"]:
        spark_sql(f"select {expression} as v from t")
    transpiling.spark_sql.cache_clear()
    assert reached == {*rules, *functions}
