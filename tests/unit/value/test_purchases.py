"""The models of purchases against their published forms and against simulated shops."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.special import hyp2f1
from scipy.stats import beta as beta_distribution

from segmentation.value.purchases import (
    PurchaseModel,
    _log_likelihoods,
    expected_purchases,
    fit_purchases,
    leaving_nodes,
    probability_alive,
)
from tests.unit.value.shops import histories

PARAMETERS = {"r": 0.5, "alpha": 30.0, "a": 0.9, "b": 1.8}


def model(*, can_leave_at_once: bool, **changed: float) -> PurchaseModel:
    return PurchaseModel(
        **PARAMETERS | changed, log_likelihood=0.0, can_leave_at_once=can_leave_at_once
    )


@pytest.mark.parametrize("can_leave_at_once", [True, False])
def test_fit_finds_the_parameters_a_shop_was_made_with(can_leave_at_once):
    repeats, recency, age = histories(
        15_000, seed=1, can_leave_at_once=can_leave_at_once, **PARAMETERS
    )
    fit = fit_purchases(repeats, recency, age, can_leave_at_once=can_leave_at_once)
    assert fit.r == pytest.approx(PARAMETERS["r"], rel=0.15)
    assert fit.alpha == pytest.approx(PARAMETERS["alpha"], rel=0.15)
    # a and b are told apart badly; the mean probability of leaving is not.
    mean = PARAMETERS["a"] / (PARAMETERS["a"] + PARAMETERS["b"])
    assert fit.a / (fit.a + fit.b) == pytest.approx(mean, abs=0.04)


def test_fit_is_the_same_in_days_and_in_weeks():
    repeats, recency, age = histories(5_000, seed=2, can_leave_at_once=True, **PARAMETERS)
    days = fit_purchases(repeats, recency, age)
    weeks = fit_purchases(repeats, recency / 7, age / 7)
    assert weeks.alpha * 7 == pytest.approx(days.alpha, rel=1e-4)
    assert (weeks.r, weeks.a, weeks.b) == pytest.approx((days.r, days.a, days.b), rel=1e-3)


def test_fit_does_not_depend_on_the_order_of_rows():
    rows = histories(2_000, seed=3, can_leave_at_once=True, **PARAMETERS)
    shuffled = np.random.default_rng(0).permutation(2_000)
    assert fit_purchases(*rows) == fit_purchases(*(column[shuffled] for column in rows))


def test_fit_needs_customers_who_bought_again():
    with pytest.raises(ValueError, match=r"3 customers bought again; .* at least 50"):
        fit_purchases(np.array([1, 2, 1, 0]), np.array([3, 4, 5, 0]), np.full(4, 9))


def _published_likelihood(fit: PurchaseModel, x: int, recency: float, age: float) -> float:
    """Equation 6 of Fader, Hardie & Lee (2005), and its form with a chance at the first order."""
    from scipy.special import gamma

    c = fit.chances
    rate = gamma(fit.r + x) * fit.alpha**fit.r / gamma(fit.r)
    stayed = beta_function(fit.a, fit.b + x + c) / (fit.alpha + age) ** (fit.r + x)
    if x + c == 0:
        return rate * stayed / beta_function(fit.a, fit.b)
    left = beta_function(fit.a + 1, fit.b + x - 1 + c) / (fit.alpha + recency) ** (fit.r + x)
    return rate * (stayed + left) / beta_function(fit.a, fit.b)


@pytest.mark.parametrize("can_leave_at_once", [True, False])
@pytest.mark.parametrize("history", [(0, 0.0, 50.0), (1, 20.0, 50.0), (7, 49.0, 50.0)])
def test_likelihood_is_the_published_one(can_leave_at_once, history):
    fit = model(can_leave_at_once=can_leave_at_once)
    parameters = np.array(list(PARAMETERS.values()))
    columns = (np.array([value], dtype=float) for value in history)
    found = _log_likelihoods(parameters, *columns, fit.chances)[0]
    assert np.exp(found) == pytest.approx(_published_likelihood(fit, *history), rel=1e-10)


@given(
    repeats=st.integers(0, 300),
    share=st.floats(0, 1),
    age=st.floats(1, 2_000),
    # Sixteen nodes are meant for horizons of a few times the age: at four times it they are off by
    # 4e-6 after 300 repeats.
    times=st.floats(0.01, 4),
    # 1 is where the published form is 0/0; the quadrature has no such place.
    a=st.floats(0.2, 5).filter(lambda a: abs(a - 1) > 0.05),
    b=st.floats(0.2, 9),
    can_leave_at_once=st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_expected_purchases_equal_the_hypergeometric_form(
    repeats, share, age, times, a, b, can_leave_at_once
):
    """Equation 10 of Fader, Hardie & Lee (2005)."""
    fit = model(can_leave_at_once=can_leave_at_once, a=a, b=b)
    recency, horizon = share * age if repeats else 0.0, times * age
    history = (np.array([repeats]), np.array([recency]), np.array([age]))
    stayed = fit.b + repeats + fit.chances
    # Where this is 0 the published form is 0 times infinity; the quadrature has no such place.
    assume(abs(fit.a + stayed - 1) > 0.05)
    power = fit.r + repeats
    ahead = fit.alpha + age + horizon
    published = (fit.a + stayed - 1) / (fit.a - 1)
    published *= 1 - ((fit.alpha + age) / ahead) ** power * hyp2f1(
        power, stayed, fit.a + stayed - 1, horizon / ahead
    )
    published *= probability_alive(fit, *history)[0]
    assert expected_purchases(fit, *history, horizon)[0] == pytest.approx(
        published, rel=1e-5, abs=1e-12
    )


def test_nodes_average_over_the_beta_distribution():
    fit = model(can_leave_at_once=True)
    nodes = leaving_nodes(fit, np.array([0, 3, 3, 5_000]))
    assert nodes.groupby("repeats")["weight"].sum().to_numpy() == pytest.approx(1)
    for repeats, rows in nodes.groupby("repeats"):
        law = beta_distribution(fit.a, fit.b + repeats + 1)
        assert (rows["weight"] * rows["leaves"]).sum() == pytest.approx(law.mean(), rel=1e-9)
        if repeats < 10:
            curve = quad(lambda p, law=law: np.exp(-3 * p) * law.pdf(p), 0, 1)[0]
            found = (rows["weight"] * np.exp(-3 * rows["leaves"])).sum()
            assert found == pytest.approx(curve, rel=1e-6)


def test_who_bought_once_is_there_for_certain_only_where_nobody_can_leave_at_once():
    once = (np.array([0]), np.array([0.0]), np.array([400.0]))
    assert probability_alive(model(can_leave_at_once=False), *once) == pytest.approx(1)
    assert probability_alive(model(can_leave_at_once=True), *once)[0] < 0.5


def test_expected_purchases_come_true_in_a_simulated_shop():
    law = PARAMETERS
    rows = histories(60_000, seed=5, can_leave_at_once=True, horizon=90.0, **law)
    *history, later = rows
    expected = expected_purchases(model(can_leave_at_once=True), *history, 90.0)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.03)
    for low, high in ((0, 0), (1, 1), (2, 4), (5, 10_000)):
        group = (history[0] >= low) & (history[0] <= high)
        assert expected[group].sum() == pytest.approx(later[group].sum(), rel=0.08)
