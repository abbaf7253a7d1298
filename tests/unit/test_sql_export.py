"""Ensures that the exported statement gives the same segments in other databases."""

import math
import os
import re
import shutil
import socket
import sqlite3
import subprocess

import duckdb
import pandas as pd
import pytest

from segmentation.scoring import load_model
from segmentation.served import CommandError, open_published
from segmentation.sql_export import DIALECTS, literal, model_statement

RECIPES = ["numbers", "famd", "famd_drop", "label_drop", "label_fill"]
COLUMNS = (
    "customer_id integer, total_orders double precision, total_spend double precision, "
    "return_rate double precision, country varchar(99), brand varchar(99), favourite_day varchar(9)"
)


def statement(folder, dialect, table="customer_features"):
    with open_published(folder) as published:
        return model_statement(
            load_model(published), table=table, key="customer_id", dialect=DIALECTS[dialect]
        )


def published_rows(folder):
    """Features, with three customers nobody has seen, and the segments by the build's SQL."""
    with open_published(folder) as published:
        features = published.connection.execute("from customer_features").df()
        segments = published.rows(
            "select customer_id, segment_id, segment_name from customer_segments order by 1"
        )
    return features, segments


def as_rows(features: pd.DataFrame) -> list[tuple]:
    return [
        tuple(None if value != value else value for value in row)
        for row in features.itertuples(index=False)
    ]


def answers(rows):
    return sorted(tuple(row[:3]) for row in rows)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_duckdb_runs_it(published_folder, recipe, dialect):
    folder = published_folder(recipe)
    features, segments = published_rows(folder)
    with duckdb.connect() as connection:
        connection.register("customer_features", features)
        text = statement(folder, dialect)
        if dialect == "spark":  # Spark's backslash, which DuckDB does not double
            text = text.replace("\\\\", "\\")
        assert answers(connection.execute(text).fetchall()) == segments


@pytest.mark.parametrize("recipe", RECIPES)
def test_sqlite_runs_it(published_folder, recipe):
    folder = published_folder(recipe)
    features, segments = published_rows(folder)
    with sqlite3.connect(":memory:") as connection:
        add_missing_functions(connection)
        connection.execute(f"create table customer_features ({COLUMNS})")
        marks = ", ".join("?" * len(features.columns))
        connection.executemany(
            f"insert into customer_features values ({marks})", as_rows(features)
        )
        found = connection.execute(statement(folder, "sqlite")).fetchall()
    assert answers(found) == segments


def add_missing_functions(connection: sqlite3.Connection) -> None:
    """SQLite has ln and sign from 3.35, unless it was built without mathematics."""
    functions = {"ln": math.log, "sign": lambda x: (x > 0) - (x < 0)}
    for name, function in functions.items():
        try:
            connection.execute(f"select {name}(1.0)")
        except sqlite3.OperationalError:
            connection.create_function(name, 1, function)


@pytest.mark.parametrize("recipe", RECIPES)
def test_postgresql_runs_it(published_folder, postgresql, recipe):
    folder = published_folder(recipe)
    features, segments = published_rows(folder)
    copied = features.to_csv(index=False, header=False, na_rep="\\N")
    postgresql(f"drop table if exists customer_features; create table customer_features ({COLUMNS})")
    postgresql("copy customer_features from stdin (format csv, null '\\N')", copied)
    text = statement(folder, "postgres").rstrip(";\n")
    found = postgresql(f"copy ({text}) to stdout (format csv, delimiter '|')")
    rows = [line.split("|")[:3] for line in found.splitlines()]
    assert sorted((int(key), int(one), name) for key, one, name in rows) == segments


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory):
    """Run SQL in a server of the test's own, on a socket in a folder of its own."""
    tools = postgresql_tools()
    if tools is None:
        pytest.skip("PostgreSQL is not installed here: initdb, postgres and psql are needed")
    folder = tmp_path_factory.mktemp("pg")
    data, environment = folder / "data", {**os.environ, "LC_ALL": "C.UTF-8"}
    as_user = unprivileged(folder)
    made = subprocess.run(
        [tools["initdb"], "-D", data, "-U", "tester", "--auth=trust", "-E", "UTF8"],
        capture_output=True, text=True, env=environment, **as_user,
    )  # fmt: skip
    if made.returncode:
        pytest.skip(f"PostgreSQL does not start here: {made.stderr.strip()[-200:]}")
    sockets, port = str(folder), str(free_port())
    server = subprocess.Popen(
        [tools["postgres"], "-D", data, "-k", sockets, "-p", port, "-c", "listen_addresses="],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, **as_user,
    )  # fmt: skip

    def run(text: str, stdin: str | None = None) -> str:
        command = [tools["psql"], "-h", sockets, "-p", port, "-U", "tester", "-d", "postgres"]
        options = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", text]
        done = subprocess.run(
            [*command, *options], input=stdin, capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    try:
        wait_until_ready(run)
        yield run
    finally:
        server.terminate()
        server.wait(timeout=30)


def postgresql_tools() -> dict[str, str] | None:
    folders = [os.environ.get("PATH", ""), "/usr/lib/postgresql/15/bin"]
    config = shutil.which("pg_config")
    if config:
        folders.append(subprocess.run([config, "--bindir"], capture_output=True, text=True).stdout.strip())
    path = os.pathsep.join(folders)
    tools = {name: shutil.which(name, path=path) for name in ("initdb", "postgres", "psql")}
    return tools if all(tools.values()) else None
