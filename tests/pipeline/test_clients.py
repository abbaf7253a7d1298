"""Ensures that BI tools with older DuckDB clients, and SQLAlchemy, read what is published."""

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet
import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from segmentation.published.publishing import DATABASE
from tests.pipeline.test_readers import WRITE, publish_number, told_to_write

READ_EVERYTHING = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    tables = connection.execute("select table_name from duckdb_tables()").fetchall()
    rows = {name: len(connection.execute("from " + name).fetchall()) for (name,) in tables}
print(json.dumps({"version": duckdb.__version__, "rows": rows}))
"""
COUNT = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    ask = "select max(number), count(*) from "
    tables = ("customers", "segments")
    print(json.dumps({name: connection.execute(ask + name).fetchone() for name in tables}))
"""
READ_EVERYTHING_WITH_POLARS = """
import json, sys
from pathlib import Path
import polars as pl

rows = {path.stem: len(pl.read_parquet(path)) for path in Path(sys.argv[1]).glob("*.parquet")}
features = pl.scan_parquet(Path(sys.argv[1]) / "customer_features.parquet")
spend = features.select(pl.col("total_spend").sum()).collect().item()
print(json.dumps({"rows": rows, "spend": str(spend)}))
"""
UNREACHABLE = re.compile(
    "NewConnectionError|ConnectionError|ConnectTimeout|Read timed out|Temporary failure|"
    "Name or service not known|Network is unreachable|ProxyError"
)


def cache_folder() -> Path:
    """Return a folder outside the checkout that survives this session."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "customer-segmentation-tests"


def install_client(*requirements: str) -> Path:
    """Install pinned packages into a folder of their own, once; skip without a package index."""
    python = f"py{sys.version_info.major}{sys.version_info.minor}"
    folder = cache_folder() / f"{requirements[0].replace('==', '-')}-{python}"
    done = folder / ".installed"
    if not done.exists():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--upgrade", "--target", str(folder)]
        installed = subprocess.run(
            [*command, *requirements], capture_output=True, text=True, check=False
        )
        if UNREACHABLE.search(installed.stderr):
            missing = ", ".join(requirements)
            pytest.skip(f"the package index cannot be reached, so {missing} is missing")
        assert installed.returncode == 0, installed.stderr
        done.touch()
    return folder


def run_with_client(client: Path, script: str, *arguments: str) -> dict:
    """Run a script with a client's packages first on its path and return the JSON it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env=os.environ | {"PYTHONPATH": str(client)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def published_rows(whole_sample) -> dict[str, int]:
    frame = whole_sample.published("select table_name, rows from publications")
    return dict(zip(frame["table_name"], frame["rows"], strict=True)) | {"publications": len(frame)}


@pytest.mark.parametrize("version", ["1.4.5", "1.5.5"])
def test_an_older_duckdb_reads_every_table(whole_sample, published_rows, version):
    client = install_client(f"duckdb=={version}")
    read = run_with_client(client, READ_EVERYTHING, str(whole_sample.serving / DATABASE))
    assert read == {"version": version, "rows": published_rows}


@pytest.mark.parametrize("version", ["1.4.5", "1.5.5"])
def test_an_older_client_that_writes_to_an_old_file_changes_no_later_one(tmp_path, version):
    """Up to 1.4 a client looks for a log beside the link, and from 1.5 on beside the file."""
    client = install_client(f"duckdb=={version}")
    with duckdb.connect() as build:
        publish_number(build, tmp_path, 1)
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(tmp_path / DATABASE)],
            env=os.environ | {"PYTHONPATH": str(client)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout.readline() == "open\n"
        publish_number(build, tmp_path, 2)
        told_to_write(writer)
        writer.communicate(timeout=60)
    read = run_with_client(client, COUNT, str(tmp_path / DATABASE))
    assert read == {"customers": [2, 500], "segments": [2, 500]}


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


def test_polars_reads_every_table(whole_sample, published_rows):
    client = install_client("polars==2.1.0", "polars-runtime-32==2.1.0")
    folder = str(whole_sample.serving / "parquet")
    read = run_with_client(client, READ_EVERYTHING_WITH_POLARS, folder)
    assert read["rows"] == published_rows
    assert Decimal(read["spend"]) == sum_of_spend(whole_sample)


def test_pandas_keeps_money_exact(whole_sample):
    path = whole_sample.serving / "parquet" / "customer_features.parquet"
    spend = sum_of_spend(whole_sample)
    assert pd.read_parquet(path)["total_spend"].sum() == spend
    arrow = pd.read_parquet(path, dtype_backend="pyarrow")["total_spend"]
    assert str(arrow.dtype) == "decimal128(18, 2)[pyarrow]"
    assert arrow.sum() == spend


def sum_of_spend(project) -> Decimal:
    with duckdb.connect(str(project.serving / DATABASE), read_only=True) as connection:
        query = "select sum(total_spend) from customer_features"
        return connection.execute(query).fetchall()[0][0]


def test_columns_explain_themselves_to_a_client(whole_sample):
    without = whole_sample.published(
        "select table_name, column_name from duckdb_columns() "
        "where comment is null and not internal and table_name <> 'publications'"
    )
    assert without.empty, without
