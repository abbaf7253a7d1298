"""Ensures that scoring agrees with the fit, and that contributions add up to the gap."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.recipe import MISSING
from segmentation.scoring import load_model, score
from segmentation.served import CommandError, open_published

RECIPES = ["numbers", "famd", "famd_drop", "label_drop", "label_fill", "bisecting"]


@cache
def read(folder):
    with open_published(folder) as published:
        frame = published.connection.execute("from customer_features").df()
        segments = published.connection.execute("from customer_segments").df()
        return load_model(published), frame, segments


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_published_row_gets_its_published_segment(published_folder, recipe):
    model, frame, segments = read(published_folder(recipe))
    scores = score(frame, model)
    placed = scores.nearest >= 0
    assert set(frame.loc[placed, "customer_id"]) == set(segments["customer_id"])
    ids = model.segment_ids[scores.nearest[placed]]
    assert np.array_equal(ids, segments["segment_id"].to_numpy(dtype=int))
    for ours, theirs in ((scores.distance, "distance"), (scores.confidence, "margin")):
        assert np.allclose(ours[placed], segments[theirs].to_numpy(dtype=float), atol=1e-9)


@pytest.mark.parametrize("recipe", RECIPES)
def test_contributions_add_up_to_the_gap_of_squared_distances(published_folder, recipe):
    model, frame, _ = read(published_folder(recipe))
    scores = score(frame, model)
    placed = scores.nearest >= 0
    second = scores.distance / (1 - scores.confidence)
    gap = second**2 - scores.distance**2
    assert scores.contributions.shape == (len(frame), len(model.inputs))
    assert np.allclose(scores.contributions.sum(axis=1)[placed], gap[placed], atol=1e-8)
    assert np.isnan(scores.contributions[~placed]).all()


def test_a_contribution_is_how_much_nearer_the_value_is_to_the_one_centre(published_folder):
    """Moving one number moves its own contribution and no other, and linearly."""
    model, frame, _ = read(published_folder("famd"))
    row = frame.iloc[[1]]
    less, more, most = (row.assign(return_rate=rate) for rate in (0.200, 0.201, 0.202))
    one, two, three = (score(each, model).contributions[0] for each in (less, more, most))
    changed = np.abs(two - one) > 1e-12
    assert [model.inputs[n].name for n in np.flatnonzero(changed)] == ["return_rate"]
    assert np.allclose(two - one, three - two)


def test_levels_of_one_category_are_one_feature(published_folder):
    model, _, _ = read(published_folder("famd"))
    assert [one.name for one in model.inputs] == [
        "total_orders",
        "total_spend",
        "return_rate",
        "country",
        "brand",
    ]
    assert len(model.owners) > len(model.inputs)


def test_one_segment_has_no_runner_up(published_folder):
    model, frame, _ = read(published_folder("numbers", k=1))
    scores = score(frame, model)
    assert (scores.nearest == 0).all() and (scores.runner_up == -1).all()
    assert np.isnan(scores.confidence).all() and np.isfinite(scores.distance).all()


def test_an_unknown_algorithm_has_words(published_folder):
    with (
        open_published(published_folder("mixture")) as published,
        pytest.raises(CommandError, match=r"gaussian_mixture.*kmeans, bisecting_kmeans"),
    ):
        load_model(published)


def test_values_too_large_for_a_distance_get_no_segment(published_folder):
    model, frame, _ = read(published_folder())
    scores = score(frame.head(2).assign(return_rate=[0.1, 1e300]), model)
    assert scores.nearest[0] >= 0 and scores.nearest[1] == -1
    assert np.isnan(scores.distance[1])


numbers = st.one_of(st.just(np.nan), st.floats(-1e9, 1e9))
texts = st.one_of(st.just(MISSING), st.sampled_from(["Brasil", "China", "Levi's"]), st.text())


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(numbers, numbers, numbers, texts, texts), min_size=1, max_size=8),
    recipe=st.sampled_from(RECIPES),
)
def test_whatever_the_values_are_the_nearest_is_nearer_and_the_gap_adds_up(
    published_folder, rows, recipe
):
    model, _, _ = read(published_folder(recipe))
    names = ["total_orders", "total_spend", "return_rate", "country", "brand"]
    given_frame = pd.DataFrame(rows, columns=names)
    scores = score(given_frame, model)
    placed = scores.nearest >= 0
    lacking = given_frame[[one.name for one in model.inputs if one.fill_value is None]]
    incomplete = lacking.isna().any(axis=1) | lacking.eq(MISSING).any(axis=1)
    assert np.array_equal(placed, ~incomplete.to_numpy())
    assert (scores.nearest != scores.runner_up)[placed].all()
    assert ((scores.confidence >= 0) & (scores.confidence <= 1))[placed].all()
    second = scores.distance[placed] / (1 - scores.confidence[placed])
    gap = second**2 - scores.distance[placed] ** 2
    scale = np.maximum(second**2, 1)
    assert (np.abs(scores.contributions[placed].sum(axis=1) - gap) <= 1e-7 * scale).all()
