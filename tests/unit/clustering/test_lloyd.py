"""Ensures that the fit without scikit-learn's checks is scikit-learn's fit, bit by bit."""

import warnings

import numpy as np
import pytest
from sklearn.cluster import KMeans, kmeans_plusplus
from sklearn.exceptions import ConvergenceWarning

from segmentation.clustering.lloyd import Rows, best_start
from segmentation.clustering.threads import single_thread

SETTINGS = {"max_iter": 300, "tol": 1e-4}


@pytest.fixture(autouse=True)
def one_thread():
    with single_thread():
        yield


def _matrices() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(9)
    groups = np.concatenate([rng.normal(centre, 1, (150, 3)) for centre in (0, 4, 9)])
    return {
        "groups": groups,
        "one column": rng.gamma(1.0, size=(300, 1)),
        "wide": rng.normal(size=(257, 17)) * 1e3,
        "lattice, many rows equal": rng.integers(0, 4, (400, 2)).astype(float),
        "columns side by side in memory": np.asfortranarray(groups),
        "far from zero": groups + 1e6,
        "bootstrap draw": groups[np.sort(rng.integers(0, len(groups), len(groups)))],
        "more than a chunk": rng.normal(size=(1_100, 4)),
    }


@pytest.mark.parametrize(("name", "matrix"), _matrices().items())
@pytest.mark.parametrize("k", [1, 2, 5, 9])
def test_every_bit_is_that_of_scikit_learn(name, matrix, k):
    for seed in (0, 7, 2**31 - 1):
        plain = KMeans(k, n_init=4, random_state=seed, **SETTINGS).fit(matrix)
        found = best_start(matrix, k, seed=seed, n_init=4, **SETTINGS)
        assert found.centroids.tobytes() == plain.cluster_centers_.tobytes(), name
        assert found.labels.tobytes() == plain.labels_.tobytes(), name
        assert found.inertia == plain.inertia_, name


@pytest.mark.parametrize(("name", "matrix"), _matrices().items())
def test_a_given_start_is_fitted_as_scikit_learn_does(name, matrix):
    start = matrix[[3, 50, 200]] + 0.25
    given = start.copy()
    plain = KMeans(3, init=start, n_init=1, **SETTINGS).fit(matrix)
    found = best_start(matrix, 3, seed=0, n_init=1, initial_centroids=given, **SETTINGS)
    assert found.centroids.tobytes() == plain.cluster_centers_.tobytes(), name
    assert found.inertia == plain.inertia_, name
    assert given.tobytes() == start.tobytes()


@pytest.mark.parametrize("max_iter", [1, 2])
def test_a_fit_that_is_stopped_early_is_the_same(max_iter):
    matrix = _matrices()["more than a chunk"]
    plain = KMeans(6, n_init=2, max_iter=max_iter, random_state=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        plain.fit(matrix)
    found = best_start(matrix, 6, seed=1, n_init=2, max_iter=max_iter, tol=1e-4)
    assert found.labels.tobytes() == plain.labels_.tobytes()
    assert found.inertia == plain.inertia_


@pytest.mark.parametrize(("name", "matrix"), _matrices().items())
def test_the_centroids_to_start_from_are_those_of_scikit_learn(name, matrix):
    rows = Rows(matrix, 1e-4)
    for k in (1, 2, 3, 8):
        ours, theirs = np.random.RandomState(5), np.random.RandomState(5)
        for _ in range(3):
            expected, _ = kmeans_plusplus(rows.centred, k, random_state=theirs)
            assert rows.centred[rows.spread(k, ours)].tobytes() == expected.tobytes(), name


def test_fewer_segments_than_asked_are_said():
    matrix = np.repeat([[0.0], [1.0], [1.0 + 1e-12]], [50, 50, 1], axis=0)
    with pytest.warns(ConvergenceWarning) as plain:
        KMeans(3, n_init=1, max_iter=1, random_state=0).fit(matrix)
    with pytest.warns(ConvergenceWarning) as found:
        best_start(matrix, 3, seed=0, n_init=1, max_iter=1, tol=1e-4)
    assert str(found[0].message).startswith(str(plain[0].message).split(". ")[0])
