"""Ensures that what dbt's own macros write is the same on Spark, translated, as on DuckDB."""

import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import pytest
from dbt.adapters.sparksession.transpiling import duckdb_type, spark_sql
from dbt.include import sparksession

SOURCE = Path(sparksession.PACKAGE_PATH, "macros", "functions.sql").read_text()
NOON = "timestamp '2024-01-31 12:30:15'"
CALLS = [
    ("datediff", "date '2024-02-28'", "date '2024-03-01'", "day"),
    ("datediff", "timestamp '2024-02-28 23:59:00'", "timestamp '2024-02-29 00:01:00'", "day"),
    ("dateadd", "day", "30", NOON),
    ("dateadd", "month", "1", NOON),
    ("dateadd", "hour", "-13", NOON),
    ("dateadd", "day", "cast('7' as bigint)", "cast('2024-02-28' as date)"),
    ("date_trunc", "month", NOON),
    ("date_trunc", "day", NOON),
    ("date_trunc", "week", NOON),
    ("date_trunc", "year", NOON),
    ("safe_cast", "'[1, 2.5, null]'", "array<double>"),
    ("safe_cast", "'2024-01-31 12:30:15'", "timestamp_ntz"),
    ("safe_cast", "'12.345'", "decimal(18,2)"),
    ("safe_cast", "null", "string"),
    ("current_timestamp",),
]
NO_FUNCTIONS = {"escape_single_quotes", "get_unit_test_sql", "get_empty_subquery_sql"}
"""They write a text and whole queries; dbt's unit tests are full of them."""


def written(name: str, *arguments: str) -> str:
    """Return what a macro writes."""
    environment = jinja2.Environment()
    environment.globals["adapter"] = SimpleNamespace(duckdb_type=duckdb_type)
    macros = environment.from_string(SOURCE).module
    return str(getattr(macros, f"sparksession__{name}")(*arguments)).strip()


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_macro_has_the_same_value(spark, call):
    value = written(*call)
    # What time it is differs between two questions; that it is a time of today does not.
    query = f"select cast(cast({value} as date) as string)" if len(call) == 1 else f"select {value}"
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    ours = connection.execute(query).fetchall()
    assert [tuple(row) for row in spark.sql(spark_sql(query)).collect()] == ours


def test_every_macro_is_tested():
    named = set(re.findall(r"macro sparksession__(\w+)", SOURCE))
    assert named == {name for name, *_ in CALLS} | NO_FUNCTIONS
