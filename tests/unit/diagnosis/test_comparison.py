"""Ensures that ten algorithms are compared fairly, within bounds, and that none can break it."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)

from segmentation.diagnosis.comparison import (
    ALGORITHMS,
    COLUMNS,
    NOISE,
    Algorithm,
    Clustering,
    compare_methods,
    distance_knee,
)

SCORES = ["silhouette", "davies_bouldin", "calinski_harabasz", "ari", "ami", "stability"]


def only(*names: str) -> tuple[Algorithm, ...]:
    return tuple(algorithm for algorithm in ALGORITHMS if algorithm.name in names)


def fixed(labels: np.ndarray, is_quadratic: bool = False) -> tuple[Algorithm, ...]:
    """One algorithm whose answer is known: the labels that belong to the rows it sees."""

    def fit(rows, k, seed):
        return Clustering(labels[rows[:, -1].astype(int)], "as told")

    return (Algorithm("fixed", fit, is_quadratic=is_quadratic),)


@pytest.fixture(scope="module")
def blobs() -> tuple[np.ndarray, np.ndarray]:
    centers = np.array([[0, 0, 0], [8, 0, 0], [0, 8, 0], [0, 0, 8]])
    return make_blobs(400, centers=centers, cluster_std=0.6, random_state=3)


@pytest.fixture(scope="module")
def compared(blobs) -> pd.DataFrame:
    return compare_methods(*blobs[:1], 4, blobs[1], seed=1)


def test_every_algorithm_finds_clean_blobs(compared):
    assert list(compared.columns) == COLUMNS
    assert compared["algorithm"].tolist() == [
        "kmeans",
        "minibatch_kmeans",
        "bisecting_kmeans",
        "ward",
        "gaussian_mixture",
        "birch",
        "hdbscan",
        "dbscan",
        "mean_shift",
        "spectral",
    ]
    assert (compared["rows"] == 400).all() and (compared["segments"] == 4).all()
    assert (compared["ari"] > 0.95).all() and (compared["stability"] > 0.95).all()
    assert (compared["seconds"] > 0).all()
    assert not compared["note"].str.contains("failed").any()


def test_two_comparisons_differ_in_seconds_only(blobs, compared):
    again = compare_methods(blobs[0], 4, blobs[1], seed=1)
    pd.testing.assert_frame_equal(
        again.drop(columns="seconds"), compared.drop(columns="seconds"), check_exact=True
    )


def test_scores_leave_noise_out_and_agreement_counts_it():
    rng = np.random.default_rng(0)
    matrix = np.column_stack([rng.normal(size=(90, 2)), np.arange(90)])
    labels, chosen = np.repeat([0, 1, NOISE], 30), np.repeat([0, 1], 45)
    row = compare_methods(matrix, 2, chosen, seed=1, algorithms=fixed(labels)).iloc[0]
    assert row["segments"] == 2 and row["noise_share"] == pytest.approx(1 / 3)
    kept = matrix[:60], labels[:60]
    assert row["silhouette"] == pytest.approx(silhouette_score(*kept))
    assert row["davies_bouldin"] == pytest.approx(davies_bouldin_score(*kept))
    assert row["calinski_harabasz"] == pytest.approx(calinski_harabasz_score(*kept))
    assert row["ari"] == pytest.approx(adjusted_rand_score(chosen, labels))
    assert row["ami"] == pytest.approx(adjusted_mutual_info_score(chosen, labels))
    assert row["stability"] == 1.0 and row["note"] == "as told"


def test_unstable_answers_have_a_low_stability():
    matrix = np.random.default_rng(0).normal(size=(200, 2))

    def fit(rows, k, seed):
        return Clustering(np.random.default_rng(len(rows)).integers(0, k, len(rows)))

    row = compare_methods(
        matrix, 3, np.zeros(200), seed=1, algorithms=(Algorithm("random", fit, False),)
    ).iloc[0]
    assert abs(row["stability"]) < 0.1


def test_quadratic_algorithms_see_the_first_rows_and_say_so(blobs):
    matrix, truth = blobs
    table = compare_methods(
        matrix, 4, truth, seed=1, max_rows=300, max_quadratic_rows=120,
        algorithms=only("kmeans", "ward", "spectral"), refits=0,
    ).set_index("algorithm")  # fmt: skip
    assert table["rows"].to_dict() == {"kmeans": 300, "ward": 120, "spectral": 120}
    assert table.loc["ward", "note"] == "first 120 rows"
    assert "first" not in table.loc["kmeans", "note"]
    assert table["stability"].isna().all()


def test_a_note_does_not_depend_on_warnings_which_all_threads_share(blobs):
    def fit(rows, k, seed):
        warnings.warn("raised by a model beside it", UserWarning, stacklevel=1)
        return Clustering(blobs[1][: len(rows)], "a note")

    alone = (Algorithm("warns", fit, is_quadratic=True),)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = compare_methods(blobs[0], 4, blobs[1], seed=1, algorithms=alone, refits=0)
    assert table["note"].tolist() == ["a note"]


def test_a_graph_in_parts_is_said(blobs):
    table = compare_methods(blobs[0], 4, blobs[1], seed=1, algorithms=only("spectral"), refits=0)
    assert table["note"].str.contains(r"in \d+ unconnected parts").all()


def test_a_method_that_fails_keeps_its_row_with_a_sentence(blobs):
    def fit(rows, k, seed):
        raise MemoryError("Unable to allocate 12.7 GB. Sorry\nfor that")

    broken = Algorithm("broken", fit, is_quadratic=True)
    table = compare_methods(blobs[0], 4, blobs[1], seed=1, algorithms=(broken, *only("ward")))
    assert table["note"].tolist() == ["failed: Unable to allocate 12.7 GB", ""]
    assert table.loc[0, ["segments", "noise_share", *SCORES]].isna().all()
    assert table.loc[1, SCORES].notna().all()


@pytest.mark.parametrize(
    "matrix",
    [
        np.zeros((60, 3)),
        np.arange(4.0)[:, None],
        np.array([[1.0, 2.0]]),
        np.repeat(np.eye(3), 40, axis=0),
    ],
    ids=["constant", "four rows", "one row", "three distinct rows"],
)
def test_degenerate_data_gives_ten_rows_and_no_exception_or_warning(matrix):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = compare_methods(matrix, 5, np.zeros(len(matrix)), seed=1)
    assert len(table) == 10
    assert (table["segments"].notna() | table["note"].str.contains("failed: ")).all()


def test_one_segment_has_no_scores():
    matrix = np.column_stack([np.random.default_rng(0).normal(size=(50, 2)), np.arange(50)])
    algorithms = fixed(np.zeros(50, dtype=int))
    row = compare_methods(matrix, 1, np.zeros(50), seed=1, algorithms=algorithms).iloc[0]
    assert row["segments"] == 1
    internal = ["silhouette", "davies_bouldin", "calinski_harabasz", "stability"]
    assert row[internal].isna().all()


def test_density_methods_follow_moons_that_centroids_cut():
    matrix, truth = make_moons(500, noise=0.05, random_state=0)
    algorithms = only("kmeans", "hdbscan", "dbscan", "spectral")
    table = compare_methods(matrix, 2, truth, seed=1, algorithms=algorithms)
    ari = table.set_index("algorithm")["ari"]
    assert ari["kmeans"] < 0.4
    assert ari["hdbscan"] > 0.95 and ari["spectral"] > 0.95
    assert ari["dbscan"] > ari["kmeans"] + 0.2


def test_the_knee_separates_dense_from_scattered_rows():
    rng = np.random.default_rng(0)
    dense, scattered = rng.normal(scale=0.1, size=(300, 2)), rng.uniform(-50, 50, size=(15, 2))
    assert 0.02 < distance_knee(np.concatenate([dense, scattered]), 4) < 3.0


def test_the_knee_of_repeated_rows_is_their_smallest_positive_distance():
    matrix = np.concatenate([np.zeros((50, 1)), [[1.0], [2.0]]])
    assert distance_knee(matrix, 1) == 1.0
    assert distance_knee(np.zeros((9, 2)), 3) == 0.0


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        (3, {}, "5 rows but 3 chosen labels"),
        (5, {"k": 0}, "must be 1 or more"),
        (5, {"max_rows": 0}, "must be 1 or more"),
    ],
)
def test_wrong_arguments_are_named(labels, options, message):
    settings = {"k": 2, "seed": 1} | options
    with pytest.raises(ValueError, match=message):
        compare_methods(np.eye(5), settings.pop("k"), np.zeros(labels), **settings)
