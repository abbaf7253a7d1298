"""Ensures that BI tools with older DuckDB clients, and SQLAlchemy, read what is published."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from segmentation.publishing import DATABASE

READ_EVERYTHING = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    tables = connection.execute("select table_name from duckdb_tables()").fetchall()
    rows = {name: len(connection.execute("from " + name).fetchall()) for (name,) in tables}
print(json.dumps({"version": duckdb.__version__, "rows": rows}))
"""
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectionError|ConnectTimeout|Read timed out|Temporary failure|"
    "Name or service not known|Network is unreachable|ProxyError"
)


def cache_folder() -> Path:
    """Return a folder outside the checkout that survives this session."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "customer-segmentation-tests"


def install_client(version: str) -> Path:
    """Install one DuckDB release into a folder of its own, once; skip without a package index."""
    folder = cache_folder() / f"duckdb-{version}-py{sys.version_info.major}{sys.version_info.minor}"
    done = folder / ".installed"
    if not done.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--upgrade", "--target", str(folder)]
        installed = subprocess.run(
            [*command, f"duckdb=={version}"], capture_output=True, text=True, check=False
        )
        if UNREACHABLE.search(installed.stderr):
            pytest.skip(f"the package index cannot be reached, so duckdb {version} is missing")
        assert installed.returncode == 0, installed.stderr
        done.touch()
    return folder


@pytest.fixture(scope="module")
def published_rows(whole_sample) -> dict[str, int]:
    frame = whole_sample.published("select table_name, rows from publications")
    return dict(zip(frame["table_name"], frame["rows"], strict=True)) | {"publications": len(frame)}


@pytest.mark.parametrize("version", ["1.4.5", "1.5.5"])
def test_an_older_duckdb_reads_every_table(whole_sample, published_rows, version):
    client = install_client(version)
    read = subprocess.run(
        [sys.executable, "-c", READ_EVERYTHING, str(whole_sample.serving / DATABASE)],
        env=os.environ | {"PYTHONPATH": str(client)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout) == {"version": version, "rows": published_rows}


def test_sqlalchemy_reflects_and_reads_every_table(whole_sample, published_rows):
    engine = create_engine(
        f"duckdb:///{whole_sample.serving / DATABASE}",
        poolclass=NullPool,
        connect_args={"read_only": True},
    )
    tables = inspect(engine).get_table_names()
    assert set(tables) == set(published_rows)
    columns = [column["name"] for column in inspect(engine).get_columns("customer_segments")]
    assert columns[:3] == ["customer_id", "segment_id", "segment_name"]
    with engine.connect() as connection:
        for table in tables:
            rows = connection.execute(text(f"select * from {table}")).fetchall()
            assert len(rows) == published_rows[table]


def test_parquet_is_read_without_duckdb(whole_sample, published_rows):
    for table, rows in published_rows.items():
        path = whole_sample.serving / "parquet" / f"{table}.parquet"
        assert pyarrow.parquet.read_table(path).num_rows == rows


def test_columns_explain_themselves_to_a_client(whole_sample):
    without = whole_sample.published(
        "select table_name, column_name from duckdb_columns() "
        "where comment is null and not internal and table_name <> 'publications'"
    )
    assert without.empty, without
