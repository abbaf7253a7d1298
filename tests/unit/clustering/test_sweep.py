"""Ensures that the fits of a sweep are k-means, and as good ten starts of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris, load_wine
from sklearn.preprocessing import scale

from segmentation.clustering.kmeans import fit_kmeans, nearest_centroid
from segmentation.clustering.sweep import fit_sweep

KS = range(2, 11)


@pytest.mark.parametrize("load", [load_iris, load_wine])
def test_the_optima_are_at_least_those_of_ten_starts(load):
    matrix = scale(load().data)
    sweeps = [fit_sweep(matrix, KS, seed=seed) for seed in range(6)]
    found = [[fit.inertia for fit in fits.values()] for fits in sweeps]
    apart = [[fit_kmeans(matrix, k, seed=seed).inertia for k in KS] for seed in range(6)]
    assert np.log(found).mean() < np.log(apart).mean()


@pytest.mark.parametrize("ks", [[4], [1, 2, 3], [7, 2]])
def test_every_fit_is_one_of_k_means(ks):
    matrix = np.random.default_rng(4).gamma(1.0, size=(300, 3))
    found = fit_sweep(matrix, ks, seed=5)
    assert list(found) == sorted(ks)
    for k, fit in found.items():
        assert len(fit.centroids) == k and (np.diff(fit.sizes) <= 0).all()
        np.testing.assert_array_equal(fit.sizes, np.bincount(fit.labels, minlength=k))
        np.testing.assert_array_equal(fit.labels, nearest_centroid(matrix, fit.centroids).labels)
        squares = np.square(matrix - fit.centroids[fit.labels]).sum()
        assert fit.inertia == pytest.approx(squares)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(12, 80), st.integers(1, 4))
def test_more_segments_never_lie_further_apart(seed, rows, columns):
    matrix = np.random.default_rng(seed).normal(size=(rows, columns)).round(1)
    inertias = [fit.inertia for fit in fit_sweep(matrix, range(1, 7), seed=seed).values()]
    assert (np.diff(inertias) <= 1e-9).all()


def test_there_are_no_more_segments_than_distinct_rows():
    matrix = np.repeat([[0.0], [1.0], [5.0]], 4, axis=0)
    found = fit_sweep(matrix, [2, 3, 4, 9], seed=1)
    assert [len(fit.centroids) for fit in found.values()] == [2, 3, 3, 3]
    assert found[9].inertia == pytest.approx(0, abs=1e-12)
    assert [len(one.centroids) for one in fit_sweep(matrix[:4], [2, 3], seed=1).values()] == [1, 1]


def test_a_sweep_is_reproducible():
    matrix = np.random.default_rng(3).normal(size=(200, 2))
    one, again = (fit_sweep(matrix, KS, seed=8) for _ in range(2))
    assert all(one[k].centroids.tobytes() == again[k].centroids.tobytes() for k in KS)
