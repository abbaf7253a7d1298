"""Ensures that stability is Hennig's clusterwise Jaccard, and that its words match its figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris

from segmentation.clustering.kmeans import fit_kmeans
from segmentation.selection.stability import (
    bootstrap_draws,
    bootstrap_jaccard,
    bootstrap_refits,
    clusterwise_jaccard,
    mean_jaccard,
    refit_jaccard,
    stability_verdict,
)


def test_jaccard_by_hand():
    # {a b c} against {a b} is 2/3; {d e} against {c d e} is 2/3.
    labels, other = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1])
    np.testing.assert_allclose(clusterwise_jaccard(labels, other, 2), [2 / 3, 2 / 3])


def test_each_segment_takes_its_best_counterpart():
    # {a b c d} against {a}, {b c d e}, {f}: 1/4, 3/5, 0; {e f}: 0, 1/5, 1/2.
    labels, other = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 1, 1, 1, 1, 2])
    np.testing.assert_allclose(clusterwise_jaccard(labels, other, 2), [3 / 5, 1 / 2])


def test_a_segment_without_rows_is_unknown():
    found = clusterwise_jaccard(np.array([0, 0]), np.array([0, 0]), 2)
    assert found[0] == 1 and np.isnan(found[1])


def test_only_the_rows_that_were_drawn_are_compared():
    # Drawn are rows 0, 1 and 3 of six; the refit puts 1 with 3.
    labels = np.array([0, 0, 0, 1, 1, 1])
    found = refit_jaccard(labels, np.array([0, 1, 3]), np.array([1, 0, 0]), 2)
    np.testing.assert_allclose(found, [1 / 2, 1 / 2])


def test_means_leave_out_what_was_not_drawn():
    found = mean_jaccard([np.array([1, np.nan]), np.array([0.5, np.nan])], 2)
    assert found[0] == 0.75 and np.isnan(found[1])
    assert np.isnan(mean_jaccard([], 3)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 40), st.integers(0, 10_000))
def test_jaccards_are_bounded_and_ignore_numbering(k, rows, seed):
    rng = np.random.default_rng(seed)
    labels, other = rng.integers(0, k, rows), rng.integers(0, k, rows)
    found = clusterwise_jaccard(labels, other, k)
    known = found[~np.isnan(found)]
    assert ((known > 0) & (known <= 1)).all()
    np.testing.assert_array_equal(found, clusterwise_jaccard(labels, rng.permutation(k)[other], k))
    itself = clusterwise_jaccard(labels, labels, k)
    assert (itself[~np.isnan(itself)] == 1).all()


def test_draws_are_bounded_sorted_distinct_and_fixed():
    draws = bootstrap_draws(1_000, bootstraps=4, seed=1, max_rows=300)
    assert all(200 < len(rows) < 300 and (np.diff(rows) > 0).all() for rows in draws)
    again = bootstrap_draws(1_000, bootstraps=4, seed=1, max_rows=300)
    assert all((a == b).all() for a, b in zip(draws, again, strict=True))
    assert not np.array_equal(draws[0], draws[1])


def test_a_draw_keeps_the_rows_of_a_bootstrap_once_each():
    (rows,) = bootstrap_draws(10_000, bootstraps=1, seed=1, max_rows=10_000)
    assert len(rows) / 10_000 == pytest.approx(1 - np.exp(-1), abs=0.01)


def plain_clusterboot(matrix: np.ndarray, k: int, labels: np.ndarray, bootstraps: int, seed: int):
    """What fpc's clusterboot does by default, written out: sets of row numbers, k-means anew."""
    rng, found = np.random.default_rng(seed), []
    for number in range(bootstraps):
        drawn = sorted(set(rng.integers(0, len(matrix), len(matrix)).tolist()))
        refit = KMeans(k, n_init=10, random_state=number).fit_predict(matrix[drawn])
        others = [
            {row for row, one in zip(drawn, refit, strict=True) if one == other}
            for other in range(k)
        ]
        own = [{row for row in drawn if labels[row] == one} for one in range(k)]
        found.append([max(len(a & b) / len(a | b) for b in others) for a in own])
    return np.mean(found, axis=0)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_stability_agrees_with_the_default_of_clusterboot(k):
    """Hennig's recommendations, 0.6, 0.75 and 0.85, belong to that default."""
    matrix = load_iris().data
    labels = fit_kmeans(matrix, k, seed=1).labels
    expected = plain_clusterboot(matrix, k, labels, 100, seed=3)
    found = bootstrap_jaccard(matrix, labels, seed=2, bootstraps=100)
    np.testing.assert_allclose(found, expected, atol=0.03)


@pytest.mark.parametrize(
    ("k", "expected"),
    [
        (3, [0.952, 1.0, 0.940]),
        (4, [1.0, 0.845, 0.831, 0.927]),
        (5, [0.953, 0.917, 0.936, 0.893, 0.888]),
    ],
)
def test_stability_is_that_of_clusterboot_with_its_own_algorithm(k, expected):
    """On iris, 300 draws, each refitted as R's kmeans does (Hartigan and Wong), from ten starts."""
    matrix = load_iris().data
    labels = fit_kmeans(matrix, k, seed=1, n_init=50).labels
    found = bootstrap_jaccard(matrix, labels, seed=0, bootstraps=100)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_refits_on_few_distinct_rows_have_fewer_segments():
    matrix = np.array([[0.0], [1.0], [2.0], [3.0]])
    draws = [np.array([0, 1])]
    (refits,) = bootstrap_refits(matrix, [2, 3], draws, seed=1)
    assert [len(fit.centroids) for fit in refits.values()] == [2, 2]


def test_separate_segments_are_stable_and_an_invented_cut_is_not():
    rng = np.random.default_rng(1)
    centers = np.repeat([[0, 0], [12, 0], [0, 12]], [200, 100, 100], axis=0)
    matrix = centers + rng.normal(size=(400, 2))
    three = bootstrap_jaccard(matrix, fit_kmeans(matrix, 3, seed=1).labels, seed=2, bootstraps=20)
    assert (three > 0.99).all()
    four = fit_kmeans(matrix, 4, seed=1)
    stability = bootstrap_jaccard(matrix, four.labels, seed=2, bootstraps=20)
    cut = np.linalg.norm(four.centroids, axis=1) < 6
    assert len(stability) == 4
    assert stability.min() < 0.8
    assert stability[~cut].max() > stability.min()


def test_stability_is_reproducible():
    matrix = np.random.default_rng(3).normal(size=(150, 3))
    labels = fit_kmeans(matrix, 4, seed=1).labels
    first = bootstrap_jaccard(matrix, labels, seed=5, bootstraps=8)
    np.testing.assert_array_equal(first, bootstrap_jaccard(matrix, labels, seed=5, bootstraps=8))


@pytest.mark.parametrize(
    ("jaccard", "words"),
    [
        (0.0, "dissolved"),
        (0.499, "dissolved"),
        (0.5, "doubtful"),
        (0.6, "pattern"),
        (0.749, "pattern"),
        (0.75, "stable"),
        (0.85, "highly stable"),
        (1.0, "highly stable"),
        (np.nan, "unknown"),
    ],
)
def test_figures_in_words(jaccard, words):
    assert stability_verdict(jaccard) == words


def test_another_algorithm_refits_itself():
    rng = np.random.default_rng(3)
    matrix = np.concatenate([rng.normal(size=(60, 2)), rng.normal(size=(40, 2)) + 20])
    labels = np.repeat([0, 1], [60, 40])
    asked = []

    def refit(rows: np.ndarray, k: int, seed: int) -> np.ndarray:
        asked.append((k, seed))
        return (rows[:, 0] > 10).astype(int)

    stability = bootstrap_jaccard(matrix, labels, seed=1, bootstraps=4, refit=refit)
    np.testing.assert_array_equal(stability, [1.0, 1.0])
    assert [k for k, _ in asked] == [2, 2, 2, 2]
    assert len({seed for _, seed in asked}) == 4
