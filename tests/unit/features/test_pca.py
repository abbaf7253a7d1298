"""Ensures that the table of loadings is scikit-learn's PCA, whole and in the right units."""

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

from segmentation.features.pca import apply_pca, encoded_columns, fit_pca
from segmentation.features.recipe import Feature
from segmentation.features.scaling import apply_scaling, fit_scaling
from tests.recipes import make_recipe


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    spend = rng.normal(0, 1, 200)
    return pd.DataFrame(
        {
            "spend": spend,
            "orders": spend + rng.normal(0, 0.3, 200),
            "age": rng.normal(40, 9, 200),
            "brand": rng.choice(["a", "b", "c"], 200),
        }
    )


def fitted(shop: pd.DataFrame, **settings) -> tuple[np.ndarray, pd.DataFrame]:
    numbers = tuple(Feature(name, "number") for name in ("spend", "orders", "age"))
    recipe = make_recipe("test", (*numbers, Feature("brand", "category")), **settings)
    scaling = fit_scaling(shop, recipe)
    matrix = apply_scaling(shop, scaling)
    return matrix, fit_pca(matrix, scaling, recipe)


@pytest.mark.parametrize("components", [2, 0.9, 1, 0.999])
def test_projections_are_those_of_scikit_learn(shop, components):
    matrix, table = fitted(shop, components=components)
    model = PCA(n_components=components, svd_solver="full", random_state=0).fit(matrix)
    np.testing.assert_allclose(apply_pca(matrix, table), model.transform(matrix), atol=1e-12)
    ratios = table.drop_duplicates("component")["explained_variance_ratio"]
    np.testing.assert_allclose(ratios, model.explained_variance_ratio_)


def test_a_share_of_variance_is_reached_by_as_few_components_as_possible(shop):
    _, table = fitted(shop, components=0.97)
    ratios = table.drop_duplicates("component")["explained_variance_ratio"].to_numpy()
    assert ratios.sum() >= 0.97 > ratios[:-1].sum()


def test_a_component_above_half_the_mean_is_kept_whatever_the_share(shop):
    matrix, table = fitted(shop, components=0.3)
    values = np.linalg.eigvalsh(np.cov(matrix.T))
    assert table["component"].max() == (values > values.mean() / 2).sum() > 1
    assert fitted(shop, components=1)[1]["component"].max() == 1


def test_three_groups_in_two_columns_beside_noise_keep_all_components():
    """The case of groups lost: the direction between them has the smallest eigenvalue."""
    rng = np.random.default_rng(8)
    group = rng.integers(0, 3, 800)
    numbers = np.array([[0, 0, 0], [6, 0, 0], [0, 6, 0]])[group] + rng.normal(size=(800, 3))
    frame = pd.DataFrame(numbers, columns=["x", "y", "z"])
    recipe = make_recipe("test", tuple(Feature(name, "number") for name in frame))
    scaling = fit_scaling(frame, recipe)
    table = fit_pca(apply_scaling(frame, scaling), scaling, recipe)
    ratios = table.drop_duplicates("component")["explained_variance_ratio"].to_numpy()
    assert len(ratios) == 3 and ratios[:2].sum() > 0.8


def test_components_agree_with_the_eigenvectors_of_the_covariance(shop):
    matrix, table = fitted(shop, components=2)
    values, vectors = np.linalg.eigh(np.cov(matrix.T))
    first = table[table["component"] == 1].sort_values("position")["loading"].to_numpy()
    assert abs(first @ vectors[:, -1]) == pytest.approx(1)
    assert table["explained_variance_ratio"].iloc[0] == pytest.approx(values[-1] / values.sum())


def test_loadings_have_length_one_and_components_are_orthogonal(shop):
    _, table = fitted(shop, components=3)
    loadings = table.pivot(index="position", columns="component", values="loading").to_numpy()
    np.testing.assert_allclose(loadings.T @ loadings, np.eye(3), atol=1e-12)


def test_the_largest_loading_is_positive_so_signs_never_flip(shop):
    _, table = fitted(shop, components=3)
    for _, loadings in table.groupby("component")["loading"]:
        assert loadings.loc[loadings.abs().idxmax()] > 0


def test_more_components_than_columns_are_capped(shop):
    matrix, table = fitted(shop, components=50)
    assert table["component"].max() == matrix.shape[1]


def test_each_position_is_named_by_its_feature_and_level(shop):
    _, table = fitted(shop, components=1)
    assert list(zip(table["feature"], table["level"].fillna(""), strict=True)) == [
        ("spend", ""),
        ("orders", ""),
        ("age", ""),
        ("brand", "a"),
        ("brand", "b"),
        ("brand", "c"),
    ]


def test_label_codes_have_a_position_but_no_level(shop):
    scaling = fit_scaling(
        shop, make_recipe("test", (Feature("brand", "category"),), encoding="label")
    )
    columns = encoded_columns(scaling)
    assert columns["position"].tolist() == [1]
    assert columns["level"].isna().all()


def test_fits_are_identical_bit_for_bit(shop):
    one, other = fitted(shop)[1], fitted(shop)[1]
    assert one["loading"].to_numpy().tobytes() == other["loading"].to_numpy().tobytes()
