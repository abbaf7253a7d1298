"""scikit-learn's k-means for matrices that are already checked: the same bits in half the time.

A sweep over k makes thousands of short fits, and ``KMeans.fit`` spends more on checking its
arguments than on them. Here are its steps without the checks; `tests/unit/clustering/test_lloyd.py`
holds every bit against ``KMeans`` itself.
"""

import warnings
from typing import NamedTuple

import numpy as np


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


class Rows:
    """The rows of a matrix around their mean, and what every fit of them needs.

    Parameters
    ----------
    matrix : ndarray of float, shape (n, d)
        Finite: nothing is checked.
    tol : float
        As in `segmentation.clustering.kmeans.fit_kmeans`.
    """

    def __init__(self, matrix: np.ndarray, tol: float) -> None:
        matrix = np.ascontiguousarray(matrix)
        self.mean = matrix.mean(axis=0)
        self.centred = matrix - self.mean
        self._squares = _row_squares(self.centred)
        self._weights = np.ones(len(matrix))
        self._movement = float(np.mean(matrix.var(axis=0)) * tol)

    def fitted(self, centroids: np.ndarray, max_iter: int) -> Start:
        """Run from these centroids, which are written over, for so many iterations at most."""
        # What only applies a model need not wait for scikit-learn to be imported.
        from sklearn.cluster._kmeans import _kmeans_single_lloyd

        labels, inertia, centroids, _ = _kmeans_single_lloyd(
            self.centred, self._weights, centroids, max_iter=max_iter, tol=self._movement
        )
        return Start(labels, inertia, centroids)

    def squares_to(self, points: np.ndarray) -> np.ndarray:
        """Return the squared distances of m points to the rows, shape (m, n)."""
        distances = points @ self.centred.T
        distances *= -2
        distances += _row_squares(points)[:, None]
        distances += self._squares
        return np.maximum(distances, 0, out=distances)

    def spread(self, k: int, random: np.random.RandomState) -> np.ndarray:
        """Choose k rows far from each other: scikit-learn's greedy k-means++.

        Parameters
        ----------
        k : int
        random : RandomState
            Moved on by the draws.

        Returns
        -------
        ndarray of int, shape (k,)
            Positions; the first of them are a choice of fewer rows.

        Notes
        -----
        Arthur & Vassilvitskii (2007), "k-means++: the advantages of careful seeding": each row is
        drawn with a probability in proportion to its squared distance from the nearest one chosen
        so far, several times, and the draw that leaves the least inertia is kept.
        """
        rows, trials = len(self.centred), 2 + int(np.log(k))
        ones, even = np.ones((rows, 1)), np.full(rows, 1 / rows).cumsum()
        chosen = [int((even / even[-1]).searchsorted(random.random_sample(), side="right"))]
        nearest = self.squares_to(self.centred[chosen])
        inertia = nearest @ ones[:, 0]
        for _ in range(1, k):
            draws = random.uniform(size=trials) * inertia
            tried = np.minimum(nearest.cumsum().searchsorted(draws), rows - 1)
            left = self.squares_to(self.centred[tried])
            np.minimum(nearest, left, out=left)
            inertias = left @ ones
            best = inertias.argmin()
            inertia, nearest = inertias[best], left[best]
            chosen.append(int(tried[best]))
        return np.array(chosen)


def best_start(
    matrix: np.ndarray,
    k: int,
    *,
    seed: int,
    n_init: int,
    max_iter: int,
    tol: float,
    initial_centroids: np.ndarray | None = None,
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
    """
    from sklearn.cluster._kmeans import _is_same_clustering
    from sklearn.exceptions import ConvergenceWarning

    rows = Rows(matrix, tol)
    if initial_centroids is not None:
        starts = iter([initial_centroids - rows.mean])
    else:
        random = np.random.RandomState(seed)
        starts = (rows.centred[rows.spread(k, random)] for _ in range(n_init))
    best = None
    for start in starts:
        one = rows.fitted(start, max_iter)
        # Rounding may lower the inertia of the same segments in another order.
        if best is None or (
            one.inertia < best.inertia and not _is_same_clustering(one.labels, best.labels, k)
        ):
            best = one
    found = len(np.unique(best.labels))
    if found < k:
        warnings.warn(
            f"Number of distinct clusters ({found}) found smaller than n_clusters ({k}).",
            ConvergenceWarning,
            stacklevel=2,
        )
    return best._replace(centroids=best.centroids + rows.mean)


def _row_squares(matrix: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", matrix, matrix)
