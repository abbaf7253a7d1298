"""Ensures that a feature is left out whole, and that what cannot be fitted has no figure."""

import numpy as np
import pandas as pd

from segmentation.diagnosis.importance import feature_importance

SEGMENTS = np.repeat([4, 7], 3)
MATRIX = np.column_stack([SEGMENTS == 4, SEGMENTS == 7, [1, 2, 3, 1, 2, 3]]).astype(float)
FEATURES = pd.Series(["gender", "gender", "age"])


def first_column(columns: np.ndarray, kept: pd.Series, k: int) -> np.ndarray:
    """Label rows by the first column that is left."""
    assert columns.shape[1] == kept.sum()
    assert k == 2
    return columns[:, 0]


def test_all_columns_of_a_category_go_together():
    found = feature_importance(MATRIX, FEATURES, SEGMENTS, first_column)
    assert found["feature"].tolist() == ["gender", "age"]
    assert found["agreement"].iloc[0] < 0.1
    assert found["agreement"].iloc[1] == 1


def test_what_cannot_be_fitted_has_no_figure():
    alone = feature_importance(MATRIX[:, :2], FEATURES[:2], SEGMENTS, first_column)
    assert alone["agreement"].isna().all()
    same = MATRIX * [1, 1, 0]
    found = feature_importance(same, FEATURES, SEGMENTS, first_column)
    assert found["agreement"].isna().tolist() == [True, False]
