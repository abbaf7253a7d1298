"""Pairs of categories that are bought together by more customers than chance explains.

Who buys of many categories buys many pairs of them. So chance keeps two things as they are: how
many categories each customer bought of, and how many customers bought of each category. Among
customers of one number of categories, every set of so many is as likely as the product of its
categories' odds: the conditional distribution of the Rasch model, in which expected numbers of
pairs are exact. The odds are fitted apart for customers of few and of many categories, because
what goes with breadth is no affinity.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import gammaincinv, pdtrc

from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.threads import single_thread

FALSE_DISCOVERIES = 0.05
LEVEL = 0.95
STRATA = (2, 3, 4, 6, 9)
"""Numbers of categories up to which customers are taken together; the last is open."""
FEWEST_TOGETHER = 5
"""Customers below which a pair is not told."""
ROUNDS = 200
CLOSE = 1e-9


@single_thread()
def basket_pairs(matrix: np.ndarray, categories: Sequence[str]) -> pd.DataFrame:
    """Find pairs of categories that go together beyond breadth and popularity.

    Each pair's number of customers is compared with the expected one by a Poisson tail, which is
    wider than the sum of unequal chances that it stands for. The false discovery rate of the pairs
    returned is held at 5 % (Benjamini and Hochberg 1995) over all pairs of categories.

    Parameters
    ----------
    matrix : ndarray of shape (rows, categories)
        What each customer bought of each category, not negative; above zero is bought.
    categories : sequence of str
        Names of the columns, unique.

    Returns
    -------
    DataFrame
        category_a, category_b (by name), customers_a, customers_b, customers_both, expected, lift,
        lift_low, lift_high (95 %), p_value, q_value, by descending lift. Customers are those of at
        least two categories.

    Raises
    ------
    ValueError
        If the matrix is not finite.

    Notes
    -----
    S. X. Chen, A. P. Dempster, J. S. Liu, "Weighted finite population sampling to maximize
    entropy", Biometrika 81 (1994).
    """
    bought = finite_matrix(matrix, "pairs") > 0
    return _told(_judged(_counted(bought[bought.sum(axis=1) > 1], categories)))


def _counted(bought: np.ndarray, categories: Sequence[str]) -> pd.DataFrame:
    """Return every pair of categories with its customers, found and expected."""
    expected = _expected_pairs(bought)
    # products of counts are exact in floating point, in whatever order they are added
    together = bought.astype(float).T @ bought.astype(float)
    rows = []
    for a, b in combinations(np.argsort(np.array(categories, dtype=object)), 2):
        rows.append(
            {
                "category_a": categories[a],
                "category_b": categories[b],
                "customers_a": int(together[a, a]),
                "customers_b": int(together[b, b]),
                "customers_both": int(together[a, b]),
                "expected": float(expected[a, b]),
            }
        )
    columns = ["category_a", "category_b", "customers_a", "customers_b", "customers_both"]
    return pd.DataFrame(rows, columns=[*columns, "expected"])


def _judged(pairs: pd.DataFrame) -> pd.DataFrame:
    both, expected = pairs["customers_both"].to_numpy(float), pairs["expected"].to_numpy(float)
    p_values = np.where(both > 0, pdtrc(np.maximum(both, 1) - 1, expected), 1.0)
    edge = (1 - LEVEL) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(both > 0, gammaincinv(np.maximum(both, 1), edge), 0.0)
        high = gammaincinv(both + 1, 1 - edge)
        return pairs.assign(
            lift=both / expected,
            lift_low=low / expected,
            lift_high=high / expected,
            p_value=p_values,
            q_value=q_values(p_values),
        )


def _told(pairs: pd.DataFrame) -> pd.DataFrame:
    is_told = (
        (pairs["q_value"] <= FALSE_DISCOVERIES)
        & (pairs["lift_low"] > 1)
        & (pairs["customers_both"] >= FEWEST_TOGETHER)
    )
    order = ["lift", "category_a", "category_b"]
    told = pairs[is_told].sort_values(order, ascending=[False, True, True])
    return told.reset_index(drop=True)


def q_values(p_values: np.ndarray) -> np.ndarray:
    """Return the smallest false discovery rates at which each of n tests is told.

    Parameters
    ----------
    p_values : ndarray of shape (n,)
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * count / np.arange(1, count + 1)
    smallest = np.minimum.accumulate(scaled[::-1])[::-1]
    found = np.empty(count)
    found[order] = np.minimum(smallest, 1.0)
    return found


def _expected_pairs(bought: np.ndarray) -> np.ndarray:
    """Return the expected number of customers of every pair of categories."""
    width = bought.shape[1]
    breadth = bought.sum(axis=1)
    stratum = np.searchsorted(STRATA, breadth)
    expected = np.zeros((width, width))
    for number in np.unique(stratum):
        rows = bought[stratum == number]
        counts = rows.sum(axis=0)
        sizes = np.bincount(rows.sum(axis=1), minlength=width + 1)
        kept = np.flatnonzero(counts)
        odds = _odds(counts[kept], sizes)
        expected[np.ix_(kept, kept)] += _pairs_of(odds, sizes)
    return expected


def _odds(counts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the odds under which each category has its count of customers."""
    odds = counts / counts.sum()
    for _ in range(ROUNDS):
        expected = _singles_of(odds, sizes)
        step = counts / expected
        odds = odds * step
        odds = odds / odds.sum()
        if np.abs(step - 1).max() < CLOSE:
            break
    return odds


def _symmetric(odds: np.ndarray, most: int) -> np.ndarray:
    """Return the elementary symmetric polynomials of degree 0 to `most`, scaled to stay finite."""
    sums = np.zeros(most + 1)
    sums[0] = 1.0
    for one in odds:
        sums[1:] = sums[1:] + one * sums[:-1]
    return sums


def _singles_of(odds: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    degrees = np.flatnonzero(sizes)
    most = int(degrees.max())
    scaled = odds * len(odds)
    all_sums = _symmetric(scaled, most)
    without = _without(scaled, most)
    chances = scaled[:, None] * without[:, degrees - 1] / all_sums[degrees]
    return (chances * sizes[degrees]).sum(axis=1)


def _pairs_of(odds: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    degrees = np.flatnonzero(sizes)
    most = int(degrees.max())
    scaled = odds * len(odds)
    all_sums = _symmetric(scaled, most)
    expected = np.zeros((len(odds), len(odds)))
    for place in range(len(odds)):
        others = np.delete(scaled, place)
        chances = (
            scaled[place]
            * others[:, None]
            * _without(others, most)[:, degrees - 2]
            / all_sums[degrees]
        )
        expected[place, np.arange(len(odds)) != place] = (chances * sizes[degrees]).sum(axis=1)
    return expected


def _without(odds: np.ndarray, most: int) -> np.ndarray:
    """Return the symmetric polynomials of all odds but one, a row for each.

    Sums from the left and from the right are multiplied, because dividing one out loses digits.
    """
    count = len(odds)
    left = np.zeros((count + 1, most + 1))
    right = np.zeros((count + 1, most + 1))
    left[0, 0] = right[count, 0] = 1.0
    for place in range(count):
        left[place + 1] = left[place]
        left[place + 1, 1:] += odds[place] * left[place, :-1]
        back = count - 1 - place
        right[back] = right[back + 1]
        right[back, 1:] += odds[back] * right[back + 1, :-1]
    found = np.zeros((count, most + 1))
    for degree in range(most + 1):
        found[:, degree] = (
            left[:count, : degree + 1] * right[1:, degree::-1][:, : degree + 1]
        ).sum(axis=1)
    return found
