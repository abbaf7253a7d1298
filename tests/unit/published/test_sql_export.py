"""Ensures that the exported statement gives the same segments in other databases."""

import math
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlglot

from segmentation.features.recipe import MISSING, Feature
from segmentation.published.predict import answer, answer_schema
from segmentation.published.scoring import load_model
from segmentation.published.served import CommandError, open_published
from segmentation.published.spellings import MARKS
from segmentation.published.sql_export import DIALECTS, literal, model_statement
from tests.recipes import make_recipe
from tests.unit.conftest import publish_made_up

MIXTURES = ["mixture", "mixture_famd"]
RECIPES = ["numbers", "shrunk", "famd", "famd_drop", "label_drop", "label_fill", *MIXTURES]
COLUMNS = (
    "customer_id integer, total_orders double precision, total_spend double precision, "
    "return_rate double precision, country varchar(99), brand varchar(99), favourite_day varchar(9)"
)


NAMES = re.findall(r"(\w+) (?:integer|double|varchar)", COLUMNS)
NUMBERS = NAMES[1:4]
ODD_RECIPES = ["numbers", "shrunk", "famd_drop", "label_fill", *MIXTURES]
ODD_VALUES = [
    {name: value}
    for name in NUMBERS
    for value in (math.nan, math.inf, -math.inf, 1e150, -1e160, 1e300, 1e308, 1.79e308)
] + [dict.fromkeys(NUMBERS, value) for value in (1e308, -1e308, math.nan)]


def odd_rows() -> list[dict[str, object]]:
    """Return customers, each with a value or more that is not finite or is absurd."""
    usual = {"total_orders": 2.0, "total_spend": 30.5, "return_rate": 0.1}
    texts = {"country": "Brasil", "brand": "Plain", "favourite_day": "Mon"}
    return [{"customer_id": 9001 + n} | usual | texts | odd for n, odd in enumerate(ODD_VALUES)]


def predicted(folder, rows: list[dict[str, object]], known=NAMES) -> list[tuple]:
    """Return what `segmentation predict` says of the rows that it places."""
    model = model_of(folder)
    schema = answer_schema(model, "customer_id", pa.int64(), explain=False)
    found = answer(rows, 1, model, frozenset(known), schema).to_pylist()
    columns = ("customer_id", "segment_id", "segment_name", "runner_up_segment_id")
    return [tuple(row[name] for name in columns) for row in found if row["segment_id"] is not None]


@cache
def model_of(folder):
    with open_published(folder) as published:
        return load_model(published)


@cache
def statement(folder, dialect, table="customer_features", key="customer_id"):
    return model_statement(model_of(folder), table=table, key=key, dialect=dialect)


@cache
def published_rows(folder):
    """Features, with three customers nobody has seen, and the segments by the build's SQL."""
    with open_published(folder) as published:
        features = published.connection.execute("from customer_features").df()
        segments = published.rows(
            "select customer_id, segment_id, segment_name, runner_up_segment_id "
            "from customer_segments order by 1"
        )
    return features, segments


def as_rows(features: pd.DataFrame) -> list[tuple]:
    return [
        tuple(None if value != value else value for value in row)
        for row in features.itertuples(index=False)
    ]


def answers(rows):
    return sorted(tuple(row[:4]) for row in rows)


def read_back(text: str, dialect: str) -> str:
    """Return a statement of another dialect as DuckDB runs it."""
    shared = ("duckdb", "postgres")
    return text if dialect in shared else sqlglot.transpile(text, read=dialect, write="duckdb")[0]


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one != "sqlite"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_duckdb_runs_it(published_folder, recipe, dialect):
    folder = published_folder(recipe)
    features, segments = published_rows(folder)
    with duckdb.connect() as connection:
        connection.register("customer_features", features)
        text = read_back(statement(folder, dialect), dialect)
        assert answers(connection.execute(text).fetchall()) == segments


@pytest.mark.parametrize("recipe", RECIPES)
def test_sqlite_runs_it(published_folder, recipe):
    folder = published_folder(recipe)
    features, segments = published_rows(folder)
    with sqlite3.connect(":memory:") as connection:
        add_missing_functions(connection)
        connection.execute(f"create table customer_features ({COLUMNS})")
        marks = ", ".join("?" * len(features.columns))
        connection.executemany(f"insert into customer_features values ({marks})", as_rows(features))
        found = connection.execute(statement(folder, "sqlite")).fetchall()
    assert answers(found) == segments


@pytest.mark.parametrize("recipe", ODD_RECIPES)
def test_duckdb_and_predict_agree_on_what_is_not_finite_or_absurd(published_folder, recipe):
    folder, rows = published_folder(recipe), odd_rows()
    with duckdb.connect() as connection:
        connection.execute(f"create table customer_features ({COLUMNS})")
        connection.executemany(
            "insert into customer_features values (?, ?, ?, ?, ?, ?, ?)",
            [[row[name] for name in NAMES] for row in rows],
        )
        kept = connection.execute("select count(*) from customer_features where isnan(return_rate)")
        assert kept.fetchall() == [(2,)]
        found = connection.execute(statement(folder, "duckdb")).fetchall()
    assert answers(found) == predicted(folder, rows)
    assert 0 < len(found) < len(rows)
    assert all(math.isfinite(one) for row in found for one in row if isinstance(one, float))


@pytest.mark.parametrize("recipe", ODD_RECIPES)
def test_sqlite_and_predict_agree_on_what_is_not_finite_or_absurd(published_folder, recipe):
    folder, rows = published_folder(recipe), odd_rows()
    with sqlite3.connect(":memory:") as connection:
        add_missing_functions(connection)
        connection.execute(f"create table customer_features ({COLUMNS})")
        connection.executemany(
            "insert into customer_features values (?, ?, ?, ?, ?, ?, ?)",
            [tuple(row[name] for name in NAMES) for row in rows],
        )
        found = connection.execute(statement(folder, "sqlite")).fetchall()
    assert answers(found) == predicted(folder, rows)


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
    postgresql(
        f"drop table if exists customer_features; create table customer_features ({COLUMNS})"
    )
    postgresql("copy customer_features from stdin (format csv, null '\\N')", copied)
    text = statement(folder, "postgres").rstrip(";\n")
    found = postgresql(f"copy ({text}) to stdout (format csv, delimiter '|')")
    rows = [line.split("|")[:4] for line in found.splitlines()]
    assert sorted((int(key), int(one), name, int(two)) for key, one, name, two in rows) == segments


@pytest.mark.parametrize("recipe", ODD_RECIPES)
def test_postgresql_and_predict_agree_on_what_is_not_finite_or_absurd(
    published_folder, postgresql, recipe
):
    folder, rows = published_folder(recipe), odd_rows()
    values = [", ".join(f"'{row[name]}'" for name in NAMES) for row in rows]
    postgresql(
        f"drop table if exists customer_features; create table customer_features ({COLUMNS});"
        f"insert into customer_features values ({'), ('.join(values)})"
    )
    text = statement(folder, "postgres").rstrip(";\n")
    found = postgresql(f"copy ({text}) to stdout (format csv, delimiter '|')")
    placed = [line.split("|")[:4] for line in found.splitlines()]
    wanted = predicted(folder, rows)
    assert sorted((int(key), int(one), name, int(two)) for key, one, name, two in placed) == wanted


def test_postgresql_takes_a_word_of_the_language_or_any_case_for_a_name(
    published_folder, postgresql
):
    folder = published_folder()
    columns = COLUMNS.replace("customer_id", '"select"')
    postgresql(f'drop table if exists "order"; create table "order" ({columns})')
    for key, table in (("select", "order"), ("SELECT", "Public.ORDER")):
        postgresql(statement(folder, "postgres", table=table, key=key))


@pytest.fixture(scope="module")
def postgresql():
    """Run SQL in a server of the test's own, on a socket in a folder of its own."""
    tools = postgresql_tools()
    if tools is None:
        pytest.skip("PostgreSQL is not installed here: initdb, postgres and psql are needed")
    # A server does not run as root, and what it runs as cannot enter pytest's folders.
    owner = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if owner:
            shutil.chown(folder, owner["user"], owner["group"])
        initdb = [tools["initdb"], "-D", f"{folder}/data", "-U", "tester", "--auth=trust"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
        subprocess.run([*initdb, "-E", "UTF8", "--locale=C"], check=True, **owner, **silent)
        start = [tools["postgres"], "-D", f"{folder}/data", "-k", folder]
        server = subprocess.Popen([*start, "-c", "listen_addresses="], **owner, **silent)
        try:
            yield ready(partial(run_psql, tools["psql"], folder))
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def postgresql_tools() -> dict[str, str] | None:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, installed)])
    tools = {name: shutil.which(name, path=path) for name in ("initdb", "postgres", "psql")}
    return tools if all(tools.values()) else None


def run_psql(psql: str, socket: str, text: str, stdin: str | None = None) -> str:
    command = [psql, "-h", socket, "-U", "tester", "-d", "postgres", "-X", "-q"]
    done = subprocess.run(
        [*command, "-v", "ON_ERROR_STOP=1", "-c", text],
        input=stdin,
        capture_output=True,
        text=True,
        env={"PGCLIENTENCODING": "UTF8"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def ready(run: Callable[..., str], seconds: float = 30) -> Callable[..., str]:
    until = time.monotonic() + seconds
    while True:
        try:
            run("select 1")
            return run
        except AssertionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


PLANS = ["basic", "plus", "it's", None, "", " NaN ", "never seen"]


@pytest.fixture(scope="module")
def flags(tmp_path_factory):
    """A published model of categories alone: flags of every type, a code, and texts with gaps."""
    draw = np.random.default_rng(3)
    rows = 120
    features = pd.DataFrame(
        {
            "customer_id": range(1, rows + 1),
            "has_app": draw.choice(["true", "false"], rows),
            "newsletter": draw.choice(["1.0", "0.0"], rows),
            "is_new": draw.choice(["1", "0"], rows),
            "region": draw.choice(["1", "2", "3"], rows),
            "plan": draw.choice(["basic", "plus", "it's", MISSING], rows),
        }
    )
    inputs = tuple(Feature(name, "category") for name in features.columns[1:])
    recipe = make_recipe("flags", inputs)
    return publish_made_up(tmp_path_factory.mktemp("flags"), recipe, features=features)


SOURCE = {
    "duckdb": ["boolean", "double precision", "bigint", "decimal(9, 2)", "varchar(9)"],
    "postgres": ["boolean", "double precision", "bigint", "numeric(9, 2)", "text"],
    "sqlite": ["boolean", "real", "integer", "decimal(9, 2)", "text"],
}
NULL_FLAGS = (None, None, None, None, None)


def source_rows(folder) -> list[tuple]:
    """Return the rows as their source holds them, and some with nulls and values never seen."""
    with open_published(folder) as published:
        rows = published.rows("from customer_features order by 1")
    typed = [
        (key, app == "true", float(letter), int(new), int(region), None if p == MISSING else p)
        for key, app, letter, new, region, p in rows
    ]
    return [
        *typed,
        *[(900 + n, True, 0.0, 1, 2, plan) for n, plan in enumerate(PLANS)],
        (990, True, 1.0, 0, 9, "plus"),
        (991, *NULL_FLAGS[1:], "plus"),
        (992, *NULL_FLAGS),
    ]


def wanted_of(folder, rows: list[tuple]) -> list[tuple]:
    names = ["customer_id", "has_app", "newsletter", "is_new", "region", "plan"]
    return predicted(folder, [dict(zip(names, row, strict=True)) for row in rows], names)


def test_predict_gives_the_source_of_flags_and_codes_the_published_segments(flags):
    rows = source_rows(flags)
    with open_published(flags) as published:
        published_segments = published.rows(
            "select customer_id, segment_id, segment_name, runner_up_segment_id "
            "from customer_segments order by 1"
        )
    assert wanted_of(flags, rows)[: len(published_segments)] == published_segments
    assert len(wanted_of(flags, rows)) == len(rows) - 1  # One has no value at all.


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_database_has_the_same_values_in_spellings_of_its_own(flags, dialect):
    rows, types = source_rows(flags), SOURCE[dialect]
    names = ["has_app", "newsletter", "is_new", "region", "plan"]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    with sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect() as connection:
        connection.execute(f"create table customer_features (customer_id bigint, {columns})")
        connection.executemany("insert into customer_features values (?, ?, ?, ?, ?, ?)", rows)
        found = connection.execute(statement(flags, dialect)).fetchall()
    assert answers(found) == wanted_of(flags, rows)


MARKED = [
    (901, "1", "?", "yes", "2.0", "plus"),
    (902, "None", "1", "N/A", "-", "plus"),
    (903, "true", "0.0", "off", "\\N", "?"),
    (904, "?", "none", "-", "#N/A", "null"),
]
"""Flags and codes as texts, some of them marks; in a plan a mark is a value never seen."""
COMMAS = [
    (905, "1,0", "0,0", "1,00", "3,0", "basic"),
    (906, "0,00", "1,0", "0,0", "2,00", "plus"),
    (907, "1,000", "0,0", "1", "1,0", "1,0"),
]
"""Flags and codes with decimal commas; before three digits one parts thousands, so is unseen."""
TEXTS = "has_app text, newsletter text, is_new text, region text, plan text"


def test_predict_takes_a_mark_for_missing_and_a_comma_for_a_point(flags):
    unmarked = [
        (key, *(None if str(value).lower() in MARKS else value for value in row), plan)
        for key, *row, plan in MARKED
    ]
    wanted = wanted_of(flags, unmarked)
    assert wanted_of(flags, MARKED) == wanted and [row[0] for row in wanted] == [901, 902, 903]
    pointed = [(key, *(one.replace(",0", ".0") for one in row)) for key, *row in COMMAS]
    assert wanted_of(flags, COMMAS[:2]) == wanted_of(flags, pointed[:2])
    assert wanted_of(flags, COMMAS[2:]) != wanted_of(flags, [(907, "1", "0", "1", "1", "plus")])


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_a_database_reads_texts_of_flags_and_codes_as_predict_does(flags, dialect):
    with sqlite3.connect(":memory:") if dialect == "sqlite" else duckdb.connect() as connection:
        connection.execute(f"create table customer_features (customer_id bigint, {TEXTS})")
        insert = "insert into customer_features values (?, ?, ?, ?, ?, ?)"
        connection.executemany(insert, MARKED + COMMAS)
        found = connection.execute(statement(flags, dialect)).fetchall()
    assert answers(found) == wanted_of(flags, MARKED + COMMAS)


@pytest.mark.parametrize("is_text", [False, True])
def test_so_does_postgresql(flags, postgresql, is_text):
    rows = MARKED + COMMAS if is_text else source_rows(flags)
    names = ["has_app", "newsletter", "is_new", "region", "plan"]
    typed = ", ".join(
        f"{name} {kind}" for name, kind in zip(names, SOURCE["postgres"], strict=True)
    )
    postgresql(
        "drop table if exists customer_features; "
        f"create table customer_features (customer_id bigint, {TEXTS if is_text else typed})"
    )
    copied = pd.DataFrame(rows, dtype=object).to_csv(index=False, header=False, na_rep="<null>")
    postgresql("copy customer_features from stdin (format csv, null '<null>')", copied)
    text = statement(flags, "postgres").rstrip(";\n")
    found = postgresql(f"copy ({text}) to stdout (format csv, delimiter '|')")
    placed = [line.split("|")[:4] for line in found.splitlines()]
    assert sorted((int(a), int(b), c, int(d)) for a, b, c, d in placed) == wanted_of(flags, rows)


@pytest.mark.parametrize("recipe", RECIPES)
def test_its_figures_are_those_of_the_published_segments(published_folder, recipe):
    """Distances and, from a mixture's log densities, confidences."""
    folder = published_folder(recipe)
    with open_published(folder) as published:
        text = statement(folder, "duckdb").rstrip(";\n")
        compared = published.connection.execute(
            f"from ({text}) as placed inner join customer_segments as segments using (customer_id)"
        ).df()
    assert np.allclose(np.sqrt(compared["squared_distance"]), compared["distance"], atol=1e-9)
    if recipe in MIXTURES:
        confidence = 1 - np.exp(compared["runner_up_log_density"] - compared["log_density"])
    else:
        assert "log_density" not in compared
        ratio = compared["squared_distance"] / compared["runner_up_squared_distance"]
        confidence = 1 - np.sqrt(ratio)
    assert np.allclose(confidence, compared["confidence"], atol=1e-9)


def test_of_equally_likely_segments_the_smaller_id_comes_first(published_folder):
    """A mixture of four times the same Gaussian."""
    folder = published_folder("mixture")
    with open_published(folder) as published:
        model = load_model(published)
        first = model.clusters[model.clusters["cluster"] == 10]
        alike = replace(
            model, clusters=pd.concat([first.assign(cluster=one) for one in model.segment_ids])
        )
        text = model_statement(alike, table="customer_features", key="customer_id")
        rows = published.rows(text)
    assert {(row[1], row[3]) for row in rows} == {(10, 20)}


@pytest.mark.parametrize("recipe", ["famd", *MIXTURES])
def test_only_arithmetic_case_and_three_functions_are_used(published_folder, recipe):
    text = statement(published_folder(recipe), "postgres").lower()
    text = re.sub(r"'(?:[^']|'')*'", "''", text)
    assert set(re.findall(r"(\w+)\(", text)) <= {
        "ln",
        "abs",
        "sign",
        "cast",
        "coalesce",
        "lower",
        "trim",
        "materialized",
    }
    assert "join" not in text and " over " not in text and text.count(";") == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_line_of_a_label_can_end_the_literal_it_is_in(published_folder, dialect):
    text = statement(published_folder("label_drop"), dialect)
    escapes = dialect not in ("duckdb", "postgres", "sqlite", "trino")
    assert (r"'Levi\'s'" if escapes else "'Levi''s'") in text and "'O;--'" in text
    assert (r"'back\\slash'" if escapes else r"'back\slash'") in text


@pytest.mark.parametrize("value", [0.1, -1e-300, 1e300, 5e-324, 3.0, -0.0, 1 / 3])
def test_literals_are_the_same_double(value):
    assert float(literal(value).strip("()")) == value
    assert duckdb.sql(f"select {literal(value)}").fetchall() == [(value,)]


@pytest.mark.parametrize("recipe", ["numbers", "mixture"])
def test_one_segment(published_folder, recipe):
    folder = published_folder(recipe, k=1)
    with duckdb.connect() as connection:
        connection.register("customer_features", published_rows(folder)[0])
        rows = connection.execute(statement(folder, "duckdb")).fetchall()
    assert {row[1:4] for row in rows} == {(10, "Name of 10", None)}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("x; drop table y", "not a plain name"),
        ("filled", "name of a step"),
        ("Filled", "name of a step"),
        ("", "plain name"),
    ],
)
def test_a_table_name_that_would_not_work_has_words(published_folder, table, words):
    with pytest.raises(CommandError, match=words):
        statement(published_folder(), "duckdb", table=table)


def test_the_command_prints_or_writes_the_statement(command, tmp_path):
    code, out, _ = command("export-sql", "--dialect", "sqlite", "--table", "shop.people")
    assert code == 0 and "FROM `shop`.`people`" in out and out.endswith(";\n")
    target = tmp_path / "model.sql"
    command("export-sql", "--dialect", "sqlite", "--table", "shop.people", "--output", target)
    assert target.read_text() == out


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one != "sqlite"])
@pytest.mark.parametrize(("table", "key"), [("order", "select"), ("main.ORDER", "Select")])
def test_a_name_may_be_a_word_of_the_language_in_any_case(published_folder, dialect, table, key):
    folder = published_folder()
    features, segments = published_rows(folder)
    with duckdb.connect() as connection:
        connection.register("features", features.rename(columns={"customer_id": "select"}))
        connection.execute('create table "order" as from features')
        text = read_back(statement(folder, dialect, table=table, key=key), dialect)
        assert answers(connection.execute(text).fetchall()) == segments


@pytest.mark.parametrize(("table", "key"), [("order", "select"), ("main.ORDER", "Select")])
def test_sqlite_takes_a_word_of_the_language_for_a_name_and_no_name_for_a_text(
    published_folder, table, key
):
    with sqlite3.connect(":memory:") as connection:
        add_missing_functions(connection)
        columns = COLUMNS.replace("customer_id", '"select"')
        connection.execute(f'create table "order" ({columns})')
        connection.execute(statement(published_folder(), "sqlite", table=table, key=key))
        with pytest.raises(sqlite3.OperationalError, match="no such column"):
            connection.execute(statement(published_folder(), "sqlite", table=table, key="shoe"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--table", ""], "--table '' is not a plain name"),
        (["--key", ""], "column '' is not a plain SQL name"),
    ],
)
def test_an_empty_name_is_refused_in_one_sentence(command, arguments, words):
    code, out, err = command("export-sql", *arguments)
    assert (code, out) == (2, "") and words in err and err.count("\n") == 1


def test_a_name_means_in_each_database_what_it_would_without_marks(published_folder):
    wanted = {"postgres": '"features"', "snowflake": '"FEATURES"', "spark": "`features`"}
    for dialect, name in wanted.items():
        assert name in statement(published_folder(), dialect, table="Features")
