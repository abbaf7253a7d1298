"""Ensures that publication is all or nothing, readable by old clients, and hashed by content."""

import fcntl
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import duckdb
import pytest

from segmentation.published.publishing import (
    DATABASE,
    PublicTable,
    Segmented,
    publish,
)
from segmentation.published.serving_folder import remove_unfinished

CUSTOMER = {"customer": Segmented("customer", 7, date(2024, 12, 31), is_stale=False)}
LISTED = {"segmentations": PublicTable("select * from segmentations", ("segmentation",))}
SEGMENTS = LISTED | {"segments": PublicTable("select * from segments", ("id",), "customer")}
ONE, TWO, THREE = "(1, 'a|b', 2.5, null, 7)", "(2, null, null, true, 7)", "(3, '', 1e-9, false, 7)"
ROWS = f"{ONE}, {TWO}, {THREE}"


@pytest.fixture
def session(tmp_path):
    """A build file with one table of all that matters: text, numbers, missing values, a version."""
    with duckdb.connect(str(tmp_path / "build.duckdb")) as connection:
        fill(connection, ROWS)
        connection.execute(
            "create table segmentations as select 'customer' as segmentation, 7 as model_version, "
            "date '2024-12-31' as as_of_date, 3 as units, false as is_stale"
        )
        yield connection


def fill(connection, rows: str) -> None:
    connection.execute(
        "create or replace table segments as select * from "
        f"(values {rows}) as t(id, name, spend, flag, model_version)"
    )


@pytest.fixture
def serving(tmp_path) -> Path:
    return tmp_path / "serving"


def content_hash(session, folder: Path, tables=SEGMENTS) -> str:
    published = publish(session, LISTED | tables, CUSTOMER, folder)
    return published.set_index("table_name")["content_hash"].drop("segmentations").item()


def read(path: Path, statement: str) -> list[tuple]:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as served (read_only)")
        connection.execute("use served")
        return connection.execute(statement).fetchall()


# --- what is published ---


def test_tables_are_copied_whole_in_key_order(session, serving):
    fill(session, "(3, 'c', 1, true, 7), (1, 'a', 2, true, 7), (2, 'b', 3, true, 7)")
    publish(session, SEGMENTS, CUSTOMER, serving)
    assert read(serving / DATABASE, "select id, name from segments") == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]


def test_parquet_files_hold_the_same_rows(session, serving):
    publish(session, SEGMENTS, CUSTOMER, serving)
    parquet = duckdb.sql(f"from '{serving}/parquet/segments.parquet'").fetchall()
    assert parquet == read(serving / DATABASE, "from segments")
    assert sorted(path.name for path in (serving / "parquet").iterdir()) == [
        "publications.parquet",
        "segmentations.parquet",
        "segments.parquet",
    ]


def test_publications_say_what_was_published(session, serving):
    returned = publish(session, SEGMENTS, CUSTOMER, serving).set_index("table_name")
    ((rows, columns, digest, version, day),) = read(
        serving / DATABASE,
        "select rows, columns, content_hash, model_version, as_of_date from publications "
        "where table_name = 'segments'",
    )
    assert (rows, columns, version, day) == (3, 5, 7, date(2024, 12, 31))
    assert digest == returned["content_hash"]["segments"]


def test_comments_travel_along_quotes_and_all(session, serving):
    session.execute("comment on table segments is 'One row per customer''s segment.'")
    session.execute("comment on column segments.name is 'What it''s called.'")
    publish(session, SEGMENTS, CUSTOMER, serving)
    assert read(
        serving / DATABASE, "select comment from duckdb_tables() where table_name = 'segments'"
    ) == [("One row per customer's segment.",)]
    assert read(
        serving / DATABASE,
        "select comment from duckdb_columns() where table_name = 'segments' and comment <> ''",
    ) == [("What it's called.",)]


def test_a_table_no_longer_published_leaves_the_parquet_folder(session, serving):
    publish(
        session, SEGMENTS | {"extra": PublicTable("select 1 as id", ("id",))}, CUSTOMER, serving
    )
    assert (serving / "parquet/extra.parquet").exists()
    publish(session, SEGMENTS, CUSTOMER, serving)
    assert not (serving / "parquet/extra.parquet").exists()


# --- content hashes ---


def test_the_hash_does_not_depend_on_the_order_of_rows(session, tmp_path):
    first = content_hash(session, tmp_path / "one")
    fill(session, f"{THREE}, {ONE}, {TWO}")
    unordered = {"segments": PublicTable("select * from segments", ("flag",))}
    assert content_hash(session, tmp_path / "other", unordered) == first


@pytest.mark.parametrize("column", ["model_version", "fitted_at", "published_at", "seconds"])
def test_the_hash_ignores_versions_times_and_durations(session, tmp_path, column):
    tables = [
        {"t": PublicTable(f"select id, {value} as {column} from segments", ("id",))}
        for value in ("timestamp '2020-01-01'", "timestamp '2021-01-01'")
    ]
    hashes = [content_hash(session, tmp_path / str(n), t) for n, t in enumerate(tables)]
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    "rows",
    [
        ROWS.replace("2.5", "2.6"),
        ROWS.replace("null, 7", "true, 7", 1),
        ROWS.replace("'a|b'", "'a||b'"),
        ROWS.replace("(2, null", "(2, ''"),
        ROWS.replace("(2, null", "(2, 'null'"),
        ROWS + ", (4, 'd', 1, true, 7)",
        ROWS.replace("1e-9", "1.0000000000000002e-9"),
    ],
)
def test_the_hash_changes_with_any_value(session, tmp_path, rows):
    before = content_hash(session, tmp_path / "before")
    fill(session, rows)
    assert content_hash(session, tmp_path / "after") != before


def test_neighbouring_columns_cannot_be_mistaken_for_each_other(session, tmp_path):
    pairs = ["'a|', 'b'", "'a', '|b'", "'a|-', ''", "'a', null", "'a|,b', ''", "'a', '|-'"]
    queries = [f"select * from (values (1, {pair}::varchar)) as t(id, x, y)" for pair in pairs]
    hashes = {
        content_hash(session, tmp_path / str(n), {"t": PublicTable(query, ("id",))})
        for n, query in enumerate(queries)
    }
    assert len(hashes) == len(pairs)


def test_a_column_renamed_or_swapped_changes_the_hash(session, tmp_path):
    queries = ["1 as id, 2 as x, 3 as y", "1 as id, 2 as y, 3 as x", "1 as id, 2 as x, 3 as z"]
    hashes = {
        content_hash(session, tmp_path / str(n), {"t": PublicTable(f"select {query}", ("id",))})
        for n, query in enumerate(queries)
    }
    assert len(hashes) == len(queries)


# --- the swap ---


def test_the_published_file_has_no_log_and_takes_no_writes(session, serving):
    publish(session, SEGMENTS, CUSTOMER, serving)
    version = serving / "versions" / "1"
    assert {path.name for path in version.iterdir()} == {DATABASE, "parquet"}
    files = [path for path in version.rglob("*") if path.is_file()]
    assert len(files) == 4
    assert all(path.stat().st_mode & 0o222 == 0 for path in files)


def test_a_build_waits_while_another_writes_to_the_same_folder(session, serving):
    serving.mkdir()
    other_build = os.open(serving, os.O_RDONLY)
    fcntl.flock(other_build, fcntl.LOCK_EX)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(publish, session, SEGMENTS, CUSTOMER, serving)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        assert not (serving / DATABASE).exists()
        os.close(other_build)
        assert len(waiting.result(timeout=30)) == 2
    assert read(serving / DATABASE, "select count(*) from segments") == [(3,)]


def test_a_reader_of_the_old_file_keeps_its_data(session, serving):
    publish(session, SEGMENTS, CUSTOMER, serving)
    with duckdb.connect(str(serving / DATABASE), read_only=True) as reader:
        before = reader.execute("from segments").fetchall()
        fill(session, "(9, 'new', 1, true, 7)")
        for _ in range(5):
            publish(session, SEGMENTS, CUSTOMER, serving)
        assert reader.execute("from segments").fetchall() == before
    assert read(serving / DATABASE, "select id from segments") == [(9,)]


def test_quotes_in_the_path_do_no_harm(session, tmp_path):
    serving = tmp_path / "the shop's folder"
    publish(session, SEGMENTS, CUSTOMER, serving)
    with duckdb.connect(str(serving / DATABASE), read_only=True) as reader:
        assert reader.execute("select count(*) from segments").fetchall() == [(3,)]


# --- refusals ---


@pytest.mark.parametrize(
    ("expression", "data_type"),
    [
        ("timestamptz '2020-01-01 00:00:00+00'", "TIMESTAMP WITH TIME ZONE"),
        ("timestamp_ns '2020-01-01'", "TIMESTAMP_NS"),
        ("{'a': 1}", "STRUCT"),
        ("170141183460469231731687303715884105727::hugeint", "HUGEINT"),
        ("uuid()", "UUID"),
    ],
)
def test_types_that_old_clients_cannot_read_are_refused(session, serving, expression, data_type):
    tables = {"odd": PublicTable(f"select 1 as id, {expression} as strange", ("id",))}
    with pytest.raises(
        ValueError, match=f"Column odd.strange has type {data_type}.*cast it to one"
    ):
        publish(session, LISTED | tables, CUSTOMER, serving)


@pytest.mark.parametrize(
    "expression", ["[1.5]", "1.5::decimal(18, 4)", "date '2020-01-01'", "true"]
)
def test_plain_types_and_lists_of_them_are_published(session, serving, expression):
    tables = {"plain": PublicTable(f"select 1 as id, {expression} as x", ("id",))}
    published = publish(session, LISTED | tables, CUSTOMER, serving)
    assert published.set_index("table_name")["rows"]["plain"] == 1


@pytest.mark.parametrize("folder", [".", "link", "../{name}"])
def test_a_folder_that_holds_the_build_file_is_refused_before_anything_is_written(
    session, tmp_path, folder
):
    (tmp_path / "link").symlink_to(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="would replace the warehouse or remove it"):
        publish(session, SEGMENTS, CUSTOMER, tmp_path / folder.format(name=tmp_path.name))
    assert sorted(tmp_path.rglob("*")) == before


def test_what_a_killed_publication_left_is_removed_and_nothing_else(session, serving):
    publish(session, SEGMENTS, CUSTOMER, serving)
    before = sorted(serving.rglob("*"))
    for left in (f"{DATABASE}.tmp", f"{DATABASE}.tmp.wal", "versions/.manifest"):
        (serving / left).touch()
    (serving / "versions/.unfinished/parquet").mkdir(parents=True)
    remove_unfinished(serving)
    assert sorted(serving.rglob("*")) == before
    remove_unfinished(serving.parent / "nowhere")


@pytest.mark.parametrize("in_the_way", ["serving", "serving/parquet"])
def test_a_folder_that_cannot_be_written_is_one_sentence(session, serving, in_the_way):
    path = serving.parent / in_the_way
    path.parent.mkdir(exist_ok=True)
    path.write_text("in the way")
    with pytest.raises(OSError) as refused:
        publish(session, SEGMENTS, CUSTOMER, serving)
    said = str(refused.value)
    assert said.startswith(f"The serving folder {serving} cannot be written (")
    assert said.endswith("name another with SEGMENTATION_SERVING.") and "\n" not in said
    assert refused.value.__suppress_context__


def test_a_database_that_cannot_be_written_is_one_sentence(session, serving):
    serving.mkdir()
    (serving / "versions").write_text("in the way")
    with pytest.raises(OSError, match=f"The serving folder {serving} cannot be written"):
        publish(session, SEGMENTS, CUSTOMER, serving)


@pytest.mark.parametrize(
    "query",
    [
        "select 1 as id, uuid() as x",
        "select * from nowhere",
        "select 1 as id, error('broken') as x",
    ],
    ids=["refused", "missing", "broken"],
)
def test_a_failure_leaves_every_old_file_untouched(session, serving, query):
    publish(session, SEGMENTS, CUSTOMER, serving)
    before = snapshot(serving)
    fill(session, "(9, 'new', 1, true, 7)")
    with pytest.raises((ValueError, duckdb.Error)):
        publish(session, SEGMENTS | {"bad": PublicTable(query, ("id",))}, CUSTOMER, serving)
    assert snapshot(serving) == before
    fill(session, ROWS)
    publish(session, SEGMENTS, CUSTOMER, serving)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Contents of all files, however hidden."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
