"""Ensures that a build counts of a campaign what it should, and nothing else."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from segmentation.campaigns.measuring import results_of, rows_of
from segmentation.campaigns.store import ASSIGNMENTS, Campaign, Store, campaigns_file
from segmentation.dbt_models import schemas
from segmentation.dbt_models.campaigns import measure_campaigns_table

START = date(2024, 3, 1)
ORDERS = """
    create table order_items as select * from (values
        (1, 10, timestamp '2024-03-01 00:00:01', 5.00, true),
        (1, 10, timestamp '2024-03-01 00:00:01', 2.50, true),
        (1, 11, timestamp '2024-03-10 23:59:59', 1.00, true),
        (1, 12, timestamp '2024-03-11 00:00:00', 9.00, true),
        (2, 20, timestamp '2024-03-05 00:00:00', 8.00, false),
        (3, 30, timestamp '2024-02-29 23:59:59', 4.00, true),
        (99, 90, timestamp '2024-03-05 00:00:00', 7.00, true)
    ) as t(customer_id, order_id, ordered_at, sale_price, is_kept)
"""


def campaign(name: str, **changes: object) -> Campaign:
    told = {"campaign": name, "segment_id": None, "segment_name": None, "kind": None,
            "model_version": 1, "starts_on": START, "horizon_days": 10, "control_parts": 5000,
            "treated": 20, "controls": 20} | changes  # fmt: skip
    return Campaign(**told)


@pytest.fixture
def warehouse(tmp_path):
    """A warehouse whose customers 1 to 20 are treated and 21 to 40 are not, in two campaigns."""
    path = tmp_path / "w.duckdb"
    store = Store(campaigns_file(path))
    for one in (campaign("a"), campaign("b", closed_on=date(2024, 3, 4))):
        ids = [str(number) for number in range(1, 41)]
        columns = [[one.campaign] * 40, ids, [1] * 40, [number > 20 for number in range(1, 41)]]
        store.add(one, pa.table(dict(zip(ASSIGNMENTS.names, columns, strict=True)), ASSIGNMENTS))
    with duckdb.connect(str(path)) as connection:
        connection.execute(ORDERS)
        # So many that something can be said: each control of these buys for 1.
        connection.execute(
            "insert into order_items select id, 1000 + id, timestamp '2024-03-02', 1.00, true "
            "from range(21, 31) as t(id)"
        )
        connection.execute("insert into order_items select id, 2000 + id, timestamp '2024-03-02', "
                           "1.00, true from range(5, 11) as t(id)")  # fmt: skip
        yield connection


def measured(connection, day: date) -> dict[str, dict[str, dict]]:
    path = campaigns_file(connection.execute("select path from duckdb_databases() "
                          "where database_name = 'w'").fetchall()[0][0])  # fmt: skip
    items = connection.sql("from order_items")
    found = {}
    for one, result in results_of(connection, items, day, path):
        found[one.campaign] = {row["measure"]: row for row in rows_of(one, result, day)}
    return found


def test_orders_of_the_days_are_counted_of_which_something_is_kept(warehouse):
    one = measured(warehouse, date(2024, 3, 31))["a"]
    assert (one["buying"]["status"], one["buying"]["days"]) == ("complete", 10)
    assert one["buying"]["measured_to"] == date(2024, 3, 10)
    assert one["buying"]["treated_mean"] == pytest.approx(7 / 20)
    assert one["orders"]["treated_mean"] == pytest.approx(8 / 20)
    assert one["spend"]["treated_mean"] == pytest.approx((8.5 + 6) / 20)
    assert one["buying"]["control_mean"] == pytest.approx(10 / 20)
    assert one["spend"]["total"] == pytest.approx(20 * one["spend"]["difference"])


@pytest.mark.parametrize(("day", "counts"), [("2023-03-01", False), ("2023-03-02", True)])
def test_the_year_before_is_taken_into_account_to_the_day(warehouse, day, counts):
    before = measured(warehouse, date(2024, 3, 31))["a"]["orders"]["difference"]
    warehouse.execute(f"insert into order_items values (25, 33, timestamp '{day}', 4.00, true)")
    after = measured(warehouse, date(2024, 3, 31))["a"]["orders"]["difference"]
    assert (before != after) == counts


def test_before_the_horizon_fewer_days_count_and_the_interval_is_wider(warehouse):
    one, last = (measured(warehouse, date(2024, 3, day))["a"]["buying"] for day in (5, 10))
    assert (one["status"], one["days"], one["measured_to"]) == ("running", 5, date(2024, 3, 5))
    assert one["treated_mean"] == last["treated_mean"]
    assert one["high"] - one["low"] == pytest.approx(
        (last["high"] - last["low"]) * 2.807033768343811 / 0.5**0.5 / 1.959963984540054
    )


def test_after_the_horizon_nothing_changes_any_more(warehouse):
    assert measured(warehouse, date(2024, 3, 10)) == measured(warehouse, date(2025, 3, 10))


def test_a_closed_campaign_ends_when_it_was_closed(warehouse):
    one = measured(warehouse, date(2024, 3, 31))["b"]["buying"]
    assert (one["status"], one["days"], one["measured_to"]) == ("closed", 4, date(2024, 3, 4))


def test_before_the_start_there_is_a_row_and_no_figure(warehouse):
    one = measured(warehouse, date(2024, 2, 29))["a"]["spend"]
    assert one["days"] == 0 and one["measured_to"] is None and "difference" not in one
    assert one["sentence"] == "Too early to say: 0 of 10 days are counted."


def test_the_model_reads_the_file_beside_its_warehouse_and_lets_it_go(warehouse):
    as_of = warehouse.sql("select date '2024-03-31' as as_of_date")
    for _ in range(2):
        table = measure_campaigns_table(warehouse, warehouse.sql("from order_items"), as_of)
        assert table.schema == schemas.CAMPAIGNS and table.num_rows == 6
    names = warehouse.execute("select database_name from duckdb_databases() where not internal")
    assert names.fetchall() == [("w",)]


def test_a_file_that_is_no_good_is_one_sentence(tmp_path):
    campaigns_file(tmp_path / "w.duckdb").write_bytes(b"this is no database" * 1000)
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        as_of = connection.sql("select date '2024-03-31' as as_of_date")
        with pytest.raises(RuntimeError, match="The campaigns in"):
            measure_campaigns_table(connection, connection.sql("select 1"), as_of)


def test_a_shop_without_campaigns_pays_nothing(tmp_path):
    with duckdb.connect(str(tmp_path / "other.duckdb")) as connection:
        table = measure_campaigns_table(connection, None, None)
    assert table.schema == schemas.CAMPAIGNS and table.num_rows == 0
    with duckdb.connect() as connection:
        assert measure_campaigns_table(connection, None, None).num_rows == 0
