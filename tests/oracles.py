"""What tests hold figures of the build against, written in another way than the build does."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from segmentation.clustering.mixture import MixtureFit, mixture_log_density


def mixture_probabilities(matrix: np.ndarray, fit: MixtureFit) -> np.ndarray:
    """Membership probabilities, shape (rows, k), each row summing to 1.

    The largest log density is subtracted before the exponential (log-sum-exp), so a
    row far from every component still gets probabilities.
    """
    log_density = mixture_log_density(matrix, fit)
    shares = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


def select_gap_k(ks: Iterable[int], gaps: Iterable[float], errors: Iterable[float]) -> int | None:
    """Return the smallest k with gap(k) >= gap(k + 1) - s(k + 1).

    Parameters
    ----------
    ks : iterable of int
        Numbers of clusters, ascending and consecutive.
    gaps, errors : iterable of float
        Gap and its error for each k; NaN where not computed.

    Returns
    -------
    int or None
        The k of the rule; if the gap still grows at the end, the last k; None without any gap.

    Notes
    -----
    The 1-SE rule of Tibshirani, Walther & Hastie (2001), step 3.
    """
    known = [row for row in zip(ks, gaps, errors, strict=True) if not np.isnan(row[1])]
    for (k, gap, _), (_, next_gap, next_error) in pairwise(known):
        if gap >= next_gap - next_error:
            return int(k)
    return int(known[-1][0]) if known else None
