"""Ensures that a name says what is true of its segment, and belongs to one segment only."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.diagnosis.naming import SEPARATOR, name_segments
from segmentation.features.recipe import Feature
from tests.recipes import make_recipe

SPEND = Feature("spend", "number", low="low spend", high="high spend")
LOGGED = Feature("spend", "number", "log1p", low="low spend", high="high spend")
RECENCY = Feature("days", "number", low="recent", high="lapsed")
COUNTRY = Feature("country", "category")


def names(frame: pd.DataFrame, segments, *features: Feature, **settings_) -> dict[int, str]:
    recipe = make_recipe("test", features)
    named = name_segments(frame, np.asarray(segments), recipe, **settings_)
    return dict(zip(named["segment_id"], named["segment_name"], strict=True))


def test_a_name_reads_as_a_phrase_with_the_strongest_trait_first():
    frame = pd.DataFrame({"spend": [1, 1, 9, 9.0], "days": [1, 4, 5, 8.0]})
    assert names(frame, [1, 1, 2, 2], SPEND, RECENCY) == {
        1: "Low spend · recent",
        2: "High spend · lapsed",
    }


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 5), st.sampled_from([SPEND, LOGGED]))
def test_who_is_called_high_spend_spends_more_than_the_average(seed, k, feature):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"spend": rng.lognormal(2, 1.5, 60), "days": rng.normal(size=60)})
    segments = np.sort(rng.integers(1, k + 1, 60))
    for segment, name in names(frame, segments, feature, RECENCY).items():
        mean, overall = frame["spend"][segments == segment].mean(), frame["spend"].mean()
        phrases = name.lower().split(SEPARATOR)
        assert "high spend" not in phrases or mean > overall
        assert "low spend" not in phrases or mean < overall


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_numbers_of_any_magnitude_give_names(size):
    frame = pd.DataFrame({"spend": np.array([1.0, 2.0, 8.0, 9.0]) * size})
    assert names(frame, [1, 1, 2, 2], SPEND) == {1: "Low spend", 2: "High spend"}


def test_a_phrase_is_left_out_where_the_plain_mean_contradicts_the_logarithm():
    # Most of segment 1 spend above the typical customer, but one giant outweighs them in money.
    frame = pd.DataFrame({"spend": [9.0] * 8 + [0.5] * 7 + [1_000_000.0]})
    segments = [1] * 8 + [2] * 8
    assert frame["spend"][:8].mean() < frame["spend"].mean()
    found = names(frame, segments, LOGGED)
    assert found[1] == "Average"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.integers(2, 8))
def test_names_are_unique(seed, k):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "spend": rng.integers(0, 3, 40).astype(float),
            "days": rng.integers(0, 2, 40).astype(float),
            "country": rng.choice(["Peru", "Chad"], 40),
        }
    )
    segments = np.concatenate([np.arange(1, k + 1), rng.integers(1, k + 1, 40 - k)])
    found = names(frame, segments, SPEND, RECENCY, COUNTRY)
    assert sorted(found) == list(range(1, k + 1))
    assert len(set(found.values())) == k


def test_segments_alike_in_everything_are_told_apart_by_a_number():
    frame = pd.DataFrame({"spend": [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]})
    assert names(frame, [1, 1, 2, 2, 3, 3], SPEND) == {
        1: "Average",
        2: "Average (2)",
        3: "Average (3)",
    }


def test_two_features_that_say_the_same_give_one_phrase():
    frame = pd.DataFrame(
        {"spend": [1.0, 1, 9, 9], "items": [2.0, 2, 18, 19], "days": [1.0, 6, 3, 9]}
    )
    items = Feature("items", "number", low="few items", high="many items")
    found = names(frame, [1, 1, 2, 2], SPEND, items, RECENCY)
    phrases = [name.lower().split(SEPARATOR)[:2] for name in found.values()]
    assert all(len({"spend", "items"} & {p.split()[-1] for p in pair}) == 1 for pair in phrases)


def test_a_category_is_named_by_the_level_that_is_over_represented():
    frame = pd.DataFrame({"country": ["Peru"] * 9 + ["Chad"] * 3})
    assert names(frame, [1] * 8 + [2] * 4, COUNTRY) == {1: "Mostly Peru", 2: "Mostly Chad"}


def test_missing_names_nobody():
    frame = pd.DataFrame({"country": ["(missing)"] * 4 + ["Peru", "Peru", "Chad", "Chad"]})
    found = names(frame, [1, 1, 1, 1, 2, 2, 2, 2], COUNTRY)
    assert "missing" not in found[1]


def test_missing_numbers_count_as_the_median():
    frame = pd.DataFrame({"spend": [np.nan, 1.0, 9.0, 10.0, np.nan]})
    assert set(names(frame, [1, 1, 2, 2, 1], SPEND)) == {1, 2}


@pytest.mark.parametrize("earlier", [{1: "Our best"}, {2: "Our best", 7: "Gone"}])
def test_a_name_given_at_birth_stays(earlier):
    frame = pd.DataFrame({"spend": [1.0, 1, 9, 9]})
    found = names(frame, [1, 1, 2, 2], SPEND, earlier_names=earlier)
    kept = next(iter(earlier))
    assert found[kept] == "Our best"
    assert len(set(found.values())) == 2


def test_a_newborn_does_not_take_the_name_of_an_elder():
    frame = pd.DataFrame({"spend": [1.0, 1, 9, 9]})
    found = names(frame, [1, 1, 2, 2], SPEND, earlier_names={1: "High spend"})
    assert found[2] == "High spend (2)"


def test_a_newborn_does_not_take_the_name_of_the_retired():
    frame = pd.DataFrame({"spend": [1.0, 1, 9, 9]})
    found = names(frame, [1, 1, 2, 2], SPEND, earlier_names={1: "Low spend", 7: "High spend"})
    assert found == {1: "Low spend", 2: "High spend (2)"}
