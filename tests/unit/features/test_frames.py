"""Ensures that a relation of any engine becomes the same bounded frame."""

from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from segmentation.features.frames import bounded_frame, rows_of, spread_lists


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def test_rows_are_sorted_by_key(connection):
    relation = connection.sql("from (values (2, 'b'), (10, 'c'), (1, 'a')) as t(id, name)")
    frame = bounded_frame(relation, "id")
    assert frame["name"].tolist() == ["a", "b", "c"]
    assert frame.index.tolist() == [0, 1, 2]


def test_decimals_become_floats_also_when_the_first_is_missing(connection):
    relation = connection.sql(
        "select unnest([null, 0.1, 12345678901.23]::decimal(18, 2)[]) as money"
    )
    frame = bounded_frame(relation)
    assert frame["money"].dtype == float
    assert frame["money"].tolist()[1:] == [0.1, 12345678901.23]


def test_decimal_objects_become_floats():
    frame = bounded_frame(pd.DataFrame({"money": [None, Decimal("0.10"), Decimal("2")]}))
    assert frame["money"].dtype == float
    assert frame["money"].tolist()[1:] == [0.1, 2.0]


def test_text_is_left_alone():
    frame = bounded_frame(pd.DataFrame({"name": ["1.0", None, "b"]}))
    assert frame["name"].tolist()[0] == "1.0"


def test_a_relation_of_spark_has_the_types_of_duckdb(connection):
    query = """
    select
        *,
        cast(id * 2.5 as decimal(18, 2)) as money, case when id > 1 then id end as gap,
        [id, null] as list, date '2024-01-01' as day, 'word' as word
    from (values (2), (1)) as t (id)
    """

    class Spark:
        def toArrow(self):  # noqa: N802
            return connection.sql(query).arrow().read_all()

    ours, theirs = (bounded_frame(one, "id") for one in (connection.sql(query), Spark()))
    assert theirs["id"].tolist() == [1, 2]
    pd.testing.assert_frame_equal(theirs, ours)


def test_the_frame_given_is_not_changed():
    given = pd.DataFrame({"id": [2, 1], "money": [Decimal("1"), Decimal("2")]})
    bounded_frame(given, "id")
    assert given["id"].tolist() == [2, 1]
    assert isinstance(given["money"].iloc[0], Decimal)


LISTS = {"v": (pa.float64(), ["a", "b"]), "w": (pa.string(), ["c"])}


def test_lists_are_spread_over_columns(connection):
    query = "from (values (2, [3, 4], ['y']), (1, [1, 2], ['x'])) t(id, v, w)"
    for relation in (connection.sql(query), connection.sql(query).df()):
        frame = spread_lists(relation, "id", LISTS)
        assert frame.to_dict("list") == {"id": [1, 2], "a": [1, 3], "b": [2, 4], "c": ["x", "y"]}
        assert frame["a"].dtype == float


def test_missing_numbers_in_lists_are_nan(connection):
    query = "from (values (1, [1e0, null]), (2, [null, null]), (3, ['nan'::double, 6e0])) t(id, v)"
    frame = spread_lists(connection.sql(query), "id", {"v": LISTS["v"]})
    expected = [[1, np.nan], [np.nan, np.nan], [np.nan, 6]]
    np.testing.assert_array_equal(frame[["a", "b"]], expected)


def test_lists_without_a_row_have_the_columns(connection):
    query = "select 1 as id, [1e0, 2e0] as v, ['x'] as w limit 0"
    for relation in (connection.sql(query), connection.sql(query).df()):
        assert spread_lists(relation, "id", LISTS).columns.tolist() == ["id", "a", "b", "c"]


SHARED = pd.DataFrame({"segmentation": ["customer", "product", "customer"], "id": [3, 2, 1]})


def test_the_rows_of_one_segmentation_are_read_from_any_engine(connection):
    for relation in (SHARED, connection.from_df(SHARED)):
        assert bounded_frame(rows_of(relation, "customer"), "id")["id"].tolist() == [1, 3]
        assert bounded_frame(rows_of(relation, "product"))["id"].tolist() == [2]


def test_a_segmentation_without_rows_has_the_columns(connection):
    for relation in (SHARED, connection.from_df(SHARED)):
        frame = bounded_frame(rows_of(relation, "nobody"), "id")
        assert frame.empty and frame.columns.tolist() == ["segmentation", "id"]


def test_only_the_rows_of_one_segmentation_leave_the_engine(connection):
    connection.execute(
        "create view shared as select 'customer' as segmentation, 1 as id union all "
        "select 'product', error('read')::int"
    )
    assert bounded_frame(rows_of(connection.table("shared"), "customer"))["id"].tolist() == [1]
