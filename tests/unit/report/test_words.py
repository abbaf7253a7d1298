"""Ensures that numbers and features read well, and that words match the figures."""

import math

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


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.81, 1.28, "0.81 to 1.28"), (2.1, None, "from 2.10"), (None, None, "–")],
)
def test_intervals_say_both_ends_or_the_one_there_is(low, high, text):
    assert words.between(low, high) == text
