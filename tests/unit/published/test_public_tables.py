"""Ensures that the list of public tables, made in SQL, becomes what is published."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from segmentation.published.publishing import publish, read_public_tables


@pytest.fixture
def session(tmp_path):
    """A build file with a customer table and a versioned product table."""
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        connection.execute("create table customers as select 1 as id, 'a' as name")
        connection.execute(
            "create table products as select * from (values (2, 'x', 'new'), (1, 'y', 'old')) "
            "as t(model_version, id, name)"
        )
        yield connection


LISTED = pd.DataFrame(
    {
        "table_name": ["products", "customers"],
        "relation": ['"build"."main"."products"', '"build"."main"."customers"'],
        "row_key": ["model_version, id", "id"],
        "model_version": [2, 7],
        "is_versioned": [True, False],
        "as_of_date": pd.to_datetime(["2024-09-30", "2024-12-31"]),
    }
)


def test_a_row_becomes_a_table_with_its_key():
    tables = read_public_tables(LISTED)
    assert list(tables) == ["customers", "products"]
    assert tables["products"].key == ("model_version", "id")
    assert tables["customers"].key == ("id",)


def test_only_versioned_tables_are_cut_to_the_version_that_serves(session, tmp_path):
    publish(session, read_public_tables(LISTED), tmp_path / "serving", 7)
    published = duckdb.sql(f"from '{tmp_path}/serving/parquet/products.parquet'").fetchall()
    assert published == [(2, "x", "new")]


def test_a_publication_names_the_version_of_its_own_segmentation(session, tmp_path):
    published = publish(session, read_public_tables(LISTED), tmp_path / "serving", 7)
    versions = dict(zip(published["table_name"], published["model_version"], strict=True))
    assert versions == {"customers": 7, "products": 2}


def test_a_publication_names_the_date_of_its_data(session, tmp_path):
    publish(session, read_public_tables(LISTED), tmp_path / "serving", 7)
    rows = duckdb.sql(
        f"select table_name, as_of_date from '{tmp_path}/serving/parquet/publications.parquet'"
    ).fetchall()
    assert rows == [("customers", date(2024, 12, 31)), ("products", date(2024, 9, 30))]


def test_the_list_comes_from_any_relation(session, tmp_path):
    session.register("listed", LISTED)
    assert read_public_tables(session.table("listed")) == read_public_tables(LISTED)
