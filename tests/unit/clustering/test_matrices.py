"""Ensures that a matrix nobody can fit is refused in a sentence that names its user."""

import numpy as np
import pytest

from segmentation.clustering.matrices import check_segments, finite_matrix


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.zeros(3), r"map: the matrix has shape \(3,\)"),
        (np.zeros((0, 3)), r"map: the matrix has shape \(0, 3\)"),
        (np.zeros((3, 0)), r"map: the matrix has shape \(3, 0\)"),
        (np.array([[1.0, np.nan]]), "map: the matrix holds missing or infinite"),
        (np.array([[1.0, -np.inf]]), "map: the matrix holds missing or infinite"),
    ],
)
def test_unusable_matrices_are_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        finite_matrix(matrix, "map")


def test_integers_become_floats():
    assert finite_matrix([[1, 2], [3, 4]], "map").dtype == float


def test_more_segments_than_distinct_rows_are_refused():
    matrix = np.array([[0.0], [0.0], [1.0]])
    check_segments(matrix, 2, "map")
    with pytest.raises(ValueError, match="map: k is 3 but the data has only 2 distinct rows"):
        check_segments(matrix, 3, "map")
    with pytest.raises(ValueError, match="map: k is 0"):
        check_segments(matrix, 0, "map")
