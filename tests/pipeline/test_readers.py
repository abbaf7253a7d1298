"""Ensures that readers of the published file meet no error and see new data when documented."""

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from segmentation.published.publishing import DATABASE, PublicTable, Segmented, publish

READERS = 3
PUBLICATIONS = 100

POLL = """
import duckdb, json, sys, time
from pathlib import Path

folder, reads = Path(sys.argv[1]), 0
behind, mixed, seen = [], [], set()
while True:
    last = (folder / "stop").exists()
    latest = int((folder / "latest").read_text())
    with duckdb.connect() as connection:
        connection.execute(f"attach '{folder}/segmentation.duckdb' as served (read_only)")
        ask = "select min(number), max(number), count(*) from served."
        numbers = [
            connection.execute(ask + table).fetchall()[0] for table in ("customers", "segments")
        ]
    reads += 1
    seen.add(numbers[0][0])
    if numbers[0] != numbers[1] or numbers[0][0] != numbers[0][1]:
        mixed.append(numbers)
    if numbers[0][0] < latest:
        behind.append((numbers[0][0], latest))
    (folder / f"ready_{sys.argv[2]}").touch()
    if last:
        break
    time.sleep(0.02)
print(json.dumps({"reads": reads, "behind": behind, "mixed": mixed, "seen": sorted(seen)}))
"""


@pytest.fixture
def build():
    """A connection that stands for the build file."""
    with duckdb.connect() as connection:
        yield connection


def publish_number(build, folder: Path, number: int) -> None:
    """Publish two tables whose every row holds the number of the publication."""
    for table in ("customers", "segments"):
        build.execute(
            f"create or replace table {table} as "
            f"select i as id, {number} as number from range(500) as t(i)"
        )
    build.execute(
        f"create or replace table segmentations as select 'customer' as segmentation, "
        f"{number} as model_version, date '2024-12-31' as as_of_date, 500 as units"
    )
    tables = {
        name: PublicTable(f"select * from {name}", ("id",), "customer")
        for name in ("customers", "segments")
    }
    tables["segmentations"] = PublicTable("select * from segmentations", ("segmentation",))
    told = {"customer": Segmented("customer", number, date(2024, 12, 31), is_stale=False)}
    publish(build, tables, told, folder)
    announced = folder / "latest.tmp"
    announced.write_text(str(number))
    os.replace(announced, folder / "latest")


def wait_for(paths: list[Path], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not all(path.exists() for path in paths):
        assert time.monotonic() < deadline, "the readers did not start"
        time.sleep(0.05)


def test_readers_follow_a_hundred_publications_without_error(build, tmp_path):
    publish_number(build, tmp_path, 1)
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", POLL, str(tmp_path), str(number)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(READERS)
    ]
    try:
        wait_for([tmp_path / f"ready_{number}" for number in range(READERS)])
        for number in range(2, PUBLICATIONS + 1):
            publish_number(build, tmp_path, number)
    finally:
        (tmp_path / "stop").touch()
        results = [reader.communicate(timeout=60) for reader in readers]
    for reader, (output, errors) in zip(readers, results, strict=True):
        assert reader.returncode == 0, errors
        report = json.loads(output)
        assert (report["behind"], report["mixed"]) == ([], [])
        assert report["seen"][-1] == PUBLICATIONS
        assert len(report["seen"]) > 5


def test_parquet_is_fresh_at_the_next_read(build, tmp_path):
    for number in (1, 2, 3):
        publish_number(build, tmp_path, number)
        rows = duckdb.sql(f"select distinct number from '{tmp_path}/parquet/segments.parquet'")
        assert rows.fetchall() == [(number,)]


def test_whoever_holds_the_file_keeps_its_data_until_attaching_again(build, tmp_path):
    publish_number(build, tmp_path, 1)
    attach = f"attach '{tmp_path / DATABASE}' as served (read_only)"
    with duckdb.connect() as holder:
        holder.execute(attach)
        publish_number(build, tmp_path, 2)
        assert max_number(holder, "served.segments") == 1
        with duckdb.connect() as other:
            other.execute(attach)
            assert max_number(other, "served.segments") == 2
        holder.execute("detach served")
        holder.execute(attach)
        assert max_number(holder, "served.segments") == 2


def test_a_second_plain_connection_shares_the_old_file(build, tmp_path):
    path = str(tmp_path / DATABASE)
    publish_number(build, tmp_path, 1)
    with duckdb.connect(path, read_only=True):
        publish_number(build, tmp_path, 2)
        with duckdb.connect(path, read_only=True) as second:
            assert max_number(second, "segments") == 1
    with duckdb.connect(path, read_only=True) as after_all_closed:
        assert max_number(after_all_closed, "segments") == 2


def max_number(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return connection.execute(f"select max(number) from {table}").fetchall()[0][0]


def test_sqlalchemy_is_fresh_without_a_pool_and_stale_with_one(build, tmp_path):
    publish_number(build, tmp_path, 1)
    address = f"duckdb:///{tmp_path / DATABASE}?access_mode=read_only"
    fresh = create_engine(address, poolclass=NullPool)
    assert ask(fresh) == 1
    publish_number(build, tmp_path, 2)
    assert ask(fresh) == 2
    pooled = create_engine(address)
    assert ask(pooled) == 2
    publish_number(build, tmp_path, 3)
    assert ask(pooled) == 2
    pooled.dispose()
    assert ask(fresh) == 3


def ask(engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("select max(number) from segments")).scalar_one()
