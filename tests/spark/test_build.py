"""Ensures that builds on Spark publish what builds on DuckDB publish, table by table."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from segmentation.published.publishing import VOLATILE

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-9
EACH_ENGINES_OWN = VOLATILE | {"data_fingerprint"}
"""Times, and a hash of the data: each engine has its own hash, and it means nothing elsewhere."""
STEPS = {"first": {}, "a month later": {"as_of": "2025-01-31", "product_refit": "always"}}
"""Builds of one warehouse, one after the other, and the settings of each."""


def build(folder: Path, target: str, step: str) -> Path:
    """Build the sample, and keep what was published."""
    settings = {
        "SEGMENTATION_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "SEGMENTATION_SPARK_WAREHOUSE": str(folder / "lake"),
        "SEGMENTATION_SERVING": str(folder / target),
        "DBT_PROFILES_DIR": str(ROOT),
    }
    command = [str(Path(sys.executable).with_name("dbt")), "build", "--target", target]
    if (target, step) != ("spark", "first"):
        command += ["--exclude-resource-type", "unit_test"]
    done = subprocess.run(
        [
            *command,
            *("--vars", json.dumps(STEPS[step])),
            *("--target-path", str(folder / f"target-{target}")),
            *("--log-path", str(folder / f"logs-{target}"), "--no-use-colors"),
        ],
        env=os.environ | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    return Path(shutil.copytree(folder / target / "current", folder / step / target))


@pytest.fixture(scope="session")
def built(fast, tmp_path_factory):
    """The sample, built on both engines, step by step."""
    folder = tmp_path_factory.mktemp("built")

    def steps(target: str) -> None:
        for step in STEPS:
            build(folder, target, step)

    with ThreadPoolExecutor() as pool:
        list(pool.map(steps, ("spark", "duckdb")))
    return folder


def query(serving: Path, statement: str) -> list[tuple]:
    with duckdb.connect(str(serving / "segmentation.duckdb"), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def rows(serving: Path, table: str) -> tuple[list[str], list[tuple]]:
    columns = [row[0] for row in query(serving, f"describe {table}")]
    kept = [column for column in columns if column not in EACH_ENGINES_OWN]
    return kept, query(serving, f"select {', '.join(kept)} from {table}")


def same(left, right) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        near = abs(left - right) <= TOLERANCE * max(1.0, abs(left))
        return left == right or near or (left != left and right != right)
    return left == right and isinstance(left, type(right))


def public_tables(serving: Path) -> list[str]:
    return [name for (name,) in query(serving, "select table_name from publications order by all")]


@pytest.mark.parametrize("step", STEPS)
def test_every_public_table_is_the_same(built, step):
    names = public_tables(built / step / "duckdb")
    assert "customer_segments" in names
    assert public_tables(built / step / "spark") == names
    different = {}
    for name in names:
        columns, ours = rows(built / step / "duckdb", name)
        others, theirs = rows(built / step / "spark", name)
        if others != columns or len(ours) != len(theirs):
            different[name] = f"{len(theirs)} rows of {others}, not {len(ours)} of {columns}"
            continue
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if not all(map(same, a, b))]
        for one, other in pairs[:1]:
            told = dict(zip(columns, zip(one, other, strict=True), strict=True))
            odd = {column: pair for column, pair in told.items() if not same(*pair)}
            different[name] = f"{len(pairs)} of {len(ours)} rows: {odd}"
    assert not different, "\n".join(f"{name}: {what}" for name, what in different.items())


def test_a_second_build_keeps_a_model_and_fits_another(built):
    def told(step: str, statement: str) -> list[tuple]:
        return query(built / step / "spark", statement)

    versions = "select segmentation, model_version from segmentations order by all"
    assert told("first", versions) == [("customer", 1), ("product", 1)]
    assert told("a month later", versions) == [("customer", 1), ("product", 2)]
    changes = "select count(*) from customer_segment_history"
    assert told("first", changes) < told("a month later", changes)


def test_readers_on_spark_see_the_same_publication(built, spark):
    place = built / "lake" / "segmentation_published.db"
    for name in ("customer_segments", "segments"):
        files = spark.read.parquet(str(place / f"{name}__versions"))
        counted = dict(files.groupBy("published_version").count().collect())
        ours = [len(rows(built / step / "duckdb", name)[1]) for step in STEPS]
        assert counted == dict(enumerate(ours, start=1))
