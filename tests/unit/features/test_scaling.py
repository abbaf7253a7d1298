"""Ensures that scaling is what the statistics say, checked against independent computations."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import LabelEncoder, StandardScaler

from segmentation.features.recipe import Feature, Recipe
from segmentation.features.scaling import (
    apply_scaling,
    fit_scaling,
    fit_shrinkage,
    pool_levels,
    shrunk,
    signed_log1p,
)
from tests.recipes import make_recipe

CATEGORY = Feature("brand", "category")
NUMBER = Feature("spend", "number")
LOGGED = Feature("spend", "number", "log1p")


def recipe(*features: Feature, **settings_) -> Recipe:
    return make_recipe("test", features, **settings_)


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "spend": rng.lognormal(3, 1, 300),
            "orders": rng.poisson(2, 300).astype(float),
            "brand": rng.choice(["Alpha", "Beta", "Gamma", "Delta"], 300, p=[0.5, 0.3, 0.15, 0.05]),
        }
    )


# --- numbers ---


def test_numbers_are_standardised_as_scikit_learn_does(shop):
    scaling = fit_scaling(shop, recipe(NUMBER, Feature("orders", "number")))
    expected = StandardScaler().fit_transform(shop[["spend", "orders"]])
    np.testing.assert_allclose(apply_scaling(shop, scaling), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", [1e-290, 1e-20, 1e200, 1e299])
def test_numbers_of_any_magnitude_are_standardised(shop, size):
    plain = shop[["spend"]] / shop["spend"].max()
    expected = apply_scaling(plain, fit_scaling(plain, recipe(NUMBER)))
    large = plain * size
    scaled = apply_scaling(large, fit_scaling(large, recipe(NUMBER)))
    np.testing.assert_allclose(scaled, expected, rtol=1e-9, atol=1e-12)


def test_log1p_numbers_are_standardised_after_the_transform(shop):
    scaling = fit_scaling(shop, recipe(LOGGED))
    expected = StandardScaler().fit_transform(np.log1p(shop[["spend"]]))
    np.testing.assert_allclose(apply_scaling(shop, scaling), expected, rtol=1e-9)


@given(st.floats(-1e12, 1e12))
def test_signed_log1p_is_odd_and_agrees_with_log1p(value):
    (logged,) = signed_log1p(np.array([value]))
    assert logged == -signed_log1p(np.array([-value]))[0]
    assert logged == pytest.approx(np.sign(value) * np.log1p(abs(value)), rel=1e-9, abs=1e-15)


def test_a_missing_number_gets_the_median_before_the_transform():
    frame = pd.DataFrame({"spend": [1.0, 2.0, 9.0, np.nan]})
    scaling = fit_scaling(frame, recipe(LOGGED))
    assert scaling["fill_value"].item() == 2
    applied = apply_scaling(frame, scaling)[:, 0]
    assert applied[3] == applied[1]


def test_dropping_fits_on_complete_rows_and_leaves_missing_values_missing():
    frame = pd.DataFrame(
        {"spend": [1.0, 3.0, 100.0, np.nan], "brand": ["a", "b", "(missing)", "a"]}
    )
    scaling = fit_scaling(frame, recipe(NUMBER, CATEGORY, missing="drop", encoding="label"))
    assert scaling.loc[0, ["center", "scale"]].tolist() == [2, 1]
    assert scaling["fill_value"].isna().all()
    assert scaling["level"].dropna().tolist() == ["a", "b"]
    assert np.isnan(apply_scaling(frame, scaling)).tolist() == [
        [False, False],
        [False, False],
        [False, True],
        [True, False],
    ]


# --- categories as labels ---


def test_label_codes_are_those_of_scikit_learns_encoder(shop):
    scaling = fit_scaling(shop, recipe(CATEGORY, encoding="label"))
    codes = LabelEncoder().fit_transform(shop["brand"]).reshape(-1, 1)
    expected = StandardScaler().fit_transform(codes)
    np.testing.assert_allclose(apply_scaling(shop, scaling), expected, rtol=1e-9, atol=1e-12)


def test_label_encoding_takes_one_position_however_many_levels(shop):
    scaling = fit_scaling(shop, recipe(CATEGORY, NUMBER, encoding="label"))
    assert scaling.groupby("position")["feature"].first().tolist() == ["brand", "spend"]


def test_a_level_unseen_by_labels_pulls_nowhere(shop):
    scaling = fit_scaling(shop, recipe(CATEGORY, encoding="label"))
    assert apply_scaling(pd.DataFrame({"brand": ["Omega", "(missing)"]}), scaling).tolist() == [
        [0],
        [0],
    ]


# --- categories as FAMD blocks ---


def test_famd_is_the_indicator_matrix_weighted_by_the_root_of_shares(shop):
    """Pagès 2004: (z - p) / √p, computed here from the indicator matrix by pandas."""
    scaling = fit_scaling(shop, recipe(CATEGORY))
    indicators = pd.get_dummies(shop["brand"]).astype(float)
    shares = indicators.mean()
    expected = (indicators - shares) / np.sqrt(shares) / np.sqrt(len(shares) - 1)
    np.testing.assert_allclose(apply_scaling(shop, scaling), expected, rtol=1e-12, atol=1e-12)


def test_famd_components_have_the_eigenvalues_of_multiple_correspondence_analysis(shop):
    """The block's eigenvalues are those of the correspondence matrix of the indicators: all 1."""
    scaling = fit_scaling(shop, recipe(CATEGORY))
    block = apply_scaling(shop, scaling)
    eigenvalues = np.linalg.eigvalsh(np.cov(block.T, ddof=0)) * (block.shape[1] - 1)
    np.testing.assert_allclose(np.sort(eigenvalues), [0, 1, 1, 1], atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=80).filter(lambda x: len(set(x)) > 1)
)
def test_a_category_has_the_variance_of_one_number(levels):
    frame = pd.DataFrame({"brand": levels})
    block = apply_scaling(frame, fit_scaling(frame, recipe(CATEGORY)))
    assert block.var(axis=0).sum() == pytest.approx(1)
    np.testing.assert_allclose(block.mean(axis=0), 0, atol=1e-12)


def test_rare_and_unseen_levels_are_pooled():
    frame = pd.DataFrame({"brand": ["a"] * 5 + ["b"] * 4 + ["c", "d"]})
    scaling = fit_scaling(frame, recipe(CATEGORY, max_levels=3))
    assert scaling["level"].tolist() == ["(other)", "a", "b"]
    seen = apply_scaling(frame.iloc[[-1]], scaling)
    unseen = apply_scaling(pd.DataFrame({"brand": ["never seen"]}), scaling)
    assert seen.tolist() == unseen.tolist()


def test_ties_at_the_pooling_bound_go_by_name():
    pooled = pool_levels(pd.Series(["d", "c", "b", "a", "e", "e"]), 3)
    assert pooled.tolist() == ["(other)", "(other)", "(other)", "a", "e", "e"]


def test_as_many_levels_as_allowed_are_not_pooled():
    assert pool_levels(pd.Series(["a", "b", "c"]), 3).tolist() == ["a", "b", "c"]


def test_missing_is_a_level_of_its_own_where_it_was_seen():
    frame = pd.DataFrame({"brand": ["a", "a", "b", "(missing)"]})
    scaling = fit_scaling(frame, recipe(CATEGORY))
    assert scaling["level"].tolist() == ["(missing)", "a", "b"]
    assert apply_scaling(frame.iloc[[3]], scaling)[0, 0] > 0


def test_missing_is_no_level_where_it_was_never_seen():
    frame = pd.DataFrame({"brand": ["a", "a", "b", "b"]})
    scaling = fit_scaling(frame, recipe(CATEGORY))
    new = apply_scaling(pd.DataFrame({"brand": ["(missing)", "never seen"]}), scaling)
    assert new[0].tolist() == new[1].tolist()


@settings(max_examples=40, deadline=None)
@given(st.permutations(list("abcde")))
def test_renaming_levels_permutes_famd_columns_and_changes_nothing_else(names):
    rng = np.random.default_rng(0)
    codes = rng.choice(5, 60, p=[0.4, 0.3, 0.15, 0.1, 0.05])
    plain = pd.DataFrame({"brand": np.array(list("abcde"))[codes]})
    renamed = pd.DataFrame({"brand": np.array(names)[codes]})
    one = apply_scaling(plain, fit_scaling(plain, recipe(CATEGORY)))
    other = apply_scaling(renamed, fit_scaling(renamed, recipe(CATEGORY)))
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-9)


# --- what leaves the recipe ---


@pytest.mark.parametrize(
    "values",
    [[1.0, 1.0, 1.0], [np.nan, np.nan, np.nan], [1.0, np.nan, 1.0]],
    ids=["constant", "missing throughout", "constant where known"],
)
def test_a_number_that_does_not_vary_leaves_the_recipe(values):
    frame = pd.DataFrame({"spend": values, "orders": [1.0, 2.0, 3.0]})
    scaling = fit_scaling(frame, recipe(NUMBER, Feature("orders", "number")))
    assert scaling["feature"].tolist() == ["orders"]
    assert scaling["position"].tolist() == [1]


@pytest.mark.parametrize("missing", ["fill", "drop"])
def test_a_number_that_its_transform_makes_constant_leaves_the_recipe(missing):
    """ln(1 + x) of numbers below 1e-16 is 0."""
    frame = pd.DataFrame({"spend": [1e-17, 2e-17, 5e-18], "orders": [1.0, 2.0, 3.0]})
    both = recipe(LOGGED, Feature("orders", "number"), missing=missing)
    assert fit_scaling(frame, both)["feature"].tolist() == ["orders"]


@pytest.mark.parametrize("missing", ["fill", "drop"])
@pytest.mark.parametrize("level", ["a", "(missing)"])
def test_a_category_of_one_level_leaves_the_recipe_without_its_rows(level, missing):
    frame = pd.DataFrame({"brand": [level] * 3, "spend": [1.0, 2.0, 3.0]})
    scaling = fit_scaling(frame, recipe(CATEGORY, NUMBER, missing=missing, encoding="label"))
    assert scaling["feature"].tolist() == ["spend"]
    assert scaling["center"].item() == 2


def test_a_feature_that_is_constant_in_the_complete_rows_leaves_the_recipe():
    frame = pd.DataFrame({"spend": [1.0, 2.0, np.nan], "orders": [5.0, 5.0, 6.0]})
    both = recipe(NUMBER, Feature("orders", "number"), missing="drop")
    assert fit_scaling(frame, both)["feature"].tolist() == ["spend"]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"spend": [2.0, 2.0]}),
        pd.DataFrame({"spend": [np.nan, np.nan]}),
        pd.DataFrame({"spend": pd.Series([], dtype=float)}),
    ],
)
def test_nothing_that_varies_is_refused_with_the_recipe_named(frame):
    with pytest.raises(ValueError, match="No feature of recipe 'test' varies over the"):
        fit_scaling(frame, recipe(NUMBER))


# --- units, weights, shrinkage ---


def averages(draw: np.random.Generator, rows: int, between: float, luck: float):
    """Return noisy averages of 1 to 6 observations, their counts, and the true means."""
    counts = draw.integers(1, 7, rows).astype(float)
    truth = 4 + draw.normal(0, between**0.5, rows)
    return truth + draw.normal(0, np.sqrt(luck / counts)), counts, truth


def test_a_unit_divides_before_the_logarithm(shop):
    feature = Feature("spend", "number", "log1p", unit=30.0)
    plain = np.log(shop[["spend"]] + 30)  # which is log1p of thirties, and a constant
    expected = StandardScaler().fit_transform(plain)
    scaled = apply_scaling(shop, fit_scaling(shop, recipe(feature)))
    np.testing.assert_allclose(scaled, expected, rtol=1e-9, atol=1e-12)


def test_a_weight_is_of_the_variance_of_numbers_and_of_categories_alike(shop):
    features = (Feature("spend", "number", weight=2.0), Feature("brand", "category", weight=0.5))
    scaled = apply_scaling(shop, fit_scaling(shop, recipe(*features)))
    assert scaled[:, 0].var() == pytest.approx(2)
    assert scaled[:, 1:].var(axis=0).sum() == pytest.approx(0.5)


def test_a_parameter_that_an_older_version_did_not_fit_changes_nothing(shop):
    scaling = fit_scaling(shop, recipe(NUMBER, CATEGORY))
    older = scaling.drop(columns=["unit", "shrink_by", "prior_mean", "prior_count"])
    expected = apply_scaling(shop, scaling)
    np.testing.assert_array_equal(apply_scaling(shop, older), expected)
    unsaid = scaling.assign(unit=np.nan, shrink_by=None, prior_mean=np.nan, prior_count=np.nan)
    np.testing.assert_array_equal(apply_scaling(shop, unsaid), expected)


@pytest.mark.parametrize(("between", "luck"), [(1.0, 0.5), (0.3, 1.2), (1.0, 4.0)])
def test_shrinkage_finds_what_the_averages_were_drawn_with(between, luck):
    values, counts, truth = averages(np.random.default_rng(1), 20_000, between, luck)
    mean, count = fit_shrinkage(values, counts)
    assert mean == pytest.approx(4, abs=0.05)
    assert count == pytest.approx(luck / between, rel=0.15)
    errors = np.square(shrunk(values, counts, mean, count) - truth).mean()
    best = np.square(shrunk(values, counts, 4, luck / between) - truth).mean()
    assert errors <= 1.01 * best < np.square(values - truth).mean()


def test_rates_are_shrunk_by_the_spread_of_a_beta_distribution():
    draw = np.random.default_rng(2)
    counts = draw.integers(1, 9, 50_000).astype(float)
    rates = draw.binomial(counts.astype(int), draw.beta(2, 6, len(counts))) / counts
    mean, count = fit_shrinkage(rates, counts)
    assert (mean, count) == pytest.approx((0.25, 8), rel=0.05)  # Beta(a, b): a / (a + b), a + b


def test_averages_that_are_all_luck_are_shrunk_to_a_bound_and_certain_ones_not_at_all():
    draw = np.random.default_rng(3)
    values, counts, _ = averages(draw, 5_000, 0.0, 1.0)
    _, count = fit_shrinkage(values, counts)
    assert 10 < count < 60
    surest, counts, _ = averages(draw, 5_000, 1.0, 0.0)
    np.testing.assert_allclose(shrunk(surest, counts, *fit_shrinkage(surest, counts)), surest, 0.05)
    assert fit_shrinkage(np.array([1.0, 2.0]), np.array([3.0, 3.0]))[1] < 1e-6


def test_a_value_of_few_orders_is_drawn_to_the_mean_and_one_of_none_is_the_mean():
    draw = np.random.default_rng(4)
    values, counts, _ = averages(draw, 400, 1.0, 2.0)
    frame = pd.DataFrame({"value": np.exp(values), "orders": counts})
    frame.loc[:9, "value"], frame.loc[5:14, "orders"] = np.nan, [0, np.nan, -1, 0, 0] * 2
    feature = Feature("value", "number", "log1p", shrink_by="orders")
    for missing in ("fill", "drop"):
        scaling = fit_scaling(frame, recipe(feature, missing=missing))
        row = scaling.iloc[0]
        logged = np.log1p(frame["value"].to_numpy())
        known = np.where(frame["orders"] > 0, frame["orders"], 0)
        p, m = row["prior_mean"], row["prior_count"]
        assert p == pytest.approx(np.nanmean(logged[15:]), rel=1e-9)
        expected = np.where(known > 0, (known * np.nan_to_num(logged, nan=p) + m * p), m * p)
        expected = (expected / (known + m) - row["center"]) / row["scale"]
        scaled = apply_scaling(frame, scaling)[:, 0]
        np.testing.assert_allclose(scaled, expected, rtol=1e-9, atol=1e-9)
        assert scaled.std() == pytest.approx(1)
        assert row["fill_value"] == pytest.approx(np.expm1(p))


def test_a_number_that_nothing_is_counted_for_leaves_the_recipe(shop):
    frame = shop.assign(none=0.0)
    feature = Feature("spend", "number", "log1p", shrink_by="none")
    scaling = fit_scaling(frame, recipe(feature, CATEGORY))
    assert set(scaling["feature"]) == {"brand"}
    with pytest.raises(ValueError, match="No feature of recipe 'test' varies"):
        fit_scaling(frame, recipe(feature))
