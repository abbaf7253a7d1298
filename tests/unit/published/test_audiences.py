"""Ensures that an audience is exactly its segment, filtered, and that its manifest says so."""

import csv
import hashlib
import hmac
import json
import os
import shutil

import duckdb
import pyarrow as pa
import pytest

from segmentation.published.audiences import Filters, audience, pseudonym, pseudonym_key
from segmentation.published.output import harmless
from segmentation.published.served import CommandError, open_published

KEY = "a secret of more than thirty-two characters"


def members(folder, condition="true"):
    with open_published(folder) as published:
        return published.rows(
            "select s.customer_id from customer_segments as s "
            "inner join customer_features as f using (customer_id) "
            f"where s.segment_id = 20 and {condition} order by 1"
        )


def exported(path, columns="customer_id"):
    return duckdb.sql(f"select {columns} from '{path}'").fetchall()


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_an_audience_is_the_whole_segment_by_key(command, published_folder, tmp_path, kind):
    code, out, err = command(
        "export", "--segment", "Name of 20", "--out", tmp_path / "new" / "dir", "--format", kind
    )
    target = tmp_path / "new" / "dir" / f"customer_segment_20.{kind}"
    assert code == 0, err
    assert exported(target) == members(published_folder()) and str(target) in out
    columns = [row[0] for row in duckdb.sql(f"describe select * from '{target}'").fetchall()]
    assert columns == [
        "customer_id",
        "segment_id",
        "segment_name",
        "confidence",
        "valid_from",
        "model_version",
    ]
    assert exported(target, "distinct segment_id, segment_name, valid_from, model_version") == [
        (20, "Name of 20", None, 7)
    ]


def test_the_manifest_holds_counts_filters_and_hashes(command, published_folder, tmp_path):
    arguments = ["--segment", "20", "--out", tmp_path, "--min-confidence", "0.3"]
    assert command("export", *arguments, "--where", "country=Brasil")[0] == 0
    told = json.loads((tmp_path / "customer_segment_20.manifest.json").read_text())
    content = (tmp_path / "customer_segment_20.csv").read_bytes()
    wanted = members(published_folder(), "confidence >= 0.3 and country = 'Brasil'")
    everybody = len(members(published_folder()))
    assert 0 < len(wanted) < everybody
    assert told["rows"] == len(wanted) == content.count(b"\n") - 1
    assert told["rows_in_segment"] == everybody
    assert told["rows_left_out_by_filters"] == everybody - len(wanted)
    assert told["filters"] == {"min_confidence": 0.3, "where": {"country": ["Brasil"]}}
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    assert told["source_content_hashes"] == {
        "customer_features": "hash of features",
        "customer_segments": "hash of segments",
    }
    assert told["published_at"] == "2023-07-01 10:00:00" and told["model_version"] == 7


def test_the_same_publication_gives_the_same_bytes(command, tmp_path):
    for name in ("one", "two"):
        command("export", "--segment", "20", "--out", tmp_path / name)
    one, two = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]


@pytest.mark.parametrize(
    ("where", "condition"),
    [
        ({"country": ("Brasil", "China")}, "country in ('Brasil', 'China')"),
        ({"country": ("Brasil",), "brand": ("Levi's",)}, "country='Brasil' and brand='Levi''s'"),
        ({"total_orders": ("4",)}, "total_orders = 4"),
    ],
)
def test_filters_mean_any_value_of_a_column_and_every_column(published_folder, where, condition):
    folder = published_folder()
    with open_published(folder) as published:
        table = audience(published, published.find_segment("20"), Filters(where=where))
    assert [(one,) for one in table.column("customer_id").to_pylist()] == members(folder, condition)


@pytest.fixture
def typed_folder(published_folder, tmp_path):
    """A published file with a whole number, a number of two decimals and a date to filter by."""
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            """
            create or replace table customer_features as
            select * exclude (total_orders, total_spend),
                cast(total_orders as bigint) as total_orders,
                cast(50.99 as decimal(18, 2)) as total_spend,
                date '2023-02-01' as first_order_date
            from customer_features
            """
        )
    return tmp_path


@pytest.mark.parametrize(
    ("column", "values", "condition"),
    [
        ("total_orders", ("4",), "total_orders = 4"),
        ("total_orders", ("4.0", " 4 "), "total_orders = 4"),
        ("total_orders", ("3.5", "3"), "total_orders = 3"),
        ("total_spend", ("50.99",), "true"),
        ("total_spend", ("50.990",), "true"),
        ("first_order_date", ("2023-02-01",), "true"),
        ("first_order_date", ("2023-02-01 00:00",), "true"),
    ],
)
def test_a_value_is_compared_as_the_number_or_date_it_is(typed_folder, column, values, condition):
    with open_published(typed_folder) as published:
        table = audience(published, published.find_segment("20"), Filters(where={column: values}))
    found = [(one,) for one in table.column("customer_id").to_pylist()]
    assert found == members(typed_folder, condition)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("total_orders", "3.5"),
        ("total_orders", "4.0000000000000000000001"),
        ("total_orders", "0x4"),
        ("total_spend", "50.991"),
        ("total_spend", "50.985"),
        ("first_order_date", "2023-02-01 12:00"),
    ],
)
def test_a_value_that_the_column_cannot_hold_matches_nobody(typed_folder, column, value):
    with (
        open_published(typed_folder) as published,
        pytest.raises(CommandError, match=f"Nobody in segment 20, Name of 20, has {column} = "),
    ):
        audience(published, published.find_segment("20"), Filters(where={column: (value,)}))


@pytest.mark.parametrize(
    ("as_of_date", "valid_from"),
    [
        ("2023-03-01", "2023-03-01"),
        ("2023-02-15", "None"),
        ("2023-02-01", "None"),
        ("2023-01-31", "2023-01-01"),
        ("2022-12-31", "None"),
    ],
)
def test_valid_from_is_that_of_the_interval_with_the_date_of_the_data(
    published_folder, tmp_path, as_of_date, valid_from
):
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            """
            create table customer_segment_history as
            select customer_id, segment_id, date '2023-03-01' as valid_from,
                cast(null as date) as valid_to
            from customer_segments
            union all
            select customer_id, segment_id, date '2023-01-01', date '2023-02-01'
            from customer_segments
            """
        )
        connection.execute(f"update segmentations set as_of_date = date '{as_of_date}'")
    with open_published(tmp_path) as published:
        table = audience(published, published.find_segment("20"), Filters())
    assert len(table) == len(members(tmp_path))
    assert {str(one) for one in table.column("valid_from").to_pylist()} == {valid_from}


def test_pseudonyms_are_hmacs_in_an_order_of_their_own(
    command, published_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("SEGMENTATION_PSEUDONYM_KEY", KEY)
    assert command("export", "--segment", "20", "--out", tmp_path, "--pseudonymise")[0] == 0
    found = [one for (one,) in exported(tmp_path / "customer_segment_20.csv", "customer_pseudonym")]
    wanted = [
        hmac.digest(KEY.encode(), str(one).encode(), "sha256").hex()
        for (one,) in members(published_folder())
    ]
    assert found == sorted(wanted)
    text = (tmp_path / "customer_segment_20.csv").read_text()
    assert "customer_id" not in text and KEY not in text
    told = (tmp_path / "customer_segment_20.manifest.json").read_text()
    assert '"is_pseudonymised": true' in told and KEY not in told


@pytest.mark.parametrize("key", [None, "", "x" * 31])
def test_a_missing_or_short_key_is_refused_before_anything_is_written(
    command, tmp_path, monkeypatch, key
):
    monkeypatch.delenv("SEGMENTATION_PSEUDONYM_KEY", raising=False)
    if key is not None:
        monkeypatch.setenv("SEGMENTATION_PSEUDONYM_KEY", key)
    code, _, err = command("export", "--segment", "20", "--out", tmp_path, "--pseudonymise")
    assert code == 2 and "at least 32 characters" in err and not list(tmp_path.iterdir())


def test_pseudonyms_depend_on_the_key_and_the_text_of_the_id():
    key = pseudonym_key({"SEGMENTATION_PSEUDONYM_KEY": KEY})
    assert pseudonym(key, 7) == pseudonym(key, "7") != pseudonym(key, "07")
    assert pseudonym(key, 7) != pseudonym(b"x" * 32, 7) and len(pseudonym(key, 7)) == 64


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--segment", "name"], "fits 4 segments"),
        (["--segment", "99"], "There is no segment '99'"),
        (["--segment", "20", "--min-confidence", "1"], "confidence of at least 1.0: nothing"),
        (["--segment", "20", "--min-confidence", "2"], "not between 0 and 1"),
        (["--segment", "20", "--where", "country=Mars"], "most frequent there: Brasil, China"),
        (["--segment", "20", "--where", "planet=Mars"], "There is no feature 'planet'"),
        (["--segment", "20", "--where", "country"], "write it as column=value"),
        (["--segment", "20", "--where", "a b=1"], "write it as column=value"),
        (["--segment", "20", "--where", "total_orders=x"], "total_orders is of type DOUBLE"),
    ],
)
def test_wrong_requests_are_one_sentence_and_no_file(command, tmp_path, arguments, words):
    code, out, err = command("export", *arguments, "--out", tmp_path)
    assert (code, out) == (2, "") and words in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_earlier_export_is_replaced_only_on_request(command, tmp_path):
    arguments = ["export", "--segment", "20", "--out", tmp_path]
    assert command(*arguments)[0] == 0
    code, _, err = command(*arguments, "--where", "country=Brasil")
    assert code == 2 and "exists" in err
    assert command(*arguments, "--where", "country=Brasil", "--force")[0] == 0


def test_an_export_in_another_format_replaces_the_earlier_one_on_request(command, tmp_path):
    arguments = ["export", "--segment", "20", "--out", tmp_path]
    assert command(*arguments)[0] == 0
    assert command(*arguments, "--format", "parquet")[0] == 2
    (tmp_path / "customer_segment_20.manifest.json").unlink()
    code, _, err = command(*arguments, "--format", "parquet")
    assert code == 2 and "customer_segment_20.csv exists" in err
    assert command(*arguments, "--format", "parquet", "--force")[0] == 0
    told = json.loads((tmp_path / "customer_segment_20.manifest.json").read_text())
    assert {path.name for path in tmp_path.iterdir()} == {
        "customer_segment_20.parquet",
        "customer_segment_20.manifest.json",
    }
    assert told["file"] == "customer_segment_20.parquet"


@pytest.mark.parametrize("option", ["--force", "--overwrite"])
def test_an_audience_is_read_by_its_owner_alone(command, tmp_path, option):
    (tmp_path / "customer_segment_20.csv").touch(0o644)
    assert command("export", "--segment", "20", "--out", tmp_path, option)[0] == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"customer_segment_20.csv": 0o600, "customer_segment_20.manifest.json": 0o600}


@pytest.fixture
def formulas(published_folder, tmp_path):
    """A published file with a segment whose name, and with ids that, a spreadsheet would run."""
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    named = "(array['=1+1', '+1 2', '-x', '@a', chr(9) || '=1', chr(13) || '=1', '-3.5', '+4e1'])"
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        for table in ("customer_segments", "customer_features"):
            connection.execute(
                f"create or replace table {table} as select * replace ("
                f"coalesce({named}[row_number() over (order by customer_id)], "
                f"cast(customer_id as varchar)) as customer_id) from {table}"
            )
        connection.execute(
            "update customer_segments set segment_id = 20, segment_name = '=HYPERLINK(\"x\")'"
        )
    return tmp_path


def test_no_text_of_an_audiences_csv_is_a_formula_and_numbers_stay_numbers(
    command, formulas, tmp_path
):
    for kind in ("csv", "json"):
        options = ["--segment", "20", "--out", tmp_path / kind, "--format", kind]
        code, _, err = command("export", *options, serving=formulas)
        assert code == 0, err
    with (tmp_path / "csv" / "customer_segment_20.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((tmp_path / "json" / "customer_segment_20.json").read_text())
    changed = {
        row["customer_id"]: plain["customer_id"]
        for row, plain in zip(rows, told, strict=True)
        if row["customer_id"] != plain["customer_id"]
    }
    assert changed == {f"'{text}": text for text in ("=1+1", "+1 2", "-x", "@a", "\t=1", "\r=1")}
    assert {"-3.5", "+4e1"} <= {row["customer_id"] for row in rows}
    assert {row["segment_name"] for row in rows} == {'\'=HYPERLINK("x")'}
    assert {row["segment_id"] for row in rows} == {"20"}
    negative = harmless(pa.table({"value": [-3.5, None], "text": [None, "plain"]}))
    assert negative.to_pydict() == {"value": [-3.5, None], "text": [None, "plain"]}


def test_a_key_that_is_no_text_is_refused_in_a_sentence(command, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "SEGMENTATION_PSEUDONYM_KEY", "\udcff" * 40)
    code, out, err = command("export", "--segment", "20", "--out", tmp_path, "--pseudonymise")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "SEGMENTATION_PSEUDONYM_KEY holds bytes that are no UTF-8" in err


@pytest.mark.parametrize(("least", "kept"), [(0.5, 2), (0.4, 3), (0.6, 1)])
def test_who_has_just_the_least_confidence_asked_for_belongs_to_it(
    published_folder, tmp_path, least, kept
):
    """`--min-confidence 0.5` is read as "0.5 or more", as `>= 0.5` in every tool beside it."""
    shutil.copy(published_folder() / "segmentation.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "segmentation.duckdb")) as connection:
        connection.execute(
            "update customer_segments set confidence = [0.4, 0.5, 0.75][1 + numbered.place % 3] "
            "from (select customer_id, row_number() over (order by customer_id) as place "
            "from customer_segments where segment_id = 20) as numbered "
            "where numbered.customer_id = customer_segments.customer_id"
        )
    with open_published(tmp_path) as published:
        segment = published.find_segment("20")
        whole = audience(published, segment, Filters()).num_rows
        table = audience(published, segment, Filters(min_confidence=least))
    assert whole > 3
    assert set(table.column("confidence").to_pylist()) == set([0.75, 0.5, 0.4][:kept])


def test_a_folder_that_is_a_file_has_words(command, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = command("export", "--segment", "20", "--out", tmp_path / "file")
    assert code == 2 and "is a file: name a folder" in err


def test_a_feature_name_never_reaches_the_query_unchecked(published_folder):
    with (
        open_published(published_folder()) as published,
        pytest.raises(CommandError, match="There is no feature"),
    ):
        audience(published, published.find_segment("20"), Filters(where={"1=1 or brand": ("x",)}))
