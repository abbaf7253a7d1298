"""Ensures that typical baskets are fitted by the plan, and weighed the same in any chunks."""

import json
from itertools import combinations

import duckdb
import numpy as np
import pandas as pd
import pytest

from segmentation.baskets.baskets import basket_weights, strongest_component
from segmentation.dbt_models import baskets, schemas

SETTINGS = {"components": None, "max_components": 4, "seed": 0}
CATEGORIES = ["Hats", "Jeans", "Socks", "Swim", "Tops", "Vests"]


def plan(is_fit: bool = True, **settings) -> pd.DataFrame:
    row = {"is_fit": is_fit, "model_version": 3, "customer_model_version": 7}
    text = json.dumps(SETTINGS | settings)
    return pd.DataFrame([row | {"settings_hash": "abc", "settings": text}])


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """Half of the customers buy of the first three categories, half of the last three."""
    rng = np.random.default_rng(2)
    rows = []
    for rank in range(1, 301):
        half = CATEGORIES[:3] if rank % 2 else CATEGORIES[3:]
        items = pd.Series(rng.choice(half, 6)).value_counts(normalize=True)
        rows += [(rank, category, share) for category, share in items.items()]
    return pd.DataFrame(rows, columns=["sample_rank", "category", "share"])


@pytest.fixture(scope="module")
def fitted(sample) -> tuple[pd.DataFrame, pd.DataFrame]:
    candidates = baskets.fit_basket_count_table(plan(), sample).to_pandas()
    components = baskets.fit_basket_components_table(plan(), sample, candidates)
    return candidates, components.to_pandas()


def test_two_planted_baskets_are_found_and_told_apart(fitted):
    candidates, components = fitted
    assert candidates.loc[candidates["is_selected"], "components"].tolist() == [2]
    heavy = components[components["weight"] > 0.1].groupby("component")["category"].agg(set)
    assert sorted(map(sorted, heavy)) == [CATEGORIES[:3], CATEGORIES[3:]]
    assert set(components["model_version"]) == {3}
    assert set(components["customer_model_version"]) == {7}


def test_only_customers_of_several_categories_are_counted_as_fitted(sample):
    single = pd.DataFrame({"sample_rank": range(1_000, 1_500), "category": "Hats", "share": 1.0})
    several = (sample.groupby("sample_rank")["category"].nunique() > 1).sum()
    many = pd.concat([sample, single])
    candidates = baskets.fit_basket_count_table(plan(), many).to_pandas()
    table = baskets.fit_basket_components_table(plan(), many, candidates).to_pandas()
    assert set(table["fitted_rows"]) == {several}
    assert several < 300 < many["sample_rank"].nunique()


def test_where_few_have_several_categories_all_are_fitted(sample):
    few = sample[sample["sample_rank"] <= 5]
    single = pd.DataFrame({"sample_rank": range(10, 60), "category": "Hats", "share": 1.0})
    many = pd.concat([few, single])
    candidates = baskets.fit_basket_count_table(plan(), many).to_pandas()
    table = baskets.fit_basket_components_table(plan(), many, candidates).to_pandas()
    assert set(table["fitted_rows"]) == {55}


def test_a_number_that_is_set_overrules(sample):
    candidates = baskets.fit_basket_count_table(plan(components=3), sample).to_pandas()
    assert candidates.loc[candidates["is_selected"], "components"].tolist() == [3]


def test_a_build_that_fits_nothing_reads_nothing():
    count = baskets.fit_basket_count_table(plan(is_fit=False), None)
    components = baskets.fit_basket_components_table(plan(is_fit=False), None, None)
    assert (count.num_rows, components.num_rows) == (0, 0)
    assert components.schema == schemas.BASKET_COMPONENTS


def test_a_shop_without_categories_has_no_baskets(sample):
    nothing = sample.iloc[:0]
    candidates = baskets.fit_basket_count_table(plan(), nothing)
    components = baskets.fit_basket_components_table(plan(), nothing, candidates)
    assert (candidates.num_rows, components.num_rows) == (0, 0)


def test_the_pairs_of_a_basket_are_told_with_their_customers(sample):
    pairs = baskets.fit_basket_pairs_table(plan(), sample).to_pandas()
    found = {frozenset(pair) for pair in pairs[["category_a", "category_b"]].to_numpy()}
    halves = CATEGORIES[:3], CATEGORIES[3:]
    assert found == {frozenset(pair) for half in halves for pair in combinations(half, 2)}
    assert set(pairs["customers"]) == {(sample.groupby("sample_rank").size() > 1).sum()}
    assert baskets.fit_basket_pairs_table(plan(), sample.iloc[:0]).num_rows == 0
    assert baskets.fit_basket_pairs_table(plan(is_fit=False), None).num_rows == 0


@pytest.mark.parametrize("chunk_rows", [7, 2_048, 50_000])
def test_everyone_is_weighed_the_same_in_any_chunks(fitted, sample, chunk_rows, monkeypatch):
    monkeypatch.setattr(baskets, "CHUNK_ROWS", chunk_rows)
    _, components = fitted
    matrix, _ = baskets.basket_matrix(sample)
    shapes = components.pivot(index="component", columns="category", values="weight").to_numpy()
    other_version = components.assign(model_version=9, weight=0.0)
    with duckdb.connect() as connection:
        connection.register("sample", sample)
        connection.execute(
            """
            create table vectors as
            select
                sample_rank as customer_id,
                list(place order by place) as places, list(share order by place) as shares
            from (select *, dense_rank() over (order by category) as place from sample)
            group by sample_rank
            """
        )
        reader = baskets.weigh_baskets(
            connection,
            connection.query("from vectors"),
            plan(is_fit=False),
            pd.concat([other_version, components]),
            key="customer_id",
        )
        found = reader.read_all().to_pandas().sort_values("customer_id")
    weights = basket_weights(matrix, shapes)
    assert found["customer_id"].tolist() == list(range(1, 301))
    np.testing.assert_array_equal(np.stack(found["weights"]), weights)
    assert found["component"].tolist() == strongest_component(weights).tolist()


def test_without_baskets_nobody_is_weighed():
    components = schemas.BASKET_COMPONENTS.empty_table().to_pandas()
    with duckdb.connect() as connection:
        query = "select 1 as customer_id, [1] as places, [1.0] as shares where false"
        reader = baskets.weigh_baskets(
            connection,
            connection.query(query),
            plan(is_fit=False),
            components,
            key="customer_id",
        )
        assert reader.read_all().num_rows == 0
