"""Ensures that the effect and its interval are those of the packages that others trust.

The figures of tea-tasting 1.14.0 (``Mean``) and statsmodels 0.15.0 (``ols``) were made once, from
the rows below.
"""

import numpy as np
import pytest
from scipy.stats import t, ttest_ind

from segmentation.campaigns.lift import FEW, Sums, lift_of

ROWS = np.arange(160)
CONTROL = ROWS % 4 == 0
X = (ROWS * 37 % 101) / 10
Y = 0.5 * X + (ROWS * 53 % 97) / 20 + 0.4 * ~CONTROL
STRATA = ROWS // 4 % 5
ONE = np.zeros(160, int)
NOTHING = np.zeros(160)


def lift(y=Y, x=NOTHING, strata=ONE, elapsed=1.0):
    return lift_of(Sums.of(y, x, strata, CONTROL), elapsed)


def test_without_strata_and_covariate_it_is_welchs_interval_as_tea_tasting_has_it():
    found = lift()
    assert found.control_mean == pytest.approx(4.793749999999999)
    assert found.treated_mean == pytest.approx(5.275000000000002)
    assert found.difference == pytest.approx(0.48125000000000284)
    assert found.low == pytest.approx(-0.32692283528100263)
    assert found.high == pytest.approx(1.2894228352810084)
    assert found.variance_saved == 0


def test_buying_is_a_mean_like_any_other():
    bought = ((ROWS * 53 % 97) < 70 + 10 * ~CONTROL).astype(float)
    found = lift(bought)
    assert found.difference == pytest.approx(0.07499999999999996)
    assert (found.low, found.high) == pytest.approx((-0.08021682419264786, 0.23021682419264777))


def test_the_covariate_takes_away_what_it_does_in_statsmodels_and_tea_tasting():
    found = lift(x=X)
    assert found.difference == pytest.approx(0.5313877914399208)
    # tea-tasting's slope is that of both groups together: nearly the same.
    assert found.difference == pytest.approx(0.5312915656747945, abs=2e-4)
    assert (found.low, found.high) == pytest.approx((0.01535559795, 1.0472275333), abs=2e-3)
    assert found.variance_saved == pytest.approx(1 - (1.0318719 / 1.6163456) ** 2, abs=0.01)


def test_strata_weigh_as_they_do_in_a_regression_on_them():
    found = lift(strata=STRATA)
    assert found.difference == pytest.approx(0.4812499999999935)
    assert found.high - found.low == pytest.approx(2 * 1.976 * 0.39077766497275473, rel=0.05)


def test_before_the_horizon_the_interval_is_wider_and_holds_for_all_looks():
    last, half = lift(), lift(elapsed=0.25)
    widened = (half.high - half.low) / (last.high - last.low)
    assert widened == pytest.approx(2.807033768343811 / 0.5 / 1.959963984540054)
    assert half.difference == last.difference


def test_a_stratum_without_controls_tells_nothing():
    strata = np.where(CONTROL & (STRATA == 4), 9, STRATA)
    kept = STRATA != 4
    found = lift_of(Sums.of(Y, X, strata, CONTROL))
    alone = lift_of(Sums.of(Y[kept], X[kept], STRATA[kept], CONTROL[kept]))
    assert found.difference == pytest.approx(alone.difference)
    assert (found.low, found.high) == pytest.approx((alone.low, alone.high))


def test_few_buyers_borrow_the_variance_of_all():
    bought = np.zeros(160)
    bought[~CONTROL] = ROWS[~CONTROL] % 3 == 0
    assert bought[CONTROL].sum() == 0 < FEW
    found = lift(bought)
    spread = (120 * bought[~CONTROL].var()) / (119 + 39)
    half = t.ppf(0.975, found_freedom(spread)) * np.sqrt(spread * (1 / 120 + 1 / 40))
    assert found.high - found.difference == pytest.approx(half)


def found_freedom(spread: float) -> float:
    parts = spread * np.array([1 / 40, 1 / 120])
    return parts.sum() ** 2 / (parts**2 / 79).sum()


def test_the_widths_are_those_of_scipy_where_both_groups_have_buyers():
    interval = ttest_ind(Y[~CONTROL], Y[CONTROL], equal_var=False).confidence_interval()
    found = lift()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))


def test_where_next_to_nobody_bought_nothing_is_said():
    bought = np.zeros(160)
    bought[[1, 2, 3, 5]] = 1
    found = lift(bought)
    assert found.difference == pytest.approx(4 / 120) and np.isnan([found.low, found.high]).all()
    bought[6] = 1
    assert lift(bought).low < 0 < lift(bought).high


def test_one_of_each_is_too_few_to_say():
    found = lift_of(Sums.of(Y[:2], X[:2], ONE[:2], CONTROL[:2]))
    assert np.isnan(found.low) and np.isnan(found.high)
