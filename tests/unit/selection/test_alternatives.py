"""Ensures that the neighbouring numbers of segments can be followed row by row."""

import numpy as np
import pytest
from sklearn.datasets import make_blobs

from segmentation.clustering.kmeans import fit_kmeans
from segmentation.selection.alternatives import segment_alternatives


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    # two near blobs and two far ones: three segments join the near pair, four split it
    centers = [[0, 0], [0, 4], [40, 0], [0, 40]]
    return make_blobs([100, 80, 70, 50], centers=centers, cluster_std=0.5, random_state=1)[0]


def fit(rows: np.ndarray, k: int) -> np.ndarray:
    return fit_kmeans(rows, k, seed=1).labels + 1


def test_each_row_has_one_segment_under_each_k(matrix):
    assignments = segment_alternatives(matrix, 3, fit(matrix, 3), fit)
    assert list(assignments.columns) == ["row", "k", "segment"]
    assert assignments.groupby("k").size().to_dict() == {2: 300, 3: 300, 4: 300}
    assert not assignments.duplicated(["row", "k"]).any()
    wide = assignments.pivot(index="row", columns="k", values="segment")
    for k in (2, 3, 4):
        assert wide[k].tolist() == fit(matrix, k).tolist()
    # The near pair, which three segments join, is what a fourth one splits.
    assert wide.groupby([3, 4]).size().to_dict() == {
        (1, 1): 100,
        (1, 2): 80,
        (2, 3): 70,
        (3, 4): 50,
    }


def test_chosen_segments_keep_their_published_numbers(matrix):
    published = np.array([7, 3, 9])[fit_kmeans(matrix, 3, seed=1).labels]
    assignments = segment_alternatives(matrix, 3, published, fit)
    assert assignments.query("k == 3")["segment"].tolist() == published.tolist()


def test_only_the_first_rows_are_looked_at(matrix):
    assignments = segment_alternatives(matrix, 3, np.arange(300), fit, max_rows=120)
    assert assignments["row"].max() == 119
    assert assignments.query("k == 3")["segment"].tolist() == list(range(120))


def test_impossible_neighbours_are_left_out():
    three = np.repeat(np.eye(3), 5, axis=0)
    ones = np.ones(15)
    assert sorted(segment_alternatives(three, 3, ones, fit)["k"].unique()) == [2, 3]
    assert sorted(segment_alternatives(three, 1, ones, fit)["k"].unique()) == [1, 2]
    alone = segment_alternatives(np.zeros((4, 2)), 1, np.ones(4), fit)
    assert alone["segment"].tolist() == [1, 1, 1, 1]


def test_wrong_arguments_are_named(matrix):
    with pytest.raises(ValueError, match="300 rows but 2 chosen segments"):
        segment_alternatives(matrix, 3, np.array([1, 2]), fit)
    with pytest.raises(ValueError, match="distinct rows"):
        segment_alternatives(np.zeros((4, 2)), 2, np.ones(4), fit)
