"""Ensures that what a size can show is said rightly before anything is sent."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from segmentation.campaigns.lift import FEW, Sums, lift_of
from segmentation.campaigns.power import share_to_detect, smallest_difference, told


def power_of(treated: int, controls: int, rate: float, difference: float) -> float:
    """Return how often the interval of a true difference leaves out 0, by the binomial law."""
    buyers, others = np.arange(treated + 1)[:, None] / treated, np.arange(controls + 1) / controls
    spreads = buyers * (1 - buyers) * treated, others * (1 - others) * controls
    pooled = (spreads[0] + spreads[1]) / (treated + controls - 2) * (1 / treated + 1 / controls)
    apart = spreads[0] / treated**2 + spreads[1] / controls**2
    is_few = np.minimum(buyers * treated, others * controls) < FEW
    error = np.sqrt(np.where(is_few, pooled, apart))
    is_seen = buyers - others > norm.ppf(0.975) * error
    return float(
        binom.pmf(np.arange(treated + 1), treated, rate + difference)
        @ is_seen
        @ binom.pmf(np.arange(controls + 1), controls, rate)
    )


@pytest.mark.parametrize(
    ("treated", "controls", "rate"), [(245, 61, 0.2), (4000, 1000, 0.1), (50, 50, 0.3)]
)
def test_the_difference_is_seen_four_times_out_of_five(treated, controls, rate):
    found = smallest_difference(treated, controls, rate)
    assert power_of(treated, controls, rate, found) == pytest.approx(0.8, abs=0.03)


def test_306_customers_and_61_controls_show_17_points_or_more():
    assert smallest_difference(306, 61, 0.2) == pytest.approx(0.1749, abs=0.001)


def test_of_few_expected_buyers_more_is_needed_as_their_variance_is_borrowed():
    found = smallest_difference(350, 88, 0.0005)
    assert found == pytest.approx(0.0527, abs=0.001)
    draw, seen = np.random.default_rng(3), 0
    is_control = np.arange(438) < 88
    for _ in range(400):
        bought = (draw.random(438) < np.where(is_control, 0.0005, 0.0005 + found)).astype(float)
        sums = Sums.of(bought, np.zeros(438), np.zeros(438), is_control)
        seen += lift_of(sums).low > 0
    assert 0.74 <= seen / 400 <= 0.86
    assert "fewer than 0.1% are expected" in told(350, 88, 0.0005, True)[0]


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
        "With 245 customers and 61 controls a difference in buying of 17.8 points or more will be "
        "seen four times out of five, where 20.0% are expected to buy.",
        told(20, 10, 0.95, True)[1],
    ]
    assert told(20, 10, 0.95, True)[0].startswith("With 20 customers and 10 controls no difference")
    (line,) = told(40_000, 10_000, 0.2, False)
    assert "1.3 points" in line and line.endswith("none is forecast, so half is taken.")
