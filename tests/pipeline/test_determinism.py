"""Ensures that threads and the order of rows change nothing, and names of categories hardly."""

import csv
import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from sklearn.metrics import adjusted_rand_score

from tools.sample.files import write_sample

KEYS = {
    "users": "id",
    "orders": "order_id",
    "order_items": "id",
    "inventory_items": "id",
    "products": "id",
}
USERS = 125_000
"""Enough for two row groups in all tables but products: DuckDB gives smaller ones one thread."""
QUICK = {"max_fit_rows": 8_000, "max_selection_rows": 2_000, "bootstraps": 2, "k_max": 5} | {
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


def build_with(project, threads: int, raw_path: Path, variables: dict) -> dict[str, str]:
    """Build with as many threads in dbt and in DuckDB; return the content hashes."""
    profiles = project.folder / "profiles"
    profiles.mkdir()
    (profiles / "profiles.yml").write_text(PROFILE.format(threads=threads))
    settings = {"DBT_PROFILES_DIR": str(profiles), "SEGMENTATION_THREADS": str(threads)}
    project.build(raw_path=raw_path, variables=variables, environment=settings)
    return project.content_hashes()


def test_four_threads_and_shuffled_rows_publish_what_one_thread_does(
    shop, shuffled_shop, make_project
):
    one = build_with(make_project("one_thread"), 1, shop, QUICK)
    four = build_with(make_project("four_threads"), 4, shuffled_shop, QUICK)
    assert one == four
    assert len(one) >= 10


def sample_files() -> dict[str, Path]:
    """Return the seeds of the embedded sample by the names of the raw files."""
    seeds = (Path(__file__).resolve().parents[2] / "seeds").rglob("sample_*.csv")
    return {seed.name.removeprefix("sample_"): seed for seed in seeds}


def write_shuffled_sample(folder: Path, change: Callable[[str, dict], dict]) -> Path:
    """Write the embedded sample as raw files, its rows shuffled and each changed."""
    for name, seed in sample_files().items():
        with seed.open(newline="") as file:
            reader = csv.DictReader(file)
            rows = [change(name, row) for row in reader]
        random.Random(3).shuffle(rows)
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, reader.fieldnames)
            writer.writeheader()
            writer.writerows(rows)
    return folder


def test_products_and_extras_do_not_depend_on_threads_and_order_either(
    whole_sample, make_project, tmp_path, recipes
):
    shuffled = write_shuffled_sample(tmp_path, lambda _, row: row)
    variables = {"recipe": "default", "recipes": recipes}
    four = build_with(make_project("four_threads_whole"), 4, shuffled, variables)
    assert four == whole_sample.content_hashes()


# --- names ---


def renamed(value: str) -> str:
    return value and f"Name {hashlib.md5(value.encode()).hexdigest()[:10]}"


@pytest.fixture(scope="module")
def renamed_shop(tmp_path_factory) -> Path:
    """The embedded sample with other names for all brands and categories."""

    def change(name: str, row: dict) -> dict:
        return row | {column: renamed(row[column]) for column in RENAMED.get(name, [])}

    return write_shuffled_sample(tmp_path_factory.mktemp("renamed_shop"), change)


def test_other_names_for_brands_and_categories_change_no_segment(
    built, renamed_shop, make_project, recipes, light
):
    """By a recipe that looks at categories."""
    project = make_project("renamed")
    project.build(raw_path=renamed_shop, variables={"recipe": "mixed", "recipes": recipes} | light)
    columns = "select segment_id from customer_segments order by customer_id"
    before = built("sample", "mixed").published(columns)["segment_id"]
    after = project.published(columns)["segment_id"]
    assert adjusted_rand_score(before, after) >= 0.999
    assert not (
        built("sample", "mixed")
        .published("select distinct most_frequent_brand from customer_features")
        .merge(project.published("select distinct most_frequent_brand from customer_features"))
        .query("most_frequent_brand != '(missing)'")
        .size
    )
