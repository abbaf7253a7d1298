"""Ensures that the mixture's parameters alone say what scikit-learn's mixture says."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from segmentation.clustering.mixture import (
    fit_gaussian_mixture,
    mixture_log_density,
)
from segmentation.clustering.threads import single_thread
from tests.oracles import mixture_probabilities

SHAPE = np.array([[1.0, 0.8], [0.8, 1.0]])


@pytest.fixture(scope="module")
def planted() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    sizes, centers = [150, 500, 250], [[6.0, 0.0], [0.0, 0.0], [0.0, 6.0]]
    parts = [
        rng.multivariate_normal(center, SHAPE, size)
        for center, size in zip(centers, sizes, strict=True)
    ]
    order = rng.permutation(sum(sizes))
    return np.concatenate(parts)[order], np.repeat([0, 1, 2], sizes)[order]


@pytest.fixture(scope="module")
def fit(planted):
    return fit_gaussian_mixture(planted[0], 3, seed=1)


def test_components_are_recovered_and_ordered_by_descending_size(planted, fit):
    assert adjusted_rand_score(planted[1], fit.labels) > 0.98
    assert (np.diff(np.bincount(fit.labels)) <= 0).all()
    assert fit.means == pytest.approx(np.array([[0, 0], [0, 6], [6, 0]]), abs=0.3)
    assert fit.weights.sum() == pytest.approx(1.0) and fit.converged


def test_density_is_the_weighted_gaussian_of_scipy(planted, fit):
    expected = np.column_stack(
        [
            np.log(weight)
            + multivariate_normal(mean, np.linalg.inv(cholesky @ cholesky.T)).logpdf(planted[0])
            for weight, mean, cholesky in zip(
                fit.weights, fit.means, fit.precision_cholesky, strict=True
            )
        ]
    )
    assert mixture_log_density(planted[0], fit) == pytest.approx(expected, rel=1e-9)


def test_density_equals_the_sum_that_a_query_computes(planted, fit):
    row = planted[0][7]
    for j, cholesky in enumerate(fit.precision_cholesky):
        squares = sum((row @ cholesky[:, i] - fit.means[j] @ cholesky[:, i]) ** 2 for i in range(2))
        by_hand = (
            np.log(fit.weights[j])
            + fit.log_determinant[j]
            - 2 / 2 * np.log(2 * np.pi)
            - squares / 2
        )
        assert mixture_log_density(row[None], fit)[0, j] == pytest.approx(by_hand)


def test_labels_probabilities_and_criteria_equal_scikit_learn(planted, fit):
    with single_thread():
        model = GaussianMixture(3, n_init=5, max_iter=300, random_state=1).fit(planted[0])
    order = [int(np.abs(model.means_ - mean).sum(axis=1).argmin()) for mean in fit.means]
    assert mixture_probabilities(planted[0], fit) == pytest.approx(
        model.predict_proba(planted[0])[:, order], abs=1e-9
    )
    assert (np.argsort(order)[model.predict(planted[0])] == fit.labels).all()
    assert fit.bic == pytest.approx(model.bic(planted[0]))
    assert fit.aic == pytest.approx(model.aic(planted[0]))


def test_probabilities_sum_to_one_however_far_a_row_is(fit):
    far = np.array([[1e4, -1e4], [0.0, 0.0], [-1e5, 1e5]])
    shares = mixture_probabilities(far, fit)
    assert shares.sum(axis=1) == pytest.approx(1.0) and np.isfinite(shares).all()


def test_two_fits_are_equal_in_every_bit(planted, fit):
    again = fit_gaussian_mixture(planted[0], 3, seed=1)
    assert (again.precision_cholesky == fit.precision_cholesky).all()
    assert (again.labels == fit.labels).all()


def test_repeated_rows_do_not_make_a_covariance_singular():
    matrix = np.repeat([[0.0, 0.0], [1.0, 1.0], [5.0, 0.0]], [40, 30, 20], axis=0)
    fit = fit_gaussian_mixture(matrix, 3, seed=0)
    assert np.bincount(fit.labels).tolist() == [40, 30, 20]
    assert np.isfinite(mixture_log_density(matrix, fit)).all()


@pytest.mark.parametrize(
    ("matrix", "k", "message"),
    [
        (np.zeros((9, 2)), 2, "only 1 distinct rows"),
        (np.eye(3), 0, "k is 0"),
        (np.array([[1.0, np.nan]]), 1, "missing or infinite"),
        (np.zeros((0, 2)), 1, r"shape \(0, 2\)"),
    ],
)
def test_impossible_requests_are_explained(matrix, k, message):
    with pytest.raises(ValueError, match=message):
        fit_gaussian_mixture(matrix, k, seed=0)
