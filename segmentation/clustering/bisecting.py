"""Bisecting k-means, reduced to the centroids that SQL applies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import BisectingKMeans

from segmentation.clustering.kmeans import nearest_centroid
from segmentation.clustering.matrices import check_segments, finite_matrix
from segmentation.clustering.threads import single_thread


@dataclass(frozen=True, eq=False)
class BisectingFit:
    """Centroids of a bisecting k-means, the largest segment first.

    Attributes
    ----------
    centroids : ndarray of shape (k, d)
    labels : ndarray of shape (rows,)
        Nearest centroid of each fitted row, from 0.
    inertia : float
        Sum of squared distances of rows to their nearest centroid.
    sizes : ndarray of shape (k,)
        Rows of each segment, never increasing.
    moved_share : float
        Share of rows whose nearest centroid is not the leaf of the tree they ended in.
    """

    centroids: np.ndarray
    labels: np.ndarray
    inertia: float
    sizes: np.ndarray
    moved_share: float


def fit_bisecting_kmeans(
    matrix: np.ndarray, k: int, *, seed: int, n_init: int = 5, max_iter: int = 300
) -> BisectingFit:
    """Split the rows in two, k - 1 times, always the segment of largest inertia.

    The published rule is *nearest final centroid*, not the path down the tree: one
    parameter table and one SQL model then apply k-means and bisecting k-means alike,
    and a row's distance explains its segment. Few rows differ (``moved_share``), all
    near a border.

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
        Finite numbers, in a fixed row order.
    k : int
        Number of segments.
    seed : int
    n_init : int
        Starts tried for each split.
    max_iter : int
        Lloyd steps for each start.

    Raises
    ------
    ValueError
        If the matrix is empty or not finite, or has fewer distinct rows than k.

    Notes
    -----
    M. Steinbach, G. Karypis, V. Kumar, "A comparison of document clustering techniques",
    KDD Workshop on Text Mining (2000).
    """
    matrix = finite_matrix(matrix, "bisecting k-means")
    check_segments(matrix, k, "bisecting k-means")
    model = BisectingKMeans(
        k,
        init="k-means++",
        n_init=n_init,
        max_iter=max_iter,
        random_state=seed,
        bisecting_strategy="biggest_inertia",
    )
    with single_thread():
        model.fit(matrix)
    sizes = np.bincount(nearest_centroid(matrix, model.cluster_centers_).labels, minlength=k)
    # lexsort sorts by its last key first: size, then the coordinates from left to right
    order = np.lexsort((*model.cluster_centers_.T[::-1], -sizes))
    nearest = nearest_centroid(matrix, model.cluster_centers_[order])
    leaves = np.argsort(order)[model.labels_]
    return BisectingFit(
        centroids=model.cluster_centers_[order],
        labels=nearest.labels,
        inertia=float(np.square(nearest.distance).sum()),
        sizes=np.bincount(nearest.labels, minlength=k),
        moved_share=float((nearest.labels != leaves).mean()),
    )
