"""Ensures that segmentations share one chain, and that one can come, fail, go and be forgotten."""

import hashlib
import math
import random
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from segmentation.scaffold.files import segmentation_files
from tests.pipeline.conftest import CHEAP

ROOT = Path(__file__).resolve().parents[2]
BUILD = ("build", "--exclude-resource-type", "unit_test")
LIST = "--quiet", "ls", "--output", "json", "--output-keys", "unique_id", "depends_on"
SELLERS, TOO_FEW = 120, 2
SELLER = {
    "table": "sellers",
    "key": "id",
    "key_type": "bigint",
    "unit": "sellers",
    "columns": [
        {"name": "rating", "type": "double"},
        {"name": "sales", "type": "double"},
        {"name": "region", "type": "string"},
    ],
    "recipe": {
        "features": [{"name": "rating"}, {"name": "sales", "transform": "log1p"}],
        "k_max": 4,
        "bootstraps": 2,
    },
}
ONLY_SELLERS = {"segmentations": {"customer": None, "product": None, "seller": SELLER}}
ALL = {"customer", "product", "seller"}
OF_SELLERS = {"seller_features", "seller_segments", "seller_segment_history"}
SHARED = (
    "segments",
    "segment_names",
    "segment_profiles",
    "cluster_report",
    "segment_rules",
    "segment_suggestions",
    "segment_pairs",
    "segmentation_quality",
    "k_candidates",
    "centroids",
    "scaling",
    "loadings",
    "segment_models",
    "segment_drift",
    "segment_sizes",
    "segment_migrations",
    "segment_matches",
    "segmentations",
)
"""Published tables that have rows of every segmentation, whatever its units are."""
REMEMBERED = ("model_log", "segment_changes", "fit_scaling", "fit_clusters", "fit_segments")
"""Tables of the warehouse in which earlier builds live on."""
VOLUMES = "published_volumes"
"""The table in which the last build that took data in says how much they were."""
LEFT_OUT = (
    "The segmentation 'seller' is left out of this build: sellers has too few sellers (2): "
    "at least 3 are needed. Bring more data. What was last published of it stays, and is "
    "marked stale."
)


@dataclass(frozen=True)
class Build:
    """What one build said and left: published tables and, of the warehouse, what is kept."""

    said: str
    published: dict[str, pd.DataFrame]
    kept: dict[str, pd.DataFrame]

    def of(self, table: str, segmentation: str) -> pd.DataFrame:
        """Return a segmentation's rows of a published table for all."""
        rows = self.published[table]
        return rows[rows["segmentation"] == segmentation].reset_index(drop=True)

    def kept_of(self, table: str, segmentation: str) -> pd.DataFrame:
        """Return a segmentation's rows of a table in the warehouse."""
        rows = self.kept[table]
        return rows[rows["segmentation"] == segmentation].reset_index(drop=True)


def copy_checkout(folder: Path) -> Path:
    """Copy the dbt project to a folder, for a table and a segmentation of one's own."""
    for name in ("models", "python_models", "macros", "seeds", "tests/data"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, folder)
    return folder


def add_sellers(folder: Path, rows: int = SELLERS) -> None:
    """Write the seed and the two files of the segmentation of sellers, who are of three kinds."""
    rng, lines = random.Random(5), []
    for number in range(1, rows + 1):
        rating, sales = ((1.5, 9), (3, 4), (4.5, 6))[number % 3]
        values = f"{rng.gauss(rating, 0.2):.2f},{math.exp(rng.gauss(sales, 0.3)):.2f}"
        lines.append(f"{number},{values},{'ABC'[number // 3 % 3]}")
    text = "\n".join(["id,rating,sales,region", *lines]) + "\n"
    (folder / "seeds" / "sellers.csv").write_text(text)
    for name, text in segmentation_files("seller", "sellers", ("id",), "bigint").items():
        (folder / "models" / name).write_text(text)


def remove_sellers(folder: Path) -> None:
    """Remove what `add_sellers` wrote."""
    (folder / "seeds" / "sellers.csv").unlink()
    for name in segmentation_files("seller", "sellers", ("id",), "bigint"):
        (folder / "models" / name).unlink()


def look(project, said: str) -> Build:
    """Read what a build left."""
    names = project.published("select table_name from publications")["table_name"]
    names = [*names, "publications"]
    published = {name: project.published(f"from {name} order by all") for name in names}
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        names = (*REMEMBERED, VOLUMES)
        kept = {name: connection.execute(f"from {name} order by all").df() for name in names}
    return Build(" ".join(said.split()), published, kept)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def story(make_project, checkout) -> dict[str, Build]:
    """One warehouse: sellers come, are too few, stop a build, are removed, and come again."""
    project, builds = replace(make_project("segmentations"), root=checkout), {}

    def build(name: str, fails: bool = False, **variables) -> None:
        done = project.run(*BUILD, variables=CHEAP | variables)
        assert (done.returncode != 0) is fails, done.stdout
        builds[name] = look(project, done.stdout)

    add_sellers(checkout)
    build("together", segmentations={"seller": SELLER})
    add_sellers(checkout, TOO_FEW)
    build("too few", segmentations={"seller": SELLER})
    build("stopped", fails=True, segmentations={"seller": SELLER | {"on_failure": "stop"}})
    remove_sellers(checkout)
    build("removed", segmentations={"product": None})
    add_sellers(checkout)
    build("forgotten", segmentations={"seller": SELLER}, forget_models=["product"])
    return builds


# --- one chain for all ---


@pytest.mark.parametrize("table", SHARED)
def test_a_table_of_ones_own_walks_beside_customers_and_products(story, table):
    assert set(story["together"].published[table]["segmentation"]) == ALL


def test_its_units_have_tables_of_their_own(story):
    published = story["together"].published
    segments, features = published["seller_segments"], published["seller_features"]
    assert segments["seller_id"].tolist() == list(range(1, SELLERS + 1))
    assert features.columns.tolist() == ["seller_id", "rating", "sales", "region"]
    assert published["seller_segment_history"]["valid_to"].isna().all()
    kinds = segments.groupby(segments["seller_id"] % 3)["segment_id"].unique()
    assert sorted(map(list, kinds)) == [[1], [2], [3]]
    assert story["together"].of("segments", "seller")["units"].sum() == SELLERS


def test_what_else_is_segmented_changes_no_customer(story, sample):
    alone = sample.published("from customer_segments order by all")
    pd.testing.assert_frame_equal(story["together"].published["customer_segments"], alone)


def test_segmentations_say_where_they_are(story):
    told = story["together"].published["segmentations"].set_index("segmentation")
    assert told["model_version"].tolist() == [1, 1, 1]
    assert not told["is_stale"].any() and told["reason"].isna().all()
    seller = told.loc["seller"]
    assert (seller["unit"], seller["key_column"], seller["units"]) == (
        *("sellers", "seller_id", SELLERS),
    )
    assert {seller[f"{kind}_table"] for kind in ("features", "segments", "history")} == OF_SELLERS


# --- one bad table ---


def test_a_table_with_too_few_rows_is_left_out_with_a_warning(story):
    said = story["too few"].said
    assert LEFT_OUT in said
    assert "Customer model: applies version 1" in said
    assert "Product model: applies version 1" in said
    assert "Seller model" not in said


def test_its_last_publication_is_carried_over_and_marked_stale(story):
    before, after = story["together"], story["too few"]
    for table in OF_SELLERS:
        pd.testing.assert_frame_equal(after.published[table], before.published[table])
    for table in set(SHARED) - {"segmentations"}:
        pd.testing.assert_frame_equal(after.of(table, "seller"), before.of(table, "seller"))
    told = after.published["segmentations"].set_index("segmentation")
    assert told["is_stale"].to_dict() == {"customer": False, "product": False, "seller": True}
    seller = told.loc["seller"]
    assert (seller["model_version"], seller["units"]) == (1, SELLERS)
    assert f"out of this build: {seller['reason']} What was last" in LEFT_OUT


def test_who_is_left_out_has_not_left(story):
    for table in REMEMBERED:
        before, after = (story[name].kept_of(table, "seller") for name in ("together", "too few"))
        pd.testing.assert_frame_equal(after, before)


@pytest.mark.parametrize("build", ["together", "too few", "removed", "forgotten"])
def test_data_are_compared_with_the_last_that_were_taken_in(story, build):
    """Neither the table that was left out nor the time without an entry counts."""
    recorded = story[build].kept_of(VOLUMES, "seller")
    assert recorded["measure"].tolist() == ["number of sellers"]
    assert recorded["amount"].tolist() == [SELLERS]


def test_with_stop_the_same_table_ends_the_build_in_one_sentence(story):
    stopped = story["stopped"]
    assert "sellers has too few sellers (2): at least 3 are needed. Bring more data." in (
        stopped.said
    )
    assert "left out of this build" not in stopped.said
    assert "START python" not in stopped.said
    before = story["too few"].published["publications"]
    pd.testing.assert_frame_equal(stopped.published["publications"], before)


# --- entries that go and come again ---


def test_what_is_no_entry_any_more_is_not_published(story):
    published = story["removed"].published
    assert not [name for name in published if name.startswith(("seller", "product"))]
    for name, table in published.items():
        if "segmentation" in table and len(table):
            assert set(table["segmentation"]) == {"customer"}, name


@pytest.mark.parametrize("name", ["product", "seller"])
def test_its_rows_stay_in_the_warehouse(story, name):
    for table in REMEMBERED:
        before, after = (story[build].kept_of(table, name) for build in ("together", "removed"))
        assert len(after)
        pd.testing.assert_frame_equal(after, before)


def test_an_entry_that_comes_again_finds_its_model_again(story):
    again = story["forgotten"]
    assert "Seller model: applies version 1" in again.said
    before = story["together"].published["seller_segments"]
    pd.testing.assert_frame_equal(again.published["seller_segments"], before)


def test_only_the_segmentation_that_is_named_is_forgotten(story):
    before, after = story["removed"], story["forgotten"]
    assert "Product model: fits version 1 (recipe product), because there was no model yet" in (
        after.said
    )
    assert "Customer model: applies version 1" in after.said
    for name in ("customer", "seller"):
        pd.testing.assert_frame_equal(
            after.kept_of("model_log", name), before.kept_of("model_log", name)
        )
    log = after.kept_of("model_log", "product").sort_values("event_number")
    assert log["event"].tolist() == ["fitted", "activated", "applied"]
    last = before.kept_of("model_log", "product")["recorded_at"].max()
    assert (log["recorded_at"] > last).all()


# --- segmentations that are switched off ---


def test_products_are_left_out_by_either_var(make_project):
    project = make_project("left_out")
    listed = [
        project.run(*LIST, variables=off)
        for off in ({"products": False}, {"segmentations": {"product": None}})
    ]
    assert listed[0].returncode == listed[1].returncode == 0, listed
    nodes = [set(done.stdout.splitlines()) for done in listed]
    assert nodes[0] == nodes[1]
    assert len(nodes[0]) > 100


@pytest.fixture(scope="module")
def one_table(make_project, checkout, story) -> tuple:
    """A project without a shop: sellers are all there is. (`story` has left them in place.)"""
    project = replace(make_project("one_table"), root=checkout)
    done = project.run(*BUILD, variables=ONLY_SELLERS)
    assert done.returncode == 0, done.stdout
    return project, " ".join(done.stdout.split())


def test_one_table_alone_is_segmented_without_a_warning(one_table, story):
    project, said = one_table
    assert "WARN=0" in said and "[WARNING]" not in said
    build = look(project, said)
    assert {name for name in build.published if name.startswith("seller")} == OF_SELLERS
    assert not [name for name in build.published if name.startswith(("customer", "product"))]
    assert set(build.published["segments"]["segmentation"]) == {"seller"}
    pd.testing.assert_frame_equal(
        build.published["seller_segments"], story["together"].published["seller_segments"]
    )


def test_one_table_alone_is_searched_for_personal_data_too(one_table):
    project, said = one_table
    assert "assert_no_personal_data_is_published" in said
    assert not project.query(
        "select table_name from duckdb_tables() where table_name like '%customer%'"
    )


# --- warehouses of other versions ---


@pytest.fixture(scope="module")
def elsewhere(make_project):
    """A project whose warehouse each test replaces."""
    return make_project("elsewhere")


@pytest.mark.parametrize(
    ("statement", "version"),
    [
        ("create table customer_model_log as select 1 as event_number", "version 0.1"),
        ("create table warehouse_layout as select 3 as layout", "a later version (layout 3)"),
        ("create table warehouse_layout as select 1 as layout", "version 0.1"),
    ],
)
def test_a_warehouse_of_another_version_is_left_as_it_is(elsewhere, statement, version):
    elsewhere.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(elsewhere.warehouse)) as connection:
        connection.execute(statement)
    before = hashlib.md5(elsewhere.warehouse.read_bytes()).hexdigest()
    done = elsewhere.run(*BUILD)
    said = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert f"{elsewhere.warehouse} has the tables of {version}, which this version cannot" in said
    assert "name another file with SEGMENTATION_WAREHOUSE, or move it away" in said
    assert "START seed" not in said and "START sql" not in said and "Traceback" not in said
    assert hashlib.md5(elsewhere.warehouse.read_bytes()).hexdigest() == before
    assert not elsewhere.serving.exists()


LACKING = {
    "fit_basket_components": ("settings_hash",),
    "fit_clusters": ("log_constant",),
    "fit_facts": ("active_separation", "grouping", "clear_share"),
    "fit_k_candidates": ("wins_share", "is_grid"),
}
"""Columns that came to a log after its first version, or could have."""


def test_a_log_without_the_newest_columns_is_read_and_gets_them(sample, light, tmp_path):
    project = sample.copy_to(tmp_path / "older")
    with duckdb.connect(str(project.warehouse)) as connection:
        for table, columns in LACKING.items():
            for column in columns:
                connection.execute(f"alter table {table} drop column {column}")
    versions = project.query("select count(*) from model_log where event = 'fitted'")
    project.build(variables=light | {"refit": "always"})
    for table, columns in LACKING.items():
        names = {name for name, *_ in project.query(f"describe {table}")}
        assert names >= set(columns), table
    ((fitted,),) = project.query("select count(*) from model_log where event = 'fitted'")
    assert fitted == versions[0][0] + 1
