"""Ensures that every segmentation is fitted by its own plan, to its own rows, in their order."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from segmentation.dbt_models.plan import (
    Placed,
    Plan,
    feature_rows,
    placed_rows,
    rows_of_version,
    versioned_table,
)
from tests.unit.dbt_models.made_up import (
    COLUMNS,
    ORDERS,
    SPEND,
    loadings_of,
    plan_row,
    plan_table,
    rows_table,
    scaling_as_it_is,
    shuffled,
)

SCHEMA = pa.schema(
    {"segmentation": pa.string(), "model_version": pa.int64(), "answer": pa.float64()}
)
PRODUCT = ("price", "number"), ("brand", "category")


def one_plan(**told) -> Plan:
    (plan,) = Plan.read(plan_table(plan_row(**told)))
    return plan


@pytest.fixture(params=["pandas", "duckdb"])
def as_relation(request):
    """What dbt.ref returns: a relation of the engine that holds the rows, or a frame."""
    if request.param == "pandas":
        yield lambda frame: frame
        return
    with duckdb.connect() as connection:
        yield connection.from_df


# --- the plan ---


def test_plans_are_read_by_the_name_of_the_segmentation():
    plans = Plan.read(
        plan_table(
            plan_row("product", columns=PRODUCT, features=(), active_version=7, is_fit=False, k=5),
            plan_row("customer", makes_extras=False, match_floor=0.25, rows_judged=20),
        )
    )
    assert [plan.segmentation for plan in plans] == ["customer", "product"]
    customer, product = plans
    assert (customer.unit, customer.active_version, product.active_version) == (
        "customers",
        None,
        7,
    )
    assert (customer.is_fit, product.is_fit) == (True, False)
    assert (customer.makes_extras, product.makes_extras) == (False, True)
    assert (customer.match_floor, customer.rows_judged) == (0.25, 20)
    assert (customer.recipe.k, product.recipe.k) == (None, 5)
    assert customer.recipe.features == (SPEND, ORDERS)
    assert (customer.columns, product.columns) == (COLUMNS, PRODUCT)


def test_features_of_a_kind_are_named_in_the_order_of_their_list():
    plan = one_plan(columns=[("b", "number"), ("c", "category"), ("a", "number")])
    assert plan.names("number") == ["b", "a"]
    assert plan.names("category") == ["c"]


# --- the rows of a fit ---


def test_rows_come_in_the_order_of_the_typed_key(as_relation):
    table = rows_table("customer", [[9, 1], [10, 2], [100, 3]], [["a"], ["b"], ["c"]], [9, 10, 100])
    rows = feature_rows(as_relation(shuffled(table)), one_plan())
    assert rows.columns.tolist() == ["unit_id", "sample_rank", "spend", "country", "orders"]
    assert rows["unit_id"].tolist() == ["9", "10", "100"]
    assert rows["spend"].tolist() == [9, 10, 100]
    assert rows["country"].tolist() == ["a", "b", "c"]
    assert rows["orders"].tolist() == [1, 2, 3]
    assert rows["sample_rank"].tolist() == table["sample_rank"].tolist()
    assert rows.index.tolist() == [0, 1, 2]


def test_a_segmentation_sees_no_rows_of_another(as_relation):
    tables = shuffled(
        rows_table("customer", [[1, 2]], [["Peru"]]),
        rows_table("product", [[7], [8]], [["Reef"], ["Falke"]]),
    )
    customers = feature_rows(as_relation(tables), one_plan())
    products = feature_rows(as_relation(tables), one_plan(segmentation="product", columns=PRODUCT))
    assert customers[["spend", "country", "orders"]].to_numpy().tolist() == [[1, "Peru", 2]]
    assert products.columns.tolist() == ["unit_id", "sample_rank", "price", "brand"]
    assert products[["price", "brand"]].to_numpy().tolist() == [[7, "Reef"], [8, "Falke"]]


def test_a_table_of_numbers_only_has_no_other_columns(as_relation):
    table = rows_table("customer", [[1, 2], [3, 4]], [[None], [None]])
    rows = feature_rows(
        as_relation(table), one_plan(columns=[("spend", "number"), ("orders", "number")])
    )
    assert rows.columns.tolist() == ["unit_id", "sample_rank", "spend", "orders"]
    assert rows[["spend", "orders"]].to_numpy().tolist() == [[1, 2], [3, 4]]


def test_a_table_of_categories_only_has_no_other_columns(as_relation):
    table = rows_table("customer", [[np.nan], [np.nan]], [["Peru", "F"], ["Chad", "(missing)"]])
    rows = feature_rows(
        as_relation(table), one_plan(columns=[("country", "category"), ("gender", "category")])
    )
    assert rows.columns.tolist() == ["unit_id", "sample_rank", "country", "gender"]
    assert rows["country"].tolist() == ["Peru", "Chad"]
    assert rows["gender"].tolist() == ["F", "(missing)"]


def test_a_missing_number_is_missing_and_a_number(as_relation):
    table = rows_table("customer", [[1, np.nan], [np.nan, np.nan]], [["a"], ["b"]])
    rows = feature_rows(as_relation(table), one_plan())
    assert rows["spend"].dtype == rows["orders"].dtype == float
    np.testing.assert_array_equal(rows[["spend", "orders"]], [[1, np.nan], [np.nan, np.nan]])


def test_a_segmentation_without_rows_has_its_columns(as_relation):
    table = rows_table("product", [[1]], [["a"]])
    rows = feature_rows(as_relation(table), one_plan())
    assert rows.empty
    assert rows.columns.tolist() == ["unit_id", "sample_rank", "spend", "country", "orders"]


# --- applying a version ---


def test_a_version_is_known_by_its_segmentation_and_number(as_relation):
    tables = pd.concat(
        [
            scaling_as_it_is("customer", 3, ["orders"]),
            scaling_as_it_is("customer", 4, ["spend", "orders"]),
            scaling_as_it_is("product", 4, ["price"]),
        ]
    )
    found = rows_of_version(as_relation(tables), one_plan(), 4)
    assert found["feature"].tolist() == ["spend", "orders"]
    assert rows_of_version(as_relation(tables), one_plan(), 5).empty


def test_rows_are_scaled_and_projected_by_the_version_that_is_asked_for(as_relation):
    table = rows_table("customer", [[1, 2], [3, 5]], [["a"], ["b"]])
    scaling = pd.concat(
        [
            scaling_as_it_is("customer", 3, ["orders"]),
            scaling_as_it_is("customer", 4, ["spend", "orders"]).assign(scale=2.0),
            scaling_as_it_is("product", 4, ["price"]),
        ]
    )
    loadings = pd.concat(
        [
            loadings_of("customer", 3, np.array([[1]])),
            loadings_of("customer", 4, np.array([[0, 1], [1, 0]])),
            loadings_of("product", 4, np.array([[9]])),
        ]
    )
    relations = as_relation(table), as_relation(scaling), as_relation(loadings)
    placed = placed_rows(*relations, one_plan(), 4)
    assert placed.scaled.tolist() == [[0.5, 1], [1.5, 2.5]]
    assert placed.components.tolist() == [[1, 0.5], [2.5, 1.5]]
    assert placed_rows(*relations, one_plan(), 3).components.tolist() == [[2], [5]]


def test_rows_that_a_version_cannot_fill_are_left_out():
    table = rows_table("customer", [[1, 2], [np.nan, 3], [4, np.nan]], [["a"], ["b"], ["c"]])
    scaling = scaling_as_it_is("customer", 4, ["spend", "orders"])
    scaling.loc[1, "fill_value"] = 9.0
    placed = placed_rows(table, scaling, loadings_of("customer", 4, np.eye(2)), one_plan(), 4)
    assert placed.rows["country"].tolist() == ["a", "c"]
    assert placed.rows.index.tolist() == [0, 1]
    assert placed.components.tolist() == [[1, 2], [4, 9]]


@pytest.fixture
def placed() -> Placed:
    rows = pd.DataFrame({"unit_id": list("abcd"), "sample_rank": [4, 1, 3, 2]})
    return Placed(rows, np.arange(4.0).reshape(4, 1), np.arange(4.0).reshape(4, 1) * 10)


@pytest.mark.parametrize(
    ("chosen", "units"),
    [
        (lambda placed: placed.judged(one_plan(rows_judged=2)), "bd"),
        (lambda placed: placed.by_rank(), "bdca"),
        (lambda placed: placed.by_rank().head(3), "bdc"),
        (lambda placed: placed.head(9), "abcd"),
    ],
    ids=["judged", "by_rank", "head", "all"],
)
def test_rows_scaled_and_components_stay_together(placed, chosen, units):
    found = chosen(placed)
    numbers = [float("abcd".index(unit)) for unit in units]
    assert "".join(found.rows["unit_id"]) == units
    assert found.rows.index.tolist() == list(range(len(units)))
    assert found.scaled.ravel().tolist() == numbers
    assert found.components.ravel().tolist() == [10 * number for number in numbers]


# --- the loop over segmentations ---


def answer(value: float) -> pd.DataFrame:
    return pd.DataFrame({"more": ["than is asked for"], "answer": [value]})


def test_every_segmentation_has_its_rows_under_its_name_and_version():
    plans = plan_table(plan_row("product", model_version=2), plan_row("customer"))
    table = versioned_table(plans, SCHEMA, lambda plan: answer(plan.model_version * 10.0))
    assert table.schema == SCHEMA
    assert table.to_pylist() == [
        {"segmentation": "customer", "model_version": 4, "answer": 40},
        {"segmentation": "product", "model_version": 2, "answer": 20},
    ]


def test_only_those_are_fitted_that_ask_for_it():
    plans = plan_table(plan_row("product", is_fit=False), plan_row("customer"))
    asked = []

    def fit(plan: Plan) -> pd.DataFrame:
        asked.append(plan.segmentation)
        return answer(1.0)

    assert versioned_table(plans, SCHEMA, fit).num_rows == 1
    assert versioned_table(plans, SCHEMA, fit, lambda plan: not plan.is_fit).num_rows == 1
    assert asked == ["customer", "product"]


@pytest.mark.parametrize("plans", [[], [plan_row(is_fit=False)]], ids=["none", "none to fit"])
def test_a_build_that_fits_nothing_has_the_columns_all_the_same(plans):
    plans = plan_table(*plans) if plans else plan_table(plan_row()).iloc[:0]
    table = versioned_table(plans, SCHEMA, lambda plan: pytest.fail("nothing is to be fitted"))
    assert table.num_rows == 0
    assert table.schema == SCHEMA


@pytest.mark.parametrize("error", [ValueError, ZeroDivisionError, np.linalg.LinAlgError])
def test_a_fit_that_fails_says_whose_and_how_to_build_without_it(error):
    def fit(plan: Plan) -> pd.DataFrame:
        if plan.segmentation == "product":
            raise error("Nothing varies.")
        return answer(1.0)

    plans = plan_table(plan_row("product"), plan_row("customer"))
    with pytest.raises(RuntimeError) as failed:
        versioned_table(plans, SCHEMA, fit)
    assert str(failed.value) == (
        "The product model cannot be fitted: Nothing varies. To build without it, set "
        "product: null under the var segmentations."
    )


def test_a_fault_of_the_program_is_not_blamed_on_the_data():
    def fit(plan: Plan) -> pd.DataFrame:
        raise KeyError("answer")

    with pytest.raises(KeyError):
        versioned_table(plan_table(plan_row()), SCHEMA, fit)
