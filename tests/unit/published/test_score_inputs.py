"""Ensures that no row of an input is lost, however broken."""

import io
import json
import tracemalloc

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.published.score_inputs import Damaged, batches, read_rows
from segmentation.published.served import CommandError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One folder for all examples of a property, each of which overwrites the file."""
    return tmp_path_factory.mktemp("inputs")


@pytest.fixture
def read(tmp_path):
    def rows(content, kind="csv", **options):
        path = tmp_path / f"input.{kind}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read_rows(str(path), None, **options).rows)

    return rows


def test_csv_fields_are_text_by_lower_case_name(read):
    assert read('\ufeffId, Total_Spend\r\n1,"2,5"\r\n') == [{"id": "1", "total_spend": "2,5"}]


def test_another_delimiter(read):
    assert read("a;b\n1;2\n", delimiter=";") == [{"a": "1", "b": "2"}]


def test_lines_of_the_wrong_length_stay_rows(read):
    rows = read("a,b\n1,2\n3\n4,5,6\n7,8\n")
    assert rows[1] == Damaged("line 3 has 1 fields, the header has 2")
    assert rows[2] == Damaged("line 4 has 3 fields, the header has 2")
    assert rows[3] == {"a": "7", "b": "8"}


def test_a_quotation_mark_that_never_closes_costs_one_row_and_not_the_rest(read):
    rows = read('a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert rows[1] == Damaged("line 3 has a quotation mark out of place")
    assert [row["a"] for row in rows if isinstance(row, dict)] == ["1", "5", "7"]


def test_a_field_may_hold_a_line_break(read):
    assert read('a,b\n1,"x\ny"\n2,z\n') == [{"a": "1", "b": "x\ny"}, {"a": "2", "b": "z"}]


def test_blank_lines_are_no_rows_but_missing_values_where_there_is_one_column(read):
    assert len(read("a,b\n\n1,2\n\n\n3,4\n\n")) == 2
    assert read("a\n1\n\n2\n") == [{"a": "1"}, {"a": ""}, {"a": "2"}]


def test_odd_bytes_cost_no_row(read):
    rows = read(b"a,b\n1,caf\xe9\n2,\x00\n3,\xff\xfe\n")
    assert [row["a"] for row in rows] == ["1", "2", "3"]


@pytest.mark.parametrize(
    "text",
    [
        '[{"a": 1}, {"a": null}]',
        '{"a": 1}\n{"a": null}\n',
        '{"a": 1}\n\n{"a": null}',
        '[{"A ": 1}, {"a": null}]',
    ],
)
def test_json_is_an_array_or_one_object_per_line(read, text):
    assert read(text, "json") == [{"a": 1}, {"a": None}]


def test_one_json_object_over_many_lines_is_one_row(read):
    assert read('{\n "a": 1,\n "b": [2]\n}\n', "json") == [{"a": 1, "b": [2]}]


def test_broken_json_lines_and_items_stay_rows(read):
    rows = read('{"a": 1}\n{"a": \n{"a": 3}\n7\n', "json")
    assert [isinstance(row, Damaged) for row in rows] == [False, True, False, True]
    rows = read('[1, {"a": 2}, null, {"a": 1, "A": 2}]', "json")
    assert [isinstance(row, Damaged) for row in rows] == [True, False, True, True]


@pytest.mark.parametrize("bad", ["nonsense", "7", "[1, 2]", '{"a": ', '"text"', '}{"a": 1}'])
def test_a_bad_first_line_is_a_row_as_it_is_anywhere_else(read, bad):
    first = read(f'{bad}\n{{"a": 1}}\n{{"a": 2}}\n', "json")
    assert isinstance(first[0], Damaged) and first[1:] == [{"a": 1}, {"a": 2}]
    second = read(f'{{"a": 1}}\n{bad}\n{{"a": 2}}\n', "json")
    assert [isinstance(row, Damaged) for row in second] == [False, True, False]


def test_a_whole_number_of_ten_thousand_digits_is_infinite(read):
    assert read('[{"a": ' + "9" * 10_000 + "}]", "json") == [{"a": float("inf")}]


def test_parquet_keeps_types(read, tmp_path):
    path = tmp_path / "typed.parquet"
    duckdb.sql(f"copy (select 1::bigint as Id, 2.5::decimal(9,2) as x, null as y) to '{path}'")
    inputs = read_rows(str(path), None)
    assert str(inputs.types["id"]) == "int64"
    (row,) = inputs.rows
    assert (row["id"], float(row["x"]), row["y"]) == (1, 2.5, None)


def test_a_large_file_is_read_in_little_more_than_its_lines(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + f"{'x' * 60},{'y' * 60}\n" * 50_000)
    tracemalloc.start()
    try:
        rows = read_rows(str(path), None).rows
        assert sum(isinstance(row, dict) for row in rows) == 50_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3.5 * path.stat().st_size


def test_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\n1\n")))
    assert list(read_rows("-", "csv").rows) == [{"a": "1"}]


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        ("", "csv", "is empty"),
        ("  \n", "json", "is empty"),
        ("a,A\n1,2\n", "csv", "column 'a' more than once"),
        ('a,"b\n1,2\n', "csv", "header .* quotation mark"),
        ("[1, 2", "json", "is not JSON"),
        ('[\n{"a": 1},\n{"a": 2}\n', "json", "is not JSON"),
        ("1\n2\n", "json", "is not JSON"),
        ("nonsense", "json", "is not JSON"),
        ("nonsense", "parquet", "not a Parquet file"),
        ("a", "txt", "format of .* is not known: say --format csv, json, parquet"),
    ],
)
def test_what_concerns_the_whole_file_is_one_sentence(read, content, kind, words):
    with pytest.raises(CommandError, match=words):
        read(content, kind)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        read_rows(str(tmp_path / "none.csv"), None)


def test_batches_are_bounded_and_complete():
    assert [len(batch) for batch in batches(({} for _ in range(7)), 3)] == [3, 3, 1]
    assert list(batches(iter([]))) == []


lines = st.text(st.characters(codec="utf-8", exclude_characters='\r\n"'), min_size=1)


@settings(max_examples=150, deadline=None)
@given(body=st.lists(lines, max_size=12))
def test_every_csv_line_without_quotation_marks_is_one_row(folder, body):
    path = folder / "input.csv"
    path.write_text("a,b\n" + "".join(line + "\n" for line in body), encoding="utf-8")
    assert len(list(read_rows(str(path), None).rows)) == len(body)


@settings(max_examples=150, deadline=None)
@given(body=st.lists(st.text(st.sampled_from('ab,"'), min_size=1, max_size=6), max_size=12))
def test_no_quotation_mark_swallows_the_rows_after_it(folder, body):
    path = folder / "input.csv"
    path.write_text("a,b\n" + "".join(f"{line}\n" for line in body) + "last,row", encoding="utf-8")
    *earlier, last = read_rows(str(path), None).rows
    assert last == {"a": "last", "b": "row"}
    inside = sum(v.count("\n") for row in earlier if isinstance(row, dict) for v in row.values())
    assert inside + len(earlier) <= len(body)
    assert earlier or not body


@settings(max_examples=100, deadline=None)
@given(
    items=st.lists(
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=5,
        )
    )
)
def test_every_json_item_is_one_row(folder, items):
    path = folder / "input.json"
    path.write_text(json.dumps(items))
    assert len(list(read_rows(str(path), None).rows)) == len(items)
