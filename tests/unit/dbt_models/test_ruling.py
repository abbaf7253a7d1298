"""Ensures that segments by written rules fill the fitted tables with what is true of them."""

import numpy as np
import pandas as pd
import pytest

from segmentation.dbt_models import fitting, judging, ruling
from segmentation.dbt_models.plan import Plan
from tests.unit.dbt_models.made_up import plan_row, plan_table, rows_table

RULES = (
    {"position": 1, "segment_name": "Best", "feature": "spend", "operator": ">=", "value": "100"},
    {"position": 2, "segment_name": "Peru", "feature": "country", "operator": "=", "value": "Peru"},
    {"position": 5, "segment_name": "Rest", "feature": None, "operator": None, "value": None},
)
ROWS = rows_table("tiers", np.array([[120.0, 1.0], [5.0, 2.0]]), [["Chad"], ["Peru"]])
NO_NAMES = pd.DataFrame({"segmentation": [], "segment_id": [], "segment_name": []})
NOTHING = pd.DataFrame({"segmentation": [], "model_version": []})


def plans(rules=RULES, **told):
    return plan_table(plan_row("tiers", features=(), algorithm="rules", rules=rules, **told))


def names(*told):
    return pd.DataFrame(
        [("tiers", number, name) for number, name in told], columns=list(NO_NAMES.columns)
    )


def test_nothing_is_fitted_and_the_number_is_that_of_the_names():
    assert fitting.fit_scaling_table(plans(), ROWS).num_rows == 0
    assert (
        fitting.fit_clusters_table(plans(), ROWS, NOTHING, NOTHING, NOTHING, NOTHING).num_rows == 0
    )
    (row,) = fitting.fit_candidates_table(plans(), ROWS, NOTHING, NOTHING).to_pylist()
    assert (row["k"], row["is_selected"], row["reason"]) == (3, True, "the rules name so many")
    assert row["silhouette"] is None and row["model_version"] == 4


def test_nothing_is_said_of_groups():
    (row,) = judging.fit_facts_table(plans(), ROWS, NOTHING, NOTHING, NOTHING).to_pylist()
    assert row["has_structure"] is None and row["rows_judged"] == 0
    assert "rules that somebody wrote" in row["verdict"]
    assert row["library_versions"].startswith("{")


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        ([], {"Best": 1, "Peru": 2, "Rest": 3}),
        ([(7, "Rest"), (2, "Old")], {"Best": 8, "Peru": 9, "Rest": 7}),
        ([(1, "Peru"), (2, "Best"), (3, "Rest")], {"Best": 2, "Peru": 1, "Rest": 3}),
    ],
)
def test_a_name_keeps_its_id_and_a_new_one_gets_the_next(born, expected):
    found = fitting.fit_segments_table(
        plans(), ROWS, NOTHING, NOTHING, NOTHING, NOTHING, names(*born) if born else NO_NAMES
    ).to_pandas()
    assert dict(zip(found["segment_name"], found["new_id"], strict=True)) == expected
    kept = {name for _, name in born}
    assert (found["kind"] == "kept").tolist() == [name in kept for name in expected]


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ((), "There is no rule: write one at least."),
        (({**RULES[0], "feature": "spent"},), "Rule 1 asks of 'spent', which is no feature."),
        (({**RULES[0], "operator": "like"},), "Rule 1 compares by 'like'"),
        (({**RULES[2], "position": 1}, RULES[1]), "Rule 2 can take nobody: rule 1"),
    ],
)
def test_wrong_rules_end_the_build_in_a_sentence(rules, told):
    with pytest.raises(RuntimeError) as raised:
        fitting.fit_candidates_table(plans(rules), ROWS, NOTHING, NOTHING)
    assert str(raised.value).startswith(f"The tiers model cannot be fitted: {told}")
    assert "Correct seeds/rule_segments.csv." in str(raised.value)


def test_an_earlier_day_is_divided_by_the_same_rules():
    (plan,) = Plan.read(plans(RULES[:2]))
    past = pd.DataFrame({"spend": [99.99, 100, 3], "country": ["Peru", "Peru", "Chad"]})
    known, segments = ruling.past_segments(plan, past.assign(orders=1))
    assert known.tolist() == [True, True, False]
    assert segments.tolist() == ["Peru", "Best"]


def test_every_segment_is_described_by_its_rule():
    (plan,) = Plan.read(plans())
    found = ruling.described(plan, {"Best": 4, "Peru": 2, "Rest": 9}, rows=50)
    assert found["segment_id"].tolist() == [4, 2, 9]
    assert found["rule"].tolist() == [
        "spend at least 100",
        "country is Peru, of those whom no rule before takes",
        "everybody else",
    ]
    assert set(found["fidelity"]) == set(found["rule_precision"]) == {1.0}
