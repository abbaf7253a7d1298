"""Ensures that trust, alternatives and baskets come out of a build right, whole and only once."""

import numpy as np
import pandas as pd
import pytest

from segmentation.baskets.baskets import basket_weights, strongest_component
from segmentation.building.summary import summary
from tests.oracles import select_gap_k
from tests.pipeline.conftest import LIGHT

EXTRAS = (
    "segment_stability",
    "feature_importance",
    "k_alternatives",
    "k_alternative_flows",
    "algorithm_comparison",
    "segment_map",
)
ALWAYS = (
    "segment_pairs",
    "segmentation_quality",
    "feature_correlations",
    "basket_components",
    "basket_candidates",
    "customer_baskets",
)
FUTURE = (
    "segment_predictive_value",
    "predictive_value_by_group",
    "customer_value_forecast",
    "segment_value_forecast",
    "forecast_parameters",
)
EXPLORED = (*EXTRAS[2:], "feature_correlations")
"""The tables of extras that only an entry which says `explore` has, as the customers' does."""
CLOUD = {
    "recipe": "cloud",
    "recipes": {"cloud": {"features": [{"name": "age"}, {"name": "total_spend"}], "components": 2}},
    "k": 3,
    "k_max": 4,
    "extras": False,
    "products": False,
}


def of_customers(project, table: str) -> pd.DataFrame:
    """Return the customers' rows of a published table for all segmentations."""
    return project.published(f"from {table} where segmentation = 'customer'")


# --- the sample: planted personas ---


@pytest.mark.parametrize("table", [*EXTRAS, *FUTURE, *ALWAYS])
def test_every_table_is_published_with_rows(whole_sample, table):
    assert not whole_sample.published(f"from {table}").empty


def test_the_expensive_extras_are_the_customers_and_trust_is_for_all(whole_sample):
    def told_of(table: str) -> set[str]:
        return set(whole_sample.published(f"from {table}")["segmentation"])

    for table in ("segment_stability", "feature_importance", "segmentation_quality"):
        assert told_of(table) == {"customer", "product"}
    for table in EXPLORED:
        assert told_of(table) == {"customer"}


def test_planted_personas_have_structure_and_the_summary_says_so(whole_sample):
    quality = of_customers(whole_sample, "segmentation_quality").iloc[0]
    assert quality["has_structure"]
    assert quality["verdict"].startswith("Clear groups:")
    assert quality["verdict"] in " ".join(summary(whole_sample.serving).split())
    stability = of_customers(whole_sample, "segment_stability")
    assert quality["smallest_stability"] == stability["jaccard"].min()


def test_every_candidate_has_its_figures_and_the_gap_may_answer_one(whole_sample):
    tried = of_customers(whole_sample, "k_candidates").sort_values("k")
    assert tried["k"].tolist() == list(range(1, 11))
    assert tried[["gap", "gap_se"]].notna().all(axis=None)
    assert tried.loc[tried["k"] > 1, "stability"].between(0, 1).all()
    answer = of_customers(whole_sample, "segmentation_quality")["gap_k"].item()
    assert answer == select_gap_k(tried["k"], tried["gap"], tried["gap_se"])


def test_alternatives_show_the_published_segments_for_the_selected_k(whole_sample):
    differing = whole_sample.published(
        """
        select * from k_alternatives as alternatives
        full join customer_segments as segments
            on alternatives.unit_id = cast(segments.customer_id as varchar)
        where coalesce(alternatives.is_selected, true) and (
            alternatives.segment is distinct from segments.segment_id
            or alternatives.segment_name is distinct from segments.segment_name
        )
        """
    )
    assert differing.empty
    sampled = whole_sample.published("select k, count(*) as n from k_alternatives group by k")
    customers = len(whole_sample.published("from customer_segments"))
    assert sampled["n"].tolist() == [customers] * 3


def test_flows_are_the_cross_tables_of_neighbouring_numbers(whole_sample):
    alternatives = whole_sample.published("from k_alternatives")
    wide = alternatives.pivot(index="unit_id", columns="k", values="segment")
    flows = whole_sample.published("from k_alternative_flows")
    for (from_k, to_k), rows in flows.groupby(["from_k", "to_k"]):
        expected = pd.crosstab(wide[from_k], wide[to_k])
        found = rows.pivot(index="from_segment", columns="to_segment", values="units")
        np.testing.assert_array_equal(found.fillna(0).to_numpy(), expected.to_numpy())
    np.testing.assert_allclose(flows.groupby(["from_k", "from_segment"])["share"].sum(), 1)


def test_every_algorithm_is_compared_and_kmeans_agrees_with_the_model(whole_sample):
    compared = whole_sample.published("from algorithm_comparison").set_index("algorithm")
    assert len(compared) == 10
    assert not compared["note"].str.contains("failed").any()
    assert compared["rows"].nunique() == 1
    assert compared.loc["kmeans", "ari"] > 0.9


def test_baskets_cover_everyone_and_weigh_as_the_library_does(whole_sample):
    baskets = whole_sample.published("from customer_baskets").set_index("customer_id").sort_index()
    customers = whole_sample.published(
        "select customer_id from customer_features order by customer_id"
    )
    assert baskets.index.tolist() == customers["customer_id"].tolist()
    components = whole_sample.published("from basket_components")
    shapes = components.pivot(index="component", columns="category", values="weight").sort_index()
    counts = whole_sample.query(
        "select customer_id, category, count(*) from order_items_counted "
        "where category is not null group by customer_id, category"
    )
    items = pd.DataFrame(counts, columns=["customer_id", "category", "items"])
    wide = items.pivot(index="customer_id", columns="category", values="items").fillna(0)
    shares = wide.div(wide.sum(axis=1), axis=0)[shapes.columns]
    weights = basket_weights(shares.to_numpy(), shapes.to_numpy())
    weighed = baskets.loc[shares.index]
    np.testing.assert_allclose(np.stack(weighed["weights"]), weights, atol=1e-12)
    assert weighed["component"].tolist() == strongest_component(weights).tolist()
    assert baskets.drop(shares.index)["component"].isna().all()


# --- a single cloud ---


@pytest.fixture(scope="module")
def cloud(make_project, write_shop, tmp_path_factory):
    """A shop whose customers are one Gaussian cloud of age and spend, without extras."""
    rng = np.random.default_rng(11)
    ages = rng.normal(45, 8, 600).round().clip(18, 80).astype(int)
    prices = rng.normal(100, 15, 600).round(2)
    users, orders, items = ["id,age"], ["order_id,user_id,created_at"], []
    for buyer, (age, price) in enumerate(zip(ages, prices, strict=True), start=1):
        users.append(f"{buyer},{age}")
        orders.append(f"{buyer},{buyer},2023-02-{1 + buyer % 28:02}")
        items.append(f"{buyer},{buyer},{1 + buyer % 3},{price}")
    files = {
        "users.csv": users,
        "orders.csv": orders,
        "order_items.csv": ["id,order_id,product_id,sale_price", *items],
        "products.csv": ["id,brand,category", "1,A,Jeans", "2,B,Socks", "3,C,"],
    }
    texts = {name: "\n".join(lines) + "\n" for name, lines in files.items()}
    folder = write_shop(tmp_path_factory.mktemp("cloud") / "shop", texts)
    project = make_project("cloud_project")
    return project, project.build(raw_path=folder, variables=CLOUD).stdout


def test_one_cloud_is_published_with_the_verdict_that_it_is_one(cloud):
    project, output = cloud
    quality = project.published("from segmentation_quality").iloc[0]
    assert not quality["has_structure"]
    assert quality["verdict"].startswith("Slices of one cloud:")
    assert quality["verdict"] in " ".join(summary(project.serving).split())
    assert "warn_when_there_is_no_structure" in output
    assert len(project.published("from customer_segments")) == 600


def test_without_extras_their_tables_are_there_and_empty(cloud):
    project, _ = cloud
    for table in EXTRAS:
        frame = project.published(f"from {table}")
        assert frame.empty
        assert "model_version" in frame
    for table in FUTURE:
        assert project.published(f"from {table}").empty
    for table in ALWAYS:
        assert len(project.published(f"from {table}"))
    quality = project.published("from segmentation_quality").iloc[0]
    tried = project.published("select stability from k_candidates where is_selected")
    assert quality["smallest_stability"] == tried["stability"][0]
    assert np.isnan(quality["mean_stability"])


def test_who_bought_nothing_with_a_category_has_no_basket(cloud):
    project, _ = cloud
    without = project.published("select count(*) as n from customer_baskets where weights is null")
    assert without["n"][0] == 200


# --- again, and with other settings ---


@pytest.fixture(scope="module")
def again(whole_sample, tmp_path_factory):
    """A copy of the sample's build, built once more without a change, and what dbt said."""
    project = whole_sample.copy_to(tmp_path_factory.mktemp("again") / "project")
    return project, project.build().stdout


def test_a_second_build_applies_its_models_and_publishes_the_same(whole_sample, again):
    project, said = again
    assert said.count(" model: applies version 1 ") == 2
    assert " model: fits version" not in said
    assert project.content_hashes() == whole_sample.content_hashes()


def test_a_second_build_adds_no_version(whole_sample, again):
    project, _ = again
    names = (
        "select table_name from duckdb_columns() where column_name = 'model_version' "
        "and table_name like 'fit\\_%' escape '\\' and table_name <> 'fit_plan' order by all"
    )
    tables = [name for (name,) in project.query(names)]
    assert {"fit_facts", "fit_map", "fit_basket_components"} <= set(tables)
    for table in tables:
        count = f"select count(*), min(model_version), max(model_version) from {table}"
        assert project.query(count) == whole_sample.query(count)
    assert project.query("select is_fit, model_version from basket_plan") == [(False, 1)]


def test_extras_are_made_good_without_a_refit(sample, tmp_path):
    project = sample.copy_to(tmp_path / "project")
    select = ("--select", *(f"+{table}" for table in EXTRAS))
    done = project.run("run", *select, variables=LIGHT | {"extras": True})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Customer model: applies version 1" in done.stdout
    for table in EXTRAS:
        assert project.query(f"select distinct model_version from {table}") == [(1,)]


BASKETS = "customer_basket_shares+,+customer_baskets", "basket_plan+,+customer_baskets"


def test_a_change_of_basket_settings_refits_baskets_only(again, tmp_path):
    project = again[0].copy_to(tmp_path / "project")
    variables = {"basket_components": 3, "basket_measure": "spend"}
    done = project.run("run", "--select", *BASKETS, variables=variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.query(
        "select model_version, count(distinct component) from basket_components "
        "group by model_version order by model_version"
    ) == [(1, 1), (2, 3)]
    assert project.query("select distinct model_version, len(weights) from customer_baskets") == [
        (2, 3)
    ]
    reason = "select reason from basket_candidates where model_version = 2 and is_selected"
    assert "set by components: 3" in project.query(reason)[0][0]
    assert project.query("select max(model_version) from k_candidates") == [(1,)]


def test_more_baskets_than_the_data_allows_are_refused_in_one_sentence(again):
    done = again[0].run("run", "--select", *BASKETS, variables={"basket_components": 40})
    assert done.returncode != 0
    assert "Setting basket_components is 40, but this data allows at mos" in done.stdout
    assert "Traceback" not in done.stdout
