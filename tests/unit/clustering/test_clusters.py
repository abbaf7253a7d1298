"""Clusters as tables: every algorithm's rows assign as the algorithm itself would."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from segmentation.clustering.clusters import assign, fit_clusters, fit_labels
from segmentation.features.recipe import Recipe
from tests.recipes import make_recipe


def _recipe(**settings) -> Recipe:
    return make_recipe(name="test", features=(), seed=3, **settings)


@pytest.fixture(scope="module")
def blobs() -> np.ndarray:
    draw = np.random.default_rng(5)
    centers = np.array([[0, 0, 0], [6, 0, 1], [0, 7, -1]])
    sizes = (200, 120, 80)
    return np.vstack(
        [draw.normal(center, 1.0, (size, 3)) for center, size in zip(centers, sizes, strict=True)]
    )


@pytest.mark.parametrize("algorithm", ["kmeans", "bisecting_kmeans", "gaussian_mixture"])
def test_rows_describe_every_cluster_in_descending_size(blobs, algorithm):
    rows = fit_clusters(blobs, 3, _recipe(algorithm=algorithm))
    sizes = rows.drop_duplicates("cluster")["fitted_rows"]
    assert rows[["cluster", "component"]].drop_duplicates().shape == (9, 2)
    assert list(sizes) == sorted(sizes, reverse=True)
    assert sizes.sum() == len(blobs)


@pytest.mark.parametrize("algorithm", ["kmeans", "bisecting_kmeans", "gaussian_mixture"])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_labels_are_those_that_the_table_assigns(blobs, algorithm, k):
    recipe = _recipe(algorithm=algorithm)
    for rows in (blobs, np.round(blobs)):
        assigned = assign(rows, fit_clusters(rows, k, recipe)).cluster
        assert (fit_labels(rows, k, recipe) == assigned).all()


def test_kmeans_rows_assign_as_scikit_learn_predicts(blobs):
    rows = fit_clusters(blobs, 3, _recipe())
    model = KMeans(3, n_init=10, random_state=3).fit(blobs)
    table = np.zeros((3, 3), dtype=int)
    np.add.at(table, (assign(blobs, rows).cluster - 1, model.predict(blobs)), 1)
    assert (table > 0).sum() == 3


def test_mixture_rows_assign_as_scikit_learn_predicts(blobs):
    rows = fit_clusters(blobs, 3, _recipe(algorithm="gaussian_mixture"))
    model = GaussianMixture(3, n_init=5, max_iter=300, random_state=3).fit(blobs)
    found = assign(blobs, rows)
    densities = model._estimate_log_prob(blobs) + np.log(model.weights_)
    assert np.allclose(-found.score, densities.max(axis=1))
    probabilities = np.sort(model.predict_proba(blobs), axis=1)
    assert np.allclose(found.margin, 1 - probabilities[:, -2] / probabilities[:, -1])


def test_margin_is_zero_on_the_border_and_one_at_the_centroid():
    rows = fit_clusters(np.array([[0.0], [0.0], [2.0]]), 2, _recipe())
    found = assign(np.array([[0.0], [1.0], [2.0]]), rows)
    assert list(found.margin) == [1.0, 0.0, 1.0]
    assert list(found.cluster) == [1, 1, 2]
    assert list(found.runner_up) == [2, 2, 1]


def test_a_single_cluster_has_no_runner_up(blobs):
    found = assign(blobs, fit_clusters(blobs, 1, _recipe()))
    assert set(found.cluster) == {1}
    assert set(found.runner_up) == {-1}
    assert np.isnan(found.margin).all()
