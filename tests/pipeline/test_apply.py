"""Ensures that SQL applies to every row what the fitted scikit-learn objects would."""

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OrdinalEncoder, StandardScaler

from segmentation.clustering.kmeans import nearest_centroid
from segmentation.features.pca import apply_pca
from segmentation.features.recipe import Feature, Recipe
from segmentation.features.scaling import apply_scaling, fit_scaling


def published(project) -> tuple[Recipe, pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Return the recipe, features, segments and components of the segmented customers, by key."""
    (text,) = project.published("select recipe from segment_models")["recipe"]
    segments = project.published("select * from customer_segments order by customer_id")
    features = project.published(
        "select features.* from customer_features as features "
        "semi join customer_segments using (customer_id) order by customer_id"
    )
    return Recipe.from_json(text), features, segments, np.stack(segments["components"])


def number(feature: Feature, features: pd.DataFrame) -> pd.Series:
    """Return a feature as it is before it is standardised, filled or shrunk."""
    values = features[feature.name].astype(float)
    if feature.shrink_by == "":
        values = values.fillna(values.median())
    if feature.transform == "log1p":
        values = np.log1p(values / feature.unit)
    if feature.shrink_by == "":
        return values
    counts = features[feature.shrink_by]
    known = values[values.notna() & (counts > 0)]
    mean, luck = known.mean(), 1 / counts[known.index]
    slope, intercept = np.polyfit(luck, np.square(known - mean), 1)
    worth = max(slope / max(intercept, known.var(ddof=0) / 20), 1e-9)
    return (counts * values.fillna(mean) + worth * mean) / (counts + worth)


def encoder_of(recipe: Recipe, features: pd.DataFrame):
    """Return scikit-learn's own encoding and scaling of a recipe, and its input."""
    if recipe.encoding == "label":
        table = features[[feature.name for feature in recipe.features]].copy()
        table = table[table.columns[table.nunique() > 1]]
        categories = table.columns[table.dtypes.map(pd.api.types.is_string_dtype)]
        table[categories] = OrdinalEncoder().fit_transform(table[categories])
        return StandardScaler(), table.astype(float).to_numpy()
    weights = np.sqrt([feature.weight for feature in recipe.features])
    rows = np.column_stack([number(feature, features) for feature in recipe.features])
    return make_pipeline(StandardScaler(), FunctionTransformer(lambda x: x * weights)), rows


def fitted_pipeline(recipe: Recipe, features: pd.DataFrame, k: int):
    """Fit scikit-learn's scaler, PCA and KMeans; return them as one pipeline, and its input."""
    encoder, rows = encoder_of(recipe, features)
    solver = PCA(n_components=recipe.components, svd_solver="full", random_state=recipe.pca_seed)
    clusters = KMeans(k, n_init=recipe.n_init, max_iter=recipe.max_iter, random_state=recipe.seed)
    return make_pipeline(encoder, solver, clusters).fit(rows), rows


@pytest.fixture(params=["default", "article"])
def applied(request, built):
    return published(built("sample", request.param))


@pytest.fixture
def fitted(applied):
    recipe, features, segments, _ = applied
    return fitted_pipeline(recipe, features, segments["segment_id"].nunique())


def test_segments_are_what_predict_says_for_every_row(applied, fitted):
    (_, _, segments, _), (pipeline, rows) = applied, fitted
    pairs = set(zip(pipeline.predict(rows), segments["segment_id"], strict=True))
    assert len(pairs) == segments["segment_id"].nunique()


def test_components_are_what_transform_says_for_every_row(applied, fitted):
    (_, _, segments, components), (pipeline, rows) = applied, fitted
    expected = pipeline[:-1].transform(rows)
    np.testing.assert_allclose(components, expected, atol=1e-9)
    np.testing.assert_allclose(segments["component_1"], expected[:, 0], atol=1e-9)
    np.testing.assert_allclose(segments["component_2"], expected[:, 1], atol=1e-9)


def test_distance_confidence_and_runner_up_follow_from_the_distances(applied, fitted):
    (_, _, segments, _), (pipeline, rows) = applied, fitted
    distances = pipeline.transform(rows)
    order = distances.argsort(axis=1)
    nearest, second = np.sort(distances, axis=1)[:, :2].T
    np.testing.assert_allclose(segments["distance"], nearest, atol=1e-7)
    np.testing.assert_allclose(segments["confidence"], (second - nearest) / second, atol=1e-7)
    ids = dict(zip(order[:, 0], segments["segment_id"], strict=True))
    expected = [ids[label] for label in order[:, 1]]
    assert segments["runner_up_segment_id"].tolist() == expected


@pytest.fixture
def mixed(built):
    """Numbers and FAMD categories, fitted to a quarter of the customers and applied to all."""
    return built("sample", "mixed")


def test_a_bounded_fit_is_applied_to_everybody(mixed):
    models = mixed.published("select rows_fitted, rows_available from segment_models")
    assert models.iloc[0].tolist() == [400, len(mixed.published("from customer_features"))]
    assert len(mixed.published("from customer_segments")) == models["rows_available"].item()


def test_mixed_features_are_applied_as_the_library_applies_them(mixed):
    _, features, segments, components = published(mixed)
    scaling = mixed.published("select * from scaling order by position, level")
    loadings = mixed.published("select * from loadings")
    expected = apply_pca(apply_scaling(features, scaling), loadings)
    np.testing.assert_allclose(components, expected, atol=1e-9)
    centroids = mixed.published("select * from centroids").pivot(
        index="segment_id", columns="component", values="centroid"
    )
    nearest = nearest_centroid(components, centroids.to_numpy())
    assert segments["segment_id"].tolist() == centroids.index[nearest.labels].tolist()


def test_the_fitted_rows_are_the_first_by_hash_of_the_key(mixed):
    recipe, features, _, _ = published(mixed)
    ranked = mixed.query(
        "select customer_id from customer_features order by md5(customer_id::varchar) limit 400"
    )
    sample = features[features["customer_id"].isin([key for (key,) in ranked])]
    expected = fit_scaling(sample.astype({"total_spend": float}), recipe)
    stored = mixed.published("select * from scaling order by position, level")
    assert stored["level"].fillna("").tolist() == expected["level"].fillna("").tolist()
    for column in ("center", "scale", "weight", "fill_value"):
        np.testing.assert_allclose(stored[column], expected[column])
