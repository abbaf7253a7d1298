"""Ensures that the recipe `article` is the published walk-through, run here in scikit-learn."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from sklearn.preprocessing import LabelEncoder, StandardScaler

NUMBERS = ["age", "total_orders"]
CATEGORIES = [
    "gender",
    "country",
    "traffic_source",
    "most_frequent_brand",
    "most_frequent_category",
]
SHOPS = ["sample", "thelook"]


@dataclass(frozen=True)
class WalkThrough:
    """The walk-through's result: its rows, their cluster, and the inertia."""

    rows: pd.DataFrame
    labels: np.ndarray
    inertia: float


def walk_through(features: pd.DataFrame) -> WalkThrough:
    """Drop missing values, label-encode, standardise, PCA(2), k-means(5), as published.

    A feature without any value, or with a single one, is left out: the walk-through's own data
    has none, and dropping "rows with missing values" would drop every row.
    """
    table = features.set_index("customer_id").sort_index()[NUMBERS + CATEGORIES]
    table = table.replace({name: {"(missing)": np.nan} for name in CATEGORIES})
    table = table.loc[:, table.nunique() > 1].dropna()
    encoded = table.copy()
    for name in encoded.columns.intersection(CATEGORIES):
        encoded[name] = LabelEncoder().fit_transform(encoded[name])
    scaled = StandardScaler().fit_transform(encoded.astype(float))
    components = PCA(n_components=2, random_state=444).fit_transform(scaled)
    model = KMeans(5, init="k-means++", n_init=10, max_iter=300, random_state=222).fit(components)
    return WalkThrough(table, model.labels_, float(model.inertia_))


@pytest.fixture(params=SHOPS)
def project(request, built):
    return built(request.param, "article")


@pytest.fixture
def published(project) -> pd.DataFrame:
    segments = project.published("select * from customer_segments")
    return segments.set_index("customer_id").sort_index()


@pytest.fixture
def expected(project) -> WalkThrough:
    return walk_through(project.published("select * from customer_features"))


def test_the_same_customers_are_in_the_same_five_groups(published, expected):
    assert published.index.tolist() == expected.rows.index.tolist()
    assert published["segment_id"].nunique() == 5
    assert adjusted_rand_score(expected.labels, published["segment_id"]) == 1


def test_the_inertia_is_the_same(project, published, expected):
    assert (published["distance"] ** 2).sum() == pytest.approx(expected.inertia, rel=1e-9)
    (stored,) = project.published("select inertia from k_candidates where is_selected")["inertia"]
    assert stored == pytest.approx(expected.inertia, rel=1e-9)


def test_the_report_has_the_same_ratios(project, published, expected):
    report = project.published("select * from cluster_report")
    report = report.set_index(["segment_id", "feature", "rank"]).sort_index()
    categories = expected.rows.columns.intersection(CATEGORIES)
    assert len(categories)
    for segment, rows in expected.rows.groupby(published["segment_id"]):
        for feature in categories:
            ratios = rows[feature].value_counts(normalize=True)
            reported = report.loc[(segment, feature)]
            assert reported["share"].tolist() == ratios.head(3).tolist()
            assert reported["share"].tolist() == ratios[reported["value"]].tolist()
            assert reported["segment_share"].iloc[0] == len(rows) / len(expected.rows)


def test_lift_compares_with_all_segmented_customers(project, expected):
    report = project.published("select * from cluster_report")
    for feature in expected.rows.columns.intersection(CATEGORIES):
        rows = report[report["feature"] == feature]
        population = expected.rows[feature].value_counts(normalize=True)
        np.testing.assert_allclose(rows["population_share"], population[rows["value"]])
        np.testing.assert_allclose(rows["lift"], rows["share"] / rows["population_share"])


def test_rows_with_missing_values_are_excluded_with_the_reason(project, expected):
    features = project.published("select * from customer_features")
    left_out = set(features["customer_id"]) - set(expected.rows.index)
    exclusions = project.published("select * from exclusions").set_index("unit_id")
    exclusions.index = exclusions.index.astype("int64")
    assert left_out <= set(exclusions.index)
    for reason in exclusions["reason"].loc[sorted(left_out)]:
        assert reason.startswith("no value for ")
        named = set(reason.removeprefix("no value for ").split(", "))
        assert named <= set(expected.rows.columns)
