"""What the neighbouring numbers of segments would look like."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from segmentation.clustering.kmeans import count_distinct_rows
from segmentation.clustering.matrices import check_segments, finite_matrix


def segment_alternatives(
    matrix: np.ndarray,
    k: int,
    chosen_segments: np.ndarray,
    fit: Callable[[np.ndarray, int], np.ndarray],
    *,
    max_rows: int = 20_000,
) -> pd.DataFrame:
    """Segment the same rows with k - 1, k and k + 1 segments.

    Numbers below one and above the number of distinct rows are left out.

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
        Finite numbers; the first rows must be a fair sample (keys in hash order).
    k : int
        The selected number of segments.
    chosen_segments : ndarray of int, shape (rows,)
        Segment ids of the model in use: the segments of ``k`` are the published ones.
    fit : callable of (rows, k) returning segments from 1
        The algorithm of the model in use.
    max_rows : int
        Rows looked at, the first ones.

    Returns
    -------
    DataFrame with row, k, segment
        ``row`` is the position in ``matrix``, from 0.

    Raises
    ------
    ValueError
        If the matrix is empty or not finite, does not match ``chosen_segments``, or has
        fewer distinct rows than k.
    """
    matrix = finite_matrix(matrix, "alternatives")
    if len(chosen_segments) != len(matrix):
        raise ValueError(
            f"alternatives: {len(matrix)} rows but {len(chosen_segments)} chosen segments."
        )
    matrix = matrix[:max_rows]
    check_segments(matrix, k, "alternatives")
    frames = []
    for number in range(max(1, k - 1), min(k + 1, count_distinct_rows(matrix)) + 1):
        chosen = np.asarray(chosen_segments)[: len(matrix)]
        segments = chosen if number == k else fit(matrix, number)
        frame = {"row": np.arange(len(matrix)), "k": number, "segment": segments}
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames, ignore_index=True).astype("int64")
