"""What the neighbouring numbers of segments would look like, and who moves where."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd

from segmentation.clustering.kmeans import count_distinct_rows, fit_kmeans
from segmentation.clustering.matrices import check_segments, finite_matrix

FLOW_KEYS = ["from_k", "from_segment", "to_k", "to_segment"]


def segment_alternatives(
    matrix: np.ndarray,
    k: int,
    *,
    seed: int,
    chosen_segments: np.ndarray | None = None,
    max_rows: int = 20_000,
    n_init: int = 10,
    max_iter: int = 300,
    fit: Callable[[np.ndarray, int], np.ndarray] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Segment the same rows with k - 1, k and k + 1 segments and follow the rows through.

    Numbers below one and above the number of distinct rows are left out.

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
        Finite numbers; the first rows must be a fair sample (keys in hash order).
    k : int
        The selected number of segments.
    seed : int
    chosen_segments : ndarray of int, shape (rows,), optional
        Segment ids of the model in use, shown as the segments of ``k`` in place of a refit,
        so that the numbers are the published ones.
    max_rows : int
        Rows looked at, the first ones.
    n_init, max_iter : int
        As in ``fit_kmeans``.
    fit : callable of (rows, k) returning segments from 1, optional
        The algorithm of the model in use; k-means unless given.

    Returns
    -------
    assignments : DataFrame with row, k, segment
        ``row`` is the position in ``matrix``, from 0; ``segment`` counts from 1 by
        descending size within a k.
    flows : DataFrame with from_k, from_segment, to_k, to_segment, rows, share
        From each k to the next, without empty flows; ``share`` is the fraction of the
        from-segment's rows.

    Raises
    ------
    ValueError
        If the matrix is empty or not finite, does not match ``chosen_segments``, or has
        fewer distinct rows than k.
    """
    matrix = finite_matrix(matrix, "alternatives")
    if chosen_segments is not None and len(chosen_segments) != len(matrix):
        raise ValueError(
            f"alternatives: {len(matrix)} rows but {len(chosen_segments)} chosen segments."
        )
    matrix = matrix[:max_rows]
    check_segments(matrix, k, "alternatives")

    def fit_labels(rows: np.ndarray, number: int) -> np.ndarray:
        return fit_kmeans(rows, number, seed=seed, n_init=n_init, max_iter=max_iter).labels + 1

    segments = {
        number: (fit or fit_labels)(matrix, number)
        for number in range(max(1, k - 1), min(k + 1, count_distinct_rows(matrix)) + 1)
        if number != k or chosen_segments is None
    }
    if chosen_segments is not None:
        segments[k] = np.asarray(chosen_segments)[: len(matrix)]
    segments = dict(sorted(segments.items()))
    return _assignments(segments), _flows(segments)


def _assignments(segments: dict[int, np.ndarray]) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"row": np.arange(len(labels)), "k": number, "segment": labels})
        for number, labels in segments.items()
    ]
    return pd.concat(frames, ignore_index=True).astype("int64")


def _flows(segments: dict[int, np.ndarray]) -> pd.DataFrame:
    steps = [
        pd.DataFrame(
            {
                "from_k": before,
                "from_segment": segments[before],
                "to_k": after,
                "to_segment": segments[after],
            }
        )
        for before, after in pairwise(segments)
    ]
    if not steps:
        empty = pd.DataFrame(columns=[*FLOW_KEYS, "rows"], dtype="int64")
        return empty.assign(share=pd.Series(dtype=float))
    flows = pd.concat(steps).groupby(FLOW_KEYS).size().rename("rows").reset_index()
    origin = flows.groupby(FLOW_KEYS[:3])["rows"].transform("sum")
    return flows.assign(share=flows["rows"] / origin).astype({"rows": "int64"})
