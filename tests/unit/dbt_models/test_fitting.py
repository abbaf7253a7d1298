"""Ensures that each segmentation's model is what its own plan and rows make of it."""

import json

import numpy as np
import pandas as pd
import pytest

from segmentation.dbt_models import fitting, schemas
from segmentation.features.recipe import Feature
from tests.unit.dbt_models.made_up import ORDERS, SPEND, plan_row, plan_table, rows_table, shuffled

ROWS = 240
COUNTRY = Feature("country", "category")
SETTINGS = {"k_max": 4, "n_init": 2, "bootstraps": 2, "gap_references": 2, "components": 2}
NAMES = ("scaling", "loadings", "candidates", "clusters", "segments", "baseline")
NOTHING_STORED = pd.DataFrame(
    {"segmentation": [], "unit_id": [], "stored_segment_id": [], "earlier_segment_id": []}
)
NO_NAMES = pd.DataFrame({"segmentation": [], "segment_id": [], "segment_name": []})


def groups(segmentation: str, places: list, seed: int) -> pd.DataFrame:
    """Return three groups of units around their places; the largest comes first."""
    draw = np.random.default_rng(seed)
    group = np.repeat([0, 1, 2], [120, 80, 40])
    numbers = np.array(places)[group] + draw.normal(size=(ROWS, 2))
    return rows_table(segmentation, numbers, [[["Peru", "Chad", "Mali"][one]] for one in group])


CUSTOMERS = groups("customer", [[0, 0], [20, 0], [0, 20]], seed=1)
PRODUCTS = groups("product", [[500, 3], [900, 3], [500, 90]], seed=2)
PLANS = {
    "customer": plan_row("customer", features=(SPEND, ORDERS), **SETTINGS),
    "product": plan_row(
        "product", features=(SPEND, ORDERS, COUNTRY), model_version=7, k=3, **SETTINGS
    ),
}


def fit_all(plans, rows, previous=NOTHING_STORED, names=NO_NAMES) -> dict[str, pd.DataFrame]:
    """Walk the chain of fits as dbt does, each table read by the next."""
    scaling = fitting.fit_scaling_table(plans, rows).to_pandas()
    loadings = fitting.fit_loadings_table(plans, rows, scaling).to_pandas()
    model = (plans, rows, scaling, loadings)
    candidates = fitting.fit_candidates_table(*model).to_pandas()
    clusters = fitting.fit_clusters_table(*model, candidates, previous).to_pandas()
    segments = fitting.fit_segments_table(*model, clusters, previous, names).to_pandas()
    baseline = fitting.fit_baseline_table(plans, rows).to_pandas()
    tables = (scaling, loadings, candidates, clusters, segments, baseline)
    return dict(zip(NAMES, tables, strict=True))


@pytest.fixture(scope="module")
def both() -> dict[str, pd.DataFrame]:
    """Customers and products whose ids are the same, fitted in one build."""
    return fit_all(plan_table(*PLANS.values()), shuffled(CUSTOMERS, PRODUCTS))


@pytest.fixture(scope="module", params=["customer", "product"])
def alone(request) -> tuple[str, dict[str, pd.DataFrame]]:
    """The same, each in a build of its own."""
    rows = {"customer": CUSTOMERS, "product": PRODUCTS}[request.param]
    return request.param, fit_all(plan_table(PLANS[request.param]), rows)


@pytest.mark.parametrize("name", NAMES)
def test_no_row_of_one_segmentation_reaches_anothers_fit(both, alone, name):
    segmentation, tables = alone
    own = both[name][both[name]["segmentation"] == segmentation]
    pd.testing.assert_frame_equal(own.reset_index(drop=True), tables[name])


@pytest.mark.parametrize("name", NAMES)
def test_rows_belong_to_the_version_of_their_own_plan(both, name):
    versions = both[name].groupby("segmentation")["model_version"].unique()
    assert {key: list(value) for key, value in versions.items()} == {
        "customer": [4],
        "product": [7],
    }
    assert both[name].columns.tolist()[:2] == ["segmentation", "model_version"]


@pytest.mark.parametrize("name", NAMES)
def test_a_build_that_fits_nothing_reads_nothing(name):
    plans = plan_table(*(row | {"is_fit": False} for row in PLANS.values()))
    fits = {
        "scaling": lambda: fitting.fit_scaling_table(plans, None),
        "loadings": lambda: fitting.fit_loadings_table(plans, None, None),
        "candidates": lambda: fitting.fit_candidates_table(plans, None, None, None),
        "clusters": lambda: fitting.fit_clusters_table(plans, None, None, None, None, None),
        "segments": lambda: fitting.fit_segments_table(plans, None, None, None, None, None, None),
        "baseline": lambda: fitting.fit_baseline_table(plans, None),
    }
    table = fits[name]()
    assert table.num_rows == 0
    assert table.schema == getattr(schemas, name.upper())


def test_each_scales_what_its_recipe_names(both):
    features = both["scaling"].groupby("segmentation")["feature"].unique()
    assert list(features["customer"]) == ["spend", "orders"]
    assert list(features["product"]) == ["spend", "orders", "country"]


def test_the_groups_there_are_become_the_clusters(both):
    sizes = both["clusters"].drop_duplicates(["segmentation", "cluster"])
    for _, rows in sizes.groupby("segmentation"):
        assert rows["fitted_rows"].tolist() == [120, 80, 40]


def test_one_segment_is_a_candidate_only_where_the_range_starts_at_two():
    rows, told = shuffled(CUSTOMERS), SETTINGS | {"k_max": 3}
    for k_min, expected in ((2, [1, 2, 3]), (3, [3])):
        plans = plan_table(plan_row(k_min=k_min, **told))
        scaling = fitting.fit_scaling_table(plans, rows).to_pandas()
        loadings = fitting.fit_loadings_table(plans, rows, scaling).to_pandas()
        candidates = fitting.fit_candidates_table(plans, rows, scaling, loadings).to_pandas()
        assert candidates["k"].tolist() == expected


def test_the_reason_says_on_how_many_units_k_was_judged(both):
    plans = plan_table(PLANS["product"] | {"rows_judged": 100, "rows_available": 12_000})
    tables = both["scaling"], both["loadings"]
    judged = fitting.fit_candidates_table(plans, PRODUCTS, *tables).to_pandas()
    selected = judged.loc[judged["is_selected"], "reason"].item()
    assert selected.endswith("; judged on 100 of 12,000 products")
    assert not judged.loc[~judged["is_selected"], "reason"].str.contains("judged on").any()
    assert not both["candidates"]["reason"].str.contains("judged on").any()


# --- ids and names ---


def stored(segmentation: str, ids: list[int]) -> pd.DataFrame:
    """Return what the three groups were before; the last unit is new."""
    rows = {"customer": CUSTOMERS, "product": PRODUCTS}[segmentation]
    table = pd.DataFrame(
        {
            "segmentation": segmentation,
            "unit_id": rows["unit_id"],
            "stored_segment_id": np.repeat(ids, [120, 80, 40]),
            "earlier_segment_id": None,
        }
    )
    return table.iloc[:-1].sample(frac=1, random_state=4)


BORN = pd.DataFrame(
    {
        "segmentation": ["customer"] * 3 + ["product"],
        "segment_id": [3, 5, 8, 40],
        "segment_name": ["Old three", "Old five", "Gone", "Slow sellers"],
    }
)


def segments_after(previous: pd.DataFrame, both, **planned) -> pd.DataFrame:
    plans = plan_table(PLANS["customer"] | planned)
    model = (CUSTOMERS, both["scaling"], both["loadings"], both["clusters"])
    return fitting.fit_segments_table(plans, *model, previous, BORN).to_pandas()


def test_a_cluster_of_a_known_segment_keeps_its_id_and_the_name_it_got_at_birth(both):
    found = segments_after(stored("customer", [5, 3, 3]), both, is_matched=True)
    ordered = found.sort_values("cluster")
    claims = [json.loads(told) for told in ordered.pop("claims").dropna()]
    assert [[one["feature"] for one in told] for told in claims] == [["country", "orders"]]
    assert ordered.iloc[:, 2:].to_dict("records") == [
        {
            "old_id": 5,
            "cluster": 1,
            "new_id": 5,
            "overlap": 1.0,
            "shared_rows": 120,
            "kind": "kept",
            "segment_name": "Old five",
        },
        {
            "old_id": 3,
            "cluster": 2,
            "new_id": 3,
            "overlap": pytest.approx(80 / 119),
            "shared_rows": 80,
            "kind": "kept",
            "segment_name": "Old three",
        },
        {
            "old_id": 3,
            "cluster": 3,
            "new_id": 9,
            "overlap": pytest.approx(39 / 119),
            "shared_rows": 39,
            "kind": "split",
            "segment_name": "Mostly Mali · many orders (20)",
        },
    ]


def test_a_floor_above_the_overlap_gives_a_new_id(both):
    previous = stored("customer", [5, 3, 3])
    found = segments_after(previous, both, is_matched=True, match_floor=0.8)
    living = found.dropna(subset="segment_name").set_index("cluster")
    assert living["new_id"].to_dict() == {1: 5, 2: 9, 3: 10}


def test_a_model_of_another_recipe_starts_with_ids_of_its_own(both):
    found = segments_after(stored("customer", [5, 3, 3]), both, is_matched=False)
    assert found["kind"].tolist() == ["new"] * 3
    assert found["new_id"].tolist() == [9, 10, 11]


def test_ids_of_another_segmentation_are_nobodys(both):
    previous = pd.concat([stored("product", [40, 40, 40]), stored("customer", [5, 3, 3])])
    mixed = segments_after(previous, both, is_matched=True)
    own = segments_after(stored("customer", [5, 3, 3]), both, is_matched=True)
    pd.testing.assert_frame_equal(mixed, own)
    only_products = segments_after(stored("product", [40, 40, 40]), both, is_matched=True)
    assert only_products["new_id"].tolist() == [9, 10, 11]


def test_an_id_that_ends_has_no_name(both):
    previous = stored("customer", [5, 3, 8])
    previous.loc[previous.index[:1], "stored_segment_id"] = 77
    found = segments_after(previous, both, is_matched=True)
    ended = found[~found["kind"].isin(["kept", "split", "new"])]
    assert ended["old_id"].tolist() == [77]
    assert ended["segment_name"].isna().all()
    assert found.loc[found["kind"] == "kept", "segment_name"].notna().all()


def test_stored_segments_are_one_of_the_starts(both, monkeypatch):
    starts = []
    monkeypatch.setattr(
        "segmentation.clustering.clusters.fit_clusters",
        lambda matrix, k, recipe, start: (
            starts.append(start)
            or pd.DataFrame(
                {"cluster": [1], "component": 1, "centroid": 0.0, "fitted_rows": 1}
            ).assign(axis_loadings=None, log_constant=np.nan)
        ),
    )
    model = (CUSTOMERS, both["scaling"], both["loadings"], both["candidates"])
    previous = pd.concat([stored("customer", [5, 3, 8]), stored("product", [1, 1, 1])])
    for is_matched in (True, False):
        plans = plan_table(PLANS["customer"] | {"is_matched": is_matched})
        fitting.fit_clusters_table(plans, *model, previous)
    k = both["candidates"].query("segmentation == 'customer' and is_selected")["k"].item()
    assert k == 3 and starts[0].shape == (3, 2) and starts[1] is None
