"""Checks at the boundary of the library: whether a matrix can be fitted."""

import numpy as np

from segmentation.clustering.kmeans import count_distinct_rows, has_distinct_rows


def finite_matrix(matrix: np.ndarray, user: str) -> np.ndarray:
    """Return the matrix as floats, or say in one sentence why `user` cannot work with it.

    Parameters
    ----------
    matrix : array of shape (rows, columns)
    user : str
        What needs the matrix, named in the message.

    Raises
    ------
    ValueError
        If it is not two-dimensional, has no row or column, or holds missing or infinite values.
    """
    matrix = np.asarray(matrix, dtype=float)
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            f"{user}: the matrix has shape {matrix.shape}; it needs a row and a column."
        )
    if not np.isfinite(matrix).all():
        raise ValueError(
            f"{user}: the matrix holds missing or infinite values; fill or exclude them first."
        )
    return matrix


def check_segments(matrix: np.ndarray, k: int, user: str) -> None:
    """Raise a ValueError unless the matrix has at least k distinct rows and k is at least 1."""
    if k < 1:
        raise ValueError(f"{user}: k is {k}; the number of segments must be 1 or more.")
    if not has_distinct_rows(matrix, k):
        distinct = count_distinct_rows(matrix)
        raise ValueError(
            f"{user}: k is {k} but the data has only {distinct} distinct rows; choose a smaller k."
        )
