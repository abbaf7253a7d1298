"""Ensures that every pair of features gets the measure of its kind, with the textbook value."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.stats.contingency import association

from segmentation.diagnosis.correlations import correlation_ratio, cramers_v, feature_correlations


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    age = rng.normal(40, 10, 400)
    country = rng.choice(["CN", "FR", "US"], 400, p=[0.2, 0.3, 0.5])
    return pd.DataFrame(
        {
            "age": age,
            "spend": np.exp(age / 20 + rng.normal(size=400)),
            "orders": rng.poisson(2, 400),
            "country": country,
            "channel": np.where(rng.random(400) < 0.6, country, "search"),
        }
    )


def value_of(table: pd.DataFrame, a: str, b: str, measure: str) -> pd.Series:
    rows = table.query("feature_a == @a and feature_b == @b and measure == @measure")
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_pair_appears_once_with_the_measures_of_its_kinds(frame):
    table = feature_correlations(frame, ["age", "spend", "orders"], ["country", "channel"])
    assert list(table.columns) == ["feature_a", "feature_b", "measure", "value", "rows"]
    counts = table["measure"].value_counts().to_dict()
    assert counts == {"pearson": 3, "spearman": 3, "correlation_ratio": 6, "cramers_v": 1}
    assert not table.duplicated(["feature_a", "feature_b", "measure"]).any()
    assert (table["rows"] == 400).all()


def test_numeric_pairs_equal_scipy(frame):
    table = feature_correlations(frame, ["age", "spend", "orders"], [])
    for a, b in [("age", "spend"), ("age", "orders"), ("spend", "orders")]:
        pearson = stats.pearsonr(frame[a], frame[b]).statistic
        spearman = stats.spearmanr(frame[a], frame[b]).statistic
        assert value_of(table, a, b, "pearson")["value"] == pytest.approx(pearson, abs=1e-12)
        assert value_of(table, a, b, "spearman")["value"] == pytest.approx(spearman, abs=1e-12)


def test_missing_and_infinite_numbers_leave_their_pair_only():
    frame = pd.DataFrame(
        {
            "a": [1.0, 2.0, 3.0, np.nan, 5.0],
            "b": [2.0, 1.0, np.inf, 4.0, 9.0],
            "c": [5.0, 4.0, 3.0, 2.0, 1.0],
            "kind": ["x", None, "y", "x", "y"],
        }
    )
    table = feature_correlations(frame, ["a", "b", "c"], ["kind"])
    both = value_of(table, "a", "b", "pearson")
    assert both["rows"] == 3
    assert both["value"] == pytest.approx(np.corrcoef([1, 2, 5], [2, 1, 9])[0, 1])
    assert value_of(table, "a", "c", "spearman")[["value", "rows"]].tolist() == [-1.0, 4]
    assert value_of(table, "b", "kind", "correlation_ratio")["rows"] == 3
    assert value_of(table, "c", "kind", "correlation_ratio")["rows"] == 4


def test_cramers_v_is_the_bias_corrected_one_of_bergsma():
    # 2 x 2 table [[30, 10], [10, 30]]: phi² = 0.25, n = 80
    a = np.repeat(["p", "p", "q", "q"], [30, 10, 10, 30])
    b = np.repeat(["x", "y", "x", "y"], [30, 10, 10, 30])
    corrected = 0.25 - 1 / 79
    assert cramers_v(a, b) == pytest.approx(np.sqrt(corrected / (2 - 1 / 79 - 1)))
    uncorrected = association(np.array([[30, 10], [10, 30]]), method="cramer")
    assert uncorrected == pytest.approx(0.5) and cramers_v(a, b) < uncorrected


def test_cramers_v_of_independent_many_level_features_is_near_zero():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 30, 600), rng.integers(0, 30, 600)
    table = pd.crosstab(a, b).to_numpy()
    assert association(table, method="cramer") > 0.15
    assert cramers_v(a, b) < 0.06


def test_equal_categories_have_a_cramers_v_of_one_and_constant_ones_none():
    labels = np.array(["a", "b", "c"] * 50)
    assert cramers_v(labels, labels) == pytest.approx(1.0)
    assert np.isnan(cramers_v(labels, np.repeat("a", 150)))
    unique = np.arange(20)
    assert np.isnan(cramers_v(unique, unique))


def test_correlation_ratio_by_hand():
    # group means 2 and 5, grand mean 3.2, between 10.8, total 14.8
    values, labels = np.array([1.0, 2, 3, 4, 6]), np.array(list("aaabb"))
    assert correlation_ratio(values, labels) == pytest.approx(np.sqrt(10.8 / 14.8))


def test_eta_squared_is_the_explained_share_of_one_way_anova(frame):
    groups = [part["spend"] for _, part in frame.groupby("country")]
    f, k, n = stats.f_oneway(*groups).statistic, len(groups), len(frame)
    explained = f * (k - 1) / (f * (k - 1) + n - k)
    eta = correlation_ratio(frame["spend"].to_numpy(), frame["country"].to_numpy())
    assert eta**2 == pytest.approx(explained)


def test_constant_and_empty_columns_are_null_without_a_warning(frame):
    still = frame.assign(one=1.1, same="x", none=None).astype({"none": float})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = feature_correlations(still, ["age", "one", "none"], ["country", "same"])
    touched = table[["feature_a", "feature_b"]].isin(["one", "same", "none"]).any(axis=1)
    assert table.loc[touched, "value"].isna().all()
    assert table.loc[~touched, "value"].notna().all()


def test_rare_levels_are_pooled_the_frequent_and_then_the_first_by_name_kept():
    frame = pd.DataFrame({"n": [1.0, 2, 3, 4, 5, 9], "brand": list("aabdcc")})
    pooled = feature_correlations(frame, ["n"], ["brand"], max_levels=3)
    expected = correlation_ratio(frame["n"].to_numpy(), np.array(list("aaoocc")))
    assert pooled["value"].item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("numeric", "categorical", "levels", "message"),
    [
        (["age", "nope"], [], 50, "no column nope"),
        (["age"], ["age"], 50, "age is named twice"),
        (["age"], ["country"], 1, "max_levels is 1"),
    ],
)
def test_wrong_arguments_are_named(frame, numeric, categorical, levels, message):
    with pytest.raises(ValueError, match=message):
        feature_correlations(frame, numeric, categorical, max_levels=levels)


def test_no_pairs_give_an_empty_table_with_its_types(frame):
    table = feature_correlations(frame, ["age"], [])
    assert table.empty and table["value"].dtype == float and table["rows"].dtype == "int64"
