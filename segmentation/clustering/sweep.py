"""k-means of the same rows for several numbers of segments at once: better optima, at less cost.

Fits that know nothing of each other spend most of their time on starts. Here one row after the
other is chosen far from those before it, and the first k of them start k segments, for every k. And
the best segments found so far, with one more row, start the next number: an optimum of few segments
is most of the way to one of more.
"""

from collections.abc import Iterable

import numpy as np

from segmentation.clustering.kmeans import (
    KMeansFit,
    by_descending_size,
    count_distinct_rows,
    has_distinct_rows,
)
from segmentation.clustering.lloyd import Rows, Start
from segmentation.clustering.threads import single_thread

SPREAD, GROWN = 6, 2
"""Starts from rows far from each other, and from each of the best of one segment less."""
HEAT, KEPT = 2, 3
"""Iterations after which only the best starts go on, and how many of them do."""


@single_thread()
def fit_sweep(
    matrix: np.ndarray,
    ks: Iterable[int],
    *,
    seed: int,
    spread: int = SPREAD,
    grown: int = GROWN,
    kept: int = KEPT,
    max_iter: int = 300,
    tol: float = 1e-4,
) -> dict[int, KMeansFit]:
    """Fit k-means for several k.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Finite numbers.
    ks : iterable of int
        Numbers of segments.
    seed : int
        Seed of the starts.
    spread : int
        Starts from rows far from each other.
    grown : int
        Starts from each of the best of one segment less.
    kept : int
        Starts that run to their end; the others are given up after two iterations.
    max_iter, tol
        As in `kmeans.fit_kmeans`.

    Returns
    -------
    dict of int to KMeansFit
        Where k exceeds the number of distinct rows, one with as many segments as there are those.

    Notes
    -----
    Rows far from each other: Arthur & Vassilvitskii (2007), "k-means++". Growing the best segments
    by a row: after Likas, Vlassis & Verbeek (2003), "The global k-means clustering algorithm",
    Pattern Recognition 36, who try every row where a few drawn ones are tried here.
    """
    wanted = sorted(set(ks))
    is_enough = has_distinct_rows(matrix, wanted[-1])
    most = wanted[-1] if is_enough else count_distinct_rows(matrix)
    rows, random = Rows(matrix, tol), np.random.RandomState(seed)
    chosen = [rows.spread(most, random) for _ in range(spread)]
    found, best = {}, []
    for k in range(min(2, wanted[0], most), most + 1):
        starts = [rows.centred[one[:k]] for one in chosen]
        starts += [start for one in best for start in _grown(rows, one, grown, random)]
        begun = _best(kept, (rows.fitted(start, HEAT) for start in starts))
        best = _best(kept, (rows.fitted(one.centroids, max_iter) for one in begun))
        found[k] = by_descending_size(best[0], rows.mean)
    return {k: found[min(k, most)] for k in wanted}


def _best(kept: int, fits: Iterable[Start]) -> list[Start]:
    return sorted(fits, key=lambda one: one.inertia)[:kept]


def _grown(rows: Rows, start: Start, times: int, random: np.random.RandomState) -> list[np.ndarray]:
    """Add a row to the centroids, several times: of three far ones the one that helps most."""
    nearest = rows.squares_to(start.centroids).min(axis=0)
    reached = nearest.cumsum()
    drawn = reached.searchsorted(random.uniform(size=(times, 3)) * reached[-1])
    tried = np.minimum(drawn, len(nearest) - 1)
    left = np.minimum(rows.squares_to(rows.centred[tried.ravel()]), nearest).sum(axis=1)
    kept = tried[np.arange(times), left.reshape(times, 3).argmin(axis=1)]
    return [np.vstack([start.centroids, rows.centred[[row]]]) for row in kept]
