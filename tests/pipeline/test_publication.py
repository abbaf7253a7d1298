"""Ensures that nothing is published that was not audited, whole, and free of personal data."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.pipeline.conftest import LIGHT

ROOT = Path(__file__).resolve().parents[2]
SAME = LIGHT | {"recipe": "default", "recipes": {}}
"""The variables that the copied sample was built with."""
PROJECT = ("models", "python_models", "macros", "seeds", "snapshots", "analyses", "tests/data")
CUSTOMERS, LOADINGS = "{{ ref('customer_segments') }}", "{{ ref('loadings') }}"
FAILING_TESTS = {
    "one parent": (f"select 1 from {CUSTOMERS} limit 1", "assert_added"),
    "a parent far above": ("select 1 from {{ ref('raw_users') }} limit 1", "assert_added"),
    "several parents": (
        f"select 1 from {CUSTOMERS} cross join {LOADINGS} limit 1",
        "assert_added",
    ),
    "a parent that is not published": (
        f"select 1 from {CUSTOMERS} cross join {{{{ ref('aside') }}}} limit 1",
        "test assert_added depends on model.segmentation.aside, which is not above publications",
    ),
    "no parent": ("select 1", "test assert_added has no ref"),
}
PERSONAL = {
    "first_name",
    "last_name",
    "email",
    "street_address",
    "postal_code",
    "city",
    "state",
} | {
    "latitude",
    "longitude",
    "user_geom",
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A copy of the dbt project that tests may change, with a model that nothing publishes."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in PROJECT:
        if (ROOT / name).exists():
            shutil.copytree(ROOT / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "models" / "aside.sql").write_text("select 1 as id")
    return folder


@pytest.fixture(scope="module")
def published(sample, checkout, tmp_path_factory):
    """The built sample, in files of its own, on the changed checkout."""
    return sample.copy_to(tmp_path_factory.mktemp("published"), root=checkout)


@pytest.fixture
def with_test(checkout):
    """Add a data test to the checkout for the length of one test."""
    path = checkout / "tests" / "data" / "assert_added.sql"
    yield path.write_text
    path.unlink(missing_ok=True)


def refused(project, *arguments: str) -> str:
    """Run dbt, which must fail and leave the published files as they were; return its output."""
    before = project.published_files()
    assert before
    done = project.run(*arguments, variables=SAME)
    assert done.returncode != 0, done.stdout
    assert project.published_files() == before
    return " ".join(done.stdout.split())


BUILD = ("build", "--exclude-resource-type", "unit_test")


# --- failing tests ---


@pytest.mark.parametrize("name", FAILING_TESTS)
def test_a_failing_test_leaves_the_published_files_untouched(published, with_test, name):
    statement, sentence = FAILING_TESTS[name]
    with_test(statement)
    build = BUILD if sentence == "assert_added" else ("run", "--select", "publications")
    assert sentence in refused(published, *build)


# --- invocations that leave tests out ---


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--select", "segment_sizes+"),
        ("run", "--select", "publications"),
        ("build", "--select", "publications"),
        ("build", "--select", "segment_sizes+", "--exclude-resource-type", "test", "unit_test"),
        (*BUILD, "--exclude", "assert_every_unit_is_segmented_or_excluded"),
    ],
    ids=" ".join,
)
def test_publishing_without_the_tests_is_refused(published, arguments):
    said = refused(published, *arguments)
    assert "Nothing was published and the published files are as before" in said
    assert "of the tests that must pass first" in said
    assert "Run a whole `dbt build`" in said


def test_an_untouched_project_publishes_the_same_again(published, sample):
    published.build(variables=SAME)
    assert published.content_hashes() == sample.content_hashes()


# --- a warehouse in use ---


def test_a_build_on_a_warehouse_in_use_is_one_sentence(published):
    with duckdb.connect(str(published.warehouse), read_only=True):
        before = published.published_files()
        done = subprocess.run(
            [sys.executable, "-m", "segmentation.build"],
            env=published.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode != 0
    assert done.stderr.startswith(f"The warehouse {published.warehouse} is open in another process")
    assert done.stderr.count("\n") == 1
    assert published.published_files() == before


# --- what is in it ---


def test_no_personal_column_is_published(built):
    for shop in ("sample", "thelook_small"):
        columns = built(shop).published("select distinct column_name from duckdb_columns()")
        assert PERSONAL.isdisjoint(columns["column_name"])


def test_no_personal_value_is_published(built, shared_data):
    """Look for the e-mails and streets of real rows in every text that is published."""
    project = built("thelook_small")
    users = str(shared_data("thelook_small") / "users.csv")
    texts = project.published(
        "select table_name, column_name from duckdb_columns() "
        "where data_type = 'VARCHAR' and not internal"
    )
    assert len(texts) > 20
    for table, column in texts.itertuples(index=False):
        found = project.published(
            f"select 1 from {table} semi join '{users}' as users "
            f"on {table}.{column} in (users.email, users.street_address) limit 1"
        )
        assert found.empty, f"{table}.{column}"


def test_a_new_text_column_must_be_allowed_by_name(published, checkout):
    path = checkout / "models" / "segmentation" / "describe" / "_describe__models.yml"
    contract = path.read_text()
    changed = yaml.safe_load(contract)
    (exclusions,) = (model for model in changed["models"] if model["name"] == "exclusions")
    exclusions["columns"].append({"name": "nickname", "data_type": "string"})
    try:
        path.write_text(yaml.safe_dump(changed))
        select = ("--select", "assert_no_personal_data_is_published")
        done = published.run("test", *select, variables=SAME)
        publishable = {"publishable_columns": ["nickname"]}
        allowed = published.run("test", *select, variables=SAME | publishable)
    finally:
        path.write_text(contract)
    assert done.returncode == 1, done.stdout
    assert "Got 1 result" in done.stdout
    assert allowed.returncode == 0, allowed.stdout


def test_reconciliation_finds_who_is_lost_twice_or_a_stranger(sample, tmp_path):
    project = sample.copy_to(tmp_path / "damaged")
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute(
            "delete from customer_segments where customer_id in "
            "(select min(customer_id) from customer_segments)"
        )
        connection.execute("insert into exclusions from exclusions limit 1")
        connection.execute("insert into exclusions values ('customer', '-1', 'a stranger')")
    select = ("--select", "assert_every_unit_is_segmented_or_excluded")
    done = project.run("test", *select, variables=SAME)
    assert done.returncode == 1, done.stdout
    assert "Got 3 results" in done.stdout
