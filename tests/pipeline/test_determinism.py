"""Ensures that threads and the order of rows change nothing, and names of categories hardly."""

import csv
import hashlib
import random
from pathlib import Path

import duckdb
import pytest
from sklearn.metrics import adjusted_rand_score

from segmentation.sample import write_sample

KEYS = {
    "users": "id",
    "orders": "order_id",
    "order_items": "id",
    "inventory_items": "id",
    "products": "id",
}
USERS = 160_000
"""Enough for several row groups in every table: DuckDB works on smaller ones in one thread."""
QUICK = {"max_fit_rows": 20_000, "max_selection_rows": 4_000, "bootstraps": 4, "k_max": 5} | {
    "extras": False,
    "products": False,
}
PROFILE = """
segmentation:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{{{ env_var('SEGMENTATION_WAREHOUSE') }}}}"
      threads: {threads}
      settings: {{TimeZone: UTC, threads: {threads}}}
"""
RENAMED = {
    "inventory_items.csv": ["product_brand", "product_category"],
    "products.csv": ["brand", "category"],
}


# --- threads and order ---


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_sample(USERS, 7, folder, "parquet", personas=False)
    return folder


@pytest.fixture(scope="module")
def shuffled_shop(shop, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shuffled_shop")
    with duckdb.connect() as connection:
        for table, key in KEYS.items():
            connection.execute(
                f"copy (from '{shop}/{table}.parquet' order by md5({key}::varchar)) "
                f"to '{folder}/{table}.parquet'"
            )
    return folder


def build_with(project, threads: int, raw_path: Path) -> dict[str, str]:
    """Build with as many threads in dbt and in DuckDB; return the content hashes."""
    profiles = project.folder / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text(PROFILE.format(threads=threads))
    project.build(
        raw_path=raw_path, variables=QUICK, environment={"DBT_PROFILES_DIR": str(profiles)}
    )
    return project.content_hashes()


def test_four_threads_and_shuffled_rows_publish_what_one_thread_does(
    shop, shuffled_shop, make_project
):
    one = build_with(make_project("one_thread"), 1, shop)
    four = build_with(make_project("four_threads"), 4, shuffled_shop)
    assert one == four
    assert len(one) >= 10


# --- names ---


def sample_files() -> dict[str, Path]:
    """Return the seeds of the embedded sample by the names of the raw files."""
    seeds = (Path(__file__).resolve().parents[2] / "seeds").rglob("sample_*.csv")
    return {seed.name.removeprefix("sample_"): seed for seed in seeds}


def renamed(value: str) -> str:
    return value and f"Name {hashlib.md5(value.encode()).hexdigest()[:10]}"


@pytest.fixture(scope="module")
def renamed_shop(tmp_path_factory) -> Path:
    """The embedded sample with other names for all brands and categories, its rows shuffled."""
    folder = tmp_path_factory.mktemp("renamed_shop")
    for name, seed in sample_files().items():
        with seed.open(newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
        for row in rows:
            row |= {column: renamed(row[column]) for column in RENAMED.get(name, [])}
        random.Random(3).shuffle(rows)
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames)
            writer.writeheader()
            writer.writerows(rows)
    return folder


@pytest.mark.parametrize("recipe", ["default", "mixed"])
def test_other_names_for_brands_and_categories_change_no_segment(
    recipe, built, renamed_shop, make_project, recipes, light
):
    project = make_project(f"renamed_{recipe}")
    project.build(raw_path=renamed_shop, variables={"recipe": recipe, "recipes": recipes} | light)
    columns = "select segment_id from customer_segments order by customer_id"
    before = built("sample", recipe).published(columns)["segment_id"]
    after = project.published(columns)["segment_id"]
    assert adjusted_rand_score(before, after) >= 0.999
    assert not (
        built("sample", recipe)
        .published("select distinct most_frequent_brand from customer_features")
        .merge(project.published("select distinct most_frequent_brand from customer_features"))
        .query("most_frequent_brand != '(missing)'")
        .size
    )
