"""Ensures that the verdict tells groups from slices, on data whose answer is known."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

from segmentation.structure import evaluate_structure, gaussian_null, valley_depth

ROWS = 400


def uniform_noise(rng, columns):
    return rng.uniform(size=(ROWS, columns))


def uniform_slab(rng, columns):
    return rng.uniform(size=(ROWS, columns)) * np.linspace(3, 1, columns)


def one_correlated_gaussian(rng, columns):
    return rng.normal(size=(ROWS, columns)) @ rng.normal(size=(columns, columns))


def one_log_normal_cloud(rng, columns):
    return np.exp(rng.normal(size=(ROWS, columns)))


def one_exponential_cloud(rng, columns):
    return rng.exponential(size=(ROWS, columns))


def counts_of_one_process(rng, columns):
    return np.log1p(rng.poisson(4, size=(ROWS, columns)))


def four_cluster_grid(rng, columns):
    corners = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[rng.integers(0, 4, ROWS)]
    matrix = rng.normal(0, 0.15, (ROWS, columns))
    matrix[:, :2] += corners
    return matrix


def two_moons_apart(rng, columns):
    points, moon = make_moons(ROWS, noise=0.08, random_state=int(rng.integers(1_000)))
    points[moon == 1] -= [0, 1]
    return np.column_stack([points, rng.normal(0, 0.15, (ROWS, columns - 2))])


def planted_personas(rng, columns):
    centers = 5 * np.eye(5, columns) - 4 * np.eye(5, columns)[::-1]
    return centers[rng.choice(5, ROWS, p=[0.4, 0.25, 0.2, 0.1, 0.05])] + rng.normal(
        size=(ROWS, columns)
    )


CLOUDS = [
    uniform_noise,
    uniform_slab,
    one_correlated_gaussian,
    one_log_normal_cloud,
    one_exponential_cloud,
    counts_of_one_process,
]
GROUPS = [four_cluster_grid, two_moons_apart, planted_personas]


def verdict(draw, columns, k):
    rng = np.random.default_rng([columns, k])
    return evaluate_structure(draw(rng, columns), k, seed=1, nulls=6)


@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("columns", [2, 5])
@pytest.mark.parametrize("draw", CLOUDS)
def test_a_single_cloud_has_no_structure(draw, columns, k):
    found = verdict(draw, columns, k)
    assert not found.has_structure
    assert found.sentence.startswith("No structure")


@pytest.mark.parametrize("k", [2, 4, 5])
@pytest.mark.parametrize("columns", [2, 5])
@pytest.mark.parametrize("draw", GROUPS)
def test_groups_are_structure(draw, columns, k):
    found = verdict(draw, columns, k)
    assert found.has_structure
    assert found.sentence.startswith("Structure")


def test_a_skewed_cloud_beats_the_null_and_is_told_by_its_missing_valley():
    found = verdict(one_log_normal_cloud, 3, 3)
    assert found.excess > 0.1 and found.z > 5
    assert found.valley_depth < 0.1
    assert "flat or skewed cloud" in found.sentence


def test_figures_belong_together():
    found = verdict(four_cluster_grid, 2, 4)
    assert found.excess == pytest.approx(found.silhouette - found.null_mean)
    assert found.z == pytest.approx(found.excess / found.null_sd)
    assert 0 <= found.valley_depth <= 1
    assert f"{found.excess:+.2f}" in found.sentence


def test_the_verdict_is_reproducible():
    assert verdict(planted_personas, 3, 4) == verdict(planted_personas, 3, 4)


def test_large_data_are_sampled():
    rng = np.random.default_rng(0)
    matrix = np.repeat([[0.0, 0.0], [9.0, 9.0]], 5_000, axis=0) + rng.normal(size=(10_000, 2))
    found = evaluate_structure(matrix, 2, seed=1, nulls=4, max_rows=500)
    assert found.has_structure


def test_the_null_has_the_mean_and_covariance_of_the_data():
    rng = np.random.default_rng(1)
    matrix = np.exp(rng.normal(size=(20_000, 3))) @ rng.normal(size=(3, 3)) + 5
    null = gaussian_null(matrix, seed=2)
    assert null.shape == matrix.shape
    np.testing.assert_allclose(null.mean(axis=0), matrix.mean(axis=0), atol=0.2)
    scale = np.abs(np.cov(matrix.T)).max()
    np.testing.assert_allclose(np.cov(null.T), np.cov(matrix.T), atol=0.05 * scale)


def test_the_null_of_a_flat_cloud_is_as_flat():
    line = np.linspace(0, 1, 100)[:, None] * [1.0, 2.0, 0.0]
    null = gaussian_null(line, seed=1)
    np.testing.assert_allclose(null[:, 2], 0, atol=1e-9)
    np.testing.assert_allclose(null[:, 1], 2 * null[:, 0], atol=1e-6)


def test_valleys_deepen_as_groups_part():
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(600, 2))
    sides = np.repeat([[-0.5, 0], [0.5, 0]], 300, axis=0)
    depths = [valley_depth(noise + distance * sides, seed=1) for distance in (0, 4, 6, 30)]
    assert depths == sorted(depths)
    assert depths[0] < 0.5 < 0.8 < depths[2]
    assert depths[3] == 1


@pytest.mark.parametrize("k", [0, 1])
def test_a_single_segment_has_no_structure(k):
    found = evaluate_structure(np.arange(50.0)[:, None], k, seed=1)
    assert not found.has_structure
    assert "single segment" in found.sentence
    assert np.isnan(found.silhouette)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        (np.arange(20.0)[:, None], "with 20 rows"),
        (np.zeros((120, 2)), "on 1 distinct rows"),
        (np.repeat(np.eye(3), 40, axis=0), "on 3 distinct rows"),
    ],
)
def test_what_cannot_be_judged_is_said(matrix, words):
    found = evaluate_structure(matrix, 3, seed=1)
    assert not found.has_structure
    assert words in found.sentence


def test_repeated_values_do_not_break_the_density():
    matrix = np.repeat(np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0], [5.1, 5.1]]), 50, axis=0)
    assert evaluate_structure(matrix, 3, seed=1, nulls=4).has_structure
