"""Shops made by a process: the laws they were drawn from, and a future that is independent."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tools.sample.files import main
from tools.sample.purchases import (
    YEAR,
    draw_process,
    purchases,
    shop_tables,
    with_independent_future,
)
from tools.sample.sql import END_OF_DATA

PROCESS = replace(
    draw_process(1),
    customers=20_000,
    days=730,
    growth=0.0,
    season=0.0,
    r=2.0,
    alpha=100.0,
    a=1.0,
    b=3.0,
    cancelled=0.1,
    returned=0.05,
    correlation=0.0,
)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return purchases(PROCESS)


def test_everybody_orders_within_the_days_of_the_shop(orders):
    assert orders["customer"].nunique() == PROCESS.customers
    assert orders["time"].between(0, 730, inclusive="left").all()
    assert orders.equals(orders.sort_values(["customer", "time"], ignore_index=True))


def test_who_has_time_leaves_after_the_first_order_as_drawn(orders):
    """One leaves at once with a / (a + b), or waits longer than the days that are left."""
    first = orders.groupby("customer")["time"].min()
    alone = orders.groupby("customer").size() == 1
    early = first < 30
    waits = (PROCESS.alpha / (PROCESS.alpha + 715)) ** PROCESS.r
    expected = 0.25 + 0.75 * waits
    assert alone[early].mean() == pytest.approx(expected, abs=0.04)


def test_statuses_and_values_are_as_drawn(orders):
    shares = orders["status"].value_counts(normalize=True)
    assert shares["Cancelled"] == pytest.approx(0.1, abs=0.01)
    assert shares["Returned"] == pytest.approx(0.05, abs=0.01)
    logs = np.log(orders["value"])
    spread = np.hypot(PROCESS.spread, PROCESS.within)
    assert logs.std() == pytest.approx(spread, rel=0.05)


def test_rates_and_values_go_together_as_drawn():
    together = purchases(replace(PROCESS, correlation=0.6, within=0.01))
    customers = together.groupby("customer").agg(orders=("time", "size"), mean=("value", "mean"))
    apart = purchases(replace(PROCESS, correlation=-0.6, within=0.01))
    others = apart.groupby("customer").agg(orders=("time", "size"), mean=("value", "mean"))
    assert np.corrcoef(customers["orders"], np.log(customers["mean"]))[0, 1] > 0.15
    assert np.corrcoef(others["orders"], np.log(others["mean"]))[0, 1] < -0.15


def test_a_season_has_its_peak_where_it_was_put():
    wave = purchases(replace(PROCESS, season=0.5, peak=100.0, a=0.01, b=9.0))
    again = wave[wave["customer"].duplicated()]
    angle = 2 * np.pi * again["time"] / YEAR
    later = again["time"] >= YEAR
    peak = np.arctan2(np.sin(angle[later]).mean(), np.cos(angle[later]).mean())
    assert peak / (2 * np.pi) * YEAR == pytest.approx(100, abs=20)


def test_cohorts_grow_as_drawn():
    grown = purchases(replace(PROCESS, growth=2.0))
    first = grown.groupby("customer")["time"].min()
    # The density at the end is e squared times that of the start.
    assert (first > 657).mean() / (first < 73).mean() == pytest.approx(np.exp(1.8), rel=0.15)


def test_an_independent_future_says_nothing_of_whom(orders):
    moved = with_independent_future(orders, 640.0, seed=3)
    before = moved[moved["time"] < 640].groupby("customer").size()
    later = moved[moved["time"] >= 640].groupby("customer").size().reindex(before.index).fillna(0)
    assert abs(np.corrcoef(before, later)[0, 1]) < 0.03
    own = orders[orders["time"] >= 640].groupby("customer").size().reindex(before.index).fillna(0)
    assert np.corrcoef(before, own)[0, 1] > 0.2
    assert sorted(own) == sorted(later)


def test_a_seed_is_a_shop():
    assert draw_process(5) == draw_process(5)
    assert draw_process(5) != draw_process(6)
    assert purchases(draw_process(5, 300)).equals(purchases(draw_process(5, 300)))


def test_the_tables_refer_to_each_other_and_end_with_the_data():
    tables = shop_tables(draw_process(2, 400))
    orders, items = tables["orders"], tables["order_items"]
    assert set(items["order_id"]) == set(orders["order_id"])
    assert set(orders["user_id"]) == set(tables["users"]["id"])
    assert set(items["product_id"]) <= set(tables["products"]["id"])
    newest = pd.to_datetime(orders["created_at"]).max()
    assert newest < pd.Timestamp(END_OF_DATA, tz="UTC")
    assert (items["sale_price"] > 0).all()


def test_the_command_writes_such_a_shop(tmp_path, capsys):
    arguments = ["--process", "purchases", "--users", "50", "--seed", "7", "--out"]
    assert main([*arguments, str(tmp_path / "shop")]) == 0
    names = {path.name for path in (tmp_path / "shop").iterdir()}
    assert names == {"users.csv", "orders.csv", "order_items.csv", "products.csv"}
    assert "orders.csv" in capsys.readouterr().out
