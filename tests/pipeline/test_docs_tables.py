"""Ensures that the pages of tables are what `make docs` would write, and that its examples run."""

import json

import duckdb
import pytest

from docs.tools.tables import DOCS, pages, public_tables, read_example
from segmentation.published.publishing import DATABASE


@pytest.fixture(scope="module")
def tables(whole_sample):
    manifest = (whole_sample.folder / "target" / "manifest.json").read_text(encoding="utf-8")
    return public_tables(json.loads(manifest))


def test_the_pages_are_up_to_date(tables):
    found = [DOCS / "tables.md", *DOCS.glob("tables/*.md")]
    texts = {path.relative_to(DOCS).as_posix(): path.read_text("utf-8") for path in found}
    assert texts == pages(tables), "run `make docs`"


def test_the_pages_have_every_published_table(whole_sample, tables):
    published = whole_sample.published("select table_name from duckdb_tables()")["table_name"]
    assert {table.name for table in tables} == set(published)


def test_columns_are_those_published(whole_sample, tables):
    published = whole_sample.published(
        "select table_name, list(column_name order by column_index) as names "
        "from duckdb_columns() where not internal group by table_name"
    )
    names = dict(zip(published["table_name"], map(list, published["names"]), strict=True))
    assert {table.name: [column.name for column in table.columns] for table in tables} == names


def test_every_column_has_a_type_and_a_description(tables):
    bare = [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if not (column.data_type and column.description)
    ]
    assert not bare


def test_examples_run_on_the_published_file(whole_sample, tables):
    failed = {}
    with duckdb.connect(str(whole_sample.serving / DATABASE), read_only=True) as connection:
        for table in tables:
            try:
                connection.execute(read_example(table.name)[1]).fetchall()
            except duckdb.Error as error:
                failed[table.name] = str(error).splitlines()[0]
    assert not failed
