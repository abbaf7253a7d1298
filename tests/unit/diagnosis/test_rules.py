"""Ensures that a rule says who is in a segment, in words, in SQL and in JSON alike."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.diagnosis.rules import (
    ENOUGH,
    MOST_CONDITIONS,
    Condition,
    Rule,
    fit_rules,
    flags_of,
    measure_rules,
    roundest,
)
from segmentation.diagnosis.wording import Column, values_of

ORDERS = Column("total_orders", "number", is_whole=True, label="orders")
MONEY = Column("order_value", "number", label="order value", is_money=True)
RATE = Column("return_rate", "number", label="return rate")
COUNTRY = Column("country", "category", label="country")
FLAG = Column("newsletter", "category", label="newsletter")
NAMED = Column('数 "量"', "number", label='数 "量"')
COLUMNS = (ORDERS, MONEY, RATE, COUNTRY, FLAG, NAMED)
LEVELS = ["Peru", "O'Brien", "日本", '"quoted"', "(missing)"]


def table(seed: int, rows: int = 400) -> pd.DataFrame:
    """Return a table of every kind of column, with values missing."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "total_orders": draw.geometric(0.4, rows).astype(float),
            "order_value": draw.lognormal(3, 1, rows).round(2),
            "return_rate": draw.choice([0, 0.25, 0.5, 1], rows),
            "country": draw.choice(LEVELS, rows),
            "newsletter": draw.choice(["true", "false"], rows),
            '数 "量"': draw.normal(size=rows) * 10.0 ** draw.integers(-4, 5),
        }
    )
    frame.loc[draw.random(rows) < 0.2, "order_value"] = np.nan
    return frame


def segments_of(frame: pd.DataFrame, seed: int, k: int) -> np.ndarray:
    """Return segments from 1 to k that have to do with the table, at random."""
    draw = np.random.default_rng(seed)
    scores = np.column_stack([frame["total_orders"], frame["order_value"].fillna(-20)])
    scores = (scores - scores.mean(axis=0)) / scores.std(axis=0)
    scores = np.column_stack([scores, frame["country"].isin(LEVELS[:2]) * 1.0])
    places = draw.normal(size=(k, 3))
    found = ((scores[:, None, :] - places[None]) ** 2).sum(axis=2).argmin(axis=1) + 1
    found[:k] = np.arange(1, k + 1)
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_words_sql_and_json_say_the_same_of_every_table(seed, k):
    frame = table(seed)
    segments = segments_of(frame, seed, k)
    rules = fit_rules(frame, segments, COLUMNS)
    values = values_of(frame, COLUMNS)
    assert [rule.segment_id for rule in rules] == list(range(1, k + 1))
    with duckdb.connect() as connection:
        connection.register("units", frame.assign(place=np.arange(len(frame))))
        for rule in rules:
            taken = connection.sql(f"select place from units where {rule.sql(COLUMNS)}").fetchall()
            assert {place for (place,) in taken} == set(np.flatnonzero(rule.fits(values)))
            assert Rule.of_json(rule.segment_id, rule.json()) == rule
            assert 0 <= rule.conditions <= MOST_CONDITIONS
            assert rule.text(COLUMNS, flags_of(values))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_rules_as_written_reproduce_segments_that_few_conditions_tell_apart(seed):
    draw = np.random.default_rng(seed)
    frame = table(seed, 2000)
    few, dear = frame["total_orders"] <= draw.integers(1, 3), frame["order_value"] >= 25
    segments = np.where(few, np.where(dear, 1, 2), np.where(frame["country"] == "Peru", 3, 4))
    rules = fit_rules(frame, segments, COLUMNS)
    found = measure_rules(rules, values_of(frame, COLUMNS), segments, np.ones(len(frame)))
    assert found["fidelity"].iloc[0] >= ENOUGH
    assert sum(len(rule.boxes) for rule in rules) <= 12


def test_four_conditions_say_it_all_in_round_numbers():
    frame = pd.DataFrame(
        {
            "total_orders": np.tile([1.0, 1, 4, 7], 100),
            "order_value": np.tile([10.37, 98.11], 200),
        }
    )
    segments = np.where(frame["total_orders"] == 1, np.where(frame["order_value"] < 50, 1, 2), 3)
    rules = fit_rules(frame, segments, [ORDERS, MONEY])
    assert [rule.text([ORDERS, MONEY]) for rule in rules] == [
        "orders at most 2 and order value below 50",
        "orders at most 2 and order value at least 50",
        "orders at least 3",
    ]
    assert rules[0].sql([ORDERS, MONEY]) == "(total_orders <= 2 and order_value < 50)"
    found = measure_rules(rules, values_of(frame, [ORDERS, MONEY]), segments, np.ones(400))
    assert found[["rule_precision", "rule_recall", "fidelity"]].eq(1).all(axis=None)


def test_a_segment_without_a_branch_of_its_own_gets_a_rule_and_its_precision_is_said():
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({"total_orders": draw.integers(1, 4, 3000).astype(float)})
    segments = np.where(draw.random(3000) < 0.03, 2, 1)
    rules = fit_rules(frame, segments, [ORDERS])
    found = measure_rules(rules, values_of(frame, [ORDERS]), segments, np.ones(3000))
    assert [rule.segment_id for rule in rules] == [1, 2]
    assert found.set_index("segment_id").loc[2, "rule_precision"] < 0.1


def test_who_has_no_value_is_asked_for_as_such():
    frame = pd.DataFrame({"order_value": [np.nan] * 50 + [5.0] * 50 + [80.0] * 50})
    segments = np.repeat([1, 2, 3], 50)
    rules = fit_rules(frame, segments, [MONEY])
    assert rules[0].text([MONEY]) == "order value unknown"
    assert rules[0].sql([MONEY]) == "(order_value is null)"
    assert not any("unknown" in rule.text([MONEY]) for rule in rules[1:])


def test_a_count_is_told_by_the_last_that_fits_and_a_large_number_by_its_bound():
    frame = pd.DataFrame({"total_orders": np.repeat([1.0, 3.0, 400.0, 900.0], 50)})
    rules = fit_rules(frame, np.repeat([1, 2, 3, 4], 50), [ORDERS])
    assert [rule.text([ORDERS]) for rule in rules] == [
        "orders at most 1",
        "orders at least 2 and below 200",
        "orders at least 200 and below 700",
        "orders at least 700",
    ]


def test_a_table_of_a_few_rows_has_rules_too():
    frame = pd.DataFrame({"order_value": [1.0, 1.2, 50.0, 52.0, 300.0]})
    rules = fit_rules(frame, np.array([1, 1, 2, 2, 3]), [MONEY])
    assert rules[2].text([MONEY]) == "order value at least 200"


def test_a_flag_is_asked_for_by_its_name():
    frame = pd.DataFrame({"newsletter": ["true"] * 40 + ["false"] * 40, "x": 1.0})
    rules = fit_rules(frame, np.repeat([1, 2], 40), [FLAG])
    flags = flags_of(values_of(frame, [FLAG]))
    assert [rule.text([FLAG], flags) for rule in rules] == ["newsletter yes", "newsletter no"]


def test_branches_that_differ_in_one_condition_become_one():
    frame = pd.DataFrame({"country": np.repeat(["Peru", "Chad", "Mali", "Iran"], 50)})
    rules = fit_rules(frame, np.repeat([1, 1, 2, 1], 50), [COUNTRY])
    assert rules[0].text([COUNTRY]) == 'country not "Mali"'
    assert rules[1].text([COUNTRY]) == 'country "Mali"'


def test_precision_and_recall_weigh_the_units_that_a_row_stands_for():
    rule = Rule(1, ({"total_orders": Condition(below=2.0, takes_missing=False)},))
    values = {"total_orders": np.array([1.0, 1.0, 3.0])}
    found = measure_rules([rule], values, np.array([1, 2, 1]), np.array([3.0, 1.0, 1.0])).iloc[0]
    assert (found["rule_precision"], found["rule_recall"]) == (0.75, 0.75)
    assert (found["rule_share"], found["fidelity"]) == (0.8, 0.6)


@pytest.mark.parametrize(
    ("low", "high", "step", "found"),
    [
        (41.32, 58.9, 0.01, 50),
        (1, 2, 1, 2),
        (10.37, 10.39, 0.01, 10.38),
        (-3, 4, 0, 0),
        (0.0012, 0.0019, 0, 0.0015),
        (99, 1200, 1, 1000),
        (1e200, 3e200, 0, 2e200),
    ],
)
def test_a_threshold_is_the_roundest_number_between_neighbours(low, high, step, found):
    assert roundest(low, high, step) == found


def test_the_same_rows_in_another_order_give_the_same_rules():
    frame = table(5)
    segments = segments_of(frame, 5, 5)
    order = np.random.default_rng(1).permutation(len(frame))
    mixed = fit_rules(frame.iloc[order].reset_index(drop=True), segments[order], COLUMNS)
    assert mixed == fit_rules(frame, segments, COLUMNS)
