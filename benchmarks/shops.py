"""Shops to judge segmentations on: what was known on an earlier day, and what came after.

CDNOW is real; the others are made by `tools.sample.purchases`, one a seed. The features are those
of the table customer_features that the built-in recipe names, made by pandas from orders.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from docs.tools.settings import settings_table, text_of
from segmentation.dbt_models.fitting import (
    fit_candidates_table,
    fit_loadings_table,
    fit_scaling_table,
)
from segmentation.dbt_models.proving import past_segments
from segmentation.diagnosis.wording import Column
from segmentation.features.recipe import Recipe
from segmentation.value.forecast import fit_forecast, forecast
from segmentation.value.predictive import Judgement, judge
from tools.sample.purchases import (
    Process,
    draw_process,
    purchases,
    with_independent_future,
)

HORIZON = 90
ROOT = Path(__file__).parents[1]
RULES = pd.read_csv(ROOT / "seeds" / "rfm_cells.csv")


@dataclass(frozen=True)
class Past:
    """A shop on an earlier day.

    Attributes
    ----------
    name : str
    customers : DataFrame
        Features and purchase histories, one row per customer with an order by then.
    later : ndarray of shape (n,)
        Spend in the horizon after it.
    features : tuple of str
        Columns of customers that a recipe may name.
    """

    name: str
    customers: pd.DataFrame
    later: np.ndarray
    features: tuple[str, ...]


def default_recipe(**settings) -> Recipe:
    """Return the recipe that comes with the project for customers, with other settings.

    Parameters
    ----------
    **settings
        E.g. ``k_max=10``.
    """
    table = settings_table()
    plain = {name: row["default"] for name, row in table.items() if row["scope"] == "recipe"}
    built_in = yaml.safe_load(text_of("recipes", "built_in.sql"))["default"]
    features = [{"kind": "number"} | feature for feature in built_in.pop("features")]
    told = plain | built_in | {"name": "default", "features": features} | settings
    return Recipe.from_json(json.dumps(told))


def generated(seed: int, customers: int | None = None, *, independent: bool = False) -> Past:
    """Return shop number `seed` as it was a horizon before its end.

    Parameters
    ----------
    seed : int
    customers : int, optional
    independent : bool
        Whether who buys later is drawn, whatever was known.
    """
    process: Process = draw_process(seed, customers)
    orders = purchases(process)
    end = process.days - HORIZON
    if independent:
        orders = with_independent_future(orders, end, seed)
    kept = orders["status"] == "Complete"
    table = orders.assign(
        day=np.floor(orders["time"]).astype(int),
        kept=kept,
        cancelled=orders["status"] == "Cancelled",
        returned=orders["status"] == "Returned",
    )
    return past_of(f"shop {seed}", table, int(end) - 1)


def cdnow(days: pd.DataFrame, bound: int = 20_000) -> Past:
    """Return CDNOW a horizon before its end; `days` as `benchmarks.value.read_master` returns it.

    Parameters
    ----------
    days : DataFrame
    bound : int
        Most customers, drawn.
    """
    chosen = np.random.default_rng(0).permutation(days["customer"].unique())[:bound]
    orders = as_orders(days)
    table = orders[orders["customer"].isin(chosen)]
    return past_of("CDNOW", table, int(orders["day"].max()) - HORIZON)


def as_orders(days: pd.DataFrame) -> pd.DataFrame:
    """Return CDNOW's days with a purchase as orders of one item that is kept."""
    return days.assign(
        day=(days["date"] - days["date"].min()).dt.days,
        items=1,
        kept=True,
        cancelled=False,
        returned=False,
    )


def past_of(name: str, orders: pd.DataFrame, today: int, horizon: int = HORIZON) -> Past:
    """Return a shop as it was at the end of a day.

    Parameters
    ----------
    name : str
    orders : DataFrame
        One row per order: customer, day, items, value, kept, cancelled, returned.
    today : int
    horizon : int
        Days after it.
    """
    known = orders[orders["day"] <= today]
    features = _features(known, today)
    customers = features.join(_histories(known, today))
    ahead = orders[(orders["day"] > today) & (orders["day"] <= today + horizon) & orders["kept"]]
    later = ahead.groupby("customer")["value"].sum().reindex(customers.index).fillna(0)
    return Past(name, customers.reset_index(), later.to_numpy(float), tuple(features))


def _features(known: pd.DataFrame, today: int) -> pd.DataFrame:
    items = known["items"]
    orders = known.assign(
        spend=known["value"] * known["kept"],
        cancelled_items=items * known["cancelled"],
        returned_items=items * known["returned"],
    )
    sums = orders.groupby("customer").agg(
        total_orders=("day", "size"),
        kept_orders=("kept", "sum"),
        total_items=("items", "sum"),
        total_spend=("spend", "sum"),
        cancelled=("cancelled_items", "sum"),
        returned=("returned_items", "sum"),
        last=("day", "max"),
        first=("day", "min"),
    )
    delivered = sums["total_items"] - sums["cancelled"]
    return pd.DataFrame(
        {
            "total_orders": sums["total_orders"],
            "kept_orders": sums["kept_orders"],
            "rfm_orders": sums["kept_orders"],
            "total_items": sums["total_items"],
            "total_spend": sums["total_spend"],
            "average_order_value": sums["total_spend"] / sums["kept_orders"].replace(0, np.nan),
            "distinct_brands": 1,
            "distinct_categories": 1,
            "return_rate": sums["returned"] / delivered.replace(0, np.nan),
            "cancellation_rate": sums["cancelled"] / sums["total_items"],
            "days_since_last_order": today - sums["last"],
            "days_since_first_order": today - sums["first"],
        }
    )


def _histories(known: pd.DataFrame, today: int) -> pd.DataFrame:
    spent = known.assign(spend=known["value"] * known["kept"])
    days = spent.groupby(["customer", "day"], as_index=False)["spend"].sum()
    history = int(today - days["day"].min())
    half = today - history // 2
    now = _purchases(days, today)
    early = _purchases(days[days["day"] <= half], half).add_prefix("early_")
    late = days[days["day"] > half].groupby("customer")["spend"].agg(["size", "sum"])
    late = late.reindex(now.index).fillna(0).set_axis(["late_orders", "late_spend"], axis=1)
    return now.join(early).join(late).assign(history_days=history)


def _purchases(days: pd.DataFrame, today: int) -> pd.DataFrame:
    sums = days.assign(is_paid=days["spend"] > 0).groupby("customer")
    first, last = sums["day"].min(), sums["day"].max()
    return pd.DataFrame(
        {
            "repeats": sums.size() - 1,
            "recency_days": last - first,
            "age_days": today - first,
            "paid_days": sums["is_paid"].sum(),
            "spend": sums["spend"].sum(),
        }
    )


def selected_k(past: Past, recipe: Recipe) -> int:
    """Return the number of segments that the written rule takes on the earlier day.

    Parameters
    ----------
    past : Past
    recipe : Recipe
    """
    features = past.customers[list(past.features)].to_numpy(float)
    rows = pd.DataFrame(
        {
            "segmentation": "customer",
            "unit_id": past.customers["customer"].astype(str),
            "unit_order": np.arange(len(features)) + 1,
            "sample_rank": np.random.default_rng(0).permutation(len(features)) + 1,
            "numbers": list(features),
            "levels": [[None]] * len(features),
        }
    )
    plan = _plan(past, recipe)
    scaling = fit_scaling_table(plan, rows).to_pandas()
    loadings = fit_loadings_table(plan, rows, scaling).to_pandas()
    tried = fit_candidates_table(plan, rows, scaling, loadings).to_pandas()
    return int(tried.loc[tried["is_selected"], "k"].iloc[0])


def _plan(past: Past, recipe: Recipe) -> pd.DataFrame:
    """Return the row of ``fit_plan`` of a first fit without extras."""
    columns = [{"name": name, "kind": "number"} for name in past.features]
    row = {
        "segmentation": "customer",
        "unit": "customers",
        "table_name": "customer_features",
        "is_fit": True,
        "makes_extras": False,
        "explore": False,
        "is_matched": False,
        "model_version": 1,
        "active_version": None,
        "match_floor": 0.5,
        "rows_available": len(past.customers),
        "rows_judged": recipe.max_selection_rows,
        "recipe": json.dumps(asdict(recipe)),
        "feature_columns": json.dumps(columns),
    }
    return pd.DataFrame([row]).astype({"active_version": "Int64"})


def judged(past: Past, recipe: Recipe, k: int) -> Judgement:
    """Fit the recipe with k segments to a past shop, and compare with the simpler answers.

    Parameters
    ----------
    past : Past
    recipe : Recipe
    k : int
    """
    columns = [Column.of_json({"name": name, "kind": "number"}) for name in past.features]
    segments = past_segments(past.customers, recipe, k, columns)
    if segments is None:
        raise ValueError(f"{past.name} has too few customers for {k} segments; take another.")
    known, names = segments
    customers = past.customers[known]
    expected = forecast(fit_forecast(customers), customers, HORIZON)["expected_value"].to_numpy()
    return judge(customers, names, RULES, past.later[known], expected, seed=recipe.seed)
