"""The forecast on simulated shops: it comes true, learns a level, and says what it cannot."""

import numpy as np
import pandas as pd
import pytest

from segmentation.value.forecast import (
    FULL_YEAR,
    KEPT_PRIOR,
    LEVELS,
    Forecast,
    fit_forecast,
    forecast,
    told,
)
from segmentation.value.order_value import OrderValueModel
from segmentation.value.purchases import PurchaseModel, probability_alive, purchases_if_active
from tests.unit.value.shops import histories

LAW = {"r": 0.5, "alpha": 30.0, "a": 0.9, "b": 1.8}
FITTED = Forecast(
    PurchaseModel(**LAW, log_likelihood=0.0, can_leave_at_once=True),
    OrderValueModel(p=3.0, q=4.0, gamma=20.0, log_likelihood=0.0),
    kept_share=0.8,
    mean_value=25.0,
    order_level=1.1,
    value_level=0.9,
)


def known(repeats, recency, age, seed=0, *, kept=0.8, history=FULL_YEAR) -> pd.DataFrame:
    """Return histories whose order days are kept by chance, at values of Gamma-Gamma."""
    draw = np.random.default_rng(seed)
    paid = draw.binomial(np.asarray(repeats, dtype=int) + 1, kept)
    means = 20.0 * 3 / draw.gamma(4.0, 1.0, len(paid))
    spend = draw.gamma(np.maximum(3.0 * paid, 1e-9)) / 3.0 * means * (paid > 0)
    return pd.DataFrame(
        {
            "repeats": repeats,
            "recency_days": recency,
            "age_days": age,
            "paid_days": paid,
            "spend": spend,
            "history_days": history,
            "early_age_days": np.nan,
            "late_orders": 0,
            "late_spend": 0.0,
        }
    )


def test_expected_orders_and_value_come_true_in_a_simulated_shop():
    *past, later = histories(20_000, seed=1, can_leave_at_once=True, horizon=90.0, **LAW)
    shop = known(*past)
    found = forecast(fit_forecast(shop), shop, 90.0)
    assert found["expected_orders"].sum() == pytest.approx(later.sum(), rel=0.06)
    # An order is kept with 0.8, and worth 20 / (4 - 1) * 3 on average.
    assert found["expected_value"].sum() == pytest.approx(later.sum() * 0.8 * 20, rel=0.1)


def test_each_figure_is_what_it_says():
    rows = known(np.array([0, 3, 5]), np.array([0.0, 50.0, 10.0]), np.array([80.0, 90.0, 400.0]))
    rows["paid_days"], rows["spend"] = [0, 3, 6], [0.0, 120.0, 90.0]
    found = forecast(FITTED, rows, 30.0)
    columns = (rows[name].to_numpy(float) for name in ("repeats", "recency_days", "age_days"))
    repeats, recency, age = columns
    active = probability_alive(FITTED.purchases, repeats, recency, age)
    ahead = 1.1 * purchases_if_active(FITTED.purchases, repeats, age, 30.0)
    kept = (np.array([0, 3, 6]) + KEPT_PRIOR * 0.8) / (np.array([1, 4, 6]) + KEPT_PRIOR)
    own = np.array([25.0, 3 * (20 + 120) / (9 + 4 - 1), 3 * (20 + 90) / (18 + 4 - 1)])
    assert found["probability_active"].to_numpy() == pytest.approx(active)
    assert found["expected_orders"].to_numpy() == pytest.approx(ahead * active)
    assert found["expected_order_value"].to_numpy() == pytest.approx(0.9 * kept * own)
    whole = found["expected_value"] + found["value_at_risk"]
    assert whole.to_numpy() == pytest.approx(ahead * found["expected_order_value"])


def short_history(growth: float) -> pd.DataFrame:
    """Return 200 days of customers of whom the earlier 100 days are known as well.

    The shop of the later half is another with the same rates, times `growth`.
    """
    *past, later = histories(8_000, seed=4, can_leave_at_once=True, horizon=100.0, **LAW)
    early = known(*past, seed=5, history=200)
    rows = early.copy()
    for name in ("repeats", "recency_days", "age_days", "paid_days", "spend"):
        rows[f"early_{name}"] = early[name]
    rows["age_days"] = early["age_days"] + 100.0
    rows["late_orders"] = np.random.default_rng(6).poisson(later * growth)
    rows["late_spend"] = rows["late_orders"] * 16.0
    return rows


def test_a_short_history_teaches_the_level_of_what_comes():
    grown, steady = fit_forecast(short_history(1.5)), fit_forecast(short_history(1.0))
    assert grown.order_level == pytest.approx(1.5 * steady.order_level, rel=0.05)
    assert steady.order_level == pytest.approx(1.0, abs=0.1)
    assert grown.value_level == pytest.approx(1.0, abs=0.1)
    assert fit_forecast(short_history(9.0)).order_level == LEVELS[1]


def test_a_history_of_a_year_or_of_few_orders_has_no_level():
    year = short_history(1.5).assign(history_days=FULL_YEAR)
    few = short_history(1.5).assign(late_orders=0)
    for rows in (year, few):
        fitted = fit_forecast(rows)
        assert (fitted.order_level, fitted.value_level) == (1.0, 1.0)


def test_who_bought_again_must_be_enough():
    rows = known(*histories(60, seed=2, can_leave_at_once=True, **LAW))
    with pytest.raises(ValueError, match=r"bought again; .* at least 50"):
        fit_forecast(rows)


def test_every_parameter_is_told_once_with_its_meaning():
    rows = known(np.array([0, 3]), np.array([0.0, 50.0]), np.array([80.0, 90.0]))
    said = pd.DataFrame(told(FITTED, rows)).set_index("parameter")
    assert said.index.is_unique
    assert said["meaning"].str.endswith(".").all()
    assert said.loc[["r", "gamma", "order_level", "repeat_buyers"], "value"].tolist() == [
        *(0.5, 20.0, 1.1, 1.0)
    ]
