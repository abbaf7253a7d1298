"""Ensures that the neighbouring numbers of segments can be followed row by row."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_blobs

from segmentation.clustering.kmeans import fit_kmeans
from segmentation.selection.alternatives import segment_alternatives


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    # two near blobs and two far ones: three segments join the near pair, four split it
    centers = [[0, 0], [0, 4], [40, 0], [0, 40]]
    return make_blobs([100, 80, 70, 50], centers=centers, cluster_std=0.5, random_state=1)[0]


def test_each_row_has_one_segment_under_each_k(matrix):
    assignments, _ = segment_alternatives(matrix, 3, seed=1)
    assert list(assignments.columns) == ["row", "k", "segment"]
    assert assignments.groupby("k").size().to_dict() == {2: 300, 3: 300, 4: 300}
    assert not assignments.duplicated(["row", "k"]).any()
    for k, part in assignments.groupby("k"):
        sizes = part["segment"].value_counts().sort_index()
        assert sizes.index.tolist() == list(range(1, k + 1))
        assert (sizes.diff().dropna() <= 0).all()


def test_flows_show_which_segment_splits(matrix):
    _, flows = segment_alternatives(matrix, 3, seed=1)
    step = flows[flows["from_k"] == 3].reset_index(drop=True)
    expected = pd.DataFrame(
        [
            (3, 1, 4, 1, 100, 100 / 180),
            (3, 1, 4, 2, 80, 80 / 180),
            (3, 2, 4, 3, 70, 1.0),
            (3, 3, 4, 4, 50, 1.0),
        ],
        columns=["from_k", "from_segment", "to_k", "to_segment", "rows", "share"],
    )
    pd.testing.assert_frame_equal(step, expected)


def test_flows_add_up_to_the_assignments(matrix):
    assignments, flows = segment_alternatives(matrix, 3, seed=1)
    sizes = assignments.groupby(["k", "segment"]).size()
    leaving = flows.groupby(["from_k", "from_segment"])
    assert (leaving["share"].sum() - 1).abs().max() < 1e-12
    for (k, segment), rows in leaving["rows"].sum().items():
        assert rows == sizes[k, segment]
    for (k, segment), rows in flows.groupby(["to_k", "to_segment"])["rows"].sum().items():
        assert rows == sizes[k, segment]


def test_chosen_segments_keep_their_published_numbers(matrix):
    published = np.array([7, 3, 9])[fit_kmeans(matrix, 3, seed=1).labels]
    assignments, flows = segment_alternatives(matrix, 3, seed=1, chosen_segments=published)
    assert assignments.query("k == 3")["segment"].tolist() == published.tolist()
    assert set(flows.query("to_k == 3")["to_segment"]) == {3, 7, 9}
    assert list(flows["from_k"].unique()) == [2, 3]


def test_only_the_first_rows_are_looked_at(matrix):
    published = np.arange(300)
    assignments, _ = segment_alternatives(
        matrix, 3, seed=1, chosen_segments=published, max_rows=120
    )
    assert assignments["row"].max() == 119
    assert assignments.query("k == 3")["segment"].tolist() == list(range(120))


def test_impossible_neighbours_are_left_out():
    three = np.repeat(np.eye(3), 5, axis=0)
    assert sorted(segment_alternatives(three, 3, seed=0)[0]["k"].unique()) == [2, 3]
    assert sorted(segment_alternatives(three, 1, seed=0)[0]["k"].unique()) == [1, 2]


def test_a_single_possible_k_has_no_flows():
    assignments, flows = segment_alternatives(np.zeros((4, 2)), 1, seed=0)
    assert assignments["segment"].tolist() == [1, 1, 1, 1]
    assert flows.empty and flows["share"].dtype == float


def test_wrong_arguments_are_named(matrix):
    with pytest.raises(ValueError, match="300 rows but 2 chosen segments"):
        segment_alternatives(matrix, 3, seed=1, chosen_segments=np.array([1, 2]))
    with pytest.raises(ValueError, match="distinct rows"):
        segment_alternatives(np.zeros((4, 2)), 2, seed=0)


def test_another_algorithm_fits_the_neighbouring_numbers(matrix):
    def fit(rows: np.ndarray, k: int) -> np.ndarray:
        return np.arange(len(rows)) % k + 1

    assignments, _ = segment_alternatives(
        matrix, 3, seed=1, chosen_segments=np.ones(len(matrix)), fit=fit
    )
    found = assignments.groupby("k")["segment"].agg(list)
    assert found[2] == fit(matrix, 2).tolist()
    assert found[4] == fit(matrix, 4).tolist()
    assert set(found[3]) == {1}
