"""Ensures that bisecting k-means is fully described by the centroids that SQL applies."""

import numpy as np
import pytest
from sklearn.cluster import BisectingKMeans
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from segmentation.clustering.bisecting import fit_bisecting_kmeans
from segmentation.clustering.kmeans import nearest_centroid
from segmentation.clustering.threads import single_thread


def test_planted_blobs_are_recovered_in_descending_size():
    sizes = [60, 200, 120]
    matrix, truth = make_blobs(sizes, centers=[[0, 0], [9, 0], [0, 9]], random_state=2)
    fit = fit_bisecting_kmeans(matrix, 3, seed=1)
    assert adjusted_rand_score(truth, fit.labels) == 1.0
    assert fit.sizes.tolist() == [200, 120, 60] == np.bincount(fit.labels).tolist()
    assert fit.centroids == pytest.approx(np.array([[9, 0], [0, 9], [0, 0]]), abs=0.5)
    assert fit.moved_share < 0.02


def test_labels_are_the_nearest_final_centroid_and_the_tree_differs_a_little():
    matrix = np.random.default_rng(0).normal(size=(1500, 3))
    fit = fit_bisecting_kmeans(matrix, 6, seed=4)
    assert (fit.labels == nearest_centroid(matrix, fit.centroids).labels).all()
    with single_thread():
        model = BisectingKMeans(6, init="k-means++", n_init=5, random_state=4).fit(matrix)
    agreement = adjusted_rand_score(model.labels_, fit.labels)
    assert 0.7 < agreement < 1.0
    assert 0.0 < fit.moved_share < 0.15
    assert fit.inertia < model.inertia_


def test_two_fits_are_equal_in_every_bit():
    matrix = np.random.default_rng(1).normal(size=(800, 4))
    one, two = (fit_bisecting_kmeans(matrix, 5, seed=3) for _ in range(2))
    assert (one.centroids == two.centroids).all() and (one.labels == two.labels).all()


def test_as_many_segments_as_distinct_rows_work_and_more_do_not():
    matrix = np.repeat(np.eye(3), 10, axis=0)
    assert fit_bisecting_kmeans(matrix, 3, seed=0).inertia == pytest.approx(0.0)
    with pytest.raises(ValueError, match="only 3 distinct rows"):
        fit_bisecting_kmeans(matrix, 4, seed=0)


def test_one_segment_is_the_mean():
    matrix = np.random.default_rng(2).normal(size=(50, 2))
    fit = fit_bisecting_kmeans(matrix, 1, seed=0)
    assert fit.centroids[0] == pytest.approx(matrix.mean(axis=0))
