"""Ensures that every segment that serves is described by its own rows, rule, claims and seed."""

import json

import numpy as np
import pandas as pd
import pytest

from segmentation.dbt_models.describing import describe_segments_table
from segmentation.dbt_models.judging import fit_rules_table
from tests.unit.dbt_models.made_up import (
    centroids_of,
    loadings_of,
    plan_row,
    plan_table,
    rows_table,
    scaling_as_it_is,
    shuffled,
)

SIZES = (120, 60)
SEED = pd.DataFrame(
    {
        "segmentation": ["customer", None],
        "position": [1, 2],
        "kind": ["Spenders", "Others"],
        "asks": ["spend=high", None],
        "suggestion": ["Serve {units}.", "Try {traits}."],
        "aims_at": ["Spend.", "Whatever."],
        "success": ["More.", "Better."],
    }
)


def groups(segmentation: str, dear: float) -> pd.DataFrame:
    """Return two groups of units apart in spend; each row of the second stands for ten units."""
    group = np.repeat([0, 1], SIZES)
    spend = np.where(group, dear, 2.0) + np.tile([0.0, 0.5], sum(SIZES) // 2)
    rows = rows_table(segmentation, np.column_stack([spend, np.ones(sum(SIZES))]),
                      [["Peru"]] * sum(SIZES))  # fmt: skip
    return rows.assign(segment_id=group + 1, units=np.where(group, 10.0, 1.0))


CUSTOMERS, PRODUCTS = groups("customer", 40.0), groups("product", 900.0)
PLANS = plan_table(
    plan_row("customer", model_version=4), plan_row("product", model_version=7, is_fit=False)
)
SERVING = pd.DataFrame({"segmentation": ["customer", "product"], "model_version": [4, 7]})
CLAIM = {"feature": "spend", "phrase": "high spend (40)", "at_least": 40.0, "said": 40.0}
BORN = pd.DataFrame(
    {
        "segmentation": ["customer", "customer", "product"],
        "model_version": [1, 4, 7],
        "new_id": [2, 1, 2],
        "claims": [json.dumps([CLAIM]), None, json.dumps([CLAIM])],
    }
)


@pytest.fixture(scope="module")
def rules() -> pd.DataFrame:
    """Rules of the version that is fitted, which places units by spend alone."""
    model = (
        scaling_as_it_is("customer", 4, ["spend"]),
        loadings_of("customer", 4, np.array([[1.0]])),
        centroids_of("customer", 4, {1: [2.0], 2: [40.0]}),
    )
    return fit_rules_table(PLANS, shuffled(CUSTOMERS, PRODUCTS), *model).to_pandas()


@pytest.fixture(scope="module")
def described(rules) -> pd.DataFrame:
    rows = shuffled(CUSTOMERS, PRODUCTS)
    table = describe_segments_table(PLANS, SERVING, rows, rules, BORN, SEED).to_pandas()
    return table.set_index(["segmentation", "segment_id"])


def test_a_rule_is_fitted_for_every_segment_of_a_new_model_only(rules):
    assert rules[["segmentation", "model_version", "segment_id"]].to_numpy().tolist() == [
        ["customer", 4, 1],
        ["customer", 4, 2],
    ]


def test_a_segment_has_its_rule_in_words_sql_and_figures(described):
    one = described.loc[("customer", 2)]
    assert (one["rule"], one["rule_sql"]) == ("spend at least 20", '("spend" >= 20)')
    assert (one["rule_precision"], one["rule_recall"], one["fidelity"]) == (1, 1, 1)
    assert one["rule_share"] == pytest.approx(600 / 720)
    assert (one["branches"], one["conditions"], one["rows_measured"]) == (1, 1, 180)


def test_a_version_without_rules_has_words_all_the_same(described):
    one = described.loc[("product", 2)]
    assert pd.isna(one["rule"]) and one["model_version"] == 7
    assert one["description"].startswith("spend about 900")
    assert described.loc[("customer", 2), "description"].startswith("spend about 40 (others 2")


def test_a_name_is_held_against_what_it_claimed_at_birth(described):
    assert described["name_is_true"].where(described["name_is_true"].notna(), None).tolist() == [
        None, True, None, False,
    ]  # fmt: skip
    assert described.loc[("product", 2), "name_objection"] == '"high spend (40)" is about 900 now'


def test_what_to_do_is_that_of_the_seed_with_the_segments_figures(described):
    assert described["kind"].tolist() == ["Others", "Spenders", "Others", "Others"]
    assert described.loc[("customer", 2), "suggestion"] == "Serve 600 customers."
    assert described.loc[("product", 2), "suggestion"].startswith("Try spend about 900")
    assert described["suggestion"].is_unique


def test_a_seed_that_cannot_be_told_ends_the_build_in_a_sentence(rules):
    broken = SEED.assign(success=" ")
    with pytest.raises(RuntimeError, match="Rule 1 of suggestion_rules has no success"):
        describe_segments_table(PLANS, SERVING, CUSTOMERS, rules, BORN, broken)


def test_without_units_nothing_is_described(rules):
    assert describe_segments_table(PLANS, SERVING, CUSTOMERS[:0], rules, BORN, SEED).num_rows == 0
