"""Ensures that what a size can show is said rightly before anything is sent."""

from math import sqrt

import pytest
from scipy.stats import norm

from segmentation.campaigns.power import share_to_detect, smallest_difference, told


def power_of(treated: int, controls: int, rate: float, difference: float) -> float:
    raised = rate + difference
    error = sqrt(rate * (1 - rate) / controls + raised * (1 - raised) / treated)
    return norm.cdf(difference / error - norm.ppf(0.975))


@pytest.mark.parametrize(
    ("treated", "controls", "rate"), [(245, 61, 0.2), (4000, 1000, 0.1), (50, 50, 0.01)]
)
def test_the_difference_is_seen_four_times_out_of_five(treated, controls, rate):
    found = smallest_difference(treated, controls, rate)
    assert power_of(treated, controls, rate, found) == pytest.approx(0.8, abs=1e-6)


def test_306_customers_and_61_controls_show_16_points_or_more():
    assert smallest_difference(245, 61, 0.2) == pytest.approx(0.167, abs=0.001)


def test_nothing_can_be_seen_of_those_who_nearly_all_buy():
    assert smallest_difference(20, 10, 0.95) is None


def test_the_smallest_share_that_shows_a_difference_is_taken():
    parts = share_to_detect(10_000, 0.03, 0.1)
    controls = 10_000 * parts // 10_000
    assert smallest_difference(10_000 - controls, controls, 0.1) <= 0.03
    fewer = controls - 100
    assert smallest_difference(10_000 - fewer, fewer, 0.1) > 0.03
    assert share_to_detect(100, 0.03, 0.1) is None


def test_what_is_said_warns_where_next_to_nothing_can_be_seen():
    assert told(245, 61, 0.2, True) == [
        "With 245 customers and 61 controls a difference in buying of 16.7 points or more will be "
        "seen four times out of five, where 20.0% are expected to buy.",
        told(20, 10, 0.95, True)[1],
    ]
    assert told(20, 10, 0.95, True)[0].startswith("With 20 customers and 10 controls no difference")
    (line,) = told(40_000, 10_000, 0.2, False)
    assert "1.3 points" in line and line.endswith("none is forecast, so half is taken.")
