"""Ensures that the lists made in SQL, of tables and of segmentations, become what is published."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from segmentation.published.publishing import (
    DATABASE,
    Segmented,
    publish,
    read_public_tables,
    read_segmentations,
)

TABLES = pd.DataFrame(
    {
        "table_name": ["segments", "products", "customers", "segmentations"],
        "row_key": ["segmentation, id", "id", "id", "segmentation"],
        "segmentation": [None, "product", "customer", None],
        "query": [f"select * from {name}" for name in ("s", "products", "customers", "told")],
    }
)
TOLD = pd.DataFrame(
    {
        "segmentation": ["customer", "product"],
        "model_version": [7, 2],
        "as_of_date": pd.to_datetime(["2024-12-31", "2024-09-30"]),
        "units": [1, 2],
        "is_stale": [False, False],
        "reason": ["first", "first"],
    }
)


def build(connection, told: pd.DataFrame, products: str) -> None:
    """Make the build's tables: products are left out where `told` says so."""
    connection.register("told_rows", told)
    connection.execute(
        "create or replace table told as "
        "select * replace (cast(as_of_date as date) as as_of_date) from told_rows"
    )
    connection.execute("create or replace table customers as select 1 as id, 'a' as name")
    connection.execute(f"create or replace table products as {products}")
    connection.execute(
        "create or replace table s as select 'customer' as segmentation, 1 as id union all "
        "select 'product', id from products where not (select bool_or(is_stale) from told)"
    )


@pytest.fixture
def session(tmp_path_factory):
    """A build file with a table of customers, one of products and one for both."""
    with duckdb.connect(str(tmp_path_factory.mktemp("warehouse") / "build.duckdb")) as connection:
        build(connection, TOLD, "select 1 as id, 'x' as name union all select 2, 'y'")
        yield connection


def published(session, folder, told: pd.DataFrame = TOLD) -> pd.DataFrame:
    return publish(session, read_public_tables(TABLES), read_segmentations(told), folder)


def read(folder, query: str) -> list[tuple]:
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_a_row_becomes_a_table_with_its_key():
    tables = read_public_tables(TABLES)
    assert list(tables) == ["customers", "products", "segmentations", "segments"]
    assert tables["segments"].key == ("segmentation", "id")
    assert tables["segments"].segmentation is None
    assert tables["products"].key == ("id",)
    assert tables["products"].segmentation == "product"


def test_a_segmentation_that_was_left_out_has_no_version():
    told = TOLD.assign(model_version=[7, None], is_stale=[False, True])
    assert read_segmentations(told) == {
        "customer": Segmented("customer", 7, date(2024, 12, 31), is_stale=False),
        "product": Segmented("product", None, date(2024, 9, 30), is_stale=True),
    }


def test_a_publication_names_the_version_of_its_own_segmentation(session, tmp_path):
    told = published(session, tmp_path).set_index("table_name")["model_version"]
    assert (told["customers"], told["products"]) == (7, 2)
    assert pd.isna(told["segments"]) and pd.isna(told["segmentations"])


def test_a_publication_names_the_date_of_its_data(session, tmp_path):
    published(session, tmp_path)
    rows = duckdb.sql(
        f"select table_name, as_of_date from '{tmp_path}/parquet/publications.parquet' order by 1"
    ).fetchall()
    assert rows == [
        ("customers", date(2024, 12, 31)),
        ("products", date(2024, 9, 30)),
        ("segmentations", date(2024, 12, 31)),
        ("segments", date(2024, 12, 31)),
    ]


def test_the_lists_come_from_any_relation(session):
    session.register("listed", TABLES)
    assert read_public_tables(session.table("listed")) == read_public_tables(TABLES)
    assert read_segmentations(session.table("told")) == read_segmentations(TOLD)


LEFT_OUT = TOLD.assign(
    model_version=[8, None],
    as_of_date=pd.to_datetime(["2025-01-31", "2025-01-31"]),
    units=[1, 0],
    is_stale=[False, True],
    reason=["again", "products has too few products (1)"],
)


@pytest.mark.parametrize("fresh", ["select 5 as id, 'z' as name", "select 5, 'z' where false"])
def test_what_a_build_left_out_stays_as_it_was_published(session, tmp_path, fresh):
    published(session, tmp_path)
    build(session, LEFT_OUT, f"select * from ({fresh}) as t(id, name)")
    told = published(session, tmp_path, LEFT_OUT).set_index("table_name")
    assert read(tmp_path, "from products order by id") == [(1, "x"), (2, "y")]
    assert read(tmp_path, "from segments order by all") == [
        ("customer", 1),
        ("product", 1),
        ("product", 2),
    ]
    assert read(tmp_path, "from segmentations order by all") == [
        ("customer", 8, date(2025, 1, 31), 1, False, "again"),
        ("product", 2, date(2024, 9, 30), 2, True, "products has too few products (1)"),
    ]
    assert told.loc["products", ["rows", "model_version", "as_of_date"]].tolist() == [
        2,
        2,
        date(2024, 9, 30),
    ]


def test_what_was_never_published_is_named_and_empty(session, tmp_path):
    build(session, LEFT_OUT, "select 5 as id, 'z' as name where false")
    published(session, tmp_path, LEFT_OUT)
    assert read(tmp_path, "from products") == []
    assert read(tmp_path, "select segmentation, model_version from segmentations") == [
        ("customer", 8),
        ("product", None),
    ]


def test_what_is_carried_over_keeps_its_columns_and_comments(session, tmp_path):
    """The build that leaves products out knows another table of them."""
    session.execute("comment on table products is 'One row per product.'")
    session.execute("comment on column products.name is 'What it is called.'")
    published(session, tmp_path)
    build(session, LEFT_OUT, "select 5 as id, 1.5 as price")
    session.execute("comment on column products.price is 'What it costs.'")
    published(session, tmp_path, LEFT_OUT)
    assert read(tmp_path, "from products order by id") == [(1, "x"), (2, "y")]
    assert read(
        tmp_path,
        "select column_name, comment from duckdb_columns() "
        "where table_name = 'products' order by column_index",
    ) == [("id", None), ("name", "What it is called.")]


def test_rows_of_a_shared_table_that_has_other_columns_now_are_not_mixed_in(session, tmp_path):
    published(session, tmp_path)
    build(session, LEFT_OUT, "select 5 as id, 'z' as name where false")
    session.execute("alter table s add column more int")
    published(session, tmp_path, LEFT_OUT)
    assert read(tmp_path, "from segments") == [("customer", 1, None)]


def test_a_publication_of_version_0_1_is_replaced_and_not_read(session, tmp_path):
    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        connection.execute("create table products as select 1 as id, 'x' as name")
    build(session, LEFT_OUT, "select 5 as id, 'z' as name where false")
    published(session, tmp_path, LEFT_OUT)
    assert read(tmp_path, "from products") == []


def test_a_segmentation_that_is_back_is_published_afresh(session, tmp_path):
    published(session, tmp_path)
    build(session, LEFT_OUT, "select 5 as id, 'z' as name")
    published(session, tmp_path, LEFT_OUT)
    back = TOLD.assign(model_version=[8, 3], units=[1, 1])
    build(session, back, "select 5 as id, 'z' as name")
    published(session, tmp_path, back)
    assert read(tmp_path, "from products") == [(5, "z")]
    assert read(tmp_path, "from segments order by all") == [("customer", 1), ("product", 5)]
    assert read(tmp_path, "select model_version, is_stale from segmentations order by all") == [
        (3, False),
        (8, False),
    ]


def test_what_is_left_out_twice_is_still_there(session, tmp_path):
    published(session, tmp_path)
    build(session, LEFT_OUT, "select 5 as id, 'z' as name where false")
    first = published(session, tmp_path, LEFT_OUT).drop(columns="published_at")
    second = published(session, tmp_path, LEFT_OUT).drop(columns="published_at")
    pd.testing.assert_frame_equal(first, second)
    assert read(tmp_path, "from products order by id") == [(1, "x"), (2, "y")]
    parquet = duckdb.sql(f"from '{tmp_path}/parquet/products.parquet' order by id").fetchall()
    assert parquet == [(1, "x"), (2, "y")]


def test_rows_that_are_carried_over_stand_in_the_order_of_the_key(session, tmp_path):
    session.execute("create table segments as select 1 as id")
    session.execute("comment on column segments.id is 'Its number.'")
    published(session, tmp_path)
    left_out = TOLD.assign(model_version=[None, 3], is_stale=[True, False])
    build(session, left_out, "select 1 as id, 'x' as name union all select 2, 'y'")
    session.execute("create or replace table s as select 'product' as segmentation, 9 as id")
    published(session, tmp_path, left_out)
    assert read(tmp_path, "from segments") == [("customer", 1), ("product", 9)]
    told = "select comment from duckdb_columns() where table_name = 'segments'"
    assert read(tmp_path, told) == [(None,), ("Its number.",)]
