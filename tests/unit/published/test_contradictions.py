"""Ensures that values which cannot be together are named, and those of real customers are not."""

from pathlib import Path

import pytest
import yaml

from segmentation.published.contradictions import QUOTIENTS, RULES, completed, contradictions
from segmentation.published.score_values import read_number

ROOT = Path(__file__).parents[3]
USUAL = {
    "total_orders": 2,
    "kept_orders": 2,
    "total_items": 3,
    "distinct_brands": 3,
    "distinct_categories": 1,
    "total_spend": "100.01",
    "average_order_value": 50.01,
    "days_since_last_order": 4,
    "days_since_first_order": 4,
}


def told(segmentation="customer", **values):
    return contradictions(values, RULES[segmentation], lambda value: read_number(value)[0])


def test_what_fits_is_not_remarked_upon():
    assert told(**USUAL) == []
    assert told(total_orders=3) == told(total_orders=3, total_items="?") == []


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"total_orders": 3, "total_items": 1, "distinct_brands": 1},
         "total_orders 3 does not fit total_items 1: an order has an item at least"),
        ({"distinct_brands": 7}, "distinct_brands 7 does not fit total_items 3: an item has one"),
        ({"distinct_categories": "4"}, "distinct_categories 4 does not fit total_items 3"),
        ({"days_since_last_order": 5}, "days_since_last_order 5 does not fit days_since_first"),
        ({"average_order_value": 101}, "average_order_value 101 does not fit total_spend 100.01"),
        ({"average_order_value": 49.99},
         "total_spend 100.01 does not fit average_order_value 49.99 and kept_orders 2: toget"),
    ],
)  # fmt: skip
def test_each_contradiction_is_named(values, words):
    (found,) = told(**USUAL | values)
    assert found.startswith(words)


@pytest.mark.parametrize(
    ("values", "found", "words"),
    [
        ({"total_spend": "100.01", "kept_orders": 2}, {"average_order_value": 50.01},
         ["average_order_value is 50.01: total_spend 100.01 divided by kept_orders 2"]),
        ({"total_spend": 90, "total_orders": 3}, {"kept_orders": 3, "average_order_value": 30},
         ["kept_orders is 3, as total_orders",
          "average_order_value is 30: total_spend 90 divided by kept_orders 3"]),
        ({"average_order_value": 30, "total_orders": 3}, {"kept_orders": 3},
         ["kept_orders is 3, as total_orders"]),
        ({"total_spend": 90, "kept_orders": 0, "total_orders": 1}, {}, []),
        ({"total_spend": 90, "kept_orders": "?", "average_order_value": 7}, {}, []),
        ({"total_spend": 90}, {}, []),
        ({"total_orders": 3}, {}, []),
        (USUAL, {}, []),
    ],
)  # fmt: skip
def test_what_follows_is_derived_and_told(values, found, words):
    full, derived = completed(values, QUOTIENTS["customer"], lambda value: read_number(value)[0])
    assert full == {**values, **found}
    assert derived == words


def test_a_quotient_that_is_none_is_named_once():
    both = {"total_spend": 100, "kept_orders": 2, "total_orders": 2}
    found = [
        contradictions(
            both | {"average_order_value": value},
            RULES["customer"],
            lambda value: read_number(value)[0],
            QUOTIENTS["customer"],
        )
        for value in (50, 50.004, 60, 40)
    ]
    assert found[:2] == [[], []]
    assert [len(one) for one in found[2:]] == [1, 1]
    assert found[2][0].endswith("which make 50.00")


def test_products_have_rules_of_their_own():
    (found,) = told("product", orders=3, items=2, units=2, distinct_buyers=1)
    assert found == "orders 3 does not fit items 2: an order of a product has an item of it"


def test_the_rules_speak_of_features_that_there_are_and_hold_what_the_contract_tests():
    models = yaml.safe_load((ROOT / "models/features/_features__models.yml").read_text())["models"]
    for segmentation, rules in RULES.items():
        model = next(one for one in models if one["name"] == f"{segmentation}_features")
        columns = {column["name"] for column in model["columns"]}
        assert {name for rule in rules for name in rule.names} <= columns
        tested = model["data_tests"][0]["keeps_rules"]["arguments"]["values"]
        upper = {
            (name, rule.rsplit(" and ", 1)[1])
            for name, rule in tested.items()
            if rule.startswith("between") and not rule.rsplit(" ", 1)[1].isdigit()
        }
        assert upper <= {(rule.lesser, rule.greater[0]) for rule in rules}
