"""Scaling and encoding: from feature columns to the numbers that are clustered.

The fit is a table with one row per encoded column (for label encoding: per level), the same table
that SQL applies to all rows. `apply_scaling` is the plain version, kept as the oracle of that SQL.
"""

import numpy as np
import pandas as pd

from segmentation.clustering.threads import single_thread
from segmentation.features.recipe import MISSING, OTHER, Feature, Recipe

COLUMNS = [
    "position",
    "feature",
    "level",
    "code",
    "transform",
    "fill_value",
    "center",
    "scale",
    "weight",
    "unit",
    "shrink_by",
    "prior_mean",
    "prior_count",
]
LEAST_BETWEEN = 0.05
"""Share of the variance that differs between units at the least, however much luck there seems."""
LEAST_PRIOR_COUNT = 1e-9


def signed_log1p(values: np.ndarray) -> np.ndarray:
    """Return sign(x) · ln(1 + abs(x)): log1p that also takes negative numbers."""
    return np.sign(values) * np.log(1 + np.abs(values))


def transformed(values: np.ndarray, transform: str, unit: float = 1.0) -> np.ndarray:
    """Return numbers under a feature's transform: ``none``, or ``log1p`` of units."""
    return signed_log1p(values / unit) if transform == "log1p" else values


def _plain(value: float, transform: str, unit: float) -> float:
    """Return the number whose transform is the given one."""
    return float(np.sign(value) * np.expm1(abs(value)) * unit) if transform == "log1p" else value


def mean_and_deviation(values: np.ndarray) -> tuple[float, float]:
    """Return mean and population standard deviation of numbers of any magnitude."""
    # By a power of two, which rounds nothing: squares stay finite, and above 0.
    exponent = np.frexp(np.abs(values).max())[1]
    shrunk = np.ldexp(values, -exponent)
    return float(np.ldexp(shrunk.mean(), exponent)), float(np.ldexp(shrunk.std(), exponent))


def fit_shrinkage(values: np.ndarray, counts: np.ndarray) -> tuple[float, float]:
    """Return towards what averages are shrunk, and how many observations that is worth.

    An average x of n observations becomes (n x + m p) / (n + m), the empirical Bayes estimate under
    a spread A between units and C / n by luck: p is the mean over units and m = C / A. The squared
    deviations from p are A + C / n on average, a line whose intercept and slope are A and C
    (moments, by least squares).

    Parameters
    ----------
    values, counts : ndarray of shape (n,)
        Averages, NaN where there is none, and the observations behind each.

    Returns
    -------
    prior_mean, prior_count : float
        p and m; m is next to 0 where the counts do not differ or more of them are no surer.

    Notes
    -----
    Efron & Morris 1975, "Data analysis using Stein's estimator and its generalizations". A is at
    least 5 % of all variance.
    """
    present = ~np.isnan(values) & (counts > 0)
    mean, deviation = mean_and_deviation(values[present])
    if deviation == 0:
        return mean, LEAST_PRIOR_COUNT
    squares = np.square((values[present] - mean) / deviation)
    luck = 1 / counts[present]
    spread = luck.var()
    slope = np.mean((luck - luck.mean()) * (squares - 1)) / spread if spread > 1e-12 else 0.0
    between = max(1 - slope * luck.mean(), LEAST_BETWEEN)
    return mean, float(max(slope / between, LEAST_PRIOR_COUNT))


def shrunk(
    values: np.ndarray, counts: np.ndarray, prior_mean: float, prior_count: float
) -> np.ndarray:
    """Return averages drawn towards the mean of all, as `fit_shrinkage` fits it."""
    known = np.maximum(np.nan_to_num(counts), 0)
    return prior_mean + (values - prior_mean) * (known / (known + prior_count))


@single_thread()
def fit_scaling(frame: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Fit the encoding, filling and standardisation of a recipe's features.

    Numbers are transformed, filled with their median and standardised (population standard
    deviation, as scikit-learn's StandardScaler). One that is shrunk becomes what `shrunk` says
    before it is standardised; without a value it is the mean, whatever the policy. Categories are
    coded by the recipe's encoding:

    ``label``
        one column of codes 0 … L-1 in name order, standardised like a number;
    ``famd``
        one column (z - p) / √p per level, divided by the √(L - 1) that makes the block's total
        variance 1, so that one variable counts like one number (Pagès 2004, "Analyse factorielle
        de données mixtes"). Levels past `max_levels` are pooled as "(other)".

    Features that are constant, or are so once transformed, or have no value at all get no row:
    they leave the recipe.

    Parameters
    ----------
    frame : DataFrame of n rows
        The recipe's columns; numbers as floats with NaN for missing, categories as strings with
        "(missing)".
    recipe : Recipe
        Features, encoding and missing-value policy.

    Returns
    -------
    DataFrame
        Columns position (from 1), feature, level, code, transform, fill_value, center, scale,
        weight, unit, shrink_by, prior_mean, prior_count; fill_value is missing when the policy is
        to drop incomplete rows, the last three where nothing is shrunk.

    Raises
    ------
    ValueError
        If no feature varies, or no row is complete under the policy ``drop``.
    """
    features = usable_features(frame, recipe)
    if recipe.missing == "drop":
        frame = frame[is_complete(frame, features)]
        features = [feature for feature in features if _varies(frame, feature)]
    if not features or frame.empty:
        raise ValueError(
            f"No feature of recipe '{recipe.name}' varies over the {len(frame)} rows to fit: "
            "choose other features or another missing-value policy."
        )
    rows: list[dict] = []
    for feature in features:
        rows += _feature_rows(frame, feature, recipe, first=_width(rows) + 1)
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"level": "str", "shrink_by": "str", "position": "int64"})


def usable_features(frame: pd.DataFrame, recipe: Recipe) -> list[Feature]:
    """Return the recipe's features that have two different values, once transformed."""
    return [feature for feature in recipe.features if _varies(frame, feature)]


def is_complete(frame: pd.DataFrame, features: list[Feature]) -> pd.Series:
    """Return for each of n rows whether every given feature has a value, or needs none."""
    complete = pd.Series(True, index=frame.index)
    for feature in features:
        column = frame[feature.name]
        if feature.shrink_by:
            continue
        complete &= column.notna() if feature.kind == "number" else column.ne(MISSING)
    return complete


def _varies(frame: pd.DataFrame, feature: Feature) -> bool:
    # A missing number is filled and adds nothing; a missing category is a level of its own.
    if feature.kind == "category":
        return frame[feature.name].nunique(dropna=False) > 1
    values = transformed(_numbers(frame, feature.name), feature.transform, feature.unit)
    if feature.shrink_by:
        values = values[_numbers(frame, feature.shrink_by) > 0]
    return pd.Series(values).nunique() > 1


def _numbers(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(dtype=float, na_value=np.nan)


def _width(rows: list[dict]) -> int:
    return max((row["position"] for row in rows), default=0)


def _feature_rows(frame: pd.DataFrame, feature: Feature, recipe: Recipe, first: int) -> list[dict]:
    if feature.kind == "number":
        rows = [_number_row(frame, feature, recipe, first)]
    elif recipe.encoding == "label":
        rows = _label_rows(frame[feature.name], feature, recipe, first)
    else:
        rows = _famd_rows(frame[feature.name], feature, recipe, first)
    weight = float(np.sqrt(feature.weight))
    return [row | {"weight": row["weight"] * weight, "unit": feature.unit} for row in rows]


def _number_row(frame: pd.DataFrame, feature: Feature, recipe: Recipe, position: int) -> dict:
    values = _numbers(frame, feature.name)
    shrinkage: dict[str, object] = {}
    if feature.shrink_by:
        counts = _numbers(frame, feature.shrink_by)
        plain = transformed(values, feature.transform, feature.unit)
        mean, count = fit_shrinkage(plain, counts)
        shrinkage = {"shrink_by": feature.shrink_by, "prior_mean": mean, "prior_count": count}
        fill = _plain(mean, feature.transform, feature.unit)
    else:
        fill = float(np.nanmedian(values))
    filled = transformed(np.where(np.isnan(values), fill, values), feature.transform, feature.unit)
    if shrinkage:
        filled = shrunk(filled, counts, mean, count)
    center, scale = mean_and_deviation(filled)
    return {
        "position": position,
        "feature": feature.name,
        "level": None,
        "code": np.nan,
        "transform": feature.transform,
        "fill_value": fill if shrinkage or recipe.missing == "fill" else np.nan,
        "center": center,
        "scale": scale,
        "weight": 1.0,
        **shrinkage,
    }


def _label_rows(column: pd.Series, feature: Feature, recipe: Recipe, position: int) -> list[dict]:
    levels = sorted(column.unique())
    codes = {level: float(code) for code, level in enumerate(levels)}
    values = column.map(codes).to_numpy(dtype=float)
    center, scale = float(values.mean()), float(values.std())
    return [
        {
            "position": position,
            "feature": feature.name,
            "level": level,
            "code": code,
            "transform": "label",
            "fill_value": center if recipe.missing == "fill" else np.nan,
            "center": center,
            "scale": scale,
            "weight": 1.0,
        }
        for level, code in codes.items()
    ]


def _famd_rows(column: pd.Series, feature: Feature, recipe: Recipe, first: int) -> list[dict]:
    shares = pool_levels(column, recipe.max_levels).value_counts(normalize=True)
    levels = sorted(shares.index)
    weight = 1 / np.sqrt(len(levels) - 1)
    return [
        {
            "position": first + offset,
            "feature": feature.name,
            "level": level,
            "code": np.nan,
            "transform": "famd",
            "fill_value": 0.0 if recipe.missing == "fill" else np.nan,
            "center": float(shares[level]),
            "scale": float(np.sqrt(shares[level])),
            "weight": float(weight),
        }
        for offset, level in enumerate(levels)
    ]


def pool_levels(column: pd.Series, max_levels: int) -> pd.Series:
    """Pool all but the most frequent levels of a category as "(other)".

    Parameters
    ----------
    column : Series of str, n rows
        A category.
    max_levels : int
        Levels to leave, "(other)" included; ties go to the level first by name.

    Returns
    -------
    Series of str, n rows
    """
    counts = column.value_counts()
    ranked = sorted(counts.index, key=lambda level: (-counts[level], level))
    if len(ranked) <= max_levels:
        return column
    return column.where(column.isin(ranked[: max_levels - 1]), OTHER)


def apply_scaling(frame: pd.DataFrame, scaling: pd.DataFrame) -> np.ndarray:
    """Encode and standardise rows with fitted parameters.

    Parameters
    ----------
    frame : DataFrame of n rows
        The columns that the scaling names.
    scaling : DataFrame
        As `fit_scaling` returns it.

    Returns
    -------
    ndarray of shape (n, p)
        One column per position; NaN where a value is missing and the policy is to drop.
    """
    columns = [
        _apply_position(frame, rows, scaling) for _, rows in scaling.groupby("position", sort=True)
    ]
    return np.column_stack(columns)


def _apply_position(frame: pd.DataFrame, rows: pd.DataFrame, scaling: pd.DataFrame) -> np.ndarray:
    first = rows.iloc[0]
    column = frame[first["feature"]]
    if first["transform"] == "famd":
        known = set(scaling.loc[scaling["feature"] == first["feature"], "level"])
        values = _indicator(column, first, known)
    elif first["transform"] == "label":
        values = _codes(column, first, dict(zip(rows["level"], rows["code"], strict=True)))
    else:
        values = column.to_numpy(dtype=float, na_value=np.nan)
        values = np.where(np.isnan(values), first["fill_value"], values)
        values = transformed(values, first["transform"], _or(first, "unit", 1.0))
        if _or(first, "shrink_by", ""):
            counts = _numbers(frame, first["shrink_by"])
            values = shrunk(values, counts, first["prior_mean"], first["prior_count"])
    return (values - first["center"]) / first["scale"] * first["weight"]


def _or(row: pd.Series, name: str, default: object) -> object:
    """Return a parameter, or what holds for a model of a version that did not know it."""
    return default if name not in row or pd.isna(row[name]) else row[name]


def _indicator(column: pd.Series, row: pd.Series, known: set[str]) -> np.ndarray:
    pooled = column.where(column.isin(known | {MISSING}), OTHER)
    values = pooled.eq(row["level"]).to_numpy(dtype=float)
    is_missing = pooled.eq(MISSING).to_numpy() & (row["level"] != MISSING)
    return np.where(is_missing, row["fill_value"], values)


def _codes(column: pd.Series, row: pd.Series, codes: dict[str, float]) -> np.ndarray:
    values = column.map(codes).to_numpy(dtype=float)
    # A level never seen at fit time is put at the centre: it pulls nowhere.
    unseen = np.where(column.eq(MISSING), row["fill_value"], row["center"])
    return np.where(np.isnan(values), unseen, values)
