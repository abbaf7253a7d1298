"""Ensures that a relation of any engine becomes the same bounded frame."""

from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.features.frames import bounded_frame, vectors


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


def test_a_relation_of_another_engine_is_read_by_its_own_method():
    class Other:
        def toPandas(self):  # noqa: N802
            return pd.DataFrame({"id": [2, 1]})

    assert bounded_frame(Other(), "id")["id"].tolist() == [1, 2]


def test_the_frame_given_is_not_changed():
    given = pd.DataFrame({"id": [2, 1], "money": [Decimal("1"), Decimal("2")]})
    bounded_frame(given, "id")
    assert given["id"].tolist() == [2, 1]
    assert isinstance(given["money"].iloc[0], Decimal)


def test_lists_are_stacked_row_by_row(connection):
    frame = bounded_frame(connection.sql("from (values (1, [1, 2]), (2, [3, 4])) t(id, v)"), "id")
    stacked = vectors(frame, "v")
    assert stacked.dtype == float
    np.testing.assert_array_equal(stacked, [[1, 2], [3, 4]])
