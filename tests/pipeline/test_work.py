"""Ensures that a build reads its rows a bounded number of times, on any machine at any hour.

The bounds are what was counted when they were written, and a tenth more. A statement that reads
more says so here before anybody waits for it.
"""

import pytest

from benchmarks.pipeline import add_orders, objective
from benchmarks.work import rows_given, rows_scanned
from tools.sample.files import write_sample

WHOLE, OF_ONE = 61, 5.3
"""How many times the raw rows: all statements, and one alone."""


@pytest.fixture(scope="module")
def scanned(whole_sample) -> dict[str, float]:
    """Rows that each statement of the sample's build reads, divided by those of the raw tables."""
    given = rows_given(whole_sample.warehouse)
    counted = rows_scanned(whole_sample.warehouse, whole_sample.folder / "target")
    return {name: rows / given for name, rows in counted.items()}


def test_all_statements_together_read_a_bounded_number_of_rows(scanned):
    assert 0.8 * WHOLE < sum(scanned.values()) < WHOLE, scanned


def test_no_statement_alone_reads_the_shop_many_times(scanned):
    name, times = next(iter(scanned.items()))
    assert times < OF_ONE, name


def test_models_and_data_tests_are_counted_views_are_not(scanned):
    assert {"customer_features", "shop_order_items_keeps_its_rules"} <= set(scanned)
    assert "order_items_counted" not in scanned


def test_the_published_segments_are_nearly_the_best_that_many_fits_find(whole_sample):
    assert 1 - 1e-9 <= objective(whole_sample.serving / "segmentation.duckdb") <= 1.001


def test_a_grown_shop_has_a_hundredth_more_orders_a_day_later(tmp_path):
    import duckdb

    write_sample(3000, 1, tmp_path / "raw", "parquet", personas=False)
    add_orders(tmp_path / "raw", tmp_path / "grown")
    with duckdb.connect() as database:
        for table, key in (("orders", "order_id"), ("order_items", "id")):
            (before, after), (newest_before, newest_after) = (
                [
                    database.execute(
                        f"select {what} from '{tmp_path}/{folder}/{table}.parquet'"
                    ).fetchone()[0]
                    for folder in ("raw", "grown")
                ]
                for what in (f"count(distinct {key})", "max(created_at)")
            )
            assert 1.005 < after / before < 1.015
            assert newest_after > newest_before
        orphans = (
            f"select count(*) from '{tmp_path}/grown/order_items.parquet' where order_id not in "
            f"(select order_id from '{tmp_path}/grown/orders.parquet')"
        )
        assert database.execute(orphans).fetchone() == (0,)
