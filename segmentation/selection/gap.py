"""Gap statistic: the number of clusters against a reference that has none, k = 1 included."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from segmentation.clustering.kmeans import count_distinct_rows, derived_seed
from segmentation.clustering.sweep import fit_sweep
from segmentation.clustering.threads import single_thread

REFERENCE_STARTS = {"spread": 3, "grown": 1, "kept": 2}
"""Fewer than `fit_sweep` takes: a poor optimum of one reference set in many weighs little."""


@single_thread()
def reference_box(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the box around the data along its principal axes.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows.

    Returns
    -------
    tuple of ndarray
        mean (d,), axes (min(n, d), d), lowest and highest score along each axis (min(n, d),).
    """
    mean = matrix.mean(axis=0)
    _, _, axes = np.linalg.svd(matrix - mean, full_matrices=False)
    scores = (matrix - mean) @ axes.T
    return mean, axes, scores.min(axis=0), scores.max(axis=0)


def draw_reference(matrix: np.ndarray, *, seed: int) -> np.ndarray:
    """Draw n rows uniformly from the data's PCA-aligned box (reference distribution b)."""
    mean, axes, low, high = reference_box(matrix)
    rng = np.random.default_rng(seed)
    scores = rng.uniform(low, high, size=(len(matrix), len(low)))
    return scores @ axes + mean


def _log_dispersions(
    matrix: np.ndarray, ks: Sequence[int], seed: int, starts: dict[str, int]
) -> list[float]:
    fits = fit_sweep(matrix, ks, seed=seed, **starts) if ks else {}
    dispersions = [fits[k].inertia for k in ks]
    return [float(np.log(one)) if one > 0 else np.nan for one in dispersions]


def gap_from_dispersions(log_w: float, reference_log_w: np.ndarray) -> tuple[float, float]:
    """Return gap and its error from the log dispersions of the data and of B references.

    Parameters
    ----------
    log_w : float
        log W of the data.
    reference_log_w : ndarray of shape (B,)
        log W of the reference sets.

    Returns
    -------
    tuple of float
        gap = mean(reference_log_w) - log_w, and s = sd * sqrt(1 + 1 / B) with the sd divided by B,
        as published.
    """
    error = np.std(reference_log_w) * np.sqrt(1 + 1 / len(reference_log_w))
    return float(np.mean(reference_log_w) - log_w), float(error)


def _bounded(matrix: np.ndarray, max_rows: int, seed: int) -> np.ndarray:
    if len(matrix) <= max_rows:
        return matrix
    picked = np.random.default_rng(seed).choice(len(matrix), max_rows, replace=False)
    return matrix[np.sort(picked)]


def gap_statistic(
    matrix: np.ndarray,
    ks: Iterable[int] = range(1, 11),
    *,
    seed: int,
    references: int = 20,
    max_rows: int = 5_000,
) -> pd.DataFrame:
    """Compute the gap statistic of k-means for each k.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows, sorted by key.
    ks : iterable of int
        Numbers of clusters; 1 is allowed and needed if the answer may be 1.
    seed : int
        Seed of references and starts.
    references : int
        Reference sets, B.
    max_rows : int
        Above it a seeded subsample of this many rows is used, for data and references alike.

    Returns
    -------
    DataFrame
        One row per k: k, log_w, gap, gap_se; NaN where k is not below the number of distinct rows.

    Notes
    -----
    Tibshirani, Walther & Hastie (2001), "Estimating the number of clusters in a data set via the
    gap statistic", Journal of the Royal Statistical Society B 63. W is k-means' inertia; the
    reference is uniform in the box aligned with the principal components (their choice b).
    """
    matrix = _bounded(np.asarray(matrix, dtype=float), max_rows, derived_seed(seed, 0))
    distinct = count_distinct_rows(matrix)
    drawn = [draw_reference(matrix, seed=derived_seed(seed, 1, b)) for b in range(references)]
    ks = list(ks)
    told = [k for k in ks if k < distinct]
    observed = _log_dispersions(matrix, told, seed, {})
    expected = [_log_dispersions(data, told, seed, REFERENCE_STARTS) for data in drawn]
    gaps = zip(observed, np.array(expected).T, strict=True)
    rows = [(log_w, *gap_from_dispersions(log_w, others)) for log_w, others in gaps]
    figures = pd.DataFrame(rows, index=told, columns=["log_w", "gap", "gap_se"], dtype=float)
    return figures.reindex(ks).rename_axis("k").reset_index()
