"""k-means: a reproducible fit, and the nearest-centroid rule that SQL applies."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from segmentation.clustering.lloyd import Start, best_start
from segmentation.clustering.threads import single_thread


@dataclass(frozen=True)
class KMeansFit:
    """A fitted k-means: segments numbered from 0 by descending size.

    Attributes
    ----------
    centroids : ndarray of shape (k, d)
        Means of the segments, in the units of the matrix.
    labels : ndarray of int, shape (n,)
        Segment of each row, 0 .. k-1.
    inertia : float
        Sum of squared Euclidean distances of the rows to their centroid.
    sizes : ndarray of int, shape (k,)
        Rows per segment, never increasing.
    """

    centroids: np.ndarray
    labels: np.ndarray
    inertia: float
    sizes: np.ndarray


class NearestCentroid(NamedTuple):
    """Nearest and second-nearest centroid of each row; all arrays have shape (n,).

    With a single centroid there is no runner-up: -1, at a distance of NaN.
    """

    labels: np.ndarray
    distance: np.ndarray
    runner_up: np.ndarray
    runner_up_distance: np.ndarray


def derived_seed(seed: int, *parts: int) -> int:
    """Return a seed that is fixed by `seed` and `parts`, for scikit-learn's ``random_state``.

    Parameters
    ----------
    seed : int
        The recipe's seed, not negative.
    *parts : int
        What the seed is for (a number of segments, a repetition …), not negative.

    Returns
    -------
    int
        Between 0 and 2**31 - 1.
    """
    return int(np.random.SeedSequence([seed, *parts]).generate_state(1)[0] >> 1)


def count_distinct_rows(matrix: np.ndarray) -> int:
    """Return the number of different rows of an (n, d) matrix."""
    return len(np.unique(matrix, axis=0))


def has_distinct_rows(matrix: np.ndarray, least: int) -> bool:
    """Return whether an (n, d) matrix has so many different rows, at little cost if it has."""
    # The first rows nearly always settle it; sorting all of them would cost as much as the fit.
    first = matrix[: 20 * least]
    return (
        len(set(first[:, 0].tolist())) >= least
        or count_distinct_rows(first) >= least
        or count_distinct_rows(matrix) >= least
    )


def _validate(matrix: np.ndarray, k: int, initial_centroids: np.ndarray | None) -> None:
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            f"The matrix to cluster has shape {matrix.shape}: "
            "it needs at least one row and one column."
        )
    if not np.isfinite(matrix).all():
        raise ValueError(
            "The matrix to cluster holds missing or infinite values: fill or exclude them first."
        )
    if k < 1:
        raise ValueError(f"k is {k}: the number of segments must be 1 or more.")
    if not has_distinct_rows(matrix, k):
        raise ValueError(
            f"k is {k} but the data has only {count_distinct_rows(matrix)} distinct rows: "
            "choose a smaller k or add features that tell rows apart."
        )
    if initial_centroids is not None and initial_centroids.shape != (k, matrix.shape[1]):
        raise ValueError(
            f"The initial centroids have shape {initial_centroids.shape}, "
            f"expected {(k, matrix.shape[1])} (k, columns of the matrix)."
        )


def by_descending_size(found: Start, mean: np.ndarray | float = 0.0) -> KMeansFit:
    """Number the segments of a start; `mean` is added to its centroids."""
    centroids = found.centroids + mean
    sizes = np.bincount(found.labels, minlength=len(centroids))
    # lexsort sorts by its last key first: size, then the coordinates from left to right.
    order = np.lexsort((*centroids.T[::-1], -sizes))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return KMeansFit(centroids[order], rank[found.labels], float(found.inertia), sizes[order])


@single_thread()
def fit_kmeans(
    matrix: np.ndarray,
    k: int,
    *,
    seed: int,
    n_init: int = 10,
    max_iter: int = 300,
    tol: float = 1e-4,
    initial_centroids: np.ndarray | None = None,
) -> KMeansFit:
    """Fit k-means by Lloyd's algorithm from k-means++ starts, on one thread.

    The result depends on the order of the rows through the random draws only: sort them by key.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows to cluster, without missing values.
    k : int
        Number of segments.
    seed : int
        Seed of the random starts (scikit-learn's ``random_state``).
    n_init : int
        Random starts; the one of the lowest inertia wins.
    max_iter : int
        Lloyd iterations per start.
    tol : float
        Relative movement of the centroids under which a start has converged.
    initial_centroids : ndarray of shape (k, d), optional
        A warm start, tried besides the random ones and kept if its inertia is lower.

    Returns
    -------
    KMeansFit
        Segments numbered by descending size, ties by the centroid's coordinates.

    Raises
    ------
    ValueError
        If the matrix is empty or not finite, k is below 1 or above the number of distinct rows,
        or the initial centroids have another shape.

    Notes
    -----
    Lloyd (1982), "Least squares quantization in PCM"; Arthur & Vassilvitskii (2007),
    "k-means++: the advantages of careful seeding".
    """
    matrix = np.asarray(matrix, dtype=float)
    if initial_centroids is not None:
        initial_centroids = np.asarray(initial_centroids, dtype=float)
    _validate(matrix, k, initial_centroids)
    settings = {"seed": seed, "max_iter": max_iter, "tol": tol}
    best = best_start(matrix, k, n_init=n_init, **settings)
    if initial_centroids is not None:
        warm = best_start(matrix, k, n_init=1, initial_centroids=initial_centroids, **settings)
        best = min(best, warm, key=lambda start: start.inertia)
    return by_descending_size(best)


def euclidean_distances(matrix: np.ndarray, centroids: Iterable[np.ndarray]) -> np.ndarray:
    """Distances of n rows to k centroids, shape (n, k), summed feature by feature."""
    columns = np.ascontiguousarray(matrix.T)
    squares = [
        sum(np.square(column - place) for column, place in zip(columns, centroid, strict=True))
        for centroid in centroids
    ]
    return np.sqrt(np.stack(squares, axis=1))


def nearest_centroid(matrix: np.ndarray, centroids: np.ndarray) -> NearestCentroid:
    """Assign each row to its nearest centroid by Euclidean distance.

    This is the oracle of the SQL that applies a model: distances are summed feature by feature,
    and of equally near centroids the one of the smaller index wins.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows to assign.
    centroids : ndarray of shape (k, d)
        Centroids, in the same units.

    Returns
    -------
    NearestCentroid
        labels, distance, runner_up, runner_up_distance, each of shape (n,).

    Raises
    ------
    ValueError
        If there is no centroid, or the numbers of columns differ.
    """
    matrix, centroids = np.asarray(matrix, dtype=float), np.asarray(centroids, dtype=float)
    if centroids.ndim != 2 or matrix.shape[1:] != centroids.shape[1:] or not len(centroids):
        raise ValueError(
            f"Rows of shape {matrix.shape} cannot be assigned to centroids of shape "
            f"{centroids.shape}: both need the same columns, and at least one centroid."
        )
    distances = euclidean_distances(matrix, centroids)
    rows = np.arange(len(matrix))
    labels = distances.argmin(axis=1)
    distance = distances[rows, labels]
    if len(centroids) == 1:
        return NearestCentroid(
            labels, distance, np.full_like(labels, -1), np.full_like(distance, np.nan)
        )
    distances[rows, labels] = np.inf
    runner_up = distances.argmin(axis=1)
    return NearestCentroid(labels, distance, runner_up, distances[rows, runner_up])
