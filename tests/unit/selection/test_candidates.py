"""Ensures that every candidate k gets true figures, and that no data makes the evaluation fail."""

import statistics

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    pairwise_distances,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture

from segmentation.selection import candidates as module
from segmentation.selection.candidates import COLUMNS, evaluate_candidates, sample_rows, silhouettes
from segmentation.selection.selection import select_k


def blobs(sizes, *, spread=0.5, seed=0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centers = np.array([[0, 0, 0], [6, 0, 0], [0, 6, 0], [0, 0, 6], [6, 6, 6]])
    drawn = zip(centers, sizes, strict=False)
    return np.concatenate([rng.normal(center, spread, (size, 3)) for center, size in drawn])


@pytest.fixture(scope="module")
def five() -> np.ndarray:
    return blobs([80, 60, 100, 70, 90])


@pytest.fixture(scope="module")
def evaluated(five):
    return evaluate_candidates(five, range(1, 8), seed=7, with_gap=True, with_stability=True)


def test_one_row_per_k_with_the_promised_columns(evaluated):
    assert tuple(evaluated.columns) == COLUMNS
    assert evaluated["k"].tolist() == list(range(1, 8))


def test_scores_are_those_of_scikit_learn(five, evaluated):
    row = evaluated.set_index("k").loc[4]
    labels = KMeans(4, n_init=10, random_state=7).fit_predict(five)
    assert row["silhouette"] == pytest.approx(silhouette_score(five, labels))
    assert row["calinski_harabasz"] == pytest.approx(calinski_harabasz_score(five, labels))
    assert row["davies_bouldin"] == pytest.approx(davies_bouldin_score(five, labels))
    assert row["smallest_share"] == pytest.approx(np.bincount(labels).min() / len(five))


def test_the_error_of_a_silhouette_is_estimated_from_few_refits(five, monkeypatch):
    """The refits stand for all that could be drawn, so one degree of freedom goes to their mean.

    Divided by their number, the error would be too small, and k would be chosen too large.
    """
    refitted = [0.1, 0.3, np.nan, 0.5]

    def made_up(distances, partitions, counts=None):
        return np.array([0.4] if counts is None else refitted)

    monkeypatch.setattr(module, "silhouettes", made_up)
    frame = evaluate_candidates(five, [3], seed=4, bootstraps=4)
    assert frame.loc[0, "silhouette_se"] == pytest.approx(statistics.stdev([0.1, 0.3, 0.5]))


def test_planted_segments_are_selected_by_every_figure(evaluated):
    by_k = evaluated.set_index("k")
    assert by_k["silhouette"].idxmax() == 5
    assert by_k["davies_bouldin"].idxmin() == 5
    assert by_k["gap"].idxmax() == 5
    assert by_k.loc[5, "stability"] > 0.95 > by_k.loc[7, "stability"]
    chosen = select_k(evaluated)
    assert chosen.loc[chosen["is_selected"], "k"].tolist() == [5]


def test_a_single_segment_has_inertia_and_gap_only(five, evaluated):
    one = evaluated.iloc[0]
    assert one["inertia"] == pytest.approx(np.square(five - five.mean(axis=0)).sum())
    assert not np.isnan(one["gap"])
    unknown = ["silhouette", "silhouette_se", "stability", "davies_bouldin", "calinski_harabasz"]
    unknown += ["prediction_strength", "bic", "clear_groups", "recognisable_groups"]
    assert one[unknown].isna().all()


def test_what_costs_time_is_left_empty_unless_asked_for(five, evaluated):
    plain = evaluate_candidates(five, range(1, 8), seed=7)
    asked_for = ["gap", "gap_se", "stability", "bic"]
    assert plain[asked_for].isna().all(axis=None)
    same = [name for name in COLUMNS if name not in (*asked_for, "refits")]
    pd.testing.assert_frame_equal(plain[same], evaluated[same])


def test_results_are_reproducible_and_depend_on_the_seed():
    matrix = np.random.default_rng(2).normal(size=(400, 3))
    settings = {
        "with_gap": True,
        "with_stability": True,
        "with_bic": True,
        "max_silhouette_rows": 100,
    }
    first = evaluate_candidates(matrix, range(2, 5), seed=1, **settings)
    again = evaluate_candidates(matrix, range(2, 5), seed=1, **settings)
    pd.testing.assert_frame_equal(first.drop(columns="refits"), again.drop(columns="refits"))
    for one, other in zip(first["refits"], again["refits"], strict=True):
        np.testing.assert_array_equal(one, other)
    other = evaluate_candidates(matrix, range(2, 5), seed=2, **settings)
    assert (first["silhouette_se"] != other["silhouette_se"]).all()


def test_groups_are_counted_by_the_valleys_between_segments(evaluated):
    by_k = evaluated.set_index("k")
    assert by_k["clear_groups"].idxmax() == 5 and by_k.loc[5, "clear_groups"] == 5
    assert (by_k["recognisable_groups"] >= by_k["clear_groups"]).loc[2:].all()
    cloud = np.random.default_rng(4).normal(size=(500, 3))
    found = evaluate_candidates(cloud, range(2, 6), seed=1)
    assert (found[["clear_groups", "recognisable_groups"]] == 1).all(axis=None)


def test_halves_predict_the_groups_there_are(evaluated):
    by_k = evaluated.set_index("k")["prediction_strength"]
    assert by_k[5] > 0.95 and by_k[[6, 7]].max() < 0.8


def test_the_mixture_that_is_likely_for_its_size_has_as_many_gaussians(five):
    found = evaluate_candidates(five, range(2, 8), seed=7, with_bic=True).set_index("k")
    assert found["bic"].idxmin() == 5
    model = GaussianMixture(5, n_init=5, random_state=1).fit(five)
    assert found.loc[5, "bic"] == pytest.approx(model.bic(five), rel=1e-3)


def test_too_few_distinct_rows_tell_no_groups():
    found = evaluate_candidates(blobs([30, 30]), [2, 3], seed=1)
    unknown = ["prediction_strength", "clear_groups", "recognisable_groups"]
    assert found[unknown].isna().all(axis=None)


def test_iris_has_two_clear_groups():
    """Two of the three species touch: three segments have a silhouette of 0.55, two 0.68."""
    matrix = load_iris().data
    chosen = select_k(evaluate_candidates(matrix, seed=3, with_stability=True)).set_index("k")
    assert chosen["is_selected"].idxmax() == 2
    assert chosen.loc[2, "clear_groups"] == 2 and chosen["clear_groups"].max() == 2


@pytest.mark.parametrize(
    ("matrix", "k"),
    [
        (np.array([[0.0, 1.0], [2.0, 3.0]]), 1),
        (np.zeros((2, 2)), 1),
        (np.ones((50, 3)), 1),
        (np.array([[1.0]]), 1),
        (np.arange(3.0)[:, None], 2),
        (np.repeat(np.eye(3), 30, axis=0), 3),
        (np.repeat(np.eye(4), [60, 60, 60, 1], axis=0), 3),
        (np.random.default_rng(0).normal(size=(5, 2)), 3),
    ],
)
@pytest.mark.parametrize("extras", [True, False])
def test_degenerate_data_end_in_a_choice_with_reasons(matrix, k, extras):
    frame = evaluate_candidates(matrix, seed=1, with_gap=extras, with_stability=extras)
    assert frame["k"].tolist() == list(range(2, 11))
    chosen = select_k(frame)
    assert chosen.loc[chosen["is_selected"], "k"].tolist() == [k]
    assert (chosen["reason"] != "").all()


def test_a_k_above_the_distinct_rows_says_why_it_was_left_out():
    frame = evaluate_candidates(np.repeat([[0.0], [1.0], [5.0]], 9, axis=0), [2, 3, 4], seed=1)
    assert frame["inertia"].isna().tolist() == [False, False, True]
    assert frame["reason"].tolist()[2] == (
        "not evaluated: these rows can make 3 segments at the most"
    )


def test_rows_that_repeat_a_few_points_may_have_a_segment_for_each():
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
    chosen = select_k(evaluate_candidates(np.repeat(points, 50, axis=0), seed=1))
    assert chosen.loc[chosen["is_selected"], "k"].tolist() == [3]
    assert chosen.set_index("k").loc[3, "silhouette"] == 1.0


def test_a_segment_for_every_single_row_is_not_tried():
    frame = evaluate_candidates(np.array([[0.0], [1.0], [5.0]]), [2, 3], seed=1)
    assert frame["inertia"].isna().tolist() == [False, True]


def test_rows_drawn_twice_count_twice():
    rng = np.random.default_rng(6)
    matrix, labels = rng.normal(size=(40, 2)), rng.integers(0, 3, 40)
    drawn = rng.integers(0, 40, 40)
    counts = np.bincount(drawn, minlength=40)
    found = silhouettes(pairwise_distances(matrix), [labels], [counts])
    np.testing.assert_allclose(found, silhouette_score(matrix[drawn], labels[drawn]))


def test_the_error_of_the_silhouette_is_that_of_fresh_samples():
    centres = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0], [6.0, 6.0]])

    def draw(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return centres[rng.integers(0, 4, 300)] + rng.normal(size=(300, 2))

    def evaluate(seed: int, bootstraps: int) -> pd.Series:
        return evaluate_candidates(draw(seed), [4], seed=1, bootstraps=bootstraps).iloc[0]

    true = np.std([evaluate(seed, 0)["silhouette"] for seed in range(40)], ddof=1)
    told = np.mean([evaluate(seed, 20)["silhouette_se"] for seed in range(5)])
    assert 0.6 < told / true < 1.7


def test_silhouettes_equal_scikit_learns_for_partitions_of_any_numbering():
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(60, 2))
    partitions = [rng.integers(0, k, 60) for k in (2, 3, 7)]
    partitions += [2 * partitions[1], np.r_[0, np.ones(59, dtype=int)]]
    found = silhouettes(pairwise_distances(matrix), partitions)
    np.testing.assert_allclose(found, [silhouette_score(matrix, p) for p in partitions])


def test_one_segment_has_no_silhouette():
    distances = pairwise_distances(np.arange(4.0)[:, None])
    assert np.isnan(silhouettes(distances, [np.zeros(4, dtype=int)])).all()


def test_sampled_rows_are_bounded_ascending_and_fixed():
    rows = sample_rows(1_000, 50, seed=3)
    assert len(set(rows)) == 50
    assert (np.diff(rows) > 0).all()
    assert (rows == sample_rows(1_000, 50, seed=3)).all()
    assert sample_rows(40, 50, seed=3).tolist() == list(range(40))
