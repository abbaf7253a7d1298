"""What an order of a customer will be worth: Gamma-Gamma, by maximum likelihood."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

MINIMUM_CUSTOMERS = 50
BOUND = 9.0


@dataclass(frozen=True)
class OrderValueModel:
    """A fitted Gamma-Gamma model of order values.

    Attributes
    ----------
    p : float
        Shape of the gamma distribution of a customer's order values.
    q, gamma : float
        Shape and rate of the gamma distribution of the customers' rates; gamma is money.
    log_likelihood : float
        Of the means it was fitted to.
    """

    p: float
    q: float
    gamma: float
    log_likelihood: float


def _log_likelihoods(parameters: np.ndarray, orders: np.ndarray, means: np.ndarray) -> np.ndarray:
    p, q, gamma = parameters
    shape = p * orders
    return (
        gammaln(shape + q)
        - gammaln(shape)
        - gammaln(q)
        + q * np.log(gamma)
        + (shape - 1) * np.log(means)
        + shape * np.log(orders)
        - (shape + q) * np.log(gamma + means * orders)
    )


def fit_order_values(orders: np.ndarray, means: np.ndarray) -> OrderValueModel:
    """Fit the model to the mean order value of each customer.

    Parameters
    ----------
    orders : ndarray of shape (n,)
        Orders behind each mean, at least 1.
    means : ndarray of shape (n,)
        Mean value of these orders; customers whose mean is not positive are left out.

    Returns
    -------
    OrderValueModel

    Raises
    ------
    ValueError
        If fewer than 50 customers have a positive mean.

    Notes
    -----
    Fader & Hardie (2013), "The Gamma-Gamma model of monetary value". Values are assumed
    independent of how often a customer buys.
    """
    counts, values = np.asarray(orders, dtype=float), np.asarray(means, dtype=float)
    kept = (counts > 0) & (values > 0)
    counts, values = counts[kept], values[kept]
    if len(counts) < MINIMUM_CUSTOMERS:
        raise ValueError(
            f"{len(counts)} customers have an order of positive value; a model of order values "
            f"takes at least {MINIMUM_CUSTOMERS}."
        )
    # In units of the mean value the start suits cents and millions.
    unit = float(values.mean())

    def loss(logs: np.ndarray) -> float:
        return -float(_log_likelihoods(np.exp(logs), counts, values / unit).mean())

    options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 4_000, "maxfev": 4_000}
    bounds = [(-BOUND, BOUND)] * 3
    start = np.log([1.0, 2.0, 1.0])
    near = minimize(loss, start, method="L-BFGS-B", bounds=bounds)
    best = minimize(loss, near.x, method="Nelder-Mead", bounds=bounds, options=options)
    p, q, gamma = np.exp(best.x)
    parameters = np.array([p, q, gamma * unit])
    found = float(_log_likelihoods(parameters, counts, values).sum())
    return OrderValueModel(*map(float, parameters), found)


def expected_order_value(
    model: OrderValueModel, orders: np.ndarray, means: np.ndarray
) -> np.ndarray:
    """Return the expected value of each customer's next order, of shape (n,).

    The customer's own mean is drawn towards the shop's the more the fewer orders stand behind it.
    Where the values vary so much that the expectation does not exist (p n + q <= 1), the
    customer's own mean is returned.
    """
    counts, values = np.asarray(orders, dtype=float), np.asarray(means, dtype=float)
    below = model.p * counts + model.q - 1
    drawn = model.p * (model.gamma + values * counts) / np.where(below > 0, below, np.nan)
    return np.where(below > 0, drawn, values)
