"""The written rule that chooses the number of baskets, with a reason for every candidate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from segmentation.baskets.nonnegative import category_scales, factorise, unexplained_share
from segmentation.clustering.kmeans import derived_seed
from segmentation.clustering.threads import single_thread

MARGIN = 2.0
MOST_ITEMS = 1000


@single_thread()
def evaluate_basket_counts(
    matrix: np.ndarray, *, max_components: int, seed: int, random_sets: int = 10
) -> pd.DataFrame:
    """Reconstruction error of 1 to ``max_components`` baskets, beside that of random baskets.

    Parameters
    ----------
    matrix : ndarray of shape (rows, categories)
        Not negative, no row of zeros.
    max_components : int
        At most the smaller side of the matrix.
    seed : int
    random_sets : int
        Sets of random baskets compared with, at least 2.

    Returns
    -------
    DataFrame, one row per number of components
        components; reconstruction_error (unexplained share of the sum of squares, categories
        scaled);
        error_drop (how much the last component took off it); random_drop and
        random_drop_sd (mean and standard deviation of the same over the random sets).

    Raises
    ------
    ValueError
        If ``random_sets`` is below 2, which leaves no standard deviation.
    """
    if random_sets < 2:
        raise ValueError(f"baskets: random_sets is {random_sets}; it must be 2 or more.")
    scales = category_scales(matrix)
    real = _errors(matrix * scales, max_components, seed)
    rng = np.random.default_rng(derived_seed(seed, max_components))
    sets = [
        _errors(random_baskets(matrix, rng) * scales, max_components, seed)
        for _ in range(random_sets)
    ]
    drops = -np.diff(np.column_stack([np.ones(random_sets), np.array(sets)]), axis=1)
    return pd.DataFrame(
        {
            "components": np.arange(1, max_components + 1),
            "reconstruction_error": real,
            "error_drop": -np.diff([1.0, *real]),
            "random_drop": drops.mean(axis=0),
            "random_drop_sd": drops.std(axis=0, ddof=1),
        }
    )


def random_baskets(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Baskets like the real ones in size and popularity, in which nothing goes together.

    Every customer draws as many items as the concentration of the real row implies, all
    from the same popularity p. A row of n such items has an expected sum of squared shares
    of 1/n + (1 - 1/n) Σp², which is solved for n. Permuting each category's column would
    not do: shares add up to one, and shuffled ones do not.
    """
    totals = matrix.sum(axis=1)
    popularity = matrix.sum(axis=0) / totals.sum()
    even = np.square(popularity).sum()
    concentration = np.square(matrix).sum(axis=1) / totals**2
    surplus = np.maximum(concentration - even, (1 - even) / MOST_ITEMS)
    # a row with a single category would need one item; it tells nothing of what goes together
    items = np.clip(np.rint((1 - even) / np.maximum(surplus, 1e-12)), 2, MOST_ITEMS).astype(int)
    drawn = rng.multinomial(items, popularity)
    return drawn * (totals / items)[:, None]


def select_basket_count(candidates: pd.DataFrame, forced: int | None = None) -> pd.DataFrame:
    """Mark the number of baskets and give a reason for every candidate.

    The rule: keep adding components as long as each takes more off the reconstruction error
    than in random baskets, by two standard deviations of those. The error alone never stops
    falling, so it cannot choose.

    Parameters
    ----------
    candidates : DataFrame
        As returned by ``evaluate_basket_counts``.
    forced : int, optional
        Overrides the rule; must be among the candidates.

    Returns
    -------
    DataFrame
        The candidates with exactly one ``is_selected`` and a ``reason`` in every row.

    Notes
    -----
    A. Frigyesi, M. Höglund, "Non-negative matrix factorization for the analysis of complex gene
    expression data", Cancer Informatics 6 (2008); the idea of parallel analysis, J. Horn (1965).
    """
    limit = candidates["random_drop"] + MARGIN * candidates["random_drop_sd"]
    # one basket is no claim that anything goes together, so the first always stands
    holds = (candidates["error_drop"] > limit) | (candidates["components"] == 1)
    ruled = int(holds.cummin().sum())
    chosen = ruled if forced is None else forced
    reasons = [_reason(row, ruled, len(candidates)) for row in candidates.itertuples()]
    frame = candidates.assign(is_selected=candidates["components"] == chosen, reason=reasons)
    if forced is not None:
        told = f"set by components: {forced}; the rule would take {ruled}"
        frame["reason"] = frame["reason"].mask(frame["is_selected"], told)
    return frame


def _reason(row, ruled: int, most: int) -> str:
    against = (
        f"takes {row.error_drop:.4f} off the error, "
        f"random baskets {row.random_drop:.4f} ± {row.random_drop_sd:.4f}"
    )
    if row.components == ruled == most:
        return f"the largest number tried; its last component {against}"
    if row.components == ruled == 1:
        return "a second component takes no more off the error than in random baskets"
    if row.components == ruled:
        return f"the last component that stands out: it {against}; the next does not"
    if row.components < ruled:
        return f"one more component stands out from random baskets, so {ruled} are taken"
    if row.components == ruled + 1:
        return f"its last component does not stand out: it {against}"
    return f"component {ruled + 1} already does not stand out from random baskets"


def _errors(matrix: np.ndarray, most: int, seed: int) -> list[float]:
    return [
        unexplained_share(matrix, factorise(matrix, number, seed=seed))
        for number in range(1, most + 1)
    ]
