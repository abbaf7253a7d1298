"""Ensures that the trust models fit what the plan says, once, and show the model's own segments."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from segmentation.dbt_models import schemas, trust
from tests.recipes import DEFAULTS

FEATURES = [
    {"name": "spend", "kind": "number", "low": "low spend", "high": "high spend"},
    {"name": "orders", "kind": "number", "low": "few orders", "high": "many orders"},
]
ROWS = 240


def plan(is_fit: bool = True, **settings) -> pd.DataFrame:
    recipe = DEFAULTS | {"name": "mine", "features": FEATURES, "n_init": 3, **settings}
    row = {"is_fit": is_fit, "is_matched": False, "model_version": 4, "match_floor": 0.5}
    return pd.DataFrame([row | {"recipe": json.dumps(recipe), "rows_available": ROWS}])


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """Three groups of customers, published as segments 2, 5 and 9; ranks run against keys."""
    rng = np.random.default_rng(1)
    segments = np.repeat([5, 2, 9], [120, 80, 40])
    centers = {5: [0, 0], 2: [20, 0], 9: [0, 20]}
    points = np.array([centers[segment] for segment in segments]) + rng.normal(size=(ROWS, 2))
    return pd.DataFrame(
        {
            "sample_rank": rng.permutation(ROWS) + 1,
            "customer_id": np.arange(ROWS) + 100,
            "components": list(points),
            "segment_id": segments,
        }
    )


@pytest.fixture(scope="module")
def described(sample) -> pd.DataFrame:
    points = np.stack(sample["components"])
    return sample[["sample_rank", "customer_id"]].assign(
        spend=points[:, 0], orders=points[:, 1], country=np.where(points[:, 0] > 10, "Peru", "Chad")
    )


@pytest.fixture(scope="module")
def scaled(sample) -> pd.DataFrame:
    """The same customers and one more, in another order."""
    rows = sample.rename(columns={"components": "scaled_values"}).drop(columns="segment_id")
    other = rows.head(1).assign(customer_id=1, sample_rank=ROWS + 1)
    return pd.concat([other, rows.iloc[::-1]], ignore_index=True)


def pca(loadings=((1.0, 0.0), (0.0, 1.0))) -> pd.DataFrame:
    rows = [
        {"model_version": version, "component": component, "position": position}
        | {"loading": loading * (version == 4), "mean": 0.0}
        for version in (3, 4)
        for component, axis in enumerate(loadings, start=1)
        for position, loading in enumerate(axis, start=1)
    ]
    return pd.DataFrame(rows)


def fit_structure(planned, sample, scaled, loadings) -> dict:
    table = trust.fit_structure_table(planned, sample, scaled, loadings, key="customer_id")
    (row,) = table.to_pylist()
    return row


def fit_all(planned, sample, scaled, described) -> dict:
    key = {"key": "customer_id"}
    return {
        "structure": trust.fit_structure_table(planned, sample, scaled, pca(), **key),
        "stability": trust.fit_stability_table(planned, sample, **key),
        "alternatives": trust.fit_alternatives_table(planned, sample, described, **key),
        "comparison": trust.fit_comparison_table(planned, sample),
        "map": trust.fit_map_table(planned, sample, **key),
        "correlations": trust.fit_correlations_table(planned, described, **key),
    }


@pytest.fixture(scope="module")
def fitted(sample, scaled, described) -> dict[str, pd.DataFrame]:
    tables = fit_all(plan(), sample, scaled, described)
    return {name: table.to_pandas() for name, table in tables.items()}


def test_a_build_that_fits_nothing_reads_nothing():
    for name, table in fit_all(plan(is_fit=False), None, None, None).items():
        assert table.num_rows == 0
        assert table.schema == getattr(schemas, name.upper())


def test_every_row_belongs_to_the_version_of_the_plan(fitted):
    for table in fitted.values():
        assert set(table["model_version"]) == {4}


def test_structure_is_judged_for_as_many_segments_as_there_are(fitted):
    (row,) = fitted["structure"].to_dict("records")
    assert row["has_structure"] and row["verdict"].startswith("Structure")
    assert row["rows_judged"] == ROWS


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture", "bisecting_kmeans"])
def test_structure_judges_the_published_segments_of_every_algorithm(sample, scaled, algorithm):
    rng = np.random.default_rng(2)
    swapped = sample.assign(segment_id=rng.permutation(sample["segment_id"]))
    for published in (sample, swapped):
        row = fit_structure(plan(algorithm=algorithm), published, scaled, pca())
        expected = silhouette_score(np.stack(published["components"]), published["segment_id"])
        assert row["silhouette"] == pytest.approx(expected)
        assert row["has_structure"] == (published is sample)


def test_nulls_are_cut_by_the_algorithm_of_the_recipe(sample, scaled):
    mixture, bisecting, kmeans = (
        fit_structure(plan(algorithm=name), sample, scaled, pca())["null_silhouette"]
        for name in ("gaussian_mixture", "bisecting_kmeans", "kmeans")
    )
    assert mixture < bisecting < kmeans


def test_ties_are_spread_in_the_features_before_they_are_projected(sample, scaled):
    rng = np.random.default_rng(3)
    features = np.column_stack([rng.random((ROWS, 2)) < 0.5, rng.normal(size=ROWS)]) * 2.0
    loadings = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    segments = 1 + 2 * (features[:, 0] > 1) + (features[:, 1] > 1)
    points = sample.assign(components=list(features @ loadings), segment_id=segments)
    values = scaled.assign(
        scaled_values=[np.zeros(3), *(features[::-1])],
        customer_id=[1, *sample["customer_id"][::-1]],
    )
    row = fit_structure(plan(), points, values, pca(loadings.T))
    assert row["excess"] > 0.03 and row["valley_depth"] < 0.6
    assert not row["has_structure"]


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture", "bisecting_kmeans"])
def test_stability_is_told_by_published_id_for_every_algorithm(sample, algorithm, monkeypatch):
    monkeypatch.setattr(trust, "STABILITY_REFITS", 5)
    table = trust.fit_stability_table(
        plan(algorithm=algorithm), sample, key="customer_id"
    ).to_pandas()
    assert table["segment_id"].tolist() == [2, 5, 9]
    assert (table["jaccard"] > 0.95).all()
    assert set(table["verdict"]) == {"highly stable"}
    assert set(table["refits"]) == {5}


def test_alternatives_keep_the_published_segments_for_the_selected_k(fitted, sample):
    table = fitted["alternatives"]
    assert sorted(table["k"].unique()) == [2, 3, 4]
    selected = table[table["is_selected"]]
    assert set(selected["k"]) == {3}
    assert selected["segment_name"].isna().all()
    published = sample.set_index(sample["customer_id"].astype(str))["segment_id"]
    found = selected.set_index("row_key")["segment"]
    assert found.loc[published.index].tolist() == published.tolist()


def test_alternatives_name_each_segment_of_the_other_numbers(fitted):
    others = fitted["alternatives"].query("not is_selected")
    names = others.groupby(["k", "segment"])["segment_name"].nunique()
    assert (names == 1).all()
    assert others.groupby("k")["segment_name"].nunique().to_dict() == {2: 2, 4: 4}
    assert others["segment_name"].str.contains("spend|orders", case=False).all()


def test_a_sample_is_cut_by_rank_and_not_by_key(sample, monkeypatch):
    monkeypatch.setattr(trust, "MAP_ROWS", 50)
    table = trust.fit_map_table(plan(), sample, key="customer_id").to_pandas()
    first = sample.nsmallest(50, "sample_rank").sort_values("sample_rank")
    assert table["row_key"].tolist() == first["customer_id"].astype(str).tolist()
    assert table["segment_id"].tolist() == first["segment_id"].tolist()


def test_every_feature_is_correlated_and_keys_and_ranks_are_not(fitted):
    table = fitted["correlations"]
    assert set(table["feature_a"]) | set(table["feature_b"]) == {"spend", "orders", "country"}
    assert set(table["measure"]) == {"pearson", "spearman", "correlation_ratio"}


def test_methods_are_compared_with_the_published_segments(fitted):
    table = fitted["comparison"].set_index("algorithm")
    assert len(table) == 10
    assert table.loc["kmeans", "ari"] == 1
