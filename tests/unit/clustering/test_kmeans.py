"""Ensures that k-means is scikit-learn's, numbered by size, and reproducible to the last bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from segmentation.clustering.kmeans import (
    count_distinct_rows,
    derived_seed,
    fit_kmeans,
    has_distinct_rows,
    nearest_centroid,
)


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    rng = np.random.default_rng(4)
    centers = np.array([[0, 0, 0], [6, 0, 0], [0, 6, 0], [0, 0, 6]])
    return np.concatenate(
        [rng.normal(c, 1, (n, 3)) for c, n in zip(centers, (40, 200, 90, 120), strict=True)]
    )


def test_the_partition_is_that_of_plain_scikit_learn(blobs):
    plain = KMeans(5, init="k-means++", n_init=10, max_iter=300, random_state=222).fit(blobs)
    fit = fit_kmeans(blobs, 5, seed=222)
    assert adjusted_rand_score(plain.labels_, fit.labels) == 1
    assert fit.inertia == pytest.approx(plain.inertia_, rel=1e-9)


def test_segments_are_numbered_by_descending_size(blobs):
    fit = fit_kmeans(blobs, 4, seed=1)
    assert fit.sizes.tolist() == [200, 120, 90, 40]
    assert np.bincount(fit.labels).tolist() == fit.sizes.tolist()
    means = [blobs[fit.labels == segment].mean(axis=0) for segment in range(4)]
    np.testing.assert_allclose(fit.centroids, means)


def test_segments_of_equal_size_are_numbered_by_their_coordinates():
    matrix = np.array([[9, 1], [9, 2], [0, 5], [0, 6], [0, -5], [0, -6]], dtype=float)
    for seed in range(5):
        centroids = fit_kmeans(matrix, 3, seed=seed).centroids
        assert centroids.tolist() == [[0, -5.5], [0, 5.5], [9, 1.5]]


def test_fits_are_identical_bit_for_bit(blobs):
    first, second = fit_kmeans(blobs, 6, seed=3), fit_kmeans(blobs, 6, seed=3)
    assert first.centroids.tobytes() == second.centroids.tobytes()
    assert first.labels.tobytes() == second.labels.tobytes()


@pytest.fixture(scope="module")
def pairs() -> np.ndarray:
    """Sixteen tight groups, which one random start rarely finds all."""
    rng = np.random.default_rng(0)
    grid = np.array([(x, y) for x in range(4) for y in range(4)], dtype=float)
    return np.repeat(grid, 12, axis=0) + rng.normal(0, 0.05, (192, 2))


def test_a_better_warm_start_wins(pairs):
    best = fit_kmeans(pairs, 16, seed=5, n_init=30)
    once = {"n_init": 1, "max_iter": 1}
    cold = [fit_kmeans(pairs, 14, seed=seed, **once).inertia for seed in range(10)]
    start = fit_kmeans(pairs, 14, seed=0, n_init=30).centroids
    warm = fit_kmeans(pairs, 14, seed=0, initial_centroids=start, **once)
    assert warm.inertia < min(cold)
    assert best.inertia < warm.inertia


def test_a_worse_warm_start_changes_nothing(pairs):
    best = fit_kmeans(pairs, 16, seed=5)
    start = np.linspace([-1.0, -1.0], [-0.9, -0.9], 16)
    kept = fit_kmeans(pairs, 16, seed=5, initial_centroids=start)
    assert kept.inertia == best.inertia
    assert (kept.labels == best.labels).all()


@pytest.mark.parametrize(
    ("matrix", "k", "sentence"),
    [
        (np.array([[1.0], [1.0], [2.0]]), 3, "k is 3 but the data has only 2 distinct rows"),
        (np.array([[1.0], [2.0]]), 0, "k is 0: the number of segments must be 1 or more"),
        (np.array([[1.0], [np.nan]]), 1, "missing or infinite values"),
        (np.array([[1.0], [np.inf]]), 1, "missing or infinite values"),
        (np.empty((0, 2)), 1, "at least one row and one column"),
        (np.empty((2, 0)), 1, "at least one row and one column"),
    ],
)
def test_impossible_requests_are_refused_in_a_sentence(matrix, k, sentence):
    with pytest.raises(ValueError, match=sentence):
        fit_kmeans(matrix, k, seed=1)


def test_a_warm_start_of_the_wrong_shape_is_refused(blobs):
    with pytest.raises(ValueError, match=r"initial centroids have shape \(3, 3\)"):
        fit_kmeans(blobs, 4, seed=1, initial_centroids=np.zeros((3, 3)))


def test_distinct_rows_are_counted_beyond_the_first_thousand():
    matrix = np.array([[0.0]] * 2_000 + [[1.0]] + [[2.0]])
    assert fit_kmeans(matrix, 3, seed=1).sizes.tolist() == [2_000, 1, 1]


def test_nearest_centroid_agrees_with_scikit_learn(blobs):
    model = KMeans(4, n_init=2, random_state=0).fit(blobs)
    found = nearest_centroid(blobs, model.cluster_centers_)
    distances = np.sort(model.transform(blobs), axis=1)
    assert (found.labels == model.predict(blobs)).all()
    np.testing.assert_allclose(found.distance, distances[:, 0], rtol=1e-9)
    np.testing.assert_allclose(found.runner_up_distance, distances[:, 1], rtol=1e-9)


def test_ties_go_to_the_smaller_index():
    found = nearest_centroid(np.array([[0.0]]), np.array([[3.0], [-1.0], [1.0], [1.0]]))
    assert (found.labels[0], found.runner_up[0]) == (1, 2)


def test_a_single_centroid_has_no_runner_up():
    found = nearest_centroid(np.array([[3.0, 4.0]]), np.zeros((1, 2)))
    assert (found.labels[0], found.distance[0], found.runner_up[0]) == (0, 5, -1)
    assert np.isnan(found.runner_up_distance[0])


def test_centroids_of_other_columns_are_refused():
    with pytest.raises(ValueError, match="need the same columns"):
        nearest_centroid(np.zeros((2, 3)), np.zeros((2, 2)))


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_no_other_centroid_is_nearer(k, d, seed):
    rng = np.random.default_rng(seed)
    matrix, centroids = rng.normal(size=(30, d)), rng.normal(size=(k, d))
    found = nearest_centroid(matrix, centroids)
    distances = np.linalg.norm(matrix[:, None, :] - centroids, axis=2)
    assert (found.distance <= distances.min(axis=1) + 1e-12).all()
    assert (found.labels != found.runner_up).all()
    assert (found.distance <= found.runner_up_distance).all()


def test_derived_seeds_differ_by_what_they_are_for():
    seeds = {derived_seed(1), derived_seed(1, 2), derived_seed(1, 3), derived_seed(2, 2)}
    assert len(seeds) == 4
    assert derived_seed(1, 2) == derived_seed(1, 2)
    assert all(0 <= seed < 2**31 for seed in seeds)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 300), st.integers(1, 3), st.integers(1, 4), st.integers(0, 10_000))
def test_enough_distinct_rows_are_as_many_as_are_counted(rows, d, values, seed):
    matrix = np.random.default_rng(seed).integers(0, values, (rows, d)) * -0.5
    distinct = count_distinct_rows(matrix)
    for least in range(1, distinct + 3):
        assert has_distinct_rows(matrix, least) == (distinct >= least)
