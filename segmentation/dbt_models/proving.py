"""The body of the Python model that asks what segments of an earlier day told of what came."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import ruling, schemas
from segmentation.dbt_models.plan import Plan, feature_rows, rows_of_version, versioned_table
from segmentation.diagnosis.wording import Column
from segmentation.features.frames import bounded_frame
from segmentation.features.recipe import Recipe

LEAST_CUSTOMERS = 50
KNOWN_OF = "customer_features"
"""The table whose features of an earlier day there are."""


def fit_predictive_value_table(
    fit_plan: Any,
    fit_rows: Any,
    facts: Any,
    candidates: Any,
    statuses: Any,
    past_outcomes: Any,
    rfm_cells: Any,
) -> pa.Table:
    """Rows of three kinds: figures by predictor and measure, groups by predictor, and a sentence.

    Parameters
    ----------
    fit_plan, fit_rows, facts, candidates : relation
    statuses : relation
        One row per item of a bounded sample of customers (`segmentation.diagnosis.statuses`); read
        only where there are groups.
    past_outcomes : relation
        One row per sampled customer of the earlier day: the columns of customer_features as they
        were, as_of_date and days_back, the purchases of `segmentation.value.forecast`, and
        later_spend.
    rfm_cells : relation
        The seed.
    """

    def fit(plan: Plan) -> pd.DataFrame:
        from segmentation.clustering.threads import single_thread

        with single_thread():
            found = _figures(plan, candidates, past_outcomes, rfm_cells)
            as_clear = _as_clear(plan, fit_rows, facts, candidates, statuses)
        found.loc[found["sentence"].notna(), "shuffled_as_clear"] = as_clear
        return found.reindex(columns=_COLUMNS).astype(_WHOLE)

    return versioned_table(
        fit_plan, schemas.PREDICTIVE_VALUE, fit, lambda plan: plan.makes_extras, written=fit
    )


_COLUMNS = [
    name for name in schemas.PREDICTIVE_VALUE.names if name not in ("segmentation", "model_version")
]
_WHOLE = dict.fromkeys(
    ("horizon_days", "group_count", "units", "buyers", "shuffled_as_clear"), "Int64"
)


def _figures(plan: Plan, candidates: Any, past_outcomes: Any, rfm_cells: Any) -> pd.DataFrame:
    if plan.table_name != KNOWN_OF:
        return _said(f"{plan.table_name} is not known for an earlier day")
    past = bounded_frame(past_outcomes, "customer_id")
    if past.empty:
        return _said("the orders do not reach back twice the horizon_days")
    then = _Then.of(past)
    k = _selected(candidates, plan)
    segments = (
        ruling.past_segments(plan, past)
        if plan.is_written
        else past_segments(past, plan.recipe, k, plan.described)
    )
    if segments is None or segments[0].sum() < LEAST_CUSTOMERS:
        return _said(f"the {plan.unit} of {then.day} are too few for {k} segments")
    known, names = segments
    return _judged(past[known], names, bounded_frame(rfm_cells), plan, then)


def _selected(candidates: Any, plan: Plan) -> int:
    tried = rows_of_version(candidates, plan, plan.model_version)
    return int(tried.loc[tried["is_selected"], "k"].iloc[0])


def _as_clear(plan: Plan, fit_rows: Any, facts: Any, candidates: Any, statuses: Any) -> int | None:
    """Count the shuffles of statuses that make groups as clear; None if that is not asked."""
    from segmentation.diagnosis.pairs import CLEAR, TOUCHING
    from segmentation.diagnosis.statuses import count_as_clear

    (fact,) = rows_of_version(facts, plan, plan.model_version).to_dict("records")
    if plan.table_name != KNOWN_OF or fact["grouping"] not in (CLEAR, TOUCHING):
        return None
    return count_as_clear(
        feature_rows(fit_rows, plan).set_index("unit_id"),
        bounded_frame(statuses),
        plan.recipe,
        _selected(candidates, plan),
        fact["grouping"],
        int(fact["group_count"]),
    )


@dataclass(frozen=True)
class _Then:
    """The earlier day, and how many days it lies back."""

    day: date
    horizon: int

    @classmethod
    def of(cls, past: pd.DataFrame) -> "_Then":
        return cls(pd.Timestamp(past["as_of_date"].iloc[0]).date(), int(past["days_back"].iloc[0]))


def _said(why: str) -> pd.DataFrame:
    told = f"What these segments tell of the future is unknown: {why}."
    return pd.DataFrame([{"as_of_date": None, "sentence": told}])


def past_segments(
    past: pd.DataFrame, recipe: Recipe, k: int, columns: Sequence[Column]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Fit a recipe to the features of an earlier day.

    Parameters
    ----------
    past : DataFrame
        n customers, sorted by key.
    recipe : Recipe
    k : int
        Segments.
    columns : sequence of Column
        The features of the table.

    Returns
    -------
    known : ndarray of bool, shape (n,)
        Who has every value that the recipe needs.
    names : ndarray of str, one per known customer
        Names of the segments. None instead of both where there are fewer than 50 customers or
        fewer different ones than segments.
    """
    from segmentation.clustering.clusters import fit_labels
    from segmentation.clustering.kmeans import count_distinct_rows
    from segmentation.diagnosis.naming import name_segments
    from segmentation.diagnosis.traits import Portraits
    from segmentation.features.pca import apply_pca, fit_pca
    from segmentation.features.scaling import apply_scaling, fit_scaling

    numbers = [column.name for column in columns if column.kind == "number"]
    features = past[[column.name for column in columns]].astype(dict.fromkeys(numbers, float))
    scaling = fit_scaling(features, recipe)
    scaled = apply_scaling(features, scaling)
    known = ~np.isnan(scaled).any(axis=1)
    if known.sum() < LEAST_CUSTOMERS:
        return None
    components = apply_pca(scaled[known], fit_pca(scaled[known], scaling, recipe))
    if count_distinct_rows(components) <= k:
        return None
    labels = fit_labels(components, k, recipe)
    named = name_segments(Portraits.of(features[known], labels, columns, recipe))
    by_label = named.set_index("segment_id")["segment_name"]
    return known, by_label.loc[labels].to_numpy(str)


def _judged(
    past: pd.DataFrame, names: np.ndarray, rules: pd.DataFrame, plan: Plan, then: _Then
) -> pd.DataFrame:
    from segmentation.value.predictive import judge, sentence

    later = past["later_spend"].to_numpy(float)
    expected = _expected(past, then.horizon)
    found = judge(past, names, rules, later, expected, seed=plan.recipe.seed)
    dated = {"as_of_date": then.day, "horizon_days": then.horizon}
    told = sentence(found.values, plan.unit, then.day, then.horizon)
    values = found.values.assign(units=len(past))
    rows = [values, found.groups, pd.DataFrame([{"sentence": told}])]
    return pd.concat(rows, ignore_index=True).assign(**dated)


def _expected(past: pd.DataFrame, horizon: int) -> np.ndarray | None:
    from segmentation.value.forecast import fit_forecast, forecast

    try:
        return forecast(fit_forecast(past), past, horizon)["expected_value"].to_numpy()
    except ValueError:
        return None
