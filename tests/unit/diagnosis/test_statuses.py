"""Ensures that groups which chance makes of statuses are told from groups of customers."""

import numpy as np
import pandas as pd
import pytest

from segmentation.diagnosis.pairs import CLEAR, SLICES, TOUCHING
from segmentation.diagnosis.statuses import (
    SHUFFLES,
    STATUSES,
    count_as_clear,
    shuffled_statuses,
    status_features,
)
from segmentation.features.recipe import Feature
from tests.recipes import make_recipe

RECENCY = Feature("days_since_last_order", "number", low="recent", high="lapsed")
RATES = (Feature("return_rate", "number"), Feature("cancellation_rate", "number"))
SPEND = Feature("total_spend", "number", "log1p")
VALUE = Feature("average_order_value", "number", "log1p", shrink_by="kept_orders")


def items_of(orders: np.ndarray, status: np.ndarray, price: np.ndarray) -> pd.DataFrame:
    """One item for each order; a status of 1 is cancelled, of 2 returned."""
    return pd.DataFrame(
        {
            "unit_id": [f"{one:05}" for one in orders],
            "order_id": np.arange(len(orders)),
            "order_item_id": np.arange(len(orders)),
            "sale_price": price,
            "cost": price / 2,
            "is_cancelled": status == 1,
            "is_returned": status == 2,
            "is_delivered": status != 1,
        }
    )


@pytest.fixture
def shop() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and items of customers of one kind, whose orders are kept or not by luck."""
    rng = np.random.default_rng(4)
    orders = np.sort(np.r_[np.arange(1_200), rng.integers(0, 1_200, 300)])
    items = items_of(orders, rng.choice(3, 1_500, p=[0.6, 0.2, 0.2]), rng.lognormal(3, 0.4, 1_500))
    features = status_features(items)
    return features.assign(days_since_last_order=rng.integers(0, 400, 1_200)), items


def test_features_by_hand():
    """Two orders, one of two items: one kept, one returned; the other cancelled. Then only that."""
    items = pd.DataFrame(
        [
            ("a", 1, 1, 10.0, 4.0, False, False, True),
            ("a", 1, 2, 30.0, None, False, True, True),
            ("a", 2, 3, 50.0, 5.0, True, False, False),
            ("b", 3, 4, 70.0, 7.0, True, False, False),
        ],
        columns=["unit_id", "order_id", "order_item_id", "sale_price", "cost", *STATUSES],
    )
    found = status_features(items).T
    assert found["a"].to_dict() == {
        "delivered_items": 2,
        "returned_items": 1,
        "cancelled_items": 1,
        "total_spend": 10,
        "margin_to_date": 6,
        "kept_orders": 1,
        "average_order_value": 10,
        "return_rate": 0.5,
        "cancellation_rate": pytest.approx(1 / 3),
    }
    assert found["b"][["average_order_value", "return_rate"]].isna().all()
    assert found["b"]["cancellation_rate"] == 1 and found["b"]["total_spend"] == 0


def test_orders_of_as_many_items_exchange_their_statuses_whole():
    rng = np.random.default_rng(2)
    sizes = np.repeat([1, 2, 3], [40, 30, 1])
    order = np.repeat(np.arange(71), sizes)
    items = pd.DataFrame({"order_id": order, "price": rng.random(len(order))})
    items[STATUSES] = rng.random((len(order), 3)) < 0.5
    found = shuffled_statuses(items, seed=1)
    pd.testing.assert_frame_equal(found[["order_id", "price"]], items[["order_id", "price"]])
    assert not found[STATUSES].equals(items[STATUSES])

    def of_size(frame: pd.DataFrame, size: int) -> list[list]:
        groups = (one for _, one in frame.groupby("order_id") if len(one) == size)
        return [one[STATUSES].to_numpy().tolist() for one in groups]

    for size in (1, 2, 3):
        assert sorted(of_size(found, size)) == sorted(of_size(items, size))
    assert of_size(found, 3) == of_size(items, 3)


def test_groups_of_luck_are_found_among_other_customers_again(shop):
    features, items = shop
    recipe = make_recipe("mine", (*RATES, SPEND, RECENCY))
    assert count_as_clear(features, items, recipe, 3, CLEAR, 2) == SHUFFLES
    seen_by_density = make_recipe("mine", (*RATES, SPEND))
    assert count_as_clear(features, items, seen_by_density, 3, CLEAR, 1) == SHUFFLES


def test_groups_of_customers_are_not(shop):
    """Neither those of something else than statuses, nor those that statuses make of customers."""
    features, items = shop
    lapsed = features["days_since_last_order"].gt(200) * 4_000
    apart = features.assign(days_since_last_order=features["days_since_last_order"] + lapsed)
    recipe = make_recipe("mine", (RECENCY, VALUE))
    assert count_as_clear(apart, items, recipe, 2, CLEAR, 2) == 0
    rng = np.random.default_rng(5)
    orders = np.repeat(np.arange(300), 30)
    rate = np.where(np.arange(300) < 100, 0.8, 0.1)[orders]
    status = np.where(rng.random(9_000) < rate, 2, 0)
    own = items_of(orders, status, rng.lognormal(3, 0.4, 9_000))
    assert (
        count_as_clear(status_features(own), own, make_recipe("mine", RATES[:1]), 2, CLEAR, 2) == 0
    )


@pytest.mark.parametrize(
    ("features", "grouping"), [((RECENCY,), CLEAR), (RATES, SLICES), (RATES, "not judged")]
)
def test_where_no_status_or_no_group_is_in_question_nothing_is_asked(shop, features, grouping):
    assert count_as_clear(*shop, make_recipe("mine", features), 3, grouping, 2) is None


def test_the_order_of_rows_does_not_matter(shop):
    features, items = shop
    recipe = make_recipe("mine", (RECENCY, VALUE))
    mixed = items.sample(frac=1, random_state=3)
    found = [count_as_clear(features, one, recipe, 3, TOUCHING, 2) for one in (items, mixed)]
    assert found[0] == found[1]
