"""Ensures that what is kept of the fitted rows tells a rare level from one never seen."""

import numpy as np
import pandas as pd
import pytest

from segmentation.features import baseline
from segmentation.features.recipe import OTHER, Feature
from tests.recipes import make_recipe

COUNTS = {"Chile": 50, "Peru": 30, "Chad": 12, "Mali": 5, "Oman": 3}


@pytest.fixture
def countries() -> pd.DataFrame:
    return pd.DataFrame({"country": np.repeat(list(COUNTS), list(COUNTS.values()))})


def bins(frame: pd.DataFrame, max_levels: int = 3) -> pd.DataFrame:
    recipe = make_recipe("mine", (Feature("country", "category"),), max_levels=max_levels)
    return baseline.feature_baseline(frame, recipe)


def test_pooled_levels_are_kept_by_name_in_the_bin_of_the_others(countries):
    found = bins(countries)
    assert found.dropna(subset="share").set_index("level")["share"].to_dict() == {
        OTHER: 0.2,
        "Chile": 0.5,
        "Peru": 0.3,
    }
    pooled = found[found["share"].isna()]
    assert pooled["level"].tolist() == ["Chad", "Mali", "Oman"]
    (of_others,) = found.loc[found["level"] == OTHER, "bin"]
    assert pooled["bin"].unique().tolist() == [of_others]
    assert set(found["level"]) == set(countries["country"]) | {OTHER}


def test_where_none_is_pooled_there_is_a_row_per_bin(countries):
    found = bins(countries, max_levels=5)
    assert found["share"].notna().all()
    assert found.set_index("level")["share"][OTHER] == 0


def test_more_levels_than_the_bound_are_not_kept(countries, monkeypatch):
    monkeypatch.setattr(baseline, "MOST_LEVELS", 2)
    assert bins(countries)["level"].tolist() == [OTHER, "Chile", "Peru"]
