"""Ensures that the nearest are the nearest, by plain arithmetic on all pairs."""

import json
import shutil

import duckdb
import numpy as np
import pytest

from segmentation.features.recipe import MISSING
from segmentation.published.scoring import load_model
from segmentation.published.served import open_published
from segmentation.published.similar import similar

RECIPES = ["numbers", "famd", "famd_drop", "label_drop", "label_fill"]


def expected(published, identifier):
    """Cosine and distance from one row to every other, by key."""
    model = load_model(published)
    features = published.connection.execute("from customer_features order by 1").df()
    scaled = model.scaled(features)
    kept = ~np.isnan(scaled).any(axis=1)
    keys, scaled = features["customer_id"].to_numpy()[kept], scaled[kept]
    components = model.components(features)[kept]
    here = int(np.flatnonzero(keys == identifier)[0])
    lengths = np.linalg.norm(components, axis=1) * np.linalg.norm(components[here])
    cosines = components @ components[here] / lengths
    distances = np.linalg.norm(scaled - scaled[here], axis=1)
    return {
        int(key): (cosine, distance)
        for key, cosine, distance in zip(keys, cosines, distances, strict=True)
        if key != identifier
    }


@pytest.mark.parametrize("identifier", [6, 33, 300])
@pytest.mark.parametrize("recipe", RECIPES)
def test_neighbours_are_those_of_plain_arithmetic(published_folder, recipe, identifier):
    with open_published(published_folder(recipe)) as published:
        measures = expected(published, identifier)
        rows = similar(published, str(identifier), 6).to_pylist()
    assert [row["measure"] for row in rows] == ["itself"] + ["cosine"] * 6 + ["distance"] * 6
    assert [row["rank"] for row in rows] == [0, *range(1, 7), *range(1, 7)]
    for row in rows[1:]:
        cosine, distance = measures[row["customer_id"]]
        assert row["cosine_similarity"] == pytest.approx(cosine, abs=1e-9)
        assert row["scaled_distance"] == pytest.approx(distance, abs=1e-9)
    for number, measure, best in ((0, "cosine", -1), (1, "distance", 1)):
        nearest = sorted(best * pair[number] for pair in measures.values())[:6]
        found = [best * measures[row["customer_id"]][number] for row in rows
                 if row["measure"] == measure]  # fmt: skip
        assert found == pytest.approx(nearest, abs=1e-9)


def test_raw_values_stand_beside_the_measures(published_folder):
    with open_published(published_folder("label_drop")) as published:
        rows = similar(published, "6", 3, by="distance").to_pylist()
        assert {row["measure"] for row in rows} == {"itself", "distance"}
        for row in rows:
            ((spend, brand),) = published.rows(
                "select total_spend, brand from customer_features where customer_id = ?",
                [row["customer_id"]],
            )
            assert (row["total_spend"], row["brand"]) == (spend, brand)


def test_ties_go_to_the_smaller_key(published_folder, tmp_path):
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        for table in ("features", "segments"):
            connection.execute(
                f"insert into customer_{table} "
                "select * exclude (n) replace (1000 - n as customer_id) "
                f"from customer_{table}, range(5) as copies (n) where customer_id = 6"
            )
    with open_published(tmp_path) as published:
        rows = similar(published, "6", 3).to_pylist()
    assert [row["customer_id"] for row in rows[1:]] == [996, 997, 998, 996, 997, 998]


def test_more_neighbours_than_there_are_gives_all_others(published_folder):
    with open_published(published_folder("label_drop")) as published:
        others = len(expected(published, 6))
        rows = similar(published, "6", 10_000).to_pylist()
    assert len(rows) == 1 + 2 * others


def test_a_level_unseen_at_fit_time_is_as_far_as_the_model_says(published_folder, tmp_path):
    shutil.copy(published_folder("label_fill") / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute("update customer_features set brand = 'Brand new' where customer_id > 9")
    with open_published(tmp_path) as published:
        measures = expected(published, 6)
        rows = similar(published, "6", 8, by="distance").to_pylist()
    for row in rows[1:]:
        assert row["scaled_distance"] == pytest.approx(measures[row["customer_id"]][1], abs=1e-9)


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("12", "The customer 12 has no segment: no value for something."),
        ("999999", "There is no customer 999999 in "),
        ("x' or 1=1", "There is no customer x' or 1=1 in "),
        *[(one, f"There is no customer {one} in ") for one in ("1.5", "5.6", "0x6", "6e0", "06")],
    ],
)
def test_who_has_no_neighbours_is_told_why(command, identifier, words):
    code, out, err = command("similar", "--customer-id", identifier, recipe="label_drop")
    assert (code, out) == (2, "") and words in err


def test_the_excluded_customer_of_these_tests_has_a_missing_brand(published_folder):
    with open_published(published_folder("label_drop")) as published:
        assert published.rows("select brand from customer_features where customer_id = 12") == [
            (MISSING,)
        ]


def test_output_as_json_and_as_text(command):
    _, out, _ = command("similar", "--id", "6", "-n", "2", "--output-format", "json")
    assert [row["rank"] for row in json.loads(out)] == [0, 1, 2, 1, 2]
    _, out, _ = command("similar", "--id", "6", "-n", "2")
    assert out.splitlines()[0].split()[:3] == ["measure", "rank", "customer_id"]
    assert max(map(len, out.splitlines())) <= 80
    told = " ".join(out.partition("\n\n")[2].split())
    assert told.startswith("Not shown: segment_name, ") and told.endswith("csv or json shows all).")
    _, out, _ = command("similar", "--id", "6", "-n", "2", "--json")
    assert [row["rank"] for row in json.loads(out)] == [0, 1, 2, 1, 2]


def test_another_segmentation_has_its_own_key(published_folder):
    folder = published_folder("numbers", segmentation="product")
    with open_published(folder, "product") as published:
        rows = similar(published, "6", 1).to_pylist()
    assert rows[0]["product_id"] == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ["--product-id", "6"],
        ["--product-id", "6", "--segmentation", "product"],
        ["--id", "6", "--segmentation", "product"],
    ],
)
def test_the_option_for_a_key_says_which_segmentation(command, published_folder, arguments):
    folder = published_folder("numbers", segmentation="product")
    code, out, _ = command("similar", *arguments, "--output-format", "json", serving=folder)
    assert code == 0 and json.loads(out)[0]["product_id"] == 6


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--product-id", "6", "--segmentation", "customer"], "not a key of the segmentation cust"),
        (["--customer-id", "6", "--segmentation", "product"], "not a key of the segmentation prod"),
        (["--product-id", "6"], "has no segmentation 'product'"),
    ],
)
def test_the_option_for_a_key_of_another_segmentation_is_refused(command, arguments, words):
    code, out, err = command("similar", *arguments)
    assert (code, out) == (2, "") and words in err and err.count("\n") == 1
