"""Effects, intervals and lifts as SQL has them are SciPy's; nothing of nothing is a number."""

from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
ENTRY = SimpleNamespace(name="shop", key_column="id")
FEATURES = [
    {"name": "spend", "kind": "number", "is_whole": False},
    {"name": "orders", "kind": "number", "is_whole": True},
    {
        "name": "rate",
        "kind": "number",
        "is_whole": False,
        "ratio": {"name": "spend_per_order", "part": "spend", "whole": "orders"},
    },
    {"name": "brand", "kind": "category", "is_whole": False},
]
LOGGED = ("spend", "orders")
MODELS = ("feature_moments", "banded_values", "segment_profiles", "cluster_report")
FAMILY = ["is_fitted", "is_number"]


class Segmentation:
    """The package's macros, as far as these models call them."""

    def __init__(self):
        self.environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        self.environment.globals["segmentation"] = self

    def segmentations(self):
        """One entry."""
        return [ENTRY]

    def feature_columns(self, entry):
        """Its features."""
        return FEATURES

    def unit_rows(self, entry):
        """Its table."""
        return "units"

    def members(self, *arguments):
        """The macro of the project."""
        return self._macro("units/members.sql", "members")(*arguments)

    def feature_parts(self, features):
        """Two parts."""
        return [features[:2], features[2:]]

    def value_of(self, *arguments):
        """The macro of the project."""
        return self._macro("units/value_of.sql", "value_of")(*arguments)

    def wilson_bound(self, *arguments):
        """The macro of the project."""
        return self._macro("describe/wilson_bound.sql", "wilson_bound")(*arguments)

    def _macro(self, path: str, name: str):
        text = (ROOT / "macros" / path).read_text()
        return getattr(self.environment.from_string(text).module, name)


def model_sql(name: str) -> str:
    """Return the SQL of a model in which a ref is a table of that name."""
    text = (ROOT / "models/segmentation/describe" / f"{name}.sql").read_text()
    package = Segmentation()
    return package.environment.from_string(text).render(
        ref=lambda table: table, config=lambda **_: ""
    )


SQL = {name: model_sql(name) for name in MODELS}


def described(units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the described tables of units with the columns id, segment_id and the features."""
    with duckdb.connect() as connection:
        connection.register("given", units)
        connection.execute(
            """
            create table units as select
                id::bigint as id, spend::double as spend, orders::bigint as orders,
                rate::double as rate, brand::varchar as brand
            from given;
            create table unit_segments as select
                'shop' as segmentation, id::varchar as unit_id, segment_id::bigint as segment_id
            from given;
            create table serving_models as select 'shop' as segmentation, 2 as model_version;
            create table segment_names as
            select distinct
                'shop' as segmentation, 2 as model_version, segment_id, 'N' as segment_name
            from unit_segments;
            create table scaling as
            select 'shop' as segmentation, version as model_version, * from (
                values (2, 'spend', 'log1p', null::double), (2, 'orders', 'log1p', null),
                    (1, 'rate', 'log1p', null)
            ) as t (version, feature, transform, unit);
            """
        )
        return {
            name: connection.sql(f"create table {name} as {sql}; from {name}").df()
            for name, sql in SQL.items()
        }


def scaled(values: pd.Series, feature: str) -> np.ndarray:
    """Return the values that there are, on the scale of the model."""
    known = values.dropna().to_numpy(float)
    return np.sign(known) * np.log1p(np.abs(known)) if feature in LOGGED else known


def same(found: float, expected: float) -> bool:
    """Say whether two figures are equal to what rounding leaves, or both are missing."""
    if pd.isna(found) or pd.isna(expected):
        return pd.isna(found) and pd.isna(expected)
    return found == pytest.approx(expected, rel=1e-6, abs=2e-6)


money = st.one_of(
    st.none(), st.sampled_from([0.0, 9.99, -9.99]), st.integers(-9_999, 99_999).map(lambda v: v / 7)
)
rows = st.lists(
    st.tuples(
        st.integers(1, 3),
        money,
        st.one_of(st.none(), st.integers(0, 4)),
        st.sampled_from([None, 0.0, 0.5, 1.0]),
        st.sampled_from(["a", "b", "c", "d", "(missing)"]),
    ),
    min_size=1,
    max_size=40,
)


def frame(drawn: list[tuple]) -> pd.DataFrame:
    """Return units of drawn rows."""
    units = pd.DataFrame(drawn, columns=["segment_id", "spend", "orders", "rate", "brand"])
    return units.assign(id=range(len(units))).astype(
        {"spend": float, "orders": float, "rate": float}
    )


@settings(max_examples=20, deadline=None)
@given(rows)
def test_effects_and_means_are_those_of_scipy(drawn):
    units = frame(drawn)
    profiles = described(units)["segment_profiles"]
    assert len(profiles) == 3 * units["segment_id"].nunique()
    for row in profiles.itertuples():
        inside = units["segment_id"] == row.segment_id
        own, rest = units.loc[inside, row.feature], units.loc[~inside, row.feature]
        assert (row.value_count, row.rest_count) == (own.count(), rest.count())
        assert same(row.mean, own.mean()) and same(row.rest_mean, rest.mean())
        assert row.effect_scale == ("log1p" if row.feature in LOGGED else "none")
        assert_interval_of_mean(row, own.dropna())
        assert_effect(row, scaled(own, row.feature), scaled(rest, row.feature))
        assert_relative(row, units[row.feature].dropna())


def assert_interval_of_mean(row, own: pd.Series) -> None:
    """Assert the t interval of a mean, or that too few values have none."""
    if len(own) < 5:
        assert pd.isna(row.mean_low) and pd.isna(row.mean_high)
        return
    half = stats.t.ppf(0.975, len(own) - 1) * own.std(ddof=1) / np.sqrt(len(own))
    assert row.mean_low <= row.mean <= row.mean_high
    assert row.mean_high - row.mean_low == pytest.approx(2 * half, rel=4e-4, abs=4e-6)


def assert_effect(row, own: np.ndarray, rest: np.ndarray) -> None:
    """Assert the standardised difference from the rest and Welch's interval of it."""
    deviation = np.concatenate([own, rest]).std() if len(own) + len(rest) else 0.0
    if not len(own) or not len(rest) or np.ptp(np.concatenate([own, rest])) == 0:
        assert pd.isna(row.effect_size) and pd.isna(row.effect_low)
        return
    assert same(row.effect_size, (own.mean() - rest.mean()) / deviation)
    if min(len(own), len(rest)) < 5:
        assert pd.isna(row.effect_low) and pd.isna(row.effect_high)
        return
    assert row.effect_low <= row.effect_size <= row.effect_high
    if np.ptp(own) or np.ptp(rest):
        ends = stats.ttest_ind(own, rest, equal_var=False).confidence_interval()
        width = row.effect_high - row.effect_low
        assert width == pytest.approx((ends.high - ends.low) / deviation, rel=4e-4, abs=4e-6)


def assert_relative(row, everybody: pd.Series) -> None:
    """Assert that a ratio to next to nothing is missing, and that the sign is right."""
    if pd.isna(row.mean) or abs(everybody.mean()) < 0.0499 * everybody.std(ddof=0):
        assert pd.isna(row.relative_importance)
    elif everybody.mean() != 0 and abs(everybody.mean()) > 0.0501 * everybody.std(ddof=0):
        expected = (row.mean - everybody.mean()) / abs(everybody.mean())
        assert row.relative_importance == pytest.approx(expected, rel=1e-4, abs=1e-5)


@settings(max_examples=12, deadline=None)
@given(rows)
def test_ratios_of_sums_are_of_sums_and_missing_of_nothing(drawn):
    units = frame(drawn)
    profiles = described(units)["segment_profiles"]
    assert set(profiles.loc[profiles["ratio_of_sums"].notna(), "feature"]) <= {"rate"}
    for row in profiles[profiles["feature"] == "rate"].itertuples():
        own = units[units["segment_id"] == row.segment_id]
        assert row.ratio_name == "spend_per_order"
        assert same(row.ratio_of_sums, ratio(own["spend"].sum(), own["orders"].sum(), own))
        whole = ratio(units["spend"].sum(), units["orders"].sum(), units)
        assert same(row.population_ratio_of_sums, whole)


def ratio(part: float, whole: float, units: pd.DataFrame) -> float:
    """Return a ratio of sums, missing where there is nothing to divide or to divide by."""
    return part / whole if whole and units["spend"].notna().any() else np.nan


@settings(max_examples=20, deadline=None)
@given(rows)
def test_shares_and_lifts_are_those_of_scipy(drawn):
    units = frame(drawn)
    tables = described(units)
    report = tables["cluster_report"]
    levels = tables["banded_values"].groupby("feature")["value"].nunique()
    is_number = tables["banded_values"].groupby("feature")["is_number"].first()
    expected = report.assign(
        is_number=report["feature"].map(is_number), is_fitted=report["feature"].isin(LOGGED), p=1.0
    )
    for place, row in report.iterrows():
        size = (units["segment_id"] == row.segment_id).sum()
        rest_size = len(units) - size
        everybody = round(row.population_share * len(units))
        table = np.array(
            [
                [row.units, size - row.units],
                [everybody - row.units, rest_size - everybody + row.units],
            ]
        )
        assert_share(row, size)
        assert_lift(row, table)
        expected.loc[place, "p"] = min(1.0, levels[row.feature] * p_value(table))
    for _, family in expected.groupby(FAMILY):
        corrected = stats.false_discovery_control(family["p"])
        np.testing.assert_allclose(family["q_value"], corrected, rtol=1e-6, atol=1e-9)
    numbers = report.select_dtypes("number").to_numpy(float)
    assert not np.isinf(numbers).any()


def assert_share(row, size: int) -> None:
    """Assert Wilson's interval of a share."""
    ends = stats.binomtest(int(row.units), int(size)).proportion_ci(method="wilson")
    assert (row.share_low, row.share_high) == pytest.approx((ends.low, ends.high), abs=1e-7)
    assert 0 <= row.share_low <= row.share <= row.share_high <= 1


def assert_lift(row, table: np.ndarray) -> None:
    """Assert the ratio to the rest, and that its interval is the one of both shares'."""
    (a, b), (c, d) = table
    if c == 0:
        assert pd.isna(row.rest_lift) and pd.isna(row.rest_lift_high)
        assert pd.isna(row.rest_share) == (c + d == 0)
        return
    assert row.rest_lift == pytest.approx(a / (a + b) / (c / (c + d)))
    assert 0 <= row.rest_lift_low <= row.rest_lift <= row.rest_lift_high
    # Each end solves |p1 - θ p2| = distance of the ends that are worst for it.
    p1, p2 = a / (a + b), c / (c + d)
    l1, u1 = stats.binomtest(int(a), int(a + b)).proportion_ci(method="wilson")
    l2, u2 = stats.binomtest(int(c), int(c + d)).proportion_ci(method="wilson")
    for theta, own, other in ((row.rest_lift_low, l1, u2), (row.rest_lift_high, u1, l2)):
        apart = (p1 - theta * p2) ** 2
        assert apart == pytest.approx(
            (p1 - own) ** 2 + theta**2 * (p2 - other) ** 2, rel=1e-5, abs=1e-9
        )


def p_value(table: np.ndarray) -> float:
    """Return the p-value of the likelihood-ratio test, 1 where there is nothing to compare."""
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return 1.0
    return stats.chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue


def test_below_zero_the_sign_is_that_of_the_difference():
    rng = np.random.default_rng(0)
    cold, warm = rng.normal(-300, 15, 60), rng.normal(-20, 15, 40)
    units = frame(
        [(1, value, 1, 0.5, "a") for value in cold] + [(2, value, 1, 0.5, "a") for value in warm]
    )
    profiles = described(units)["segment_profiles"].set_index(["feature", "segment_id"])
    low, high = profiles.loc[("spend", 1)], profiles.loc[("spend", 2)]
    assert low["relative_importance"] < 0 < high["relative_importance"]
    assert low["effect_high"] < 0 < high["effect_low"]


def test_a_ratio_to_next_to_nothing_is_missing_and_its_effect_is_not():
    values = [-100.0, 101.0] * 30
    units = frame([(1 + (value > 0), value, 1, 0.5, "a") for value in values])
    profiles = described(units)["segment_profiles"]
    of_spend = profiles[profiles["feature"] == "spend"]
    assert of_spend["relative_importance"].isna().all()
    assert (of_spend["effect_size"].abs() > 1).all()


def test_levels_that_chance_explains_are_not_clear_among_many():
    rng = np.random.default_rng(1)
    brands = [f"b{number}" for number in rng.integers(0, 300, 900)]
    plain = [(number % 3 + 1, 1.0, 1, 0.5, brand) for number, brand in enumerate(brands)]
    report = described(frame(plain))["cluster_report"]
    lifts = report[report["feature"] == "brand"]
    assert (lifts["rest_lift"].fillna(9) > 1.3).any()
    assert not lifts["is_clear"].any()
    drawn = [
        (one, *rest, "b1" if one == 1 and row % 9 == 0 else brand)
        for row, (one, *rest, brand) in enumerate(plain)
    ]
    report = described(frame(drawn))["cluster_report"]
    assert set(report.loc[report["is_clear"], "value"]) == {"b1"}


def test_numbers_near_the_end_of_doubles_have_means_and_effects():
    huge = [1e300, 2e300, 3e300, 4e300, 5e300]
    values = [(1, value, 1, 0.5, "a") for value in huge] + [
        (2, -value, 1, 0.5, "a") for value in huge
    ]
    profiles = described(frame(values))["segment_profiles"]
    high = profiles[(profiles["feature"] == "spend") & (profiles["segment_id"] == 1)].iloc[0]
    assert (high["mean"], high["rest_mean"]) == (pytest.approx(3e300), pytest.approx(-3e300))
    assert 0 < high["effect_low"] < high["effect_size"] < high["effect_high"] < 4
