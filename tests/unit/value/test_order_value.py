"""The model of order values against simulated shops and against its limits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma as gamma_distribution

from segmentation.value.order_value import (
    OrderValueModel,
    _log_likelihoods,
    expected_order_value,
    fit_order_values,
)

MODEL = OrderValueModel(p=6.0, q=4.0, gamma=15.0, log_likelihood=0.0)


def drawn(customers: int, *, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return orders, mean value and the true mean of customers of the model's shop."""
    draw = np.random.default_rng(seed)
    orders = 1 + draw.geometric(0.4, customers)
    rates = draw.gamma(MODEL.q, 1 / MODEL.gamma, customers)
    means = draw.gamma(MODEL.p * orders, 1 / rates) / orders
    return orders, means, MODEL.p / rates


def test_fit_finds_the_parameters_a_shop_was_made_with():
    orders, means, _ = drawn(40_000, seed=1)
    fit = fit_order_values(orders, means)
    assert (fit.p, fit.q, fit.gamma) == pytest.approx((6.0, 4.0, 15.0), rel=0.06)


def test_fit_is_the_same_in_cents():
    orders, means, _ = drawn(5_000, seed=2)
    euros, cents = fit_order_values(orders, means), fit_order_values(orders, means * 100)
    assert cents.gamma == pytest.approx(euros.gamma * 100, rel=1e-3)
    assert (cents.p, cents.q) == pytest.approx((euros.p, euros.q), rel=1e-3)


def test_likelihood_is_the_integral_over_the_customers_rates():
    """Equation 1 of Fader & Hardie (2013): z-bar is gamma(p n, n rate), the rate gamma."""
    orders, mean = 3, 41.0

    def joint(rate: float) -> float:
        values = gamma_distribution(MODEL.p * orders, scale=1 / (orders * rate)).pdf(mean)
        return values * gamma_distribution(MODEL.q, scale=1 / MODEL.gamma).pdf(rate)

    parameters = np.array([MODEL.p, MODEL.q, MODEL.gamma])
    found = _log_likelihoods(parameters, np.array([float(orders)]), np.array([mean]))[0]
    assert np.exp(found) == pytest.approx(quad(joint, 0, np.inf)[0], rel=1e-6)


def test_expected_value_is_unbiased_and_beats_the_customers_own_mean():
    orders, means, truth = drawn(40_000, seed=3)
    expected = expected_order_value(MODEL, orders, means)
    assert expected.mean() == pytest.approx(truth.mean(), rel=0.02)
    assert np.square(expected - truth).mean() < 0.9 * np.square(means - truth).mean()


def test_many_orders_speak_for_themselves():
    many = expected_order_value(MODEL, np.array([10_000]), np.array([80.0]))
    assert many[0] == pytest.approx(80.0, rel=1e-2)


def test_customers_without_a_positive_mean_are_left_out_of_the_fit():
    orders, means, _ = drawn(2_000, seed=4)
    worthless = np.concatenate([means, [0.0, -3.0]])
    counted = np.concatenate([orders, [1, 2]])
    assert fit_order_values(counted, worthless) == fit_order_values(orders, means)


def test_fit_needs_customers_with_an_order_of_value():
    with pytest.raises(ValueError, match="2 customers have an order of positive value"):
        fit_order_values(np.array([1, 1, 1]), np.array([5.0, 6.0, 0.0]))


def test_where_the_expectation_does_not_exist_the_customers_own_mean_stands():
    wild = OrderValueModel(p=0.2, q=0.3, gamma=1.0, log_likelihood=0.0)
    assert expected_order_value(wild, np.array([1]), np.array([7.0]))[0] == 7.0
