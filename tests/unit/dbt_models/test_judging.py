"""Ensures that trust is judged as planned, once, on the rows and segments of one segmentation."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from segmentation.dbt_models import judging, schemas
from tests.unit.dbt_models.made_up import (
    centroids_of,
    loadings_of,
    plan_row,
    plan_table,
    rows_table,
    scaling_as_it_is,
    shuffled,
)

ROWS = 240
GROUPS = np.repeat([5, 2, 9], [120, 80, 40])
PLACES = {5: [0, 0], 2: [20, 0], 9: [0, 20]}
SETTINGS = {"n_init": 3, "components": 2}
NAMES = (
    *("facts", "pairs", "stability", "importance"),
    *("alternatives", "comparison", "map", "correlations"),
)
TRUST = NAMES[2:-1]


def group_points() -> np.ndarray:
    points = np.array([PLACES[group] for group in GROUPS], dtype=float)
    return points + np.random.default_rng(1).normal(size=(ROWS, 2))


def customers(points: np.ndarray) -> pd.DataFrame:
    levels = [["Peru" if spend > 10 else "Chad"] for spend, *_ in points]
    return rows_table("customer", points, levels)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """Three groups of customers, ranks drawn against keys; of one more no spend is known.

    Products have the same ids and other features.
    """
    points = np.vstack([group_points(), [np.nan, 0]])
    return shuffled(customers(points), rows_table("product", [[7, 1]] * ROWS, [["Reef"]] * ROWS))


@pytest.fixture(scope="module")
def placed(rows) -> pd.DataFrame:
    """The customers that the model can place, in the order of their keys, with their segments."""
    own = rows[rows["segmentation"] == "customer"].sort_values("unit_order", ignore_index=True)
    return own.iloc[:ROWS].assign(segment_id=GROUPS)


@pytest.fixture(scope="module")
def model() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Scaling, loadings and centroids: version 4 has the groups, version 3 two of them as one.

    The products' version 4 would take everybody for one segment.
    """
    features = ["spend", "orders"]
    named = [("customer", 4), ("customer", 3), ("product", 4)]
    return (
        pd.concat([scaling_as_it_is(*one, features) for one in named]),
        pd.concat([loadings_of(*one, np.eye(2)) for one in named]),
        pd.concat(
            [
                centroids_of("customer", 4, PLACES),
                centroids_of("customer", 3, {3: [10, 0], 8: [0, 20]}),
                centroids_of("product", 4, {1: [0, 0], 2: [1e6, 1e6]}),
            ]
        ),
    )


def customers_plan(**told) -> pd.DataFrame:
    idle = plan_row("product", is_fit=False, makes_extras=False)
    return plan_table(plan_row(**(SETTINGS | told)), idle)


def judge(name: str, plans, rows, model) -> pd.DataFrame:
    fit = getattr(judging, f"fit_{name}_table")
    return fit(plans, rows) if name == "correlations" else fit(plans, rows, *model)


def facts(plans, rows, model) -> dict:
    (row,) = judge("facts", plans, rows, model).to_pylist()
    return row


@pytest.fixture(scope="module")
def judged(rows, model) -> dict[str, pd.DataFrame]:
    return {name: judge(name, customers_plan(), rows, model).to_pandas() for name in NAMES}


# --- what is made, and for whom ---


@pytest.mark.parametrize("name", NAMES)
def test_a_build_that_fits_nothing_reads_nothing(name):
    plans = plan_table(plan_row(is_fit=False, makes_extras=False))
    table = judge(name, plans, None, (None, None, None))
    assert table.num_rows == 0
    assert table.schema == getattr(schemas, name.upper())


@pytest.mark.parametrize("name", NAMES)
def test_every_row_belongs_to_the_segmentation_and_version_of_the_plan(judged, name):
    table = judged[name]
    assert set(table["segmentation"]) == {"customer"}
    assert set(table["model_version"]) == {4}


@pytest.mark.parametrize("name", NAMES)
def test_extras_are_made_good_for_a_version_that_is_not_fitted(name, rows, model, monkeypatch):
    monkeypatch.setattr(judging, "STABILITY_REFITS", 2)
    monkeypatch.setattr(judging, "COMPARISON_ROWS", 60)
    found = judge(name, customers_plan(is_fit=False), rows, model)
    assert (found.num_rows > 0) == (name in TRUST)


@pytest.mark.parametrize("name", NAMES)
def test_what_explores_is_left_out_where_nobody_asks_for_it(name, rows, model, monkeypatch):
    monkeypatch.setattr(judging, "STABILITY_REFITS", 2)
    found = judge(name, customers_plan(explore=False), rows, model)
    assert (found.num_rows > 0) == (name in ("facts", "pairs", "stability", "importance"))


@pytest.mark.parametrize("name", NAMES)
def test_without_extras_the_model_is_judged_all_the_same(name, rows, model):
    found = judge(name, customers_plan(makes_extras=False), rows, model)
    assert (found.num_rows > 0) == (name in ("facts", "pairs", "correlations"))


def test_two_segmentations_are_judged_apart(rows, model, judged):
    prices = np.random.default_rng(5).normal(size=(ROWS, 2))
    both = pd.concat(
        [rows[rows["segmentation"] == "customer"], rows_table("product", prices, [["Reef"]] * ROWS)]
    )
    scaling, loadings, centroids = model
    others = centroids_of("product", 4, {1: [-1, 0], 2: [1, 0]})
    centroids = pd.concat([centroids[centroids["segmentation"] == "customer"], others])
    plans = plan_table(plan_row("product", **SETTINGS), plan_row(**SETTINGS))
    table = judge("facts", plans, shuffled(both), (scaling, loadings, centroids)).to_pandas()
    assert table["segmentation"].tolist() == ["customer", "product"]
    pd.testing.assert_frame_equal(table.iloc[:1], judged["facts"])
    assert table["has_structure"].tolist() == [True, False]


# --- how well old and new segments separate the same rows ---


def separations(plans, rows, model) -> list[float]:
    row = facts(plans, rows, model)
    return [row["separation"], row["active_separation"]]


@pytest.fixture(scope="module")
def close() -> pd.DataFrame:
    """Three groups near each other, all of whose customers have a spend."""
    return customers(group_points() / 4)


@pytest.fixture(scope="module")
def close_model(model) -> tuple:
    scaling, loadings, centroids = model
    return scaling, loadings, centroids.assign(centroid=centroids["centroid"] / 4)


def test_both_models_are_judged_on_the_same_rows(close, close_model):
    points = np.stack(close["numbers"].to_numpy())
    active = np.where(GROUPS == 9, 8, 3)
    found = separations(customers_plan(active_version=3), close, close_model)
    expected = [silhouette_score(points, labels) for labels in (GROUPS, active)]
    assert found == pytest.approx(expected, abs=1e-12)
    assert found[0] > found[1] + 0.05


def test_rows_that_the_active_model_left_out_are_left_out_of_both(close, close_model):
    scaling, loadings, centroids = close_model
    third = np.where(close["sample_rank"] <= 150, 1.0, np.nan)
    known = close.assign(
        numbers=[np.append(row, one) for row, one in zip(close["numbers"], third, strict=True)]
    )
    needs = scaling_as_it_is("customer", 3, ["spend", "orders", "visits"])
    scaling = pd.concat([scaling[scaling["model_version"] == 4], needs])
    no_weight = loadings_of("customer", 3, np.eye(2, 3))
    loadings = pd.concat([loadings[loadings["model_version"] == 4], no_weight])
    columns = [("spend", "number"), ("orders", "number"), ("visits", "number")]
    plans = customers_plan(active_version=3, columns=columns)
    found = separations(plans, known, (scaling, loadings, centroids))
    few = close[close["sample_rank"] <= 150]
    assert found == separations(customers_plan(active_version=3), few, close_model)


def test_no_more_rows_are_judged_than_the_bound(close, close_model, monkeypatch):
    few = close[close["sample_rank"] <= 90]
    expected = separations(customers_plan(active_version=3), few, close_model)
    monkeypatch.setattr(judging, "SEPARATION_ROWS", 90)
    assert separations(customers_plan(active_version=3), close, close_model) == expected


def test_no_row_counts_that_the_plan_does_not_judge(close, close_model):
    few = close[close["sample_rank"] <= 90]
    plans = customers_plan(active_version=3, rows_judged=90)
    found, expected = (facts(plans, some, close_model) for some in (close, few))
    whole = ["mean_confidence"]  # of all fitted rows, whatever is judged
    assert {k: v for k, v in found.items() if k not in whole} == {
        k: v for k, v in expected.items() if k not in whole
    }
    assert found["rows_judged"] == 90


@pytest.mark.parametrize(
    "places", [None, {3: [0, 0], 8: [1e6, 0]}], ids=["no model", "one segment"]
)
def test_what_cannot_be_compared_has_no_figure(close, close_model, places):
    scaling, loadings, centroids = close_model
    plans = customers_plan(active_version=None)
    if places:
        plans = customers_plan(active_version=3)
        single = centroids_of("customer", 3, places)
        centroids = pd.concat([centroids[centroids["model_version"] == 4], single])
    assert separations(plans, close, (scaling, loadings, centroids)) == [None, None]


def test_a_model_says_what_it_explains_and_how_clear_its_choices_are(judged):
    (row,) = judged["facts"].to_dict("records")
    assert row["explained_variance"] == pytest.approx(0.8)
    assert 0.8 < row["mean_confidence"] < 1
    assert "scikit-learn" in row["library_versions"]


# --- whether there are groups ---


def test_structure_is_judged_for_as_many_segments_as_there_are(judged):
    (row,) = judged["facts"].to_dict("records")
    assert row["has_structure"] and row["verdict"].startswith("Clear groups")
    assert (row["grouping"], row["group_count"], row["clear_share"]) == ("clear groups", 3, 1)
    assert row["rows_judged"] == ROWS


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture", "bisecting_kmeans"])
def test_structure_judges_the_segments_there_are_for_every_algorithm(rows, model, algorithm):
    scaling, loadings, centroids = model
    sliced = centroids_of("customer", 4, {5: [0, -1], 2: [0, 0], 9: [0, 1]})
    plans = customers_plan(algorithm=algorithm)
    own = rows[rows["segmentation"] == "customer"].sort_values("unit_order")
    points = np.stack(own["numbers"].to_numpy())[:ROWS]
    slices = np.abs(points[:, 1:] - [-1, 0, 1]).argmin(axis=1)
    for labels, places in ((GROUPS, centroids), (slices, sliced)):
        row = facts(plans, rows, (scaling, loadings, places))
        assert row["silhouette"] == pytest.approx(silhouette_score(points, labels))
        assert row["has_structure"] == (labels is GROUPS)


def test_nulls_are_cut_by_the_algorithm_of_the_recipe(rows, model):
    mixture, bisecting, kmeans = (
        facts(customers_plan(algorithm=name), rows, model)["null_silhouette"]
        for name in ("gaussian_mixture", "bisecting_kmeans", "kmeans")
    )
    assert mixture < bisecting < kmeans


def test_ties_are_spread_in_the_features_before_they_are_projected():
    rng = np.random.default_rng(3)
    features = np.column_stack([rng.random((ROWS, 2)) < 0.5, rng.normal(size=ROWS)]) * 2.0
    turned = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    corners = {1: [0, 0, 0], 2: [0, 2, 0], 3: [2, 0, 0], 4: [2, 2, 0]}
    names = ["spend", "orders", "visits"]
    tables = (
        scaling_as_it_is("customer", 4, names),
        loadings_of("customer", 4, turned.T),
        centroids_of("customer", 4, {one: np.array(at) @ turned for one, at in corners.items()}),
    )
    plans = customers_plan(columns=[(name, "number") for name in names])
    row = facts(plans, rows_table("customer", features, [[None]] * ROWS), tables)
    assert row["excess"] > 0.03 and row["valley_depth"] < 0.6
    assert not row["has_structure"]


def test_each_border_is_judged_and_says_what_tells_the_segments_apart(judged):
    table = judged["pairs"].set_index(["segment_id", "other_segment_id"])
    assert {(2, 5), (5, 9)} <= set(table.index)
    assert (table["verdict"] == "clear groups").all()
    assert (table["fall"] > 0.9).all() and (table["p_value"] < 0.001).all()
    between = table.loc[[(2, 5), (5, 9)]]
    assert between["feature"].tolist() == ["spend", "orders"]
    np.testing.assert_allclose(between["feature_difference"], [-20, 20], atol=0.5)


# --- stability, other numbers, other methods, the map, correlations ---


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture", "bisecting_kmeans"])
def test_stability_is_told_by_segment_id_for_every_algorithm(rows, model, algorithm, monkeypatch):
    monkeypatch.setattr(judging, "STABILITY_REFITS", 5)
    plans = customers_plan(algorithm=algorithm)
    table = judge("stability", plans, rows, model).to_pandas()
    assert table["segment_id"].tolist() == [2, 5, 9]
    assert (table["jaccard"] > 0.95).all()
    assert set(table["verdict"]) == {"highly stable"}
    assert set(table["refits"]) == {5}


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture", "bisecting_kmeans"])
def test_what_a_feature_adds_is_what_its_absence_changes(rows, model, algorithm):
    table = judge("importance", customers_plan(algorithm=algorithm), rows, model).to_pandas()
    assert table["feature"].tolist() == ["spend", "orders"]
    assert table["agreement"].between(0, 0.9).all()
    assert set(table["rows"]) == {ROWS}


def test_a_feature_that_says_nothing_can_be_left_out(rows, model):
    scaling, loadings, _ = model
    plain = group_points() * [1, 0] + [0, 1] * np.random.default_rng(2).normal(size=(ROWS, 2)) / 99
    two = centroids_of("customer", 4, {1: [0, 0], 2: [20, 0]})
    found = judge("importance", customers_plan(), customers(plain), (scaling, loadings, two))
    agreement = found.to_pandas().set_index("feature")["agreement"]
    assert agreement["orders"] == 1
    assert agreement["spend"] < 0.1


def test_alternatives_keep_the_models_segments_for_the_selected_k(judged, placed):
    table = judged["alternatives"]
    assert sorted(table["k"].unique()) == [2, 3, 4]
    selected = table[table["is_selected"]]
    assert set(selected["k"]) == {3}
    assert selected["segment_name"].isna().all()
    found = selected.set_index("unit_id")["segment"]
    assert found.loc[placed["unit_id"]].tolist() == placed["segment_id"].tolist()
    assert len(found) == ROWS


def test_alternatives_name_each_segment_of_the_other_numbers(judged):
    others = judged["alternatives"].query("not is_selected")
    names = others.groupby(["k", "segment"])["segment_name"].nunique()
    assert (names == 1).all()
    assert others.groupby("k")["segment_name"].nunique().to_dict() == {2: 2, 4: 4}
    assert others["segment_name"].str.contains("spend|orders", case=False).all()


def test_a_sample_is_cut_by_rank_and_not_by_key(rows, model, placed, monkeypatch):
    monkeypatch.setattr(judging, "MAP_ROWS", 50)
    table = judge("map", customers_plan(), rows, model).to_pandas()
    first = placed.nsmallest(50, "sample_rank").sort_values("sample_rank")
    assert table["unit_id"].tolist() == first["unit_id"].tolist()
    assert table["segment_id"].tolist() == first["segment_id"].tolist()


def test_every_feature_is_correlated_and_keys_and_ranks_are_not(judged):
    table = judged["correlations"]
    assert set(table["feature_a"]) | set(table["feature_b"]) == {"spend", "orders", "country"}
    assert set(table["measure"]) == {"pearson", "spearman", "correlation_ratio"}


def test_correlations_are_of_the_judged_rows(rows, judged):
    few = judge("correlations", customers_plan(rows_judged=100), rows, None).to_pandas()
    assert few["rows"].max() == 100
    assert judged["correlations"]["rows"].max() == ROWS + 1


def test_methods_are_compared_with_the_models_segments(judged):
    table = judged["comparison"].set_index("algorithm")
    assert len(table) == 10
    assert table.loc["kmeans", "ari"] == 1
