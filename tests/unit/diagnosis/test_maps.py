"""Ensures that the map is the same on every build and shows neighbours as neighbours."""

import warnings

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.metrics import silhouette_score

from segmentation.diagnosis.maps import tsne_map


def test_separate_blobs_stay_separate_and_two_maps_are_equal_in_every_bit():
    matrix, truth = make_blobs(240, n_features=5, centers=4, cluster_std=0.7, random_state=4)
    one, two = (tsne_map(matrix, seed=1, max_iter=400) for _ in range(2))
    assert one.equals(two)
    assert list(one.columns) == ["row", "x", "y"] and one["row"].tolist() == list(range(240))
    assert silhouette_score(one[["x", "y"]], truth) > 0.5


def test_only_the_first_rows_are_drawn():
    matrix = np.random.default_rng(0).normal(size=(80, 3))
    bounded = tsne_map(matrix, seed=1, max_rows=50, max_iter=250)
    assert bounded.equals(tsne_map(matrix[:50], seed=1, max_iter=250))
    assert len(bounded) == 50


@pytest.mark.parametrize("rows", [1, 2, 4, 5, 12])
@pytest.mark.parametrize("columns", [1, 2, 4])
def test_fewer_rows_than_the_perplexity_are_drawn_all_the_same(rows, columns):
    matrix = np.random.default_rng(rows).normal(size=(rows, columns))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        points = tsne_map(matrix, seed=1, max_iter=250)
    assert len(points) == rows and np.isfinite(points).all(axis=None)


def test_a_single_column_uses_both_axes():
    matrix = np.sort(np.random.default_rng(3).normal(size=(60, 1)), axis=0)
    points = tsne_map(matrix, seed=1, max_iter=400)
    assert points["x"].std() > 0 and points["y"].std() > 0


def test_equal_rows_lie_on_one_point():
    points = tsne_map(np.full((20, 3), 7.0), seed=1)
    assert (points[["x", "y"]] == 0).all(axis=None)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="missing or infinite"):
        tsne_map(np.array([[np.nan]]), seed=1)
    with pytest.raises(ValueError, match="max_rows is 0"):
        tsne_map(np.eye(3), seed=1, max_rows=0)
