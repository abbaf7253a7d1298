"""Mistakes planted in a sample shop: as many in the files as announced."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tools.sample.files import TABLES, write_sample


def _single(shop: duckdb.DuckDBPyConnection, query: str):
    return shop.execute(query).fetchall()[0][0]


@pytest.fixture(scope="module")
def blemished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A shop of 3,000 users with planted mistakes."""
    folder = tmp_path_factory.mktemp("blemished")
    files = write_sample(3_000, 1, folder, "parquet", blemishes=True)
    connection = duckdb.connect()
    for table, path in files.items():
        connection.execute(f"create table {table} as from '{path}'")
    yield connection
    connection.close()


class TestBlemishes:
    """Ensure the planted mistakes are in the files as often as announced."""

    def _announced(self, blemished, table: str, blemish: str) -> int:
        rows = blemished.execute(
            'select rows from blemishes where "table" = ? and blemish = ?', [table, blemish]
        ).fetchall()
        assert rows[0][0] > 0
        return rows[0][0]

    @pytest.mark.parametrize("table", TABLES)
    def test_exact_duplicates(self, blemished, table):
        found = _single(
            blemished,
            f"select (select count(*) from {table}) - (select count(*) from "
            f"(select distinct * from {table}))",
        )
        assert found == self._announced(blemished, table, "exact duplicate")

    @pytest.mark.parametrize(
        ("table", "blemish", "condition"),
        [
            ("users", "text null", "city = 'null'"),
            ("orders", "without items", "order_id not in (select order_id from order_items)"),
            ("orders", "shipped before created", "shipped_at < created_at"),
            ("order_items", "without order", "order_id not in (select order_id from orders)"),
            ("order_items", "shipped before created", "shipped_at < created_at"),
            ("products", "missing brand", "brand is null"),
            ("inventory_items", "missing brand", "product_brand is null"),
        ],
    )
    def test_counts(self, blemished, table, blemish, condition):
        found = _single(
            blemished, f"select count(*) from (select distinct * from {table}) where {condition}"
        )
        assert found == self._announced(blemished, table, blemish)
