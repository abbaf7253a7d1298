"""Ensures that a published mixture scores as the fitted one, and that its gaps split exactly."""

import numpy as np
import pytest

from segmentation.clustering.clusters import assign, fit_clusters
from segmentation.clustering.mixture import (
    fit_gaussian_mixture,
    mixture_log_density,
)
from segmentation.published.score_mixture import (
    Mixture,
    membership_probability,
    read_mixture,
    whitened_gap,
)
from tests.oracles import mixture_probabilities
from tests.recipes import make_recipe


@pytest.fixture(scope="module")
def rows():
    draw = np.random.default_rng(3)
    narrow = draw.normal(size=(150, 3)) @ np.diag([0.3, 1.0, 2.0])
    return np.vstack([narrow, draw.normal([3, 0, 1], 1.5, (100, 3))])


@pytest.fixture(scope="module")
def clusters(rows):
    recipe = make_recipe("mixture", (), algorithm="gaussian_mixture", seed=1)
    return fit_clusters(rows, 3, recipe)


def test_the_published_table_gives_the_fits_densities_and_probabilities(rows, clusters):
    fit = fit_gaussian_mixture(rows, 3, seed=1, n_init=5)
    scores = assign(rows, clusters).scores
    assert scores == pytest.approx(-mixture_log_density(rows, fit))
    assert membership_probability(scores) == pytest.approx(
        mixture_probabilities(rows, fit).max(axis=1)
    )


def test_far_from_every_gaussian_there_is_a_probability(rows, clusters):
    scores = assign(np.full((1, 3), 1e4), clusters).scores
    assert scores.min() > 1e5 and membership_probability(scores) == pytest.approx(1)


def test_parts_and_constants_add_up_to_the_gap_in_more_columns_than_components(rows, clusters):
    mixture, placed = read_mixture(clusters), assign(rows, clusters)
    means = clusters.pivot(index="cluster", columns="component", values="centroid").to_numpy()
    nearest, runner_up = placed.cluster - 1, placed.runner_up - 1
    loadings = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 3)))[0]
    deviations = rows - means[nearest], rows - means[runner_up]
    parts = whitened_gap(deviations, nearest, runner_up, loadings, mixture)
    constants = mixture.log_constants[nearest] - mixture.log_constants[runner_up]
    assert parts.shape == (len(rows), 5)
    assert parts.sum(axis=1) + constants == pytest.approx(placed.runner_up_score - placed.score)


def test_nearly_collinear_columns_do_not_get_large_parts_of_opposite_signs():
    """Two columns with a correlation of 0.999, a row a little off their common line."""
    covariance = np.array([[1.0, 0.999], [0.999, 1.0]])
    axes = np.array([np.linalg.cholesky(np.linalg.inv(covariance)), np.eye(2)])
    row = np.array([[1.0, 1.06]])
    first, second = np.array([0]), np.array([1])
    parts = whitened_gap((row, row), first, second, np.eye(2), Mixture(axes, np.zeros(2)))
    squares = np.square(row), (row @ np.linalg.inv(covariance)) * row
    textbook = (squares[0] - squares[1]) / 2
    assert parts.sum() == pytest.approx(textbook.sum())
    assert np.abs(textbook).max() > 10 > 3 * np.abs(parts).max()
