"""Ensures that readers of the published file meet no error and see new data when documented."""

import json
import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from signal import Signals

import duckdb
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from segmentation.published.publishing import DATABASE, PublicTable, Segmented, publish

ROOT = Path(__file__).resolve().parents[2]
READERS = 3
KEPT = 3
"""The default of `kept_publications`: a reader may take as long as two more take to come."""

POLL = """
import duckdb, json, os, sys, time
from pathlib import Path

folder, reads = Path(sys.argv[1]), 0
behind, mixed, seen = [], [], set()

def ask(*sources):
    with duckdb.connect() as connection:
        for path in {path for path, _ in sources if path.endswith(".duckdb")}:
            connection.execute(f"attach '{path}' as served (read_only)")
        tables = [
            f"served.{table}" if path.endswith(".duckdb") else f"'{path}/{table}.parquet'"
            for path, table in sources
        ]
        return connection.execute(
            f"select min(a.number), max(a.number), min(b.number), max(b.number), count(*) "
            f"from {tables[0]} as a join {tables[1]} as b using (id)"
        ).fetchall()[0]

while True:
    last = (folder / "stop").exists()
    latest = int((folder / "latest").read_text())
    version = os.path.realpath(folder / "current")
    manifest = json.loads((folder / "manifest.json").read_text())
    database, parquet = f"{version}/segmentation.duckdb", f"{version}/parquet"
    named = str(folder / os.path.dirname(manifest["parquet"]["segments"]))
    stable = str(folder / "segmentation.duckdb")
    for one, other in [
        ((stable, "customers"), (stable, "segments")),
        ((database, "customers"), (parquet, "segments")),
        ((parquet, "customers"), (parquet, "segments")),
        ((named, "customers"), (str(folder / manifest["database"]), "segments")),
    ]:
        found = ask(one, other)
        reads += 1
        seen.add(found[0])
        if len(set(found[:4])) > 1 or found[4] != 500:
            mixed.append((one, other, found))
        if found[0] < latest:
            behind.append((found[0], latest))
    (folder / f"ready.{sys.argv[2]}").write_text(str(latest))
    os.replace(folder / f"ready.{sys.argv[2]}", folder / f"ready_{sys.argv[2]}")
    if last:
        break
    time.sleep(0.02)
print(json.dumps({"reads": reads, "behind": behind, "mixed": mixed, "seen": sorted(seen)}))
"""

WRITE = """
import duckdb, os, sys

client = duckdb.connect(sys.argv[1])
print("open", flush=True)
for _ in sys.stdin:
    try:
        client.execute("delete from customers where id % 2 = 0")
        client.execute("insert into segments values (9999, -1)")
        print("written", flush=True)
    except duckdb.Error as error:
        print(error, flush=True)
os._exit(0)
"""
"""Opens the published file for writing, writes whenever it is told, and dies leaving its log."""


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


def wait_for_rounds(folder: Path, number: int, seconds: float = 60) -> None:
    """Wait until every reader has read all of a publication of at least this number."""
    deadline = time.monotonic() + seconds
    ready = [folder / f"ready_{reader}" for reader in range(READERS)]
    while not all(path.exists() and int(path.read_text()) >= number for path in ready):
        assert time.monotonic() < deadline, "the readers do not read"
        time.sleep(0.01)


def start(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("publications", [15, pytest.param(100, marks=pytest.mark.soak)])
def test_readers_join_one_publication_beside_clients_that_write_to_old_ones(
    build, tmp_path, publications
):
    writers = []
    for number in (1, 2):
        publish_number(build, tmp_path, number)
        writers.append(start(WRITE, tmp_path / DATABASE))
        assert writers[-1].stdout.readline() == "open\n"
    publish_number(build, tmp_path, 3)
    readers = [start(POLL, tmp_path, number) for number in range(READERS)]
    try:
        wait_for_rounds(tmp_path, 3)
        assert told_to_write(writers[0]) == told_to_write(writers[1]) == "written\n"
        for number in range(4, publications + 1):
            wait_for_rounds(tmp_path, number - KEPT + 1)
            publish_number(build, tmp_path, number)
            for writer in writers:
                told_to_write(writer)
    finally:
        (tmp_path / "stop").touch()
        results = [reader.communicate(timeout=60) for reader in readers]
        for writer in writers:
            writer.communicate(timeout=60)
    for reader, (output, errors) in zip(readers, results, strict=True):
        assert reader.returncode == 0, errors
        report = json.loads(output)
        assert (report["behind"], report["mixed"]) == ([], [])
        assert report["seen"][-1] == publications
        assert len(report["seen"]) > 5
    logs = [path for path in tmp_path.rglob("*.wal") if path.is_file()]
    assert logs == [] and not (tmp_path / "versions" / "1").exists()


def told_to_write(writer: subprocess.Popen[str]) -> str:
    writer.stdin.write("now\n")
    writer.stdin.flush()
    return writer.stdout.readline()


PUBLISH = """
import sys
from pathlib import Path
import duckdb
from tests.pipeline.test_readers import publish_number

number = int(sys.argv[2])
with duckdb.connect() as build:
    print("ready", flush=True)
    while True:
        number += 1
        publish_number(build, Path(sys.argv[1]), number)
"""


@pytest.mark.parametrize("signal", [Signals.SIGTERM, Signals.SIGKILL], ids=lambda one: one.name)
@pytest.mark.parametrize("times", [3, pytest.param(40, marks=pytest.mark.soak)])
def test_a_publisher_that_dies_anywhere_leaves_one_whole_publication(
    build, tmp_path, times, signal
):
    publish_number(build, tmp_path, 1)
    moment = random.Random(signal)
    for _ in range(times):
        before = published_number(tmp_path)
        publisher = start(PUBLISH, tmp_path, before)
        assert publisher.stdout.readline() == "ready\n"
        time.sleep(moment.random())
        publisher.send_signal(signal)
        publisher.communicate(timeout=60)
        assert published_number(tmp_path) >= before
    publish_number(build, tmp_path, 1_000_000)
    assert published_number(tmp_path) == 1_000_000
    assert len(list((tmp_path / "versions").iterdir())) == 3


def published_number(folder: Path) -> int:
    """Return the number of the one publication that all roads lead to."""
    version, manifest = folder / "current", json.loads((folder / "manifest.json").read_text())
    numbers = set()
    with duckdb.connect() as connection:
        connection.execute(f"attach '{version / DATABASE}' as served (read_only)")
        sources = ["served.customers", "served.segments"]
        sources += [f"'{version}/parquet/{table}.parquet'" for table in ("customers", "segments")]
        for source in sources:
            found = connection.execute(f"select min(number), max(number), count(*) from {source}")
            *both, rows = found.fetchall()[0]
            assert rows == 500
            numbers |= set(both)
    assert len(numbers) == 1
    named = max_number_of(folder / manifest["parquet"]["customers"])
    assert named <= max(numbers)
    return max(numbers)


def max_number_of(path: Path) -> int:
    return duckdb.sql(f"select max(number) from '{path}'").fetchall()[0][0]


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


def test_a_second_plain_connection_sees_the_new_file_though_one_holds_the_old(build, tmp_path):
    path = str(tmp_path / DATABASE)
    publish_number(build, tmp_path, 1)
    with duckdb.connect(path, read_only=True) as first:
        publish_number(build, tmp_path, 2)
        with duckdb.connect(path, read_only=True) as second:
            assert max_number(second, "segments") == 2
        assert max_number(first, "segments") == 1


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
