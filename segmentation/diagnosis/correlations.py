"""Strength of association between features, whatever their kinds, as a long table."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd

OTHER_LEVEL = "(other)"
COLUMNS = ["feature_a", "feature_b", "measure", "value", "rows"]


def feature_correlations(
    frame: pd.DataFrame,
    numeric: Sequence[str],
    categorical: Sequence[str],
    *,
    max_levels: int = 50,
) -> pd.DataFrame:
    """Measure every pair of features with the measure that fits its kinds.

    Numeric pairs get Pearson's r and Spearman's rho, categorical pairs the
    bias-corrected Cramér's V, mixed pairs the correlation ratio eta. Each pair
    appears once and uses the rows in which both features are present; infinite
    numbers count as missing.

    Parameters
    ----------
    frame : DataFrame of shape (rows, features or more)
    numeric, categorical : sequences of str
        Columns of ``frame``; a column has one kind.
    max_levels : int
        Levels kept per categorical feature, the most frequent first and ties by
        name; the rest are pooled in "(other)", which bounds the contingency tables.

    Returns
    -------
    DataFrame with feature_a, feature_b, measure, value, rows
        ``measure`` is 'pearson', 'spearman', 'cramers_v' or 'correlation_ratio'.
        ``value`` lies in [-1, 1] for the first two and in [0, 1] for the others; it
        is null where a feature is constant or fewer than two rows are complete.

    Raises
    ------
    ValueError
        If a column is missing, repeated or named in both kinds, or ``max_levels`` < 2.

    Notes
    -----
    Cramér's V after W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T",
    Journal of the Korean Statistical Society 42 (2013); eta after K. Pearson (1905).
    Eta is not bias-corrected: it grows with levels per row, so read it with ``rows``.
    """
    _check_columns(frame, numeric, categorical, max_levels)
    levels = {name: _pool_levels(frame[name], max_levels) for name in categorical}
    numbers = frame[list(numeric)].astype(float)
    rows = _numeric_pairs(numbers)
    for a, b in product(numeric, categorical):
        rows.append(
            (a, b, "correlation_ratio", *_complete(correlation_ratio, numbers[a], levels[b]))
        )
    for a, b in combinations(categorical, 2):
        rows.append((a, b, "cramers_v", *_complete(cramers_v, levels[a], levels[b])))
    result = pd.DataFrame(rows, columns=COLUMNS)
    return result.astype({"value": float, "rows": "int64"})


def cramers_v(a: np.ndarray, b: np.ndarray) -> float:
    """Bias-corrected Cramér's V of two label arrays of equal length.

    With phi² = chi² / n on an r x c table: phi²' = max(0, phi² - (r-1)(c-1)/(n-1)),
    r' = r - (r-1)²/(n-1), c' likewise, V = sqrt(phi²' / min(r'-1, c'-1))
    (Bergsma 2013, equations 6-8). NaN if a side is constant or every row has a level
    of its own, where the correction leaves no degree of freedom.
    """
    table = _contingency(a, b)
    n, (r, c) = table.sum(), table.shape
    if min(r, c) < 2:
        return float("nan")
    expected_share = np.outer(table.sum(axis=1), table.sum(axis=0))
    phi2 = max(0.0, (table**2 / expected_share).sum() - 1.0 - (r - 1) * (c - 1) / (n - 1))
    freedom = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    if freedom <= 1e-12:
        return float("nan")
    return float(min(1.0, np.sqrt(phi2 / freedom)))


def correlation_ratio(values: np.ndarray, labels: np.ndarray) -> float:
    """Correlation ratio eta = sqrt(between-group / total sum of squares).

    ``values`` are numbers and ``labels`` groups, both of shape (rows,). NaN if either
    is constant.
    """
    values = np.asarray(values, dtype=float)
    codes = pd.factorize(np.asarray(labels), sort=True)[0]
    if len(values) < 2 or np.ptp(values) == 0 or codes.max() == 0:
        return float("nan")
    centered = values - values.mean()
    sizes = np.bincount(codes)
    between = (np.bincount(codes, weights=centered) ** 2 / sizes).sum()
    return float(np.sqrt(min(1.0, between / (centered**2).sum())))


def _numeric_pairs(numbers: pd.DataFrame) -> list[tuple]:
    finite = numbers.where(np.isfinite(numbers))
    present = finite.notna().to_numpy(dtype=float)
    rows = (present.T @ present).astype(int)
    # pandas' own pairwise kernels: missing values per pair, constants without warnings
    measures = {name: finite.corr(name).to_numpy() for name in ("pearson", "spearman")}
    return [
        (numbers.columns[i], numbers.columns[j], name, matrix[i, j], rows[i, j])
        for i, j in combinations(range(numbers.shape[1]), 2)
        for name, matrix in measures.items()
    ]


def _complete(measure, a: pd.Series, b: pd.Series) -> tuple[float, int]:
    both = a.notna() & b.notna()
    if pd.api.types.is_float_dtype(a):
        both &= np.isfinite(a.fillna(0.0))
    rows = int(both.sum())
    if rows < 2:
        return float("nan"), rows
    return measure(a[both].to_numpy(), b[both].to_numpy()), rows


def _pool_levels(values: pd.Series, max_levels: int) -> pd.Series:
    text = values.astype(object).where(values.notna(), None)
    text = text.map(lambda value: None if value is None else str(value)).astype(object)
    counts = text.value_counts()
    if len(counts) <= max_levels:
        return text
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    kept = {level for level, _ in ranked[: max_levels - 1]}
    return text.where(text.isin(kept) | text.isna(), OTHER_LEVEL)


def _contingency(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    codes_a, levels_a = pd.factorize(np.asarray(a), sort=True)
    codes_b, levels_b = pd.factorize(np.asarray(b), sort=True)
    cells = np.bincount(codes_a * len(levels_b) + codes_b, minlength=len(levels_a) * len(levels_b))
    return cells.reshape(len(levels_a), len(levels_b)).astype(float)


def _check_columns(
    frame: pd.DataFrame, numeric: Sequence[str], categorical: Sequence[str], max_levels: int
) -> None:
    named = [*numeric, *categorical]
    missing = sorted(set(named) - set(frame.columns))
    if missing:
        raise ValueError(f"correlations: no column {', '.join(missing)} in the table.")
    repeated = sorted({name for name in named if named.count(name) > 1})
    if repeated:
        raise ValueError(f"correlations: {', '.join(repeated)} is named twice; name it once.")
    if max_levels < 2:
        raise ValueError(f"correlations: max_levels is {max_levels}; it must be 2 or more.")
