"""Ensures that every row of an input gets its segment or the reason why not, in order."""

import csv
import io
import json
import math
import sys

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentation.cli.main import main

HEADER = "customer_id,total_orders,total_spend,return_rate"
BAD_ROWS = {
    "1,2,10.5,0.1": None,
    "2,abc,10.5,0.1": "not scored: total_orders is 'abc', not a number",
    "3,,10.5,0.1": "total_orders is missing: took 2",
    "4,2,inf,0.1": "not scored: total_spend is infinite",
    "5,2,-1e400,0.1": "not scored: total_spend is infinite",
    "6,2,10.5,1e300": "not scored: a value is too large to be placed",
    "7,x,y,0.1": "not scored: total_orders is 'x', not a number, and total_spend is 'y', not a "
    "number",
    "8,2": "not scored: line 9 has 2 fields, the header has 4",
    "9,2,10.5,0.1,extra": "not scored: line 10 has 5 fields, the header has 4",
    '"10,2,10.5,0.1': "not scored: line 11 has a quotation mark out of place",
    ",,,": "not scored: it has no value at all",
    "?,n/a,10.5,-": "total_orders is missing: took 2; return_rate is missing: took",
    "\u0000,2,10.5,0.1": None,
    "12,2,NaN,0.1": "total_spend is missing: took",
    "13,1_0,10.5,0.1": "not scored: total_orders is '1_0', not a number",
    "1,2,10.5,0.1\r": None,
}


def answers(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def bad_file(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("\n".join([HEADER, *BAD_ROWS]), encoding="utf-8", newline="")
    return path


def test_a_file_with_every_kind_of_bad_row_loses_none(command, bad_file):
    code, out, err = command("predict", "--input", bad_file)
    rows = answers(out)
    assert code == 1
    assert [row["row"] for row in rows] == [str(n) for n in range(1, len(BAD_ROWS) + 1)]
    for row, (line, words) in zip(rows, BAD_ROWS.items(), strict=True):
        assert row["notes"].startswith(words or "") and bool(row["notes"]) == bool(words), line
        assert bool(row["segment_id"]) != row["notes"].startswith("not scored"), line
    assert rows[0]["segment_id"] == rows[-1]["segment_id"]
    assert err.startswith("Scored 6 of 16 rows with model 7. The others say in `notes`")
    assert "total_orders in 3" in err and "Values missing: " in err


def test_rows_without_a_segment_have_no_other_answer_either(command, bad_file):
    _, out, _ = command("predict", "--input", bad_file, "--explain")
    for row in answers(out):
        if not row["segment_id"]:
            kept = {"row", "customer_id", "notes", "model_version"}
            assert not any(value for name, value in row.items() if name not in kept)


def test_the_order_and_the_keys_of_the_input_are_kept(command, tmp_path):
    path = tmp_path / "shuffled.csv"
    path.write_text(f"{HEADER}\nb-2,2,10,0\na-1,3,5,0\nb-2,2,10,0\n")
    _, out, _ = command("predict", "--input", path)
    assert [row["customer_id"] for row in answers(out)] == ["b-2", "a-1", "b-2"]


def test_missing_and_ignored_columns_are_told_per_row_and_in_the_summary(command, tmp_path):
    path = tmp_path / "columns.csv"
    path.write_text("total_spend,shoe_size,favourite_day\n10,41,Mon\n")
    code, out, err = command("predict", "--input", path)
    assert (code, out) == (2, "") and "no column total_orders, return_rate; its columns" in err
    code, out, err = command("predict", "--input", path, "--allow-missing")
    assert code == 0
    (row,) = answers(out)
    assert "there is no column total_orders: took 2" in row["notes"]
    assert row["notes"].endswith("ignored: shoe_size") and "customer_id" not in row
    assert "Missing columns: total_orders, return_rate." in err
    assert "Ignored columns: shoe_size." in err


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
@pytest.mark.parametrize("recipe", ["numbers", "famd", "label_drop", "mixture", "mixture_famd"])
def test_published_features_in_any_format_give_the_published_segments(
    command, published_folder, tmp_path, recipe, kind
):
    features, scored = tmp_path / f"features.{kind}", tmp_path / "scored.parquet"
    is_mixture = recipe.startswith("mixture")
    with duckdb.connect() as connection:
        path = published_folder(recipe) / "segmentation.duckdb"
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute(f"copy published.customer_features to '{features}'")
        code, _, err = command("predict", "--input", features, "--output", scored, recipe=recipe)
        assert code == (recipe in ("label_drop", "mixture_famd")), err
        ((rows, different, apart, without),) = connection.execute(
            f"""
            select
                count(*),
                count(*) filter (
                    published.segment_id is distinct from scored.segment_id
                    or published.segment_name is distinct from scored.segment_name
                    or published.runner_up_segment_id is distinct from scored.runner_up_segment_id
                    or published.model_version <> scored.model_version
                ),
                max(
                    abs(scored.distance - published.distance)
                    + abs(scored.confidence - published.confidence)
                    + {"abs(scored.probability - published.probability)" if is_mixture else 0}
                ),
                count(*) filter (scored.segment_id is null)
            from '{scored}' as scored
            left join published.customer_segments as published
                on cast(scored.customer_id as bigint) = published.customer_id
            """
        ).fetchall()
    assert (rows, different) == (200, 0) and apart < 1e-9
    assert (without > 0) == (recipe in ("label_drop", "mixture_famd"))


def test_an_integer_key_of_a_parquet_file_stays_an_integer(command, tmp_path):
    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    duckdb.sql(f"copy (select 7::bigint as customer_id, 1 as total_orders) to '{source}'")
    command("predict", "--input", source, "--output", target, "--allow-missing")
    assert duckdb.sql(f"select customer_id, typeof(customer_id) from '{target}'").fetchall() == [
        (7, "BIGINT")
    ]


def test_explain_adds_every_contribution_and_the_gap_they_add_up_to(command):
    _, out, _ = command(
        "predict", "--set", "total_spend=120", "--set", "total_orders=3", "--explain",
        "--output-format", "json",
    )  # fmt: skip
    (row,) = json.loads(out)
    parts = {name: value for name, value in row.items() if name.startswith("contribution_")}
    assert len(parts) == 3 and sum(parts.values()) == pytest.approx(row["gap"])
    second = row["distance"] / (1 - row["confidence"])
    assert second**2 - row["distance"] ** 2 == pytest.approx(row["gap"])
    first = max(parts, key=lambda name: abs(parts[name])).removeprefix("contribution_")
    assert row["decided_by"].startswith(f"{first} {parts[f'contribution_{first}']:+.3g}")
    assert row["runner_up_segment_id"] not in (None, row["segment_id"])


def test_explain_for_a_mixture_adds_its_size_and_spread_to_the_gap(command):
    _, out, _ = command(
        "predict", "--set", "total_spend=120", "--set", "total_orders=3", "--explain",
        "--output-format", "json", recipe="mixture",
    )  # fmt: skip
    (row,) = json.loads(out)
    parts = {
        name.removeprefix("contribution_"): value
        for name, value in row.items()
        if name.startswith("contribution_")
    } | {"(size and spread)": row["size_and_spread"]}
    assert len(parts) == 4 and sum(parts.values()) == pytest.approx(row["gap"])
    assert row["confidence"] == pytest.approx(1 - math.exp(-row["gap"]))
    assert 0 < row["probability"] <= 1
    strongest = sorted(parts, key=lambda name: -abs(parts[name]))[:3]
    told = [f"{name} {parts[name]:+.3g}" for name in strongest]
    assert row["decided_by"] == ", ".join(told)


def test_only_a_mixture_has_probabilities(command):
    _, out, _ = command("predict", "--set", "total_orders=2", "--explain")
    assert "probability" not in out and "size_and_spread" not in out


def test_single_values_are_shown_line_by_line(command):
    _, out, err = command("predict", "--set", "total_orders=2")
    assert out.startswith("row ") and "\nsegment_name " in out and err == ""


def test_values_that_nobody_has_are_placed_and_noted(command):
    code, out, _ = command(
        "predict", "--set", "total_orders=-5", "--set", "total_spend=10", "--set", "return_rate=7"
    )
    assert code == 0
    assert "total_orders is -5: the published values go from 1 to " in " ".join(out.split())
    assert "return_rate is 7: the published values go from 0" in out
    assert "total_spend is" not in out


def test_rows_come_in_and_go_out_through_pipes(command, monkeypatch):
    content = io.BytesIO(b'{"total_orders": 2}\n{"total_orders": "x"}\n')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(content))
    asked = ("--input", "-", "--format", "json", "--output-format", "json", "--allow-missing")
    code, out, _ = command("predict", *asked)
    assert code == 1
    assert [row["segment_id"] is None for row in json.loads(out)] == [False, True]


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_a_header_without_rows_gives_a_header_without_rows(command, tmp_path, kind):
    source, target = tmp_path / "in.csv", tmp_path / f"out.{kind}"
    source.write_text(HEADER + "\n")
    code, _, err = command("predict", "--input", source, "--output", target)
    assert code == 0 and err.startswith("Scored 0 of 0 rows")
    assert duckdb.sql(f"select count(*) from '{target}'").fetchall() == [(0,)]


def test_batches_change_nothing(command, tmp_path, monkeypatch):
    source = tmp_path / "in.csv"
    source.write_text(HEADER + "\n" + "".join(f"{n},{n % 5},{n},0\n" for n in range(50)))
    _, whole, _ = command("predict", "--input", source)
    monkeypatch.setattr("segmentation.published.score_inputs.batches.__defaults__", (7,))
    _, parts, _ = command("predict", "--input", source)
    assert whole == parts and whole.count("\n") == 51


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--input", "none.csv"], "none.csv cannot be read: No such file"),
        (["--set", "total_spend"], "has no value: write --set feature=value"),
        (["--set", "totl_spend=1"], "no feature 'totl_spend'. The model uses: total_orders, "),
        (["--set", "total_spend=1", "--set", "total_spend=2"], "names total_spend twice"),
        (["--set", "total_spend=1", "--output", "no/such/x.csv"], "no/such does not exist"),
        (["--set", "total_spend=1", "--output", "x.xlsx"], "no format .xlsx: let x.xlsx end in "),
        (
            ["--set", "total_spend=1", "--output", "x.tsv"],
            ".csv, .json, .parquet, .txt, or say --o",
        ),
        (["--set", "favourite_day=Mon"], "has none of the model's features"),
        (["--input", "x.csv", "--delimiter", ";;"], "must be one character"),
    ],
)
def test_wrong_requests_are_one_sentence(command, arguments, words):
    code, out, err = command("predict", *arguments)
    assert (code, out) == (2, "") and words in err and err.count("\n") == 1


def test_the_header_says_the_delimiter_unless_an_option_does(command, tmp_path):
    path = tmp_path / "semicolons.csv"
    path.write_text("total_orders;total_spend;return_rate\n1;2,5;0,1\n2;10,25;0\n")
    code, out, _ = command("predict", "--input", path)
    assert code == 0 and "is missing" not in out
    code, _, err = command("predict", "--input", path, "--delimiter", ",")
    assert code == 2 and "total_orders;total_spend" in err and "delimiter" in err


def test_an_existing_file_is_replaced_only_on_request(command, tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("mine")
    code, _, err = command("predict", "--set", "total_orders=1", "--output", target)
    assert code == 2 and "exists" in err and target.read_text() == "mine"
    assert command("predict", "--set", "total_orders=1", "--output", target, "--force")[0] == 0
    assert target.read_text().startswith("row,")


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_a_folder_is_no_file_to_write(command, tmp_path, force):
    code, out, err = command("predict", "--set", "total_orders=1", "--output", tmp_path, *force)
    assert (code, out) == (2, "")
    assert err == f"segmentation predict: {tmp_path} is a folder: name a file.\n"


@pytest.mark.parametrize(
    ("name", "options", "start"),
    [
        ("out", [], "row "),
        ("out.txt", [], "row "),
        ("OUT.CSV", [], "row,"),
        ("out.xlsx", ["--output-format", "json"], "["),
    ],
)
def test_the_ending_or_the_option_says_the_format(command, tmp_path, name, options, start):
    target = tmp_path / name
    code, _, err = command("predict", "--set", "total_orders=1", "--output", target, *options)
    assert code == 0, err
    assert target.read_text().startswith(start)


def test_a_failed_run_leaves_no_file(command, tmp_path):
    target = tmp_path / "out.csv"
    source = tmp_path / "in.csv"
    source.write_text("nothing\n1\n")
    assert command("predict", "--input", source, "--output", target)[0] == 2
    assert list(tmp_path.iterdir()) == [source]


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("Brasil"),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(), st.integers(), max_size=2),
)  # fmt: skip
names = st.sampled_from(["total_orders", "total_spend", "return_rate", "country", "brand", "x"])
items = st.one_of(cells, st.dictionaries(names, cells))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rows=st.lists(items, max_size=6), recipe=st.sampled_from(["famd", "label_drop", "mixture_famd"])
)
def test_no_row_is_lost_whatever_is_in_it(published_folder, tmp_path, rows, recipe):
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps([{"total_orders": 1}, *rows]))
    files = ["--input", str(source), "--output", str(target), "--force", "--allow-missing"]
    code = main(["predict", "--serving", str(published_folder(recipe)), *files])
    answered = json.loads(target.read_text())
    assert code in (0, 1) and [row["row"] for row in answered] == list(range(1, len(rows) + 2))
    for row in answered:
        refused = (row["notes"] or "").startswith("not scored: ")
        assert refused == (row["segment_id"] is None)
    assert code == any(row["segment_id"] is None for row in answered)


def test_a_published_row_is_answered_by_its_key_with_the_why(command, published_folder):
    code, out, err = command("predict", "--id", "33", "--output-format", "json", "--explain")
    (row,) = json.loads(out)
    with duckdb.connect(str(published_folder() / "segmentation.duckdb"), read_only=True) as known:
        wanted = known.execute(
            "select segment_id, segment_name from customer_segments where customer_id = 33"
        ).fetchall()
    assert (code, err) == (0, "") and [(row["segment_id"], row["segment_name"])] == wanted
    assert row["customer_id"] == "33" and row["decided_by"] and row["gap"] > 0


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("999999", "There is no customer 999999 in "),
        ("", "There is no customer  in "),
        ("12", "The customer 12 has no segment: no value for something."),
    ],
)
def test_who_is_not_there_is_told_why(command, identifier, words):
    code, out, err = command("predict", "--id", identifier, recipe="label_drop")
    assert (code, out) == (2, "") and words in err and err.count("\n") == 1


def test_a_column_that_nobody_can_read_is_refused_unless_it_may_be_missing(command, tmp_path):
    path = tmp_path / "unreadable.csv"
    path.write_text(f"{HEADER}\n1,2,much,0\n2,3,little,0\n")
    code, out, err = command("predict", "--input", path)
    assert (code, out) == (2, "")
    assert "No value of total_spend can be read in 2 rows (total_spend is little, much)" in err
    path.write_text(f"{HEADER}\n1,2,,0\n2,3,,0\n")
    assert command("predict", "--input", path)[0] == 2
    code, out, err = command("predict", "--input", path, "--allow-missing")
    assert code == 0 and "Values missing: total_spend in 2 of 2 rows." in err


def test_values_never_seen_are_counted_and_a_column_of_them_has_a_code(command, tmp_path):
    path = tmp_path / "levels.csv"
    lines = [f"2,10,0,{'Mars' if n else 'Brasil'},Plain" for n in range(20)]
    path.write_text("total_orders,total_spend,return_rate,country,brand\n" + "\n".join(lines))
    code, out, err = command("predict", "--input", path, recipe="famd")
    assert code == 3 and len(answers(out)) == 20
    assert "country has a value not seen at fit time in 19 of 20 rows ('Mars'): is that" in err
    path.write_text(path.read_text().replace("Mars", "Brasil", 10).replace("Plain", "New"))
    code, _, err = command("predict", "--input", path, recipe="famd")
    assert code == 0 and "country has a value not seen at fit time in 9 of 20 rows ('Mars')." in err
    assert "brand has a value not seen at fit time in 20 of 20 rows ('New')." in err


def test_what_does_not_fit_together_is_named_and_counted(command, tmp_path):
    code, out, _ = command(
        "predict", "--set", "total_orders=1", "--set", "total_spend=9", "--set", "return_rate=0",
        "--set", "average_order_value=20",
    )  # fmt: skip
    assert code == 2  # The made-up table has no such feature.
    path = tmp_path / "odd.csv"
    path.write_text(f"{HEADER},total_items\n1,3,10,0,1\n2,3,10,0,3\n")
    code, out, err = command("predict", "--input", path)
    assert code == 0 and "1 rows contradict themselves" in err
    assert "total_orders 3 does not fit total_items 1: an order has an item at" in out


@pytest.fixture
def renamed_folder(published_folder, tmp_path):
    """The made-up customers, made of a table whose columns had other names."""
    made_of = {
        "total_orders": ["Bestellungen (Anzahl)"],
        "total_spend": ["年齢"],
        "return_rate": ["order"],
        "customer_id": ["Kunde", "Monat"],
    }
    target = tmp_path / "segmentation.duckdb"
    target.write_bytes((published_folder() / "segmentation.duckdb").read_bytes())
    with duckdb.connect(str(target)) as connection:
        connection.execute("alter table segmentations add column source_columns varchar")
        connection.execute("update segmentations set source_columns = ?", [json.dumps(made_of)])
    return tmp_path


def test_the_headers_of_the_source_are_accepted(command, renamed_folder, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("Kunde,Monat,BESTELLUNGEN (Anzahl),年齢,order\nA|7,3,2,10,0.1\n", "utf-8")
    code, out, err = command("predict", "--input", path, serving=renamed_folder)
    assert code == 0, err
    (row,) = answers(out)
    assert row["customer_id"] == "A|.7|,3" and not row["notes"]
    _, wanted, _ = command(
        "predict", "--set", "total_orders=2", "--set", "年齢=10", "--set", "Return Rate=0.1",
        "--output-format", "csv", serving=renamed_folder,
    )  # fmt: skip
    assert answers(wanted)[0]["segment_id"] == row["segment_id"]


def test_the_models_own_name_goes_before_one_that_means_the_same(command, renamed_folder, tmp_path):
    path = tmp_path / "both.csv"
    path.write_text(f"order,{HEADER},Total-Spend\n0.9,1,2,10,0,99\n")
    code, out, err = command("predict", "--input", path, serving=renamed_folder)
    assert code == 0 and "Ignored columns: order, total-spend." in err
    path.write_text("total orders,total-orders,total_spend,return_rate\n1,2,10,0\n")
    code, out, err = command("predict", "--input", path, serving=renamed_folder)
    assert (code, out) == (2, "")
    assert "'total orders' and 'total-orders' both mean total_orders: remove one" in err
