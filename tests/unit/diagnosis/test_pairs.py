"""Ensures that a border is called a valley where there is one, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.clustering.kmeans import fit_kmeans
from segmentation.diagnosis.pairs import (
    CLEAR,
    SLICES,
    TOUCHING,
    VERDICTS,
    HalfFit,
    bordering_pairs,
    count_groups,
    distinct_positions,
    half_fits,
    joined_segments,
    judge_pairs,
    prediction_strength,
)


def judged(matrix: np.ndarray, k: int, seed: int = 1) -> tuple[pd.DataFrame, np.ndarray]:
    labels = fit_kmeans(matrix, k, seed=seed).labels
    return judge_pairs(matrix, matrix, labels, half_fits(matrix, k, seed=seed)), labels


def two(distance: float, rows: int = 1_000, share: float = 0.5, columns: int = 3) -> np.ndarray:
    rng = np.random.default_rng([rows, columns])
    matrix = rng.normal(size=(rows, columns))
    matrix[: int(share * rows), 0] += distance
    return matrix


def test_the_fall_grows_with_the_distance_and_so_do_the_words():
    found = [judged(two(distance), 2)[0].iloc[0] for distance in (0, 3.3, 6)]
    assert [one["verdict"] for one in found] == [SLICES, TOUCHING, CLEAR]
    assert not found[0]["fall"] >= 0.3
    assert 0.3 < found[1]["fall"] < 0.6 < 0.9 < found[2]["fall"]
    assert found[2]["p_value"] < 1e-6 and found[2]["rows_between"] < found[1]["rows_between"]


def test_a_small_group_is_found():
    matrix = two(8, share=0.03, rows=2_000)
    labels = (np.arange(2_000) < 60).astype(int)
    halves = half_fits(matrix, 2, seed=1, refit=lambda rows, k, seed: (rows[:, 0] > 4).astype(int))
    (row,) = judge_pairs(matrix, matrix, labels, halves).itertuples()
    assert row.verdict == CLEAR


@pytest.mark.parametrize("columns", [5, 30, 60])
def test_noise_has_no_valley_in_however_many_columns(columns):
    """On the rows that it was fitted to, k-means finds a valley in 200 rows of 60 columns."""
    matrix = np.random.default_rng(columns).normal(size=(200, columns))
    for k in (2, 3, 5):
        assert (judged(matrix, k)[0]["verdict"] == SLICES).all()


@pytest.mark.parametrize("seed", range(6))
def test_an_arc_of_a_ring_is_no_group(seed):
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, 2 * np.pi, 1_000)
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0, 0.05, (1_000, 2))
    for k in (2, 3, 4):
        pairs, labels = judged(ring, k)
        assert count_groups(pairs, labels, (CLEAR,)) == 1


def test_segments_that_a_half_does_not_find_again_have_no_border_to_judge():
    matrix = two(8)
    across = (matrix[:, 1] > 0).astype(int)
    (row,) = judge_pairs(matrix, matrix, across, half_fits(matrix, 2, seed=1)).itertuples()
    assert row.verdict == SLICES and np.isnan([row.fall, row.p_value]).all()
    (row,) = judge_pairs(matrix, matrix, across, None).itertuples()
    assert row.verdict == SLICES and np.isnan(row.fall)


def test_neighbours_have_no_third_centroid_between_them():
    line = np.array([[0.0, 0], [1, 0], [2, 0], [1, 0.9]])
    assert bordering_pairs(line) == [(0, 1), (0, 3), (1, 2), (1, 3), (2, 3)]


def pairs_of(*rows: tuple[int, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["segment", "other_segment", "verdict"])


def test_segments_that_no_valley_parts_are_joined():
    pairs = pairs_of((0, 1, CLEAR), (1, 2, SLICES), (0, 2, CLEAR), (2, 3, TOUCHING))
    assert joined_segments(pairs, 4, (CLEAR,)).tolist() == [0, 1, 1, 1]
    assert joined_segments(pairs, 4, (CLEAR, TOUCHING)).tolist() == [0, 1, 1, 3]
    # A clear border within a group that other borders join parts nothing.
    around = pairs_of((0, 1, CLEAR), (1, 2, SLICES), (0, 2, SLICES))
    assert len(set(joined_segments(around, 3, (CLEAR,)))) == 1


def test_a_few_outliers_are_no_group():
    pairs = pairs_of((0, 1, CLEAR), (1, 2, CLEAR), (0, 2, CLEAR))
    assert count_groups(pairs, np.repeat([0, 1, 2], [500, 490, 10]), (CLEAR,)) == 2
    assert count_groups(pairs, np.repeat([0, 1, 2], [500, 485, 15]), (CLEAR,)) == 3
    assert count_groups(pairs, np.repeat([0, 1, 2], [9_000, 901, 99]), (CLEAR,)) == 2


def test_copies_of_a_row_stand_once():
    matrix = np.repeat(np.arange(50.0)[:, None], 4, axis=0)
    kept = distinct_positions(matrix, 1_000, seed=1)
    assert matrix[kept, 0].tolist() == list(range(50))
    few = distinct_positions(matrix, 20, seed=1)
    assert len(few) == 20 and (np.diff(few) > 0).all()
    np.testing.assert_array_equal(few, distinct_positions(matrix, 20, seed=1))


def test_halves_share_no_row_and_each_sees_the_other():
    one, other = half_fits(two(6), 2, seed=4)
    assert sorted([*one.fitted, *other.fitted]) == list(range(1_000))
    np.testing.assert_array_equal(one.tested, other.fitted)
    assert half_fits(two(6, rows=6), 2, seed=4) is None


def plain_prediction_strength(predicted: np.ndarray, own: np.ndarray) -> float:
    worst = 1.0
    for segment in np.unique(own):
        inside = predicted[own == segment]
        pairs = [(a, b) for a in range(len(inside)) for b in range(len(inside)) if a != b]
        if pairs:
            worst = min(worst, np.mean([inside[a] == inside[b] for a, b in pairs]))
    return worst


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(2, 14), st.integers(0, 9_999))
def test_prediction_strength_is_the_published_one(k, rows, seed):
    rng = np.random.default_rng(seed)
    first, second, third, fourth = rng.integers(0, k, (4, rows))
    places = np.arange(rows)
    one = HalfFit(places, places, first, second, np.zeros((k, 1)))
    other = HalfFit(places, places, third, fourth, np.zeros((k, 1)))
    expected = np.mean(
        [plain_prediction_strength(second, third), plain_prediction_strength(fourth, first)]
    )
    assert prediction_strength((one, other)) == pytest.approx(expected)
    assert np.isnan(prediction_strength(None))


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 5), st.integers(1, 4), st.integers(0, 9_999))
def test_figures_are_in_their_ranges_and_fit_their_word(k, columns, seed):
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, 12, (k, columns))
    matrix = centres[rng.integers(0, k, 160)] + rng.normal(size=(160, columns))
    pairs, labels = judged(matrix, k)
    known = pairs.dropna()
    assert known[["fall", "nearby_fall", "p_value"]].stack().between(0, 1).all()
    assert pairs["verdict"].isin(VERDICTS).all() and (pairs["rows_between"] >= 0).all()
    clear = pairs[pairs["verdict"] == CLEAR]
    assert (clear["fall"] >= 0.6).all() and (clear["p_value"] * len(pairs) <= 0.05).all()
    assert 1 <= count_groups(pairs, labels, (CLEAR,)) <= k
