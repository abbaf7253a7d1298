"""scikit-learn's k-means for matrices that are already checked: the same bits in half the time.

A sweep over k makes thousands of short fits, and ``KMeans.fit`` spends more on checking its
arguments than on them. Here are its steps without the checks; `tests/unit/clustering/test_lloyd.py`
holds every bit against ``KMeans`` itself.
"""

import warnings
from typing import NamedTuple

import numpy as np

FINALISTS = 2


class Start(NamedTuple):
    """Where a random start of Lloyd's algorithm ended.

    Attributes
    ----------
    labels : ndarray of int32, shape (n,)
    inertia : float
        Sum of squared Euclidean distances of the rows to their centroid.
    centroids : ndarray of shape (k, d)
    """

    labels: np.ndarray
    inertia: float
    centroids: np.ndarray


def best_start(
    matrix: np.ndarray,
    k: int,
    *,
    seed: int,
    n_init: int,
    max_iter: int,
    tol: float,
    initial_centroids: np.ndarray | None = None,
    heat: int | None = None,
) -> Start:
    """Return the start of the lowest inertia, as ``KMeans(k, …).fit(matrix)`` does.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, d)
        Finite, with at least k distinct rows: nothing is checked.
    k, seed, n_init, max_iter, tol
        As in `segmentation.clustering.kmeans.fit_kmeans`.
    initial_centroids : ndarray of shape (k, d), optional
        The only start, in place of random ones.
    heat : int, optional
        Iterations after which only the two best of the random starts go on: nearly the quality of
        all of them at half the cost.
    """
    # What only applies a model need not wait for scikit-learn to be imported.
    from sklearn.cluster._kmeans import _is_same_clustering, _kmeans_single_lloyd
    from sklearn.exceptions import ConvergenceWarning

    matrix = np.ascontiguousarray(matrix)
    mean = matrix.mean(axis=0)
    centred = matrix - mean
    weights = np.ones(len(matrix))
    movement = float(np.mean(matrix.var(axis=0)) * tol)
    if initial_centroids is not None:
        starts = iter([initial_centroids - mean])
    else:
        random = np.random.RandomState(seed)
        starts = (spread_centroids(centred, k, random) for _ in range(n_init))
        if heat is not None and n_init > FINALISTS:
            ran = (
                _kmeans_single_lloyd(centred, weights, start, max_iter=heat, tol=movement)
                for start in starts
            )
            finalists = sorted(ran, key=lambda one: one[1])[:FINALISTS]
            starts = iter([centroids for _, _, centroids, _ in finalists])
    best = None
    for start in starts:
        labels, inertia, centroids, _ = _kmeans_single_lloyd(
            centred, weights, start, max_iter=max_iter, tol=movement
        )
        # Rounding may lower the inertia of the same segments in another order.
        if best is None or (
            inertia < best.inertia and not _is_same_clustering(labels, best.labels, k)
        ):
            best = Start(labels, inertia, centroids)
    found = len(np.unique(best.labels))
    if found < k:
        warnings.warn(
            f"Number of distinct clusters ({found}) found smaller than n_clusters ({k}).",
            ConvergenceWarning,
            stacklevel=2,
        )
    return best._replace(centroids=best.centroids + mean)


def spread_centroids(matrix: np.ndarray, k: int, random: np.random.RandomState) -> np.ndarray:
    """Choose k rows far from each other: scikit-learn's greedy k-means++ on rows of equal weight.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Centred rows.
    k : int
    random : RandomState
        Moved on by the draws.

    Returns
    -------
    ndarray of shape (k, d)

    Notes
    -----
    Arthur & Vassilvitskii (2007), "k-means++: the advantages of careful seeding": each row is drawn
    with a probability in proportion to its squared distance from the nearest one chosen so far,
    several times, and the draw that leaves the least inertia is kept.
    """
    rows, trials = len(matrix), 2 + int(np.log(k))
    squares, ones = _row_squares(matrix), np.ones((rows, 1))
    even = np.full(rows, 1 / rows).cumsum()
    chosen = [int((even / even[-1]).searchsorted(random.random_sample(), side="right"))]
    nearest = _squared_distances(matrix, chosen, squares)
    inertia = nearest @ ones[:, 0]
    for _ in range(1, k):
        draws = random.uniform(size=trials) * inertia
        tried = np.minimum(nearest.cumsum().searchsorted(draws), rows - 1)
        left = _squared_distances(matrix, tried, squares)
        np.minimum(nearest, left, out=left)
        inertias = left @ ones
        best = inertias.argmin()
        inertia, nearest = inertias[best], left[best]
        chosen.append(int(tried[best]))
    return matrix[chosen]


def _row_squares(matrix: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", matrix, matrix)


def _squared_distances(matrix: np.ndarray, chosen: np.ndarray, squares: np.ndarray) -> np.ndarray:
    rows = matrix[chosen]
    distances = rows @ matrix.T
    distances *= -2
    distances += _row_squares(rows)[:, None]
    distances += squares
    return np.maximum(distances, 0, out=distances)
