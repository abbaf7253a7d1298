"""Segments beside simpler answers: RFM cells as SQL has them, figures, groups, the sentence."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from segmentation.value.predictive import fifths, judge, rfm_cells, sentence

RULES = pd.DataFrame(
    [
        (1, "Champions", 4, 5, 4, 5, 4, 5),
        (2, "Recent", 4, 5, 1, 5, 1, 5),
        (3, "Lost", 1, 3, 1, 5, 1, 5),
    ],
    columns=[
        *("rule_order", "rfm_cell", "recency_min", "recency_max"),
        *("frequency_min", "frequency_max", "monetary_min", "monetary_max"),
    ],
)


def test_fifths_are_one_more_than_the_whole_fifths_before():
    # Seven tie at 0; seven tenths lie before the next and eight before the last two.
    assert fifths(np.array([0.0] * 7 + [5, 9, 9])).tolist() == [1] * 7 + [4, 5, 5]


def test_the_first_rule_that_fits_names_the_cell():
    features = pd.DataFrame(
        {
            "days_since_last_order": [10, 9, 8, 7, 6, 5, 4, 3, 2, 0],
            "rfm_orders": [1] * 8 + [5, 1],
            "total_spend": [0.0] * 8 + [9.0, 9.0],
        }
    )
    assert rfm_cells(features, RULES).tolist() == ["Lost"] * 6 + [
        *("Recent", "Recent", "Champions", "Recent")
    ]


@pytest.fixture(scope="module")
def shop() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Customers with a hidden level that spend, recency and the future follow."""
    draw = np.random.default_rng(1)
    level = draw.random(3_000)
    features = pd.DataFrame(
        {
            "days_since_last_order": np.floor(100 * (1 - level) * draw.random(3_000)),
            "rfm_orders": 1 + draw.poisson(3 * level),
            "total_spend": np.round(draw.gamma(2, 10 * level), 2),
        }
    )
    later = np.where(draw.random(3_000) < level / 2, draw.gamma(2, 20 * level), 0.0)
    return features, level, later


def best(values: pd.DataFrame, predictor: str) -> pd.Series:
    rows = values[(values["predictor"] == predictor) & (values["measure"] == "best_fifth_share")]
    return rows.iloc[0]


def test_segments_that_know_more_are_better_than_cells_and_fifths(shop):
    features, level, later = shop
    found = judge(features, np.floor(level * 8).astype(str), RULES, later, level, seed=0)
    ours = best(found.values, "segments")
    assert ours["group_count"] == 8
    assert ours["minus_rfm"] == pytest.approx(ours["value"] - best(found.values, "rfm_cells").value)
    assert ours["minus_fifths_low"] > 0
    assert ours["minus_rfm_low"] < ours["minus_rfm"] < ours["minus_rfm_high"]
    assert pd.isna(best(found.values, "rfm_cells")["minus_rfm"])
    assert pd.isna(best(found.values, "forecast")["group_count"])
    told = sentence(found.values, "buyers", date(2024, 3, 1), 30)
    assert told == (
        f"Fitted to 2024-03-01, the 20% of buyers this segmentation puts first brought "
        f"{ours['value']:.0%} of the next 30 days' revenue; sorting by past spend alone would have "
        f"found {best(found.values, 'spend_fifths')['value']:.0%}, which is worse by more than "
        "chance."
    )


def test_groups_add_up_to_the_shop(shop):
    features, level, later = shop
    found = judge(features, np.floor(level * 8).astype(str), RULES, later, level, seed=0).groups
    for _, rows in found.groupby("predictor"):
        assert rows["units"].sum() == 3_000
        assert rows["buyers"].sum() == (later > 0).sum()
        assert rows["observed_spend"].sum() == pytest.approx(later.sum())
        assert rows["expected_spend"].sum() == pytest.approx(level.sum())


def test_segments_that_know_less_are_told_to_be_worse(shop):
    features, level, later = shop
    rough = np.where(level > 0.3, "many", "few")
    values = judge(features, rough, RULES, later, None, seed=0).values
    told = sentence(values, "buyers", date(2024, 3, 1), 30)
    assert "which is better by more than chance: to choose whom to address, sort by spend" in told
    assert "forecast" not in set(values["predictor"])


def test_segments_that_know_nothing_are_told_to_know_nothing(shop):
    features, _, later = shop
    blind = np.random.default_rng(2).integers(0, 6, len(later)).astype(str)
    told = sentence(
        judge(features, blind, RULES, later, None, seed=0).values, "buyers", date(2024, 3, 1), 30
    )
    assert told.startswith("These segments do not tell what comes next")


def test_where_nobody_bought_there_is_only_a_sentence(shop):
    features, level, later = shop
    groups = np.floor(level * 3).astype(str)
    values = judge(features, groups, RULES, 0 * later, None, seed=0).values
    assert values["value"].isna().all()
    told = sentence(values, "buyers", date(2024, 3, 1), 30)
    assert told == "Nobody bought in the 30 days after 2024-03-01, so nothing is told of them."
