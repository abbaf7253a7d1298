"""The one place where an engine's relation becomes a bounded pandas frame."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd


def bounded_frame(relation: Any, key: str | None = None) -> pd.DataFrame:
    """Read a relation that SQL has bounded, sorted by key.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
        What ``dbt.ref`` returns on this engine.
    key : str, optional
        The unique column to sort by: the order of rows decides the draws of a fit.

    Returns
    -------
    DataFrame
        Decimals as floats; row index from 0.
    """
    frame = _to_pandas(relation)
    for name, column in frame.items():
        if column.dtype == object and isinstance(column.dropna().head(1).squeeze(), Decimal):
            frame[name] = column.astype(float)
    return frame.sort_values(key, ignore_index=True) if key else frame


def _to_pandas(relation: Any) -> pd.DataFrame:
    for method in ("df", "toPandas"):
        if hasattr(relation, method):
            return getattr(relation, method)()
    return relation.copy()


def vectors(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Stack a column of n lists of length d into an array of shape (n, d)."""
    return np.stack(frame[column].to_numpy()).astype(float)
