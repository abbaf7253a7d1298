"""Ensures that scoring agrees with the fit, and that contributions add up to the gap."""

import shutil
from dataclasses import replace
from functools import cache

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from segmentation.features.recipe import MISSING
from segmentation.features.scaling import apply_scaling
from segmentation.published.score_mixture import Mixture, minus_log_density
from segmentation.published.scoring import load_model, score
from segmentation.published.served import CommandError, open_published

CENTROIDS = ["numbers", "famd", "famd_drop", "label_drop", "label_fill", "bisecting"]
MIXTURES = ["mixture", "mixture_famd"]
RECIPES = CENTROIDS + MIXTURES


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
    second = model.segment_ids[scores.runner_up[placed]]
    assert np.array_equal(second, segments["runner_up_segment_id"].to_numpy(dtype=int))
    for ours, theirs in (
        (scores.distance, "distance"),
        (scores.confidence, "margin"),
        (scores.probability, "probability"),
    ):
        wanted = segments[theirs].to_numpy(dtype=float)
        assert np.allclose(ours[placed], wanted, atol=1e-9, equal_nan=True)
    assert np.isnan(scores.probability[placed]).any() == (recipe in CENTROIDS)


@pytest.mark.parametrize("recipe", CENTROIDS)
def test_contributions_add_up_to_the_gap_of_squared_distances(published_folder, recipe):
    model, frame, _ = read(published_folder(recipe))
    scores = score(frame, model)
    placed = scores.nearest >= 0
    second = scores.distance / (1 - scores.confidence)
    gap = second**2 - scores.distance**2
    assert scores.contributions.shape == (len(frame), len(model.inputs))
    assert np.allclose(scores.contributions.sum(axis=1)[placed], gap[placed], atol=1e-8)
    assert np.isnan(scores.contributions[~placed]).all()
    assert (scores.size_and_spread[placed] == 0).all()


def log_densities(frame, model):
    """Log of weight times density of every row, by SciPy's multivariate normal."""
    components = (apply_scaling(frame, model.scaling) - model.means) @ model.loadings
    columns = []
    for mean, axes, constant in zip(
        model.centroids, model.mixture.axes, model.mixture.log_constants, strict=True
    ):
        normal = multivariate_normal(mean, np.linalg.inv(axes @ axes.T), allow_singular=True)
        columns.append(normal.logpdf(components) - normal.logpdf(mean) + constant)
    return np.column_stack(columns)


@pytest.mark.parametrize("recipe", MIXTURES)
def test_a_mixtures_parts_add_up_to_the_gap_of_log_densities(published_folder, recipe):
    model, frame, _ = read(published_folder(recipe))
    scores = score(frame, model)
    placed = scores.nearest >= 0
    logs = np.sort(log_densities(frame[placed], model), axis=1)
    parts = scores.contributions.sum(axis=1) + scores.size_and_spread
    assert np.allclose(parts[placed], logs[:, -1] - logs[:, -2], rtol=1e-6, atol=1e-6)
    assert np.isnan(scores.contributions[~placed]).all()
    assert np.isnan(scores.size_and_spread[~placed]).all()


@pytest.mark.parametrize("recipe", MIXTURES)
def test_a_mixtures_contributions_cannot_outgrow_its_distances(published_folder, recipe):
    """So collinear features do not get huge parts of opposite signs."""
    model, frame, _ = read(published_folder(recipe))
    scores = score(frame, model)
    placed = scores.nearest >= 0
    halves = model.mixture.log_constants - log_densities(frame[placed], model)
    near, far = (
        np.take_along_axis(halves, each[placed, None], axis=1)[:, 0]
        for each in (scores.nearest, scores.runner_up)
    )
    parts = scores.contributions[placed]
    positive, negative = parts.clip(min=0).sum(axis=1), -parts.clip(max=0).sum(axis=1)
    assert (positive <= far * (1 + 1e-6) + 1e-6).all()
    assert (negative <= near * (1 + 1e-6) + 1e-6).all()


def test_without_correlation_a_contribution_is_the_difference_of_standardised_squares(
    published_folder,
):
    """By hand: two components that are two features, standard deviations 1, 2 and 0.5, 4."""
    model, frame, _ = read(published_folder("mixture"))
    spreads = np.array([[1.0, 2.0, 1.0], [0.5, 4.0, 1.0]])
    centroids = np.array([[0.0, 1.0, 0.0], [2.0, -1.0, 0.0]])
    by_hand = replace(
        model,
        loadings=np.eye(3),
        means=np.zeros(3),
        segment_ids=np.array([1, 2]),
        centroids=centroids,
        mixture=Mixture(np.array([np.diag(1 / each) for each in spreads]), np.array([-3.0, -4.0])),
    )
    scores = score(frame, by_hand)
    squares = np.square((apply_scaling(frame, model.scaling)[:, None] - centroids) / spreads) / 2
    sign = np.where(scores.nearest == 0, 1, -1)
    assert set(scores.nearest) == {0, 1}
    assert np.allclose(scores.contributions, sign[:, None] * (squares[:, 1] - squares[:, 0]))
    assert np.array_equal(scores.size_and_spread, sign * 1.0)


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


@pytest.mark.parametrize("recipe", ["numbers", "mixture"])
def test_one_segment_has_no_runner_up(published_folder, recipe):
    model, frame, _ = read(published_folder(recipe, k=1))
    scores = score(frame, model)
    assert (scores.nearest == 0).all() and (scores.runner_up == -1).all()
    assert np.isnan(scores.confidence).all() and np.isfinite(scores.distance).all()
    assert np.isnan(scores.contributions).all() and np.isnan(scores.size_and_spread).all()
    assert recipe == "numbers" or (scores.probability == 1).all()


def test_an_algorithm_of_a_later_version_has_words(published_folder, tmp_path):
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            "update customer_segment_models set recipe = replace(recipe, 'kmeans', 'spectral')"
        )
    with (
        open_published(tmp_path) as published,
        pytest.raises(CommandError, match=r"spectral.*not known here .kmeans, .*mixture"),
    ):
        load_model(published)


@pytest.mark.parametrize("recipe", ["numbers", "mixture"])
def test_values_too_large_for_a_distance_get_no_segment(published_folder, recipe):
    model, frame, _ = read(published_folder(recipe))
    scores = score(frame.iloc[1:3].assign(return_rate=[0.1, 1e300]), model)
    assert scores.nearest[0] >= 0 and scores.nearest[1] == -1
    assert np.isnan(scores.distance[1]) and np.isnan(scores.probability[1])


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
    gap, scale = gaps(given_frame[placed], model)
    parts = (scores.contributions.sum(axis=1) + scores.size_and_spread)[placed]
    assert (np.abs(parts - gap) <= 1e-7 * scale).all()


def gaps(frame, model):
    """Return the gap between the two nearest, and the size of what it is the difference of."""
    components = (apply_scaling(frame, model.scaling) - model.means) @ model.loadings
    if model.mixture is None:
        values = np.square(components[:, None] - model.centroids).sum(axis=2)
    else:
        values = minus_log_density(components, model.centroids, model.mixture)
    first, second = np.sort(values, axis=1)[:, :2].T
    return second - first, np.maximum(np.abs(second), 1)
