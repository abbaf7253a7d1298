"""Ensures that a file of any spreadsheet becomes a model that reads it whole."""

from pathlib import Path

import duckdb
import pytest

from segmentation.published.served import CommandError
from segmentation.scaffold.source_file import model_of_file

ROWS = 'Kunde;Ort;Größe\r\n007;Köln;1,5\r\n008;"a;""b""";2,25\r\n'


def read(path: Path) -> list[tuple]:
    model = model_of_file(path, path.parent)
    config, query = model.split("\n\n", 1)
    assert config == "{{ config(materialized='table') }}"
    with duckdb.connect() as connection:
        connection.execute(f"set file_search_path = '{path.parent}'")
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("ends", ["\r\n", "\n", "mixed"])
@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_file_is_read_whatever_it_is_written_in(tmp_path, codec, ends, delimiter):
    text = ROWS.replace(";", delimiter)
    text = text.replace("\r\n", "\n", 1) if ends == "mixed" else text.replace("\r\n", ends)
    path = tmp_path / "wines.csv"
    path.write_bytes(text.encode(codec))
    wanted = [("007", "Köln", "1,5"), ("008", f'a{delimiter}"b"', "2,25")]
    assert read(path) == wanted


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
    assert "read_csv(\n    'data/it''s.csv'," in model_of_file(inside, tmp_path / "project")
    assert f"    '{outside}'," in model_of_file(outside, tmp_path / "project")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("wines.xlsx", b"PK", "let it end in .csv, .tsv"),
        ("wines.csv", b" \n", "is empty: it needs a header and rows"),
        ("wines.csv", b"a;A\n1;2\n", "has the column 'a' more than once"),
        ("wines.csv", "a\n5 €\n".encode("cp1252"), "is written in cp1252, which DuckDB does not"),
        ("wines.csv", "a\nMartín\n".encode("cp437"), "is written in cp437, which DuckDB does not"),
        ("wines.csv", "a\nKöln, Zürich\n".encode() + b"\xe8\n", "is not UTF-8 text throughout"),
        ("wines.csv", "a,b\n1,2\n".encode("utf-16-be"), "which DuckDB does not read"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        model_of_file(path, tmp_path)
