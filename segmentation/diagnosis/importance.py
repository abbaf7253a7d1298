"""What each feature adds to the segments: how far they would be the same without it."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from segmentation.clustering.threads import single_thread

COLUMNS = ["feature", "agreement"]


@single_thread()
def feature_importance(
    matrix: np.ndarray,
    features: pd.Series,
    segments: np.ndarray,
    fit: Callable[[np.ndarray, pd.Series, int], np.ndarray],
) -> pd.DataFrame:
    """Fit the segments without each feature and compare.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
        Scaled features.
    features : Series of str, p values
        The feature that each column of the matrix encodes.
    segments : ndarray of int, shape (n,)
        The segments with all features.
    fit : callable
        Given the other columns, a mask of them and the number of segments, returns labels.

    Returns
    -------
    DataFrame
        feature, in the order of the columns, and agreement: the adjusted Rand index (Hubert &
        Arabie 1985), 1 where nothing would change. It is missing where no other feature is left,
        or fewer different rows than segments.

    Examples
    --------
    >>> rows = np.array([[0.0, 1.0], [0.1, 2.0], [5.0, 1.0], [5.1, 2.0]])
    >>> split = lambda columns, kept, k: (columns[:, 0] > 1.5).astype(int)
    >>> feature_importance(rows, pd.Series(["spend", "age"]), np.array([1, 1, 2, 2]), split)
      feature  agreement
    0   spend       -0.5
    1     age        1.0
    """
    from sklearn.metrics import adjusted_rand_score

    k = len(np.unique(segments))

    def agreement(feature: str) -> float:
        kept = features != feature
        others = matrix[:, kept]
        if len(np.unique(others, axis=0)) < k:
            return np.nan
        return float(adjusted_rand_score(segments, fit(others, kept, k)))

    names = list(dict.fromkeys(features))
    if len(names) < 2:
        return pd.DataFrame({"feature": names, "agreement": np.nan})
    return pd.DataFrame({"feature": names, "agreement": [agreement(name) for name in names]})
