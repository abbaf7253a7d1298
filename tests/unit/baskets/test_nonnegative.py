"""Ensures that weights are NMF's own, and that no row depends on its neighbours."""

import numpy as np
import pytest
from sklearn.decomposition import NMF

from segmentation.baskets.nonnegative import factorise, non_negative_weights, unexplained_share


def shares(rows: int, columns: int = 12, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.4, 2.0, size=(rows, columns)))
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


@pytest.fixture(scope="module")
def fitted() -> tuple[np.ndarray, np.ndarray]:
    matrix = shares(600)
    return matrix, factorise(matrix, 4, seed=1)


def test_weights_equal_the_transform_of_scikit_learn(fitted):
    matrix, components = fitted
    model = NMF(4, init="nndsvda", max_iter=5000, tol=1e-14, random_state=1).fit(matrix)
    model.components_ = components
    weights = non_negative_weights(matrix, components)
    assert weights == pytest.approx(model.transform(matrix), abs=1e-6)


def test_weights_are_the_exact_non_negative_least_squares(fitted):
    matrix, components = fitted
    assert_no_weight_can_be_better(matrix, components)


def assert_no_weight_can_be_better(matrix: np.ndarray, components: np.ndarray) -> None:
    """A weight above zero has no slope, one of zero slopes upwards (Karush, Kuhn, Tucker)."""
    weights = non_negative_weights(matrix, components)
    slopes = (weights @ components - matrix) @ components.T
    assert (weights >= 0).all() and (slopes > -1e-9).all()
    assert np.abs(slopes * weights).max() < 1e-9


@pytest.mark.parametrize("spread", [0.5, 0.05, 0.005])
def test_nearly_equal_components_are_solved_exactly_too(spread):
    rng = np.random.default_rng(4)
    components = rng.random(20) + spread * rng.random((6, 20))
    matrix = np.abs(rng.random((200, 6)) @ components + rng.normal(scale=0.1, size=(200, 20)))
    assert_no_weight_can_be_better(matrix, components)


def test_equal_components_explain_together_what_one_would():
    components = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    weights = non_negative_weights(np.array([[0.3, 0.3, 0.4]]), components)
    assert weights[0, :2].sum() == pytest.approx(0.6)
    assert weights[0, 2] == pytest.approx(0.4)


def test_a_row_has_the_same_weights_in_any_company(fitted):
    matrix, components = fitted
    whole = non_negative_weights(matrix, components)
    drawn = np.random.default_rng(2).permutation(len(matrix))[:250]
    assert (non_negative_weights(matrix[drawn], components) == whole[drawn]).all()


def test_components_sum_to_one_and_are_not_negative(fitted):
    components = fitted[1]
    assert components.shape == (4, 12) and (components >= 0).all()
    assert components.sum(axis=1) == pytest.approx(1.0)
    assert (factorise(fitted[0], 4, seed=1) == components).all()


def test_unexplained_share_falls_to_zero_with_every_column_a_component():
    matrix = shares(300, 5)
    errors = [unexplained_share(matrix, factorise(matrix, n, seed=0)) for n in range(1, 6)]
    assert (np.diff(errors) < 0).all() and errors[0] < 1
    assert unexplained_share(matrix, np.eye(5)) == pytest.approx(0.0, abs=1e-15)


def test_an_empty_customer_and_an_empty_table_have_no_weights(fitted):
    components = fitted[1]
    assert (non_negative_weights(np.zeros((2, 12)), components) == 0).all()
    assert non_negative_weights(np.zeros((0, 12)), components).shape == (0, 4)


@pytest.mark.parametrize(
    ("matrix", "components", "message"),
    [
        (np.ones((2, 3)), np.ones((1, 2)), "same columns"),
        (np.ones((2, 2)), np.zeros((1, 2)), "all zero"),
        (np.ones((2, 2)), np.array([[1.0, -1.0]]), "negative"),
        (-np.ones((2, 2)), np.ones((1, 2)), "negative"),
        (np.full((2, 2), np.nan), np.ones((1, 2)), "missing"),
    ],
)
def test_wrong_arguments_are_named(matrix, components, message):
    with pytest.raises(ValueError, match=message):
        non_negative_weights(matrix, components)
