"""Would the same segments come back from other customers? Clusterwise bootstrap stability."""

from collections.abc import Callable, Iterable

import numpy as np

from segmentation.clustering.kmeans import (
    KMeansFit,
    count_distinct_rows,
    derived_seed,
    fit_kmeans,
    has_distinct_rows,
)
from segmentation.clustering.sweep import fit_sweep

VERDICTS = (
    (0.85, "highly stable"),
    (0.75, "stable"),
    (0.60, "pattern"),
    (0.50, "doubtful"),
    (-np.inf, "dissolved"),
)
REFIT_ROWS = 5_000
REFIT_STARTS = 10


def clusterwise_jaccard(labels: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Return, for each segment, its best Jaccard similarity with a segment of another partition.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Segments to judge, 0 .. k-1.
    other : ndarray of int, shape (n,)
        Segments of the same rows in the other partition, from 0.
    k : int
        Number of segments to judge.

    Returns
    -------
    ndarray of shape (k,)
        In [0, 1]; NaN for a segment without a row here.

    Notes
    -----
    Jaccard similarity of two sets: rows in both, divided by rows in at least one.
    """
    width = int(other.max(initial=0)) + 1
    both = np.bincount(labels * width + other, minlength=k * width).reshape(k, width)
    sizes = both.sum(axis=1)
    either = sizes[:, None] + both.sum(axis=0)[None, :] - both
    best = (both / np.maximum(either, 1)).max(axis=1)
    return np.where(sizes > 0, best, np.nan)


def bootstrap_draws(
    rows: int, *, bootstraps: int, seed: int, max_rows: int = REFIT_ROWS
) -> list[np.ndarray]:
    """Draw row positions with replacement, at most `max_rows`, and keep each once, per bootstrap.

    Rows that stand twice in a sample pull a start towards themselves, and a refit that they lead
    astray says nothing of the segments (Hennig's fpc leaves them out by default).
    """
    rng = np.random.default_rng(derived_seed(seed, bootstraps))
    size = min(rows, max_rows)
    return [np.unique(rng.integers(0, rows, size)) for _ in range(bootstraps)]


def bootstrap_refits(
    matrix: np.ndarray,
    ks: Iterable[int],
    draws: list[np.ndarray],
    *,
    seed: int,
    max_iter: int = 300,
) -> list[dict[int, KMeansFit]]:
    """Refit k-means on each bootstrap draw, from fresh starts.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        All rows.
    ks : iterable of int
        Numbers of segments; fewer where a draw has fewer distinct rows.
    draws : list of ndarray of int
        Row positions of each bootstrap (`bootstrap_draws`).
    seed, max_iter
        As in `fit_sweep`.

    Returns
    -------
    list of dict of int to KMeansFit
        The fits of every draw.
    """
    ks = sorted(ks)
    return [
        fit_sweep(matrix[rows], ks, seed=derived_seed(seed, number), max_iter=max_iter)
        for number, rows in enumerate(draws)
    ]


def refit_jaccard(labels: np.ndarray, rows: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Return the clusterwise Jaccard of a partition with one refit, on the rows that were drawn.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Partition to judge, all rows.
    rows : ndarray of int
        Row positions that the refit saw, in its order, each once.
    other : ndarray of int
        Their segments in the refit, from 0.
    k : int
        Number of segments of `labels`.

    Returns
    -------
    ndarray of shape (k,)
        Best Jaccard of each segment; NaN where none of its rows was drawn.
    """
    return clusterwise_jaccard(labels[rows], other, k)


def mean_jaccard(jaccards: list[np.ndarray], k: int) -> np.ndarray:
    """Average clusterwise Jaccards over refits: (k,), NaN for a segment that was never drawn."""
    if not jaccards:
        return np.full(k, np.nan)
    stacked = np.stack(jaccards)
    seen = (~np.isnan(stacked)).sum(axis=0)
    return np.where(seen > 0, np.nansum(stacked, axis=0) / np.maximum(seen, 1), np.nan)


def bootstrap_jaccard(
    matrix: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    bootstraps: int = 50,
    max_rows: int = REFIT_ROWS,
    n_init: int = REFIT_STARTS,
    refit: Callable[[np.ndarray, int, int], np.ndarray] | None = None,
) -> np.ndarray:
    """Return the clusterwise bootstrap stability of a partition.

    Each segment is looked up in `bootstraps` refits on rows that were drawn with replacement, each
    taken once; its stability is the mean of the best Jaccard similarities.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows that were clustered, sorted by key.
    labels : ndarray of int, shape (n,)
        Their segments, 0 .. k-1.
    seed : int
        Seed of draws and starts.
    bootstraps : int
        Number of refits.
    max_rows : int
        Rows drawn per refit at most.
    n_init : int
        Random starts per refit.
    refit : callable of (rows, k, seed) returning labels from 0, optional
        The algorithm that made the partition; k-means unless given.

    Returns
    -------
    ndarray of shape (k,)
        Mean Jaccard similarity in [0, 1] of each segment.

    Notes
    -----
    Hennig (2007), "Cluster-wise assessment of cluster stability", Computational Statistics &
    Data Analysis 52; distinct rows as in his package fpc by default (``clusterboot``). High
    stability says that a segment is reproducible, not that it is a group of its own: k = 2 on a
    single Gaussian can be stable (see `segmentation.diagnosis.structure`).
    """
    k = int(labels.max()) + 1
    draws = bootstrap_draws(len(matrix), bootstraps=bootstraps, seed=seed, max_rows=max_rows)

    def kmeans(rows: np.ndarray, segments: int, start: int) -> np.ndarray:
        return fit_kmeans(rows, segments, seed=start, n_init=n_init).labels

    others = [
        _refitted(refit or kmeans, matrix[rows], k, derived_seed(seed, k, number))
        for number, rows in enumerate(draws)
    ]
    jaccards = [
        refit_jaccard(labels, rows, other, k) for rows, other in zip(draws, others, strict=True)
    ]
    return mean_jaccard(jaccards, k)


def _refitted(
    refit: Callable[[np.ndarray, int, int], np.ndarray], drawn: np.ndarray, k: int, seed: int
) -> np.ndarray:
    return refit(drawn, k if has_distinct_rows(drawn, k) else count_distinct_rows(drawn), seed)


def stability_verdict(jaccard: float) -> str:
    """Say a mean Jaccard similarity in words.

    Parameters
    ----------
    jaccard : float
        Mean clusterwise Jaccard, in [0, 1].

    Returns
    -------
    str
        dissolved (< 0.5), doubtful (< 0.6), pattern (< 0.75), stable (< 0.85), highly stable;
        "unknown" for NaN.

    Notes
    -----
    Bounds as recommended in Hennig (2007, 2008) and the manual of his R package fpc.
    """
    if np.isnan(jaccard):
        return "unknown"
    return next(words for bound, words in VERDICTS if jaccard >= bound)
