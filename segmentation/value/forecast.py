"""What each customer will buy within a horizon: models of purchases and of order values, joined.

A purchase is a day with an order, cancelled ones included, as everywhere; its value is what was
kept of it. The SQL of ``customer_value_forecast`` is the same arithmetic; this is its oracle.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.value.order_value import (
    OrderValueModel,
    expected_order_value,
    fit_order_values,
)
from segmentation.value.purchases import (
    PurchaseModel,
    fit_purchases,
    probability_alive,
    purchases_if_active,
)

FULL_YEAR = 365
"""Days of history from which the level is left as it is fitted: it has seen every season."""
LEVELS = (0.5, 2.0)
LEAST_LATE_ORDERS = 50
KEPT_PRIOR = 2.0
"""Order days of the shop's average that stand behind each customer's own share of paid ones."""


@dataclass(frozen=True)
class Forecast:
    """What is needed to forecast the customers of a shop.

    Attributes
    ----------
    purchases : PurchaseModel
        In days.
    values : OrderValueModel
        Of order days on which something was kept.
    kept_share : float
        Share of the order days on which something was kept.
    mean_value : float
        Mean value of such a day, for customers who have none.
    order_level, value_level : float
        Factors learnt from the later half of a short history; 1 from a year on.
    """

    purchases: PurchaseModel
    values: OrderValueModel
    kept_share: float
    mean_value: float
    order_level: float = 1.0
    value_level: float = 1.0


def fit_forecast(histories: pd.DataFrame) -> Forecast:
    """Fit both models and, where the history is short, the level of what comes.

    Parameters
    ----------
    histories : DataFrame
        One row per customer: repeats (order days after the first), recency_days and age_days (days
        from the first order to the last, and to the end), paid_days (order days with a kept item),
        spend (kept); the same of the earlier half as early_repeats and so on, null for who was not
        there; late_orders and late_spend of the later half; history_days.

    Returns
    -------
    Forecast

    Raises
    ------
    ValueError
        If too few customers bought again, or paid anything at all.

    Notes
    -----
    A shop that grows, or whose season comes, sells more than its past rates say. On CDNOW's 39
    weeks the models see .77 of the later spend. What they see of the later half of the history,
    from the earlier half, is known; its inverse is the level.
    """
    fitted = _fitted(histories)
    if histories["history_days"].max() >= FULL_YEAR:
        return fitted
    early = histories[histories["early_age_days"].notna()]
    known = early[["late_orders", "late_spend"]].copy()
    names = ["repeats", "recency_days", "age_days", "paid_days", "spend"]
    then = early[[f"early_{name}" for name in names]].set_axis(names, axis="columns")
    days = float((early["age_days"] - early["early_age_days"]).max()) if len(early) else 0.0
    return _levelled(fitted, then, known, days)


def _fitted(rows: pd.DataFrame) -> Forecast:
    purchases = fit_purchases(
        *(rows[name].to_numpy(float) for name in ("repeats", "recency_days", "age_days"))
    )
    paid, spend = rows["paid_days"].to_numpy(float), rows["spend"].to_numpy(float)
    values = fit_order_values(paid, spend / np.maximum(paid, 1))
    order_days = float((rows["repeats"] + 1).sum())
    return Forecast(purchases, values, paid.sum() / order_days, spend.sum() / paid.sum())


def _levelled(fitted: Forecast, then: pd.DataFrame, late: pd.DataFrame, days: float) -> Forecast:
    if late["late_orders"].sum() < LEAST_LATE_ORDERS:
        return fitted
    try:
        before = _fitted(then)
    except ValueError:
        return fitted
    seen = forecast(before, then, days)
    orders = _bounded(late["late_orders"].sum() / seen["expected_orders"].sum())
    money = _bounded(late["late_spend"].sum() / seen["expected_value"].sum())
    return Forecast(
        fitted.purchases,
        fitted.values,
        fitted.kept_share,
        fitted.mean_value,
        orders,
        money / orders,
    )


def _bounded(level: float) -> float:
    return float(np.clip(level, *LEVELS)) if np.isfinite(level) else 1.0


def forecast(fitted: Forecast, histories: pd.DataFrame, horizon: float) -> pd.DataFrame:
    """Say what each customer will buy within the horizon.

    Parameters
    ----------
    fitted : Forecast
    histories : DataFrame
        repeats, recency_days, age_days, paid_days and spend, as `fit_forecast` takes them.
    horizon : float
        Days.

    Returns
    -------
    DataFrame
        probability_active (in [0, 1]), expected_orders, expected_order_value (what is kept of an
        order, cancelled ones counted as 0), expected_value (their product) and value_at_risk (what
        would come on top if the customer had not left for certain).
    """
    repeats, recency, age, paid, spend = (
        histories[name].to_numpy(float)
        for name in ("repeats", "recency_days", "age_days", "paid_days", "spend")
    )
    active = probability_alive(fitted.purchases, repeats, recency, age)
    ahead = fitted.order_level * purchases_if_active(fitted.purchases, repeats, age, horizon)
    means = spend / np.maximum(paid, 1)
    own = np.where(paid > 0, expected_order_value(fitted.values, paid, means), fitted.mean_value)
    kept = (paid + KEPT_PRIOR * fitted.kept_share) / (repeats + 1 + KEPT_PRIOR)
    value = fitted.value_level * kept * own
    return pd.DataFrame(
        {
            "probability_active": active,
            "expected_orders": ahead * active,
            "expected_order_value": value,
            "expected_value": ahead * active * value,
            "value_at_risk": ahead * (1 - active) * value,
        },
        index=histories.index,
    )


def told(fitted: Forecast, histories: pd.DataFrame) -> list[dict[str, str | float]]:
    """Return each parameter with its value and what it means.

    Parameters
    ----------
    fitted : Forecast
    histories : DataFrame
        What it was fitted to.
    """
    purchases, values = fitted.purchases, fitted.values
    rows = [
        ("r", purchases.r, "Shape of the gamma distribution of purchase rates."),
        ("alpha", purchases.alpha, "Its rate, in days."),
        ("a", purchases.a, "First parameter of the beta distribution of leaving after an order."),
        ("b", purchases.b, "Second parameter of it."),
        ("log_likelihood", purchases.log_likelihood, "Of the purchases fitted (MBG/NBD)."),
        ("p", values.p, "Shape of the gamma distribution of a customer's order values."),
        ("q", values.q, "Shape of the gamma distribution of the customers' rates."),
        ("gamma", values.gamma, "Its rate, in the shop's currency."),
        ("value_log_likelihood", values.log_likelihood, "Of the order values fitted."),
        ("kept_share", fitted.kept_share, "Share of order days on which something was kept."),
        ("mean_value", fitted.mean_value, "Mean value of such a day."),
        ("order_level", fitted.order_level, "Factor on expected orders; " + _learnt(fitted)),
        ("value_level", fitted.value_level, "Factor on the value of an order, learnt likewise."),
        ("customers", float(len(histories)), "Customers it was fitted to, a bounded draw."),
        ("repeat_buyers", float((histories["repeats"] > 0).sum()), "Those who bought again."),
        ("history_days", float(histories["history_days"].max()), "Days from first order to end."),
    ]
    return [
        {"parameter": name, "value": value, "meaning": meaning} for name, value, meaning in rows
    ]


def _learnt(fitted: Forecast) -> str:
    if (fitted.order_level, fitted.value_level) == (1.0, 1.0):
        return "1 from a year of history on, or where too few orders came to learn from."
    return "learnt from what the earlier half of a history below a year saw of the later half."
