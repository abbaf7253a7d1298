"""What a segmentation would have said about the days that followed, beside simpler answers."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from segmentation.value.proof import prove

SEGMENTS, RFM, FIFTHS, FORECAST = "segments", "rfm_cells", "spend_fifths", "forecast"
VERSUS = {"rfm": RFM, "fifths": FIFTHS}
"""What every predictor is compared with, by the names of the columns that say so."""
SCORES = {
    "recency": ("days_since_last_order", -1),
    "frequency": ("rfm_orders", 1),
    "monetary": ("total_spend", 1),
}
CHANCE = {"auc_buying": 0.5, "best_fifth_share": 0.2}


@dataclass(frozen=True)
class Judgement:
    """How well the groups of an earlier day told what came.

    Attributes
    ----------
    values : DataFrame
        One row per predictor and measure: group_count, value, low, high, and for each of `VERSUS`
        the difference with its interval (minus_rfm, minus_rfm_low, minus_rfm_high …).
    groups : DataFrame
        One row per predictor and group_name: units, buyers, expected_spend (NaN without a
        forecast), observed_spend.
    """

    values: pd.DataFrame
    groups: pd.DataFrame


def fifths(values: np.ndarray) -> np.ndarray:
    """Return each value's fifth, 1 to 5: one more than the whole fifths of values before it."""
    ordered = np.sort(values)
    return 5 * np.searchsorted(ordered, values) // len(values) + 1


def rfm_cells(features: pd.DataFrame, rules: pd.DataFrame) -> np.ndarray:
    """Return each customer's RFM cell, as the table customer_rfm names them.

    Parameters
    ----------
    features : DataFrame
        days_since_last_order, total_spend and rfm_orders: the orders that frequency counts.
    rules : DataFrame
        The seed rfm_cells: rule_order, rfm_cell, and least and greatest of each score.

    Returns
    -------
    ndarray of str, shape (n,)
        An empty name where no rule fits.
    """
    cells = np.full(len(features), "", dtype=object)
    scores = {
        name: fifths(sign * features[column].to_numpy(float))
        for name, (column, sign) in SCORES.items()
    }
    for rule in rules.sort_values("rule_order", ascending=False).to_dict("records"):
        fits = np.full(len(features), True)
        for name, score in scores.items():
            fits &= (rule[f"{name}_min"] <= score) & (score <= rule[f"{name}_max"])
        cells[fits] = rule["rfm_cell"]
    return cells.astype(str)


def judge(
    features: pd.DataFrame,
    segments: np.ndarray,
    rules: pd.DataFrame,
    later: np.ndarray,
    forecast: np.ndarray | None,
    *,
    seed: int,
) -> Judgement:
    """Compare segments, RFM cells, fifths of past spend and the forecast on what came after.

    Parameters
    ----------
    features : DataFrame
        n customers of an earlier day, sorted by key: days_since_last_order, rfm_orders,
        total_spend as they were.
    segments : ndarray of shape (n,)
        Names of the segments fitted to that day.
    rules : DataFrame
        The seed rfm_cells.
    later : ndarray of shape (n,)
        Spend in the horizon after that day.
    forecast : ndarray of shape (n,), optional
        Spend expected of each then.
    seed : int

    Returns
    -------
    Judgement
    """
    predictors = {
        SEGMENTS: segments,
        RFM: rfm_cells(features, rules),
        FIFTHS: fifths(features["total_spend"].to_numpy(float)),
    }
    scored = predictors if forecast is None else predictors | {FORECAST: forecast}
    values, differences = prove(scored, later, seed=seed)
    counts = {name: len(np.unique(groups)) for name, groups in predictors.items()}
    values["group_count"] = values["predictor"].map(counts).astype("Int64")
    for short, other in VERSUS.items():
        values = values.merge(
            _compared(differences, short, other), on=["predictor", "measure"], how="left"
        )
    return Judgement(values, _groups(predictors, later, forecast))


def _compared(differences: pd.DataFrame, short: str, other: str) -> pd.DataFrame:
    named = {end: f"minus_{short}{suffix}" for end, suffix in _ENDS.items()}
    rows = differences[differences["versus"] == other].rename(columns=named)
    return rows[["predictor", "measure", *named.values()]]


_ENDS = {"value": "", "low": "_low", "high": "_high"}


def _groups(
    predictors: dict[str, np.ndarray], later: np.ndarray, forecast: np.ndarray | None
) -> pd.DataFrame:
    expected = np.full(len(later), np.nan) if forecast is None else forecast
    units = pd.DataFrame({"later": later, "buys": later > 0, "expected": expected})
    tables = [
        units.groupby(pd.Series(groups, name="group_name").astype(str))
        .agg(
            units=("buys", "size"),
            buyers=("buys", "sum"),
            expected_spend=("expected", lambda column: column.sum(min_count=1)),
            observed_spend=("later", "sum"),
        )
        .reset_index()
        .assign(predictor=name)
        for name, groups in predictors.items()
    ]
    return pd.concat(tables, ignore_index=True)


def sentence(values: pd.DataFrame, unit: str, past: date, horizon: int) -> str:
    """Say in words what the segments told of the horizon.

    Parameters
    ----------
    values : DataFrame
        Of a `Judgement`.
    unit : str
        What the units are called.
    past : date
        The day the segments were fitted to.
    horizon : int
        Days after it.
    """
    rows = values.set_index(["predictor", "measure"])
    best, buying = (rows.loc[(SEGMENTS, name)] for name in ("best_fifth_share", "auc_buying"))
    if pd.isna(best["value"]):
        return f"Nobody bought in the {horizon} days after {past}, so nothing is told of them."
    share = f"{best['value']:.0%}"
    if best["low"] <= CHANCE["best_fifth_share"] and not buying["low"] > CHANCE["auc_buying"]:
        return (
            f"These segments do not tell what comes next: fitted to {past}, the 20% of {unit} they "
            f"put first brought {share} of the next {horizon} days' revenue, where chance brings "
            "20%."
        )
    return (
        f"Fitted to {past}, the 20% of {unit} this segmentation puts first brought {share} of the "
        f"next {horizon} days' revenue; sorting by past spend alone would have found "
        f"{rows.loc[(FIFTHS, 'best_fifth_share'), 'value']:.0%}{_surely(best)}."
    )


def _surely(best: pd.Series) -> str:
    if best["minus_fifths_high"] < 0:
        return ", which is better by more than chance: to choose whom to address, sort by spend"
    if best["minus_fifths_low"] > 0:
        return ", which is worse by more than chance"
    return ", which chance may explain"
