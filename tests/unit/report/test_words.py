"""Ensures that numbers and features read well, and that words match the figures."""

import math

import pandas as pd
import pytest

from segmentation.report import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567.0, "1,234,567"),
        (638.8, "639"),
        (16.97, "17.0"),
        (1.818, "1.82"),
        (-0.5, "−0.50"),
        (3, "3"),
        (math.nan, "–"),
        (None, "–"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (1e300, "1.0e300"),
        (-2.5e20, "−2.5e20"),
        (123456789012345.0, "123,456,789,012,345"),
    ],
)
def test_numbers_have_three_or_so_digits(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "50 %"),
        (0.004, "0.4 %"),
        (0.0, "0 %"),
        (1.0, "100 %"),
        (1e300, "1.0e302 %"),
        (None, "–"),
    ],
)
def test_small_shares_do_not_become_nothing(value, text):
    assert words.percent(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.45, "+45 %"), (-1.0, "−100 %"), (0.001, "±0 %")])
def test_changes_have_their_sign(value, text):
    assert words.change(value) == text


def test_labels_of_known_and_unknown_features():
    assert words.label("days_since_last_order") == "Days since last order"
    assert words.label("fresh_food") == "Fresh food"
    assert words.of_feature("return_rate", 0.46) == "46 %"
    assert words.of_feature("total_spend", 312.4) == "312"


def test_counts_and_lists():
    assert words.count_of(1, "customer", "customers") == "1 customer"
    assert words.count_of(5295, "company", "companies") == "5,295 companies"
    assert words.title_of("big_customer") == "Big customer segments"
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.segments_named(["4"]) == "segment 4"
    assert words.segments_named(["4", "12"]) == "segments 4 and 12"


def profile(*rows):
    columns = ["feature", "mean", "population_mean", "effect_size"]
    return pd.DataFrame(rows, columns=columns)


def values(*rows):
    columns = ["feature", "value", "share", "population_share", "lift"]
    return pd.DataFrame(rows, columns=columns)


def test_what_sets_apart_is_told_strongest_first():
    found = words.what_sets_apart(
        profile(
            ("total_orders", 2.0, 1.0, 0.5),
            ("return_rate", 0.46, 0.09, 3.0),
            ("age", 40.0, 39.0, 0.1),
        ),
        values(
            ("country", "Brasil", 0.6, 0.2, 3.0),
            ("brand", "(missing)", 0.9, 0.1, 9.0),
            ("gender", "F", 0.5, 0.48, 1.04),
        ),
    )
    assert found == [
        "Return rate 46 % on average, against 9.0 % overall (5.1 times)",
        "Orders 2 on average, against 1 overall (2.0 times)",
        "Country more often Brasil: 60 %, against 20 % overall",
    ]


def test_features_with_the_same_figures_are_told_once():
    same = (5.0, 1.0, 2.0)
    found = words.what_sets_apart(
        profile(("margin_to_date", *same), ("total_spend", *same)), values()
    )
    assert len(found) == 1


def test_a_segment_like_the_average_has_nothing_to_tell():
    assert words.what_sets_apart(profile(("age", 40.0, 39.0, 0.1)), values()) == []
