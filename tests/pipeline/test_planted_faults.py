"""Ensures that a fault in any column of a published table is named, by a data test or the engine.

The faults are planted in a copy of the built sample, one for each rule that a table states, and
all are looked for in one run of the data tests.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pytest

from docs.tools.tables import PUBLICATIONS, public_tables

WRONG = (
    "null",
    "-9",
    "9",
    "'nobody'",
    "timestamp '2999-01-01'",
    "not {column}",
    "{column} + 1",
)
"""What is put in place of a right value, until one breaks the rule."""
RIGHT = ("'1'", "'2000-01-01'", "'[1]'")
"""What some type or other takes."""
SENTENCE = re.compile(r"\b(\w+)\.([\w, ]+): \d+ rows? .+\.$", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """A rule of a table: the column it is named by, and the condition of a row that breaks it."""

    table: str
    column: str
    broken: str | None

    @property
    def name(self) -> tuple[str, str]:
        """Return the words by which a broken rule is to be found."""
        return self.table, self.column


def rules(test: dict) -> Iterator[Rule]:
    """Return the rules of one test; a key has no condition of a single row."""
    table = test["attached_node"].split(".")[-1]
    stated = test["test_metadata"]["kwargs"]
    keys = stated.get("unique", [])
    for key in [keys] if keys and isinstance(keys[0], str) else keys:
        yield Rule(table, ", ".join(key), None)
    for column in stated.get("not_null", []):
        yield Rule(table, column, f"{column} is null")
    for column, condition in stated.get("values", {}).items():
        yield Rule(table, column, f"not ({column} {condition})")
    for column, condition in stated.get("rows", {}).items():
        yield Rule(table, column, f"not coalesce(({condition}), false)")
    for column, reference in stated.get("refers_to", {}).items():
        known = re.search(r"ref\('(\w+)'\)", reference)[1]
        yield Rule(table, column, f"{column} not in (select {column} from {known})")


@pytest.fixture(scope="module")
def parsed(whole_sample) -> dict:
    """The project as dbt read it for the build."""
    text = (whole_sample.folder / "target" / "manifest.json").read_text(encoding="utf-8")
    return json.loads(text)


@pytest.fixture(scope="module")
def stated(parsed) -> list[Rule]:
    """Every rule of every published table."""
    public = {table.name for table in public_tables(parsed)}
    found = [
        rule
        for node in parsed["nodes"].values()
        if (node.get("test_metadata") or {}).get("name") == "keeps_rules"
        for rule in rules(node)
    ]
    return [rule for rule in found if rule.table in public]


@pytest.fixture
def copied(whole_sample, tmp_path):
    """The built sample in files of its own."""
    return whole_sample.copy_to(tmp_path / "copied")


def plant(connection: duckdb.DuckDBPyConnection, rule: Rule) -> bool:
    """Add a row that breaks a rule; return whether there is one."""
    table, column = rule.table, rule.column
    if rule.broken is None:
        connection.execute(f"insert into {table} from {table} limit 1")
        return True
    [(data_type,)] = connection.execute(
        "select data_type from duckdb_columns() where table_name = ? and column_name = ?",
        [table, column],
    ).fetchall()
    for wrong in WRONG:
        value = f"try_cast({wrong.format(column=column)} as {data_type})"
        changed = f"select * replace ({value} as {column}) from {table}"
        query = f"insert into {table} from ({changed}) where {rule.broken} limit 1"
        try:
            [(added,)] = connection.execute(query).fetchall()
        except duckdb.BinderException:  # as of `not` before a text
            continue
        if added:
            return True
    return False


def test_a_fault_in_each_column_is_named(copied, stated, recipes):
    with duckdb.connect(str(copied.warehouse)) as connection:
        for table in {rule.table for rule in stated}:
            # A copy has no constraints, and a table without rows gets one of nulls.
            connection.execute(f"create or replace table {table} as from {table}")
            connection.execute(
                f"insert into {table} by name "
                f"select missing.* from (select 1) left join {table} as missing on false "
                f"where not exists (from {table})"
            )
        not_planted = [rule for rule in stated if not plant(connection, rule)]
    assert not not_planted
    variables = {"recipe": "default", "recipes": recipes}
    done = copied.run("test", "--select", "test_name:keeps_rules", variables=variables)
    said = Counter(SENTENCE.findall(done.stdout))
    assert done.returncode == 1
    assert said == Counter(rule.name for rule in stated)


def test_a_missing_value_where_none_may_be_is_refused_by_the_engine(copied, parsed):
    public = {table.name for table in public_tables(parsed)}
    nodes = [node for node in parsed["nodes"].values() if node["name"] in public]
    never_null = [
        (node["name"], column["name"])
        for node in nodes
        for column in node["columns"].values()
        if "not_null" in [rule["type"] for rule in column["constraints"]]
    ]
    assert len(never_null) > 200
    with duckdb.connect(str(copied.warehouse)) as connection:
        for table, column in never_null:
            row = ", ".join(
                "null" if name == column else f"coalesce({right(data_type)})"
                for name, data_type in connection.execute(
                    "select column_name, data_type from duckdb_columns() "
                    "where table_name = ? order by column_index",
                    [table],
                ).fetchall()
            )
            with pytest.raises(duckdb.ConstraintException, match=rf'{table}\w*\."?{column}\b'):
                connection.execute(f"insert into {table} select {row}")


def right(data_type: str) -> str:
    """Return values of which one is of a type."""
    return ", ".join(f"try_cast({value} as {data_type})" for value in RIGHT)


def test_every_published_table_has_a_key(parsed, stated):
    public = {table.name for table in public_tables(parsed)} - {PUBLICATIONS}
    assert {rule.table for rule in stated if rule.broken is None} == public
