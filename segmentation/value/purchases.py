"""How often customers buy until they leave: BG/NBD and its modification, by maximum likelihood.

A customer who is there buys as a Poisson process with a rate of their own; rates are
gamma distributed (shape r, rate alpha). After each purchase the customer leaves with a
probability of their own, beta distributed (a, b). In the BG/NBD nobody can leave before the
first repeat purchase, so that every customer of one order counts as there for ever. The
modified model (MBG/NBD) lets customers leave after the first order too.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

MINIMUM_REPEATERS = 50
NODES = 16
# Logarithms of r, alpha, a and b. At the upper ends customers no longer differ, so that the
# likelihood is flat beyond them; alpha grows with r.
BOUNDS = [(-7.0, 7.0), (-12.0, 12.0), (-7.0, 7.0), (-7.0, 7.0)]
HISTORY = ["repeats", "recency", "age"]


@dataclass(frozen=True)
class PurchaseModel:
    """A fitted model of purchases.

    Attributes
    ----------
    r, alpha : float
        Shape and rate of the gamma distribution of purchase rates; alpha in units of time.
    a, b : float
        Parameters of the beta distribution of the probability of leaving after a purchase.
    log_likelihood : float
        Of the histories it was fitted to.
    can_leave_at_once : bool
        Whether a customer may leave after the first order (MBG/NBD) or not (BG/NBD).
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    can_leave_at_once: bool

    @property
    def chances(self) -> int:
        """How often a customer without a repeat purchase could have left."""
        return int(self.can_leave_at_once)


def _grouped(repeats: np.ndarray, recency: np.ndarray, age: np.ndarray) -> pd.DataFrame:
    """Return the distinct histories and how many customers have each, in a fixed order."""
    rows = pd.DataFrame({"repeats": repeats, "recency": recency, "age": age}, dtype=float)
    return rows.groupby(HISTORY, sort=True).size().rename("customers").reset_index()


def _log_likelihoods(
    parameters: np.ndarray, x: np.ndarray, recency: np.ndarray, age: np.ndarray, chances: int
) -> np.ndarray:
    r, alpha, a, b = parameters
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + x + chances) - betaln(a, b) - (r + x) * np.log(alpha + age)
    # Without a chance to leave the second way to have no repeat purchase does not exist.
    survived = np.maximum(x - 1 + chances, 0)
    left = betaln(a + 1, b + survived) - betaln(a, b) - (r + x) * np.log(alpha + recency)
    left = np.where(x + chances > 0, left, -np.inf)
    return bought + np.logaddexp(stayed, left)


def fit_purchases(
    repeats: np.ndarray, recency: np.ndarray, age: np.ndarray, *, can_leave_at_once: bool = True
) -> PurchaseModel:
    """Fit the model of purchases by maximum likelihood.

    Parameters
    ----------
    repeats : ndarray of shape (n,)
        Purchases after the first: days (or other units) with an order, less one.
    recency : ndarray of shape (n,)
        Time from the first purchase to the last; 0 without a repeat purchase.
    age : ndarray of shape (n,)
        Time from the first purchase to the end of what is known.
    can_leave_at_once : bool
        MBG/NBD if true, BG/NBD if not.

    Returns
    -------
    PurchaseModel

    Raises
    ------
    ValueError
        If fewer than 50 customers bought again: four parameters would be guesses.

    Notes
    -----
    BG/NBD: Fader, Hardie & Lee (2005), "Counting your customers the easy way". MBG/NBD: Batislam,
    Denizel & Filiztekin (2007), "Empirical validation and comparison of models for customer base
    analysis".
    """
    repeaters = int((np.asarray(repeats) > 0).sum())
    if repeaters < MINIMUM_REPEATERS:
        raise ValueError(
            f"{repeaters} customers bought again; a model of purchases takes at least "
            f"{MINIMUM_REPEATERS}."
        )
    rows, chances = _grouped(repeats, recency, age), int(can_leave_at_once)
    x, last, until, customers = (rows[name].to_numpy() for name in [*HISTORY, "customers"])
    # In units of the mean age the start suits days, weeks and years.
    unit = float(np.average(until, weights=customers)) or 1.0

    def loss(logs: np.ndarray) -> float:
        found = _log_likelihoods(np.exp(logs), x, last / unit, until / unit, chances)
        return -float(customers @ found) / customers.sum()

    options = {"xatol": 1e-8, "fatol": 1e-12, "maxiter": 4_000, "maxfev": 4_000}
    near = minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=BOUNDS)
    best = minimize(loss, near.x, method="Nelder-Mead", bounds=BOUNDS, options=options)
    r, alpha, a, b = np.exp(best.x)
    parameters = np.array([r, alpha * unit, a, b])
    found = float(customers @ _log_likelihoods(parameters, x, last, until, chances))
    return PurchaseModel(*map(float, parameters), found, can_leave_at_once)


def probability_alive(
    model: PurchaseModel, repeats: np.ndarray, recency: np.ndarray, age: np.ndarray
) -> np.ndarray:
    """Return the probability that each customer has not left, of shape (n,), in [0, 1]."""
    x = np.asarray(repeats, dtype=float)
    stayed = model.b + x - 1 + model.chances
    with np.errstate(divide="ignore"):
        odds = np.log(model.a) - np.log(np.maximum(stayed, 0))
    odds = odds + (model.r + x) * (np.log(model.alpha + age) - np.log(model.alpha + recency))
    alive = 1 / (1 + np.exp(np.minimum(odds, 700.0)))
    return np.where(x + model.chances > 0, alive, 1.0)


def leaving_nodes(model: PurchaseModel, repeats: np.ndarray) -> pd.DataFrame:
    """Return points and weights that average over the probability of leaving.

    With them a sum of 16 terms replaces the hypergeometric function of the papers, which no
    SQL engine has: the expectation over a beta distribution by Gauss-Jacobi quadrature.

    Parameters
    ----------
    model : PurchaseModel
    repeats : ndarray
        Numbers of repeat purchases; those that differ are used.

    Returns
    -------
    DataFrame
        One row per repeats and node (from 1): leaves (the probability, in (0, 1)) and weight;
        the weights of a number of repeats sum to 1.

    Notes
    -----
    Golub & Welsch (1969), "Calculation of Gauss quadrature rules". Nodes are eigenvalues of the
    tridiagonal matrix of the Jacobi polynomials' recurrence; weights come from the eigenvectors.
    """
    distinct = np.unique(np.asarray(repeats, dtype=int))
    tables = []
    for count in distinct:
        points, weights = _beta_quadrature(model.a, model.b + count + model.chances)
        tables.append(
            pd.DataFrame(
                {
                    "repeats": int(count),
                    "node": np.arange(1, NODES + 1),
                    "leaves": points,
                    "weight": weights,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _beta_quadrature(a: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes in (0, 1) and weights, summing to 1, for a beta(a, b) distribution."""
    # The Jacobi polynomials P^(alpha, beta) on (-1, 1) with alpha = b - 1 and beta = a - 1.
    alpha, beta, n = b - 1, a - 1, np.arange(NODES, dtype=float)
    total = 2 * n + alpha + beta
    diagonal = np.empty(NODES)
    diagonal[0] = (beta - alpha) / (alpha + beta + 2)
    diagonal[1:] = (beta**2 - alpha**2) / (total[1:] * (total[1:] + 2))
    m = n[1:]
    sums = 2 * m + alpha + beta
    # The first of them is written apart: its general form is 0/0 where alpha + beta = -1.
    squared = np.empty(NODES - 1)
    squared[0] = 4 * (1 + alpha) * (1 + beta) / ((alpha + beta + 2) ** 2 * (alpha + beta + 3))
    m, sums = m[1:], sums[1:]
    squared[1:] = (
        4 * m * (m + alpha) * (m + beta) * (m + alpha + beta) / (sums**2 * (sums + 1) * (sums - 1))
    )
    off = np.diag(np.sqrt(squared), 1)
    values, vectors = np.linalg.eigh(np.diag(diagonal) + off + off.T)
    return (1 + values) / 2, vectors[0] ** 2


def purchases_if_active(
    model: PurchaseModel, repeats: np.ndarray, age: np.ndarray, horizon: float
) -> np.ndarray:
    """Return the purchases within the horizon that each customer makes if they have not left.

    Parameters
    ----------
    model : PurchaseModel
    repeats, age : ndarray of shape (n,)
        As in `fit_purchases`.
    horizon : float
        Time to look ahead, in the units of age.

    Returns
    -------
    ndarray of shape (n,)
        Given rate and probability of leaving p, such a customer makes
        (1 - exp(-rate p horizon)) / p purchases; averaged over what the history says of both.
    """
    x = np.asarray(repeats, dtype=float)
    nodes = leaving_nodes(model, x)
    shape = (-1, NODES)
    places = np.searchsorted(nodes["repeats"].to_numpy()[::NODES], x)
    leaves = nodes["leaves"].to_numpy().reshape(shape)[places]
    weights = nodes["weight"].to_numpy().reshape(shape)[places]
    known = (model.alpha + np.asarray(age, dtype=float))[:, None]
    decay = np.exp(-(model.r + x)[:, None] * np.log1p(leaves * horizon / known))
    return (weights * (1 - decay) / leaves).sum(axis=1)


def expected_purchases(
    model: PurchaseModel,
    repeats: np.ndarray,
    recency: np.ndarray,
    age: np.ndarray,
    horizon: float,
) -> np.ndarray:
    """Return the purchases each customer is expected to make within the horizon.

    Parameters
    ----------
    model : PurchaseModel
    repeats, recency, age : ndarray of shape (n,)
        As in `fit_purchases`.
    horizon : float
        Time to look ahead, in the units of age.

    Returns
    -------
    ndarray of shape (n,)
        Those of a customer who is still there, times the probability of that.
    """
    ahead = purchases_if_active(model, repeats, age, horizon)
    return ahead * probability_alive(model, repeats, recency, age)
