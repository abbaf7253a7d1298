"""What tests of several kinds share: the parsed project, and a small published shop."""

import gc
import json
import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from segmentation.building.dbt import DBT
from segmentation.building.start_dbt import NEW_OBJECTS
from segmentation.published.serving_folder import DATABASE

ROOT = Path(__file__).parents[1]
PUBLISHED_SHOP = Path(__file__).with_name("published_shop.sql")

LONGEST = (
    "test_whole_build",
    "test_any_table",
    "test_versions",
    "test_build_process",
    "test_segmentations",
    "test_app_browser",
    "test_publication",
    "test_from_nothing",
    "test_shrunk",
    "test_determinism",
    "test_dialects",
    "test_app",
    "test_kill",
    "test_report_browser",
    "test_random_tables",
    "test_erasure",
    "test_year",
    "test_intake",
    "test_bad_input",
    "test_docs_site",
    "test_settings",
    "test_trust",
    "test_written_rules",
    "test_campaigns",
    "test_article",
    "test_personas",
)
"""Files of tests that take longest, in the order in which two test processes take them.

A long file must not be the last: the other process would have nothing to do.
"""

MORE_CUSTOMERS = (
    """
    insert into customer_segments by name
    select * exclude (number) replace (
        customer_id + number * 1000 as customer_id,
        [components[1] + sin(customer_id * number) / 4, components[2], components[3], 0]
            as components
    )
    from customer_segments cross join range(1, 26) as t(number)
    """,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put unit tests first, then the longest files, so that no test process waits at the end."""

    def place(item: pytest.Item) -> tuple[bool, int]:
        is_built = "unit" not in item.path.parts
        known = item.path.stem in LONGEST and is_built
        return is_built, LONGEST.index(item.path.stem) if known else len(LONGEST)

    items.sort(key=place)


def pytest_configure() -> None:
    """Let Python look for cycles among a hundred thousand new objects: among 700 takes a tenth."""
    gc.set_threshold(NEW_OBJECTS)


def pytest_collection_finish() -> None:
    """Leave the modules and tests that are there to the end out of it."""
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let Python clear up at its end: what is still there then, DuckDB tells as leaked."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def manifest(tmp_path_factory) -> dict:
    """The project as dbt reads it: nodes, sources and what depends on what."""
    folder = tmp_path_factory.mktemp("parsed")
    settings = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SEGMENTATION_", "DBT_"))
    } | {
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "SEGMENTATION_WAREHOUSE": str(folder / "segmentation.duckdb"),
    }
    done = subprocess.run(
        [*DBT, "--quiet", "parse", "--target-path", folder, "--log-path", folder],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def published_shop(tmp_path_factory) -> Path:
    """The folder of a published shop with every table."""
    return change(tmp_path_factory.mktemp("shop"), PUBLISHED_SHOP.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def large_shop(published_shop, tmp_path_factory) -> Path:
    """The shop with 3,000 more customers: enough for figures to be drawn by WebGL."""
    return change(copied(published_shop, tmp_path_factory.mktemp("large")), *MORE_CUSTOMERS)


@pytest.fixture
def changed_shop(published_shop, tmp_path):
    """A function that publishes the shop changed by SQL statements and returns its folder."""
    return lambda *changes: change(copied(published_shop, tmp_path / "changed"), *changes)


def copied(shop: Path, folder: Path) -> Path:
    """Copy a published file to a folder, and return the folder."""
    folder.mkdir(exist_ok=True)
    shutil.copyfile(shop / DATABASE, folder / DATABASE)
    return folder


def change(folder: Path, *statements: str) -> Path:
    """Change the published file of a folder, or begin it, and return the folder."""
    with duckdb.connect(str(folder / DATABASE)) as connection:
        for statement in statements:
            connection.execute(statement)
    return folder
