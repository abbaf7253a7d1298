"""The proof of a segmentation as a table: figures, groups and a sentence, or a sentence alone."""

import numpy as np
import pandas as pd
import pytest

from segmentation.dbt_models import schemas
from segmentation.dbt_models.proving import fit_predictive_value_table
from segmentation.features.recipe import Feature
from tests.unit.dbt_models.made_up import plan_row, plan_table, rows_table

RECENCY = Feature(
    "days_since_last_order", "number", "log1p", low="recent", high="lapsed", triggers=False
)
ORDERS = Feature("total_orders", "number", "log1p", low="few orders", high="many orders")
COLUMNS = [
    ("days_since_last_order", "number"),
    ("total_orders", "number"),
    ("total_spend", "number"),
    ("gender", "category"),
]
RULES = pd.DataFrame(
    {
        "rule_order": [1, 2],
        "rfm_cell": ["Recent", "Others"],
        "recency_min": [4, 1],
        "recency_max": 5,
        "frequency_min": 1,
        "frequency_max": 5,
        "monetary_min": 1,
        "monetary_max": 5,
    }
)


def candidates(segmentation: str = "customer", k: int = 4) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segmentation": segmentation,
            "model_version": 4,
            "k": [k - 1, k],
            "is_selected": [False, True],
        }
    )


def past(customers: int = 600) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    level = draw.random(customers)
    repeats = draw.poisson(3 * level)
    age = draw.integers(90, 400, customers)
    recency = np.where(repeats > 0, np.floor(age * (0.5 + level / 2)), 0)
    spend = np.round(draw.gamma(2, 10 * (repeats + 1)), 2)
    return pd.DataFrame(
        {
            "customer_id": np.arange(customers),
            "as_of_date": pd.Timestamp("2024-03-01"),
            "days_back": 90,
            "days_since_last_order": age - recency,
            "total_orders": repeats + 1,
            "rfm_orders": repeats + 1,
            "total_spend": spend,
            "gender": "F",
            "repeats": repeats,
            "recency_days": recency,
            "age_days": age,
            "paid_days": repeats + 1,
            "spend": spend,
            "history_days": 400,
            "early_age_days": np.nan,
            "late_orders": 0,
            "late_spend": 0.0,
            "later_spend": np.where(draw.random(customers) < level, draw.gamma(2, 20), 0.0),
        }
    )


def now(names: list[str], grouping: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Today's features of customers, the verdict on their segments, and their items."""
    draw = np.random.default_rng(6)
    units = np.array([f"{unit:03}" for unit in range(300)])
    spend, is_cancelled = draw.lognormal(3, 0.4, 300), draw.random(300) < 0.4
    numbers = np.column_stack(
        [draw.integers(1, 400, 300), np.ones(300), np.where(is_cancelled, 0, spend)]
    )
    rows = pd.concat([rows_table(name, numbers, [["F"]] * 300, units) for name in names])
    facts = pd.DataFrame(
        {"segmentation": names, "model_version": 4, "grouping": grouping, "group_count": 2}
    )
    items = pd.DataFrame(
        {
            "unit_id": units,
            "order_id": range(300),
            "order_item_id": range(300),
            "sale_price": spend,
            "cost": spend / 2,
            "is_cancelled": is_cancelled,
            "is_returned": False,
            "is_delivered": ~is_cancelled,
        }
    )
    return rows, facts, items


def made(
    *plans: dict,
    rows: pd.DataFrame | None = None,
    k: int = 4,
    grouping: str = "slices of one cloud",
) -> pd.DataFrame:
    names = [plan["segmentation"] for plan in plans]
    tried = pd.concat([candidates(name, k) for name in names])
    rows = past() if rows is None else rows
    rows_now, facts, items = now(names, grouping)
    return fit_predictive_value_table(
        plan_table(*plans), rows_now, facts, tried, items, rows, RULES
    ).to_pandas()


def customers(**told) -> dict:
    return plan_row("customer", COLUMNS, (RECENCY, ORDERS), **told)


def test_figures_groups_and_a_sentence():
    table = made(customers())
    figures = table[table["measure"].notna()]
    assert figures.groupby("predictor").size().to_dict() == dict.fromkeys(
        ("segments", "rfm_cells", "spend_fifths", "forecast"), 4
    )
    assert (figures["units"] == 600).all()
    assert figures.loc[figures["predictor"] == "segments", "group_count"].tolist() == [4] * 4
    groups = table[table["group_name"].notna()]
    of_segments = groups[groups["predictor"] == "segments"]
    assert of_segments["units"].sum() == 600
    assert of_segments["group_name"].str.contains("(?i)recent|lapsed|orders|average").all()
    assert table["sentence"].notna().sum() == 1
    assert table["sentence"].str.contains("Fitted to 2024-03-01").any()
    assert (table["horizon_days"] == 90).all()


def test_groups_are_asked_whether_chance_makes_them():
    spend = Feature("total_spend", "number", "log1p", low="low spend", high="high spend")
    by_spend = plan_row("customer", COLUMNS, (RECENCY, spend))
    for plan, grouping, expected in (
        (by_spend, "clear groups", {0}),
        (by_spend, "slices of one cloud", set()),
        (customers(), "clear groups", set()),
    ):
        table = made(plan, k=2, grouping=grouping)
        assert set(table["shuffled_as_clear"].dropna()) == expected
        assert table.loc[table["sentence"].isna(), "shuffled_as_clear"].isna().all()


def test_the_order_of_rows_does_not_matter():
    shuffled = past().sample(frac=1, random_state=2)
    assert made(customers(), rows=shuffled).equals(made(customers()))


def test_customers_without_a_value_that_is_needed_are_left_out():
    rows = past().astype({"total_spend": float})
    rows.loc[:99, "total_orders"] = np.nan
    table = made(customers(missing="drop"), rows=rows)
    assert set(table["units"].dropna()[table["measure"].notna()]) == {500}


@pytest.mark.parametrize(
    ("told", "rows", "k", "why"),
    [
        ({}, past(0), 4, "the orders do not reach back twice the horizon_days"),
        ({}, past(40), 4, "the customers of 2024-03-01 are too few for 4 segments"),
        (
            {},
            past().assign(total_orders=1, days_since_last_order=np.arange(600) % 3),
            3,
            "the customers of 2024-03-01 are too few for 3 segments",
        ),
    ],
)
def test_what_cannot_be_judged_is_a_sentence(told, rows, k, why):
    table = made(customers(**told), rows=rows, k=k)
    assert table["sentence"].tolist() == [
        f"What these segments tell of the future is unknown: {why}."
    ]


def test_a_table_without_an_earlier_day_is_a_sentence_too():
    table = made(plan_row("product", COLUMNS, (ORDERS,)))
    assert table["sentence"].tolist() == [
        "What these segments tell of the future is unknown: product_features is not known for an "
        "earlier day."
    ]


def test_without_extras_there_is_nothing():
    nothing = [None] * 6
    table = fit_predictive_value_table(plan_table(customers(makes_extras=False)), *nothing)
    assert (table.num_rows, table.schema) == (0, schemas.PREDICTIVE_VALUE)


def test_too_few_who_bought_again_leave_out_the_forecast_alone():
    table = made(customers(), rows=past().assign(repeats=0, recency_days=0))
    assert set(table["predictor"].dropna()) == {"segments", "rfm_cells", "spend_fifths"}
    assert table["expected_spend"].isna().all()
