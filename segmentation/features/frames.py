"""The one place where an engine's relation becomes a bounded pandas frame, and a name its SQL."""

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


def rows_of(relation: Any, segmentation: str) -> Any:
    """Return the rows of one segmentation, read by the engine that holds them.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
        A shared table: its column `segmentation` says whose a row is.
    segmentation : str
    """
    if isinstance(relation, pd.DataFrame):
        return relation[relation["segmentation"] == segmentation]
    return relation.filter(f"segmentation = '{segmentation}'")


def _to_pandas(relation: Any) -> pd.DataFrame:
    for method in ("df", "toPandas"):
        if hasattr(relation, method):
            return getattr(relation, method)()
    return relation.copy()


def vectors(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Stack a column of n lists of d numbers into an array of shape (n, d); missing is NaN."""
    # DuckDB hands over a list with a null as a masked array, whose data must not be read.
    rows = [
        row.filled(np.nan) if isinstance(row, np.ma.MaskedArray) else row for row in frame[column]
    ]
    return np.array(rows, dtype=float).reshape(len(rows), -1)


def quoted_name(name: str) -> str:
    """Return a column's or a table's name as standard SQL takes any.

    Examples
    --------
    >>> quoted_name('the "first"  visit')
    '"the ""first""  visit"'
    """
    return '"' + name.replace('"', '""') + '"'
