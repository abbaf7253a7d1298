"""Ensures that the gap statistic is the published one, and can answer one."""

import numpy as np
import pytest

from segmentation.selection.gap import (
    draw_reference,
    gap_from_dispersions,
    gap_statistic,
    reference_box,
)
from tests.oracles import select_gap_k


def selected(matrix: np.ndarray, *, seed: int = 0, ks=range(1, 7)) -> int | None:
    gaps = gap_statistic(matrix, ks, seed=seed, references=20)
    return select_gap_k(gaps["k"], gaps["gap"], gaps["gap_se"])


def test_gap_and_error_by_hand():
    # mean(log 4, log 8) - log 2 = 1.5 log 2; sd = log(2) / 2, times sqrt(1 + 1/2).
    gap, error = gap_from_dispersions(np.log(2), np.log([4, 8]))
    assert gap == pytest.approx(1.5 * np.log(2))
    assert error == pytest.approx(np.log(2) / 2 * np.sqrt(1.5))


def test_dispersion_by_hand():
    # Around 5.5: 2 * (5.5^2 + 4.5^2) = 101; around 0.5 and 10.5: 4 * 0.5^2 = 1.
    gaps = gap_statistic(np.array([[0.0], [1.0], [10.0], [11.0]]), [1, 2], seed=1)
    np.testing.assert_allclose(gaps["log_w"], [np.log(101), 0], atol=1e-12)


def test_the_gap_of_uniform_data_along_a_line_is_known():
    # n points evenly over [0, 1] and uniform references share W(k) = n / (12 k^2) as n grows,
    # so the gap is 0 for every k.
    gaps = gap_statistic(np.linspace(0, 1, 2_000)[:, None], [1, 2, 3], seed=1)
    np.testing.assert_allclose(gaps["gap"], 0, atol=0.02)


def test_the_gap_of_two_points_of_mass_is_known():
    # W(1) = n / 4 against n / 12 of the uniform reference: gap(1) = log(1/3).
    matrix = np.r_[np.zeros(1_000), np.ones(1_000)][:, None] + np.linspace(0, 1e-3, 2_000)[:, None]
    gap = gap_statistic(matrix, [1], seed=1)["gap"].iloc[0]
    assert gap == pytest.approx(np.log(1 / 3), abs=0.02)


def test_the_reference_box_lies_along_the_principal_axes():
    line = np.linspace(0, 1, 50)[:, None] * [3.0, 4.0]
    reference = draw_reference(line, seed=2)
    np.testing.assert_allclose(reference[:, 0] * 4, reference[:, 1] * 3, atol=1e-9)
    _, axes, low, high = reference_box(line)
    np.testing.assert_allclose(np.abs(axes[0]), [0.6, 0.8])
    np.testing.assert_allclose(high[0] - low[0], 5)


def test_references_fill_the_box_and_stay_inside():
    matrix = np.random.default_rng(3).normal(size=(400, 3)) @ np.diag([3, 2, 1])
    mean, axes, low, high = reference_box(matrix)
    scores = (draw_reference(matrix, seed=4) - mean) @ axes.T
    assert (scores >= low - 1e-9).all() and (scores <= high + 1e-9).all()
    assert (np.ptp(scores, axis=0) > 0.95 * (high - low)).all()


@pytest.mark.parametrize("seed", range(3))
def test_one_gaussian_is_one_cluster(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(500, 3)) @ rng.normal(size=(3, 3))
    assert selected(matrix, seed=seed) == 1


def test_published_null_model_has_one_cluster():
    # Section 5 (a) of the paper: 200 points uniform in ten dimensions.
    assert selected(np.random.default_rng(1).uniform(size=(200, 10))) == 1


@pytest.mark.parametrize("seed", range(3))
def test_published_three_clusters_are_three(seed):
    # Section 5 (b): 25, 25 and 50 standard normal points around (0, 0), (0, 5), (5, -3).
    rng = np.random.default_rng(seed)
    centers = np.repeat([[0, 0], [0, 5], [5, -3]], [25, 25, 50], axis=0)
    assert selected(centers + rng.normal(size=(100, 2))) == 3


def test_published_elongated_clusters_are_two():
    # Section 5 (e): two thin clusters along the diagonal, why the box follows the principal axes.
    rng = np.random.default_rng(0)
    line = np.linspace(-0.5, 0.5, 100)[:, None] * np.ones(3)
    matrix = np.concatenate([line, line + 10]) + rng.normal(0, 0.1, (200, 3))
    assert selected(matrix) == 2


def test_the_rule_takes_the_first_k_within_one_error_of_the_next():
    assert select_gap_k([1, 2, 3], [0.1, 0.5, 0.4], [0.01] * 3) == 2
    assert select_gap_k([1, 2, 3], [0.1, 0.5, 0.4], [0.01, 0.4, 0.01]) == 1
    assert select_gap_k([1, 2, 3], [0.1, 0.5, 0.9], [0.01] * 3) == 3
    assert select_gap_k([1, 2, 3], [0.1, 0.5, np.nan], [0.01, 0.01, np.nan]) == 2
    assert select_gap_k([2, 3], [np.nan, np.nan], [np.nan, np.nan]) is None


def test_more_rows_than_the_bound_are_sampled_reproducibly():
    matrix = np.random.default_rng(5).normal(size=(3_000, 2))
    first = gap_statistic(matrix, [1, 2], seed=6, references=3, max_rows=300)
    assert first.equals(gap_statistic(matrix, [1, 2], seed=6, references=3, max_rows=300))
    whole = np.log(np.square(matrix - matrix.mean(axis=0)).sum())
    assert first["log_w"].iloc[0] == pytest.approx(whole + np.log(0.1), abs=0.2)


def test_a_k_not_below_the_distinct_rows_has_no_gap():
    gaps = gap_statistic(np.array([[0.0], [0.0], [1.0]]), [1, 2, 3], seed=1)
    assert gaps["gap"].isna().tolist() == [False, True, True]
    assert gap_statistic(np.ones((9, 2)), [1, 2], seed=1)["gap"].isna().all()
