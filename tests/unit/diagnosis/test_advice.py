"""Ensures that what to do with a segment fits what its name and rule say of it."""

import numpy as np
import pandas as pd
import pytest

from segmentation.diagnosis.advice import advise, figures_of, states_of
from segmentation.diagnosis.traits import Portraits
from segmentation.diagnosis.wording import Column
from segmentation.features.recipe import Feature
from tests.recipes import make_recipe

ORDERS = Column("total_orders", "number", is_whole=True, label="orders")
KEPT = Column("kept_orders", "number", is_whole=True, label="kept orders")
SPEND = Column("total_spend", "number", label="spend", is_money=True)
UNITS = Column("units", "number", is_whole=True, label="units")


def portraits(frame: pd.DataFrame, segments, *columns: Column, fitted: str = "") -> Portraits:
    names = [fitted] if fitted else [column.name for column in columns]
    recipe = make_recipe("test", tuple(Feature(name, "number") for name in names))
    return Portraits.of(frame, np.asarray(segments), columns, recipe)


def rules(*told: tuple[str, str, str]) -> pd.DataFrame:
    """Return rules that ask and say something, by kind, in order."""
    return pd.DataFrame(
        [
            {"segmentation": "", "position": place, "kind": kind, "asks": asks}
            | {"suggestion": text, "aims_at": "More.", "success": "It did."}
            for place, (kind, asks, text) in enumerate(told, start=1)
        ]
    )


def kinds(shop: Portraits, *told: tuple[str, str, str]) -> list[str]:
    return [one.kind for one in advise(shop, rules(*told), "customer", "customers")]


@pytest.mark.parametrize(("fitted", "state"), [("total_orders", "few"), ("kept_orders", "one")])
def test_orders_are_those_that_the_recipe_counts(fitted, state):
    frame = pd.DataFrame({"total_orders": [2.0, 2, 2, 2], "kept_orders": [1.0, 1, 1, 1]})
    shop = portraits(frame, [1, 1, 2, 2], KEPT, ORDERS, fitted=fitted)
    assert states_of(shop, 1, {1: 2, 2: 2})["orders"] == state


def test_one_is_not_many_where_the_others_have_none():
    shop = portraits(pd.DataFrame({"units": [1.0] * 30 + [0.0] * 30}), [1] * 30 + [2] * 30, UNITS)
    found = [states_of(shop, one, {1: 30, 2: 30})["units"] for one in (1, 2)]
    assert found == ["one", "none"]


def test_the_segment_that_brings_most_takes_what_is_for_the_best():
    frame = pd.DataFrame({"total_spend": [60.0] * 30 + [90.0] * 30 + [1.0] * 90})
    shop = portraits(frame, [1] * 30 + [2] * 30 + [3] * 90, SPEND)
    told = (("Best", "spend=high", "Thank them."), ("Rest", "", "Look."), ("Other", "", "Wait."))
    assert kinds(shop, *told) == ["Rest", "Best", "Other"]


def test_what_sets_a_segment_apart_is_told_with_both_shares():
    frame = pd.DataFrame({"units": [3.0] * 30 + [1.0] * 30})
    shop = portraits(frame, [1] * 30 + [2] * 30, UNITS)
    assert figures_of(shop, 1, "products")["traits"] == "3 units (100 %, others 0 %)"


@pytest.mark.parametrize(("orders", "told"), [([1.0, 1, 1], "all"), ([1.0, 1, 2], "67 %")])
def test_all_are_called_all(orders, told):
    shop = portraits(pd.DataFrame({"total_orders": orders}), [1, 1, 1], ORDERS)
    assert figures_of(shop, 1, "customers")["one_order"] == told


@pytest.mark.parametrize(("size", "told"), [(1, "1 product line"), (2, "2 product lines")])
def test_one_unit_is_told_in_the_singular(size, told):
    frame = pd.DataFrame({"units": [3.0] * size + [1.0] * 5})
    shop = portraits(frame, [1] * size + [2] * 5, UNITS)
    assert figures_of(shop, 1, "product_lines")["units"] == told
