"""Ensures that a file of any spreadsheet becomes a model that reads it whole."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from segmentation.published.served import CommandError
from segmentation.scaffold.source_file import model_of_file, reading_of

ROWS = 'Kunde;Ort;Größe\r\n007;Köln;1,5\r\n008;"a;""b""";2,25\r\n'


def read(path: Path) -> list[tuple]:
    ending, model = model_of_file(path, path.parent)
    if ending == ".py":
        return read_by_python(model, path)
    config, query = model.split("\n\n", 1)
    assert config == "{{ config(materialized='table') }}"
    with duckdb.connect() as connection:
        connection.execute(f"set file_search_path = '{path.parent}'")
        return connection.execute(query).fetchall()


def read_by_python(model: str, path: Path) -> list[tuple]:
    """Run a Python model where dbt would: in the project's folder, with an object like dbt's."""
    told: dict[str, str] = {}
    names: dict[str, Callable] = {}
    with contextlib.chdir(path.parent), duckdb.connect() as connection:
        exec(model, names)
        rows = names["model"](SimpleNamespace(config=told.update), connection)
        found = connection.execute("select * from rows").fetchall()
    assert told == {"materialized": "table"} and list(rows.columns) == ["Kunde", "Ort", "Größe"]
    return found


UNREAD = ["utf-16-be", "cp1252", "cp437"]
"""What DuckDB does not read, beside marks that only they have."""


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "latin-1", *UNREAD])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "mixed"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_file_is_read_whatever_it_is_written_in(tmp_path, codec, ends, delimiter):
    text = ROWS.replace(";", delimiter)
    text = text.replace("\r\n", "\n", 1) if ends == "mixed" else text.replace("\r\n", ends)
    path = tmp_path / "wines.csv"
    town = "Köln €" if codec == "cp1252" else "Köln"
    path.write_bytes(text.replace("Köln", town).encode(codec))
    wanted = [("007", town, "1,5"), ("008", f'a{delimiter}"b"', "2,25")]
    assert read(path) == wanted
    assert model_of_file(path, tmp_path)[0] == (".py" if codec in UNREAD else ".sql")


def test_parquet_and_json_keep_their_types(tmp_path):
    for kind in ("parquet", "json"):
        path = tmp_path / f"wines.{kind}"
        duckdb.sql(f"copy (select 7 as a, true as b) to '{path}'")
        assert read(path) == [(7, True)]


def test_a_file_is_named_from_the_project_where_it_lies_inside(tmp_path):
    inside, outside = tmp_path / "project" / "data" / "it's.csv", tmp_path / "wines.csv"
    inside.parent.mkdir(parents=True)
    for path in (inside, outside):
        path.write_text("a,b\n1,2\n")
    assert "read_csv(\n    'data/it''s.csv'," in model_of_file(inside, tmp_path / "project")[1]
    assert f"    '{outside}'," in model_of_file(outside, tmp_path / "project")[1]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("wines.xlsx", b"PK", "let it end in .csv, .tsv"),
        ("wines.csv", b" \n", "is empty: it needs a header and rows"),
        ("wines.csv", b"a;A\n1;2\n", "has the column 'a' more than once"),
        ("wines.csv", "a\nKöln, Zürich\n".encode() + b"\xe8\n", "is not UTF-8 text throughout"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        model_of_file(path, tmp_path)


def test_a_reading_in_sql_needs_what_duckdb_reads(tmp_path):
    path = tmp_path / "wines.csv"
    path.write_bytes("a\n5 €\n".encode("cp1252"))
    with pytest.raises(CommandError, match="is written in cp1252, which DuckDB does not read"):
        reading_of(path, tmp_path)
