"""Ensures that a build on Spark publishes what one on DuckDB publishes, table by table."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from segmentation.published.publishing import VOLATILE

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-9
EACH_ENGINES_OWN = VOLATILE | {"data_fingerprint"}
"""Times, and a hash of the data: each engine has its own hash, and it means nothing elsewhere."""
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""A JVM of five minutes compiles once, and quickly."""


def dbt(folder: Path, target: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run dbt with a warehouse and a serving folder of its own."""
    settings = {
        "SEGMENTATION_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "SEGMENTATION_SPARK_WAREHOUSE": str(folder / "lake"),
        "SEGMENTATION_SERVING": str(folder / target),
        "JAVA_TOOL_OPTIONS": SHORT_LIVED,
    }
    command = [str(Path(sys.executable).with_name("dbt")), *arguments, "--target", target]
    folders = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    return subprocess.run(
        [*command, *folders, "--no-use-colors"],
        env=os.environ | settings,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The sample, built on both engines."""
    folder = tmp_path_factory.mktemp("built")
    for target in ("duckdb", "spark"):
        done = dbt(folder, target, "build", "--exclude-resource-type", "unit_test")
        assert done.returncode == 0, done.stdout[-5000:]
    return folder


def rows(serving: Path, table: str) -> tuple[list[str], list[tuple]]:
    with duckdb.connect(str(serving / "segmentation.duckdb"), read_only=True) as connection:
        columns = [row[0] for row in connection.execute(f"describe {table}").fetchall()]
        kept = [column for column in columns if column not in EACH_ENGINES_OWN]
        return kept, connection.execute(f"select {', '.join(kept)} from {table}").fetchall()


def same(left, right) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float):
        near = abs(left - right) <= TOLERANCE * max(1.0, abs(left))
        return left == right or near or (left != left and right != right)
    return left == right and isinstance(left, type(right))


def public_tables(serving: Path) -> list[str]:
    with duckdb.connect(str(serving / "segmentation.duckdb"), read_only=True) as connection:
        query = "select table_name from publications order by table_name"
        return [name for (name,) in connection.execute(query).fetchall()]


def test_every_public_table_is_the_same(built):
    names = public_tables(built / "duckdb")
    assert "customer_segments" in names
    assert public_tables(built / "spark") == names
    different = {}
    for name in names:
        columns, ours = rows(built / "duckdb", name)
        others, theirs = rows(built / "spark", name)
        if others != columns or len(ours) != len(theirs):
            different[name] = f"{len(theirs)} rows of {others}, not {len(ours)} of {columns}"
            continue
        pairs = [(a, b) for a, b in zip(ours, theirs, strict=True) if not all(map(same, a, b))]
        for one, other in pairs[:1]:
            told = dict(zip(columns, zip(one, other, strict=True), strict=True))
            odd = {column: pair for column, pair in told.items() if not same(*pair)}
            different[name] = f"{len(pairs)} of {len(ours)} rows: {odd}"
    assert not different, "\n".join(f"{name}: {what}" for name, what in different.items())


def test_readers_on_spark_see_the_same_publication(built, spark):
    place = built / "lake" / "segmentation_published.db"
    for name in ("customer_segments", "segments"):
        _, ours = rows(built / "duckdb", name)
        files = spark.read.parquet(str(place / f"{name}__versions"))
        assert files.count() == len(ours)
