"""Ensures that a name says what is true of its segment and of few others, and is its own."""

import json

import numpy as np
import pandas as pd
import pytest

from segmentation.diagnosis.naming import name_segments, untrue_claims
from segmentation.diagnosis.traits import Portraits, counted, human_days
from segmentation.diagnosis.wording import Column
from segmentation.features.recipe import Feature
from tests.recipes import make_recipe

SPEND = Column("spend", "number", label="spend", is_money=True)
ORDERS = Column("total_orders", "number", is_whole=True, label="orders")
LAST = Column("days_since_last_order", "number", is_whole=True, label="days since last order")
FIRST = Column("days_since_first_order", "number", is_whole=True, label="days since first order")
VALUE = Column("average_order_value", "number", label="order value", is_money=True)
COUNTRY = Column("country", "category", label="country")
FLAG = Column("newsletter", "category", label="Newsletter")


def portraits(frame: pd.DataFrame, segments, *columns: Column, **told) -> Portraits:
    features = tuple(Feature(column.name, column.kind) for column in columns)
    recipe = make_recipe("test", told.pop("features", features))
    return Portraits.of(frame, np.asarray(segments), columns, recipe, **told)


def names(frame: pd.DataFrame, segments, *columns: Column, **told) -> dict[int, str]:
    earlier = told.pop("earlier_names", None)
    named = name_segments(portraits(frame, segments, *columns, **told), earlier_names=earlier)
    return dict(zip(named["segment_id"], named["segment_name"], strict=True))


def shop(seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    """Once and long ago, often and lately: 60 and 40 customers, with a rhythm of 30 days."""
    draw = np.random.default_rng(seed)
    often = np.repeat([False, True], [60, 40])
    orders = np.where(often, draw.integers(4, 7, 100), 1).astype(float)
    last = np.where(often, draw.integers(0, 20, 100), draw.integers(200, 300, 100)).astype(float)
    return pd.DataFrame(
        {
            "total_orders": orders,
            "days_since_last_order": last,
            "days_since_first_order": last + 30 * (orders - 1),
            "average_order_value": np.where(often, 95, 41) + draw.normal(size=100).round(2),
        }
    ), np.where(often, 2, 1)


def test_a_customer_segment_is_told_by_orders_recency_and_order_value():
    assert names(*shop(), ORDERS, LAST, FIRST, VALUE) == {
        1: "One order, lapsed · about 41 an order",
        2: "5–6 orders, active · about 95 an order",
    }


@pytest.mark.parametrize(
    ("currency", "told"), [("$", "about $41"), ("EUR", "about 41 EUR"), ("", "about 41")]
)
def test_money_is_written_with_the_currency(currency, told):
    value = Column("average_order_value", "number", label="v", is_money=True, currency=currency)
    assert names(*shop(), ORDERS, LAST, FIRST, value)[1].endswith(f"{told} an order")


def test_nobody_lapses_in_a_shop_without_a_rhythm():
    frame, segments = shop()
    found = names(frame.assign(days_since_first_order=500.0), segments, LAST)
    assert found == {1: "No order for 220 days", 2: "Ordered in the last 13 days"}


def test_who_has_lapsed_is_not_told_as_having_ordered_lately():
    frame, segments = shop()
    lately = np.where(segments == 2, np.tile([70.0, 90.0], 50), frame["days_since_last_order"])
    rhythm = lately + 30 * (frame["total_orders"] - 1)
    shifted = frame.assign(days_since_last_order=lately, days_since_first_order=rhythm)
    found = names(shifted, segments, LAST, FIRST, ORDERS, features=(Feature(LAST.name, "number"),))
    assert "ast order 70–90 days ago" in found[2]


def test_a_place_is_told_beside_a_trait_only_where_it_is_clearly_another():
    frame = pd.DataFrame({"spend": [30.0, 52.0, 74.0] * 20, "country": "Peru"})
    frame["spend"] += np.repeat([0, 1], 30)
    frame.loc[30:, "country"] = "Chad"
    segments = np.repeat([1, 2], 30)
    assert names(frame, segments, SPEND, COUNTRY)[1] == "Mostly Peru"
    apart = frame.assign(spend=frame["spend"] - np.repeat([10, 0], 30))
    assert names(apart, segments, SPEND, COUNTRY)[1] == "Mostly Peru · spend about 42"


def test_a_margin_is_neither_thin_nor_rich_but_below_or_above_the_others():
    rate = Column("margin_rate", "number", label="margin rate")
    frame = pd.DataFrame({"margin_rate": [0.43, 0.44, 0.55, 0.56] * 5})
    feature = Feature("margin_rate", "number", low="thin margin", high="rich margin")
    found = names(frame, [1, 1, 2, 2] * 5, rate, features=(feature,))
    assert found == {1: "Lower margin (44 %)", 2: "Higher margin (56 %)"}


def test_a_grade_stands_behind_a_name_of_several_words():
    share = Column("large_deals", "number", label="large deal share")
    found = names(pd.DataFrame({"large_deals": [1.0, 1, 9, 9]}), [1, 1, 2, 2], share)
    assert found == {1: "Large deal share low (1)", 2: "Large deal share high (9)"}


def test_things_that_something_was_done_to_are_counted():
    bought = Column("bought", "number", is_whole=True, label="products purchased")
    found = names(pd.DataFrame({"bought": [1.0, 1, 3, 3]}), [1, 1, 2, 2], bought)
    assert found == {1: "One product purchased", 2: "3 products purchased"}


def test_what_is_written_alike_everywhere_is_in_no_name():
    ratio = Column("ratio", "number", label="price to list")
    frame = pd.DataFrame({"ratio": [0.999, 1.001] * 20 + [1.002, 1.003] * 20, "spend": 1.0})
    frame.loc[40:, "spend"] = 9.0
    segments = np.repeat([1, 2], 40)
    assert names(frame, segments, ratio, SPEND) == {1: "Low spend (1)", 2: "High spend (9)"}


def test_no_trait_that_most_of_the_rest_share_is_in_a_name():
    frame = pd.DataFrame({"total_orders": [1.0] * 90 + [5.0] * 10, "spend": [1.0] * 50 + [9] * 50})
    segments = [1] * 50 + [2] * 40 + [3] * 10
    found = names(frame, segments, ORDERS, SPEND)
    assert found[3] == "5 orders" + " · high spend (9)" * ("high" in found[3])
    assert "order" not in found[1] and "order" not in found[2]


def test_a_middle_segment_is_told_by_its_place_and_numbers():
    frame = pd.DataFrame({"spend": np.repeat([1.0, 5.0, 9.0], 40) + np.tile([0, 0.1], 60)})
    segments = np.repeat([1, 2, 3], 40)
    found = names(frame, segments, SPEND)
    assert found == {1: "Low spend (1.1)", 2: "Middle spend (5)", 3: "High spend (9.1)"}


def test_segments_alike_in_everything_are_told_apart_by_a_number():
    frame = pd.DataFrame({"spend": [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]})
    found = names(frame, [1, 1, 2, 2, 3, 3], SPEND)
    assert found == {1: "Spend about 1.5", 2: "Spend about 1.5 (2)", 3: "Spend about 1.5 (3)"}


def test_two_features_that_say_the_same_give_one_phrase():
    frame = pd.DataFrame({"spend": [1.0, 1, 9, 9], "bill": [2.0, 2, 18, 19]})
    found = names(frame, [1, 1, 2, 2], SPEND, Column("bill", "number", label="bill"))
    assert all(("spend" in name) + ("bill" in name) == 1 for name in map(str.lower, found.values()))


def test_a_category_is_told_by_the_level_that_is_more_common():
    frame = pd.DataFrame({"country": ["Peru"] * 9 + ["Chad"] * 3})
    assert names(frame, [1] * 8 + [2] * 4, COUNTRY) == {1: "Mostly Peru", 2: "Mostly Chad"}


def test_a_number_that_is_a_level_is_told_with_its_column():
    frame = pd.DataFrame({"channel": ["3"] * 8 + ["2"] * 8})
    channel = Column("channel", "category", label="Channel")
    assert names(frame, [1] * 8 + [2] * 8, channel)[1] == "Mostly Channel 3"


@pytest.mark.parametrize("yes", ["true", "1", "1.0", "Yes", 1.0])
def test_a_flag_is_told_by_its_name(yes):
    no = {"true": "false", "1": "0", "1.0": "0.0", "Yes": "No", 1.0: 0.0}[yes]
    frame = pd.DataFrame({"newsletter": [yes] * 8 + [no] * 8})
    flag = FLAG if isinstance(yes, str) else Column("newsletter", "number", True, "Newsletter")
    found = names(frame, [1] * 8 + [2] * 8, flag)
    assert found == {1: "Mostly Newsletter", 2: "Mostly no Newsletter"}


@pytest.mark.parametrize("yes", ["true", "1,0", "Yes", 1.0])
def test_those_of_whom_nothing_is_known_are_called_so(yes):
    no = {"true": "false", "1,0": "0,0", "Yes": "No", 1.0: 0.0}[yes]
    gone = np.nan if isinstance(yes, float) else "(missing)"
    frame = pd.DataFrame({"newsletter": [yes] * 8 + [no] * 8 + [gone] * 3})
    flag = FLAG if isinstance(yes, str) else Column("newsletter", "number", True, "Newsletter")
    found = names(frame, [1] * 8 + [2] * 8 + [3] * 3, flag)
    assert found[3] == "Newsletter unknown"
    frame = pd.DataFrame({"country": ["(missing)"] * 4 + ["Peru", "Peru", "Chad", "Chad"]})
    found = names(frame, [1, 1, 1, 1, 2, 2, 2, 2], COUNTRY)
    assert found[1] == "Country unknown" and "unknown" not in found[2]


def test_whom_nothing_tells_apart_are_like_the_others_and_one_segment_is_everybody():
    frame = pd.DataFrame({"country": ["Peru", "Chad", "Fiji", "Mali"] * 3})
    assert names(frame, np.repeat([1, 2, 3], 4), COUNTRY) == {
        1: "Like the others",
        2: "Like the others (2)",
        3: "Like the others (3)",
    }
    assert names(frame, np.ones(12), COUNTRY) == {1: "Everybody"}
    frame = pd.DataFrame({"country": ["Peru"] * 6 + ["Chad"] * 4 + ["Peru"] * 5 + ["Chad"] * 5})
    assert names(frame, np.repeat([1, 2], 10), COUNTRY)[1] == "Mostly Peru"


def test_what_is_undefined_is_called_so_and_never_low():
    frame = pd.DataFrame({"average_order_value": [np.nan] * 6 + [20.0, 22] * 5})
    found = names(frame, [1] * 6 + [2] * 10, VALUE)
    assert found[1] == "Nothing kept" and "21" in found[2]


def test_labels_of_the_source_and_of_other_scripts_stay_as_they_are():
    frame = pd.DataFrame(
        {"nianling": [20.5] * 6 + [60.5] * 6, "chengshi": ["北京"] * 6 + ["東京"] * 6}
    )
    age = Column("nianling", "number", label="年龄 {岁}")
    city = Column("chengshi", "category", label="城市")
    found = names(frame, [1] * 6 + [2] * 6, age, city)
    assert found == {1: "Mostly 北京 · 年龄 {岁} low (20)", 2: "Mostly 東京 · 年龄 {岁} high (60)"}


def test_words_of_the_recipe_are_used_with_the_number():
    frame = pd.DataFrame({"age": [20.5] * 6 + [60.5] * 6})
    feature = Feature("age", "number", low="younger", high="older")
    found = names(
        frame, [1] * 6 + [2] * 6, Column("age", "number", label="age"), features=(feature,)
    )
    assert found == {1: "Younger (20)", 2: "Older (60)"}


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_numbers_of_any_magnitude_give_names(size):
    frame = pd.DataFrame({"spend": np.array([1.0, 2.0, 8.0, 9.0]) * size})
    found = names(frame, [1, 1, 2, 2], SPEND)
    assert found[1].startswith("Low spend (") and found[2].startswith("High spend (")


@pytest.mark.parametrize("earlier", [{1: "Our best"}, {2: "Our best", 7: "Gone"}])
def test_a_name_given_at_birth_stays(earlier):
    frame = pd.DataFrame({"spend": [1.0, 1, 9, 9]})
    found = names(frame, [1, 1, 2, 2], SPEND, earlier_names=earlier)
    assert found[next(iter(earlier))] == "Our best"
    assert len(set(found.values())) == 2


@pytest.mark.parametrize("elder", [{1: "High spend (9)"}, {7: "High spend (9)"}])
def test_a_newborn_takes_the_name_neither_of_an_elder_nor_of_the_retired(elder):
    frame = pd.DataFrame({"spend": [1.0, 1, 9, 9]})
    assert names(frame, [1, 1, 2, 2], SPEND, earlier_names=elder)[2] == "Spend about 9"


def test_a_name_is_checked_by_what_it_claimed_at_birth():
    frame, segments = shop()
    columns = (ORDERS, LAST, FIRST, VALUE)
    born = name_segments(portraits(frame, segments, *columns)).set_index("segment_id")["claims"]
    assert [claim["feature"] for claim in json.loads(born[1])] == [
        *("total_orders", "days_since_last_order", "average_order_value")
    ]
    now = portraits(frame, segments, *columns)
    assert not untrue_claims(now, 1, born[1]) and not untrue_claims(now, 2, born[2])
    back = frame.assign(
        days_since_last_order=np.where(segments == 1, 3.0, frame["days_since_last_order"])
    )
    dear = back.assign(average_order_value=frame["average_order_value"] * 2)
    assert untrue_claims(portraits(dear, segments, *columns), 1, born[1]) == [
        '"lapsed" is true of 0 % of them and 0 % of the others',
        '"about 41 an order" is about 82 now',
    ]
    gone = portraits(frame.drop(columns="average_order_value"), segments, *columns[:3])
    assert untrue_claims(gone, 1, born[1]) == ["average_order_value is no longer there"]


@pytest.mark.parametrize(
    ("least", "most", "told"),
    [
        (0, 0, "no orders"), (1, 1, "one order"), (3, 3, "3 orders"), (2, 3, "2–3 orders"),
        (4, None, "4+ orders"), (None, 2, "up to 2 orders"), (0, 1, "up to 1 order"),
    ],
)  # fmt: skip
def test_counts_are_told_as_people_count(least, most, told):
    assert counted(ORDERS, least, most).phrase == told


@pytest.mark.parametrize(
    ("label", "one"), [("categories", "category"), ("boxes", "box"), ("classes", "class")]
)
def test_one_of_many_is_told_in_the_singular(label, one):
    column = Column("things", "number", is_whole=True, label=label)
    assert counted(column, 1, 1).phrase == f"one {one}"


def test_days_are_rounded_away_from_what_would_be_false():
    assert [human_days(day) for day in (7, 43, 118, 501)] == [7, 40, 110, 500]
    assert [human_days(day, up=True) for day in (7, 43, 118, 501)] == [7, 45, 120, 550]
