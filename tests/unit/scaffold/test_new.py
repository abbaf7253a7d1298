"""Ensures that `segmentation new` takes columns for what they are and writes what fits them."""

from pathlib import Path

import pytest
import yaml

from segmentation.cli.main import COMMANDS
from segmentation.cli.options import Arguments
from segmentation.features.recipe import Recipe
from segmentation.published.served import CommandError
from segmentation.scaffold import new
from segmentation.scaffold import table as scaffold_table
from segmentation.scaffold.columns import choose_columns, snake_case
from segmentation.scaffold.entry import Request, entry_text, new_entry
from segmentation.scaffold.files import segmentation_files
from segmentation.scaffold.new import placed, write_files
from segmentation.scaffold.table import Column, Table

ROOT = Path(__file__).parents[3]


def number(name, **figures):
    defaults = {"values": 100, "distinct": 60, "least": 0.0, "greatest": 50.0, "skewness": 0.2}
    return Column(name, figures.pop("type", "bigint"), True, False, **defaults | figures)


def text(name, **figures):
    defaults = {"values": 100, "distinct": 4}
    return Column(name, "varchar", False, True, **defaults | figures)


def table(*columns, key=("id",), rows=100, **counts):
    counts = {"missing": 0, "keys": rows, "most_frequent": "1", "most_frequent_rows": 1} | counts
    return Table("members", (number("id", distinct=rows), *columns), key, rows, **counts)


def choice_of(column, **options):
    """The choice for one column beside a number that can always be used."""
    choices = choose_columns(table(column, number("steady")), "club", **options)
    return next(choice for choice in choices if choice.column == column.name)


@pytest.mark.parametrize(
    ("column", "role"),
    [
        (number("visits"), "number"),
        (number("spend", type="decimal(18,2)"), "number"),
        (number("is_member", distinct=2), "category"),
        (number("region_id", distinct=5), "category"),
        (number("order_id", distinct=80), "left out"),
        (number("line", distinct=100, least=1, greatest=100), "left out"),
        (number("constant", distinct=1), "left out"),
        (number("nothing", values=0, distinct=0, least=None, greatest=None), "left out"),
        (text("country"), "category"),
        (text("comment", distinct=100), "left out"),
        (text("town", distinct=70), "left out"),
        (text("amount", distinct=70, numeric_texts=100, least=0, greatest=9), "number"),
        (text("amount", distinct=70, numeric_texts=60, marks=(("12 kg", 2),)), "left out"),
        (text("plz", distinct=70, numeric_texts=100, padded_texts=3), "left out"),
        (text("born", distinct=70, dates=100), "left out"),
        (number("region", distinct=3, least=1, greatest=3), "category"),
        (
            number("Occupation", distinct=3, least=0, greatest=2, type="double", whole=100),
            "category",
        ),
        (
            text("district", distinct=4, numeric_texts=100, least=1, greatest=4, whole=100),
            "category",
        ),
        (number("visits", distinct=5, least=0, greatest=4), "number"),
        (number("rating", distinct=5, least=1, greatest=5), "number"),
        (number("status", distinct=5, least=1, greatest=5), "category"),
        (number("products_purchased", distinct=4, least=1, greatest=4), "number"),
        (number("days_since_last_order"), "number"),
        (number("total_number", distinct=60), "number"),
        (number("sales_region", distinct=5, least=1, greatest=5), "category"),
        (number("step", distinct=5, least=10, greatest=50), "number"),
        (number("ORDERNUMBER", distinct=60, least=10100, greatest=10425), "left out"),
        (number("order", type="double", distinct=60, whole=100), "left out"),
        (number("order", type="double", distinct=60, whole=90), "number"),
        (number("receipt", distinct=100, least=5000, greatest=5250), "left out"),
        (number("salary", distinct=100, least=5000, greatest=9250), "number"),
        (number("malic_acid", type="double", distinct=60, whole=100), "number"),
        (text("e_mail", distinct=3), "left out"),
        (text("ContactFirstName", distinct=3), "left out"),
        (number("latitude", type="double"), "left out"),
        (Column("active", "boolean", False, False, 100, 2), "category"),
        (Column("joined_at", "timestamp", False, False, 100, 90), "left out"),
        (Column("tags", "varchar[]", False, False, 100, 90), "left out"),
    ],
    ids=lambda value: value.name if isinstance(value, Column) else value,
)
def test_a_column_is_taken_for_what_it_is(column, role):
    assert choice_of(column).role == role


def test_names_that_only_resemble_personal_ones_are_kept():
    assert choice_of(number("addressable_spend")).role == "number"
    assert choice_of(number("platform_fee")).role == "number"
    assert choice_of(number("paid")).role == "number"


@pytest.mark.parametrize(
    ("skewness", "least", "transform"),
    [(2.5, 0, "log1p"), (2.5, -1, "none"), (0.5, 0, "none"), (None, 0, "none")],
)
def test_skewed_numbers_that_are_not_negative_become_logarithms(skewness, least, transform):
    assert choice_of(number("x", skewness=skewness, least=least)).transform == transform


def test_what_is_said_goes_before_the_rules():
    assert choice_of(number("region"), categories=["REGION"]).role == "category"
    assert choice_of(number("flag", distinct=2), numbers=["flag"]).role == "number"
    assert choice_of(number("visits"), ignore=["visits"]).role == "left out"
    with pytest.raises(CommandError, match="Column country is varchar"):
        choice_of(text("country"), numbers=["country"])
    with pytest.raises(CommandError, match=r"members has no column rgion\. It has: id, region"):
        choice_of(number("region"), categories=["rgion"])


def test_a_table_without_a_usable_column_says_what_is_wrong_with_each():
    with pytest.raises(CommandError, match=r"No column of members .* joined: a date: count days"):
        choose_columns(table(Column("joined", "date", False, False, 100, 50)), "club")


def test_names_become_plain_and_unique():
    columns = [number("Annual Income (k$)"), number("annual income k"), number("Union")]
    choices = choose_columns(table(*columns, number("segment_id", distinct=70)), "club")
    names = [choice.name for choice in choices[1:]]
    assert names == ["annual_income_k", "annual_income_k_2", "club_union", "club_segment_id"]
    assert [snake_case(name) for name in ("CustomerID", "2nd")] == ["customer_id", "column_2nd"]


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("Größe (cm)", "groesse_cm"),
        ("Gro\u0308ße", "groesse"),
        ("Ämter?", "aemter"),
        ("kundenÄnderung", "kunden_aenderung"),
        ("Éclair à l'œuf", "eclair_a_l_oeuf"),
        ("年齢", ""),
        ("年齢 2024", ""),
        ("age (年齢)", "age"),
    ],
)
def test_letters_of_other_languages_are_spelled_out(column, name):
    assert snake_case(column) == name


def test_a_segment_is_named_in_the_words_of_its_column():
    columns = [number(name) for name in ("Größe (cm)", "年齢", "所得_2024", "union", "Net Sum ($)")]
    choices = choose_columns(table(*columns), "club")
    assert [(choice.name, choice.words) for choice in choices[1:]] == [
        ("groesse_cm", "Größe (cm)"),
        ("column_3", "年齢"),
        ("column_4", "所得 2024"),
        ("club_union", "union"),
        ("net_sum", ""),
    ]
    entry = new_entry(table(*columns), choices, Request("club"))
    features = entry["recipe"]["features"]
    assert features[1] == {"name": "column_3", "low": "low 年齢", "high": "high 年齢"}
    assert features[-1] == {"name": "net_sum"}
    assert entry["columns"][1] == {"name": "column_3", "type": "bigint", "from": "年齢"}
    assert "- {name: column_3, type: bigint, from: 年齢}\n" in entry_text("club", entry)


def test_averages_of_whole_numbers_are_none():
    choices = choose_columns(table(number("visits")), "club", duplicates="aggregate")
    assert [(choice.name, choice.data_type) for choice in choices[1:]] == [
        ("visits", "double"),
        ("row_count", "bigint"),
    ]


def entry_of(*columns, key=("id",), **options):
    """The entry of a club, and its text."""
    request = Request("club", **options)
    read = table(*columns, key=key)
    choices = choose_columns(read, "club", duplicates=request.duplicates)
    entry = new_entry(read, choices, request)
    return entry, entry_text("club", entry)


MIXED = (
    number("Visits", skewness=3.0),
    text("country"),
    number("Annual Income (k$)", type="double"),
    Column("is_paying", "boolean", False, False, 100, 2),
    number("fee", type="decimal(18,2)"),
    text("note", distinct=100),
)


def test_the_entry_lists_the_features_and_no_default():
    entry, written = entry_of(*MIXED, unit="people")
    assert (
        written
        == """\
club:
  table: members
  key: id
  unit: people
  key_type: bigint
  columns:
    - {name: visits, type: bigint, from: Visits}
    - {name: country, type: string}
    - {name: annual_income_k, type: double, from: Annual Income (k$)}
    - {name: is_paying, type: string}
    - {name: fee, type: 'decimal(18,2)'}
  recipe:
    description: Numbers cluster, categories describe.
    features:
      - {name: visits, transform: log1p}
      - {name: annual_income_k}
      - {name: fee}"""
    )
    assert yaml.safe_load(written) == {"club": entry}
    assert set(entry["recipe"]) <= {"description", *Recipe.__dataclass_fields__}


def test_words_that_yaml_takes_for_something_else_stay_words():
    entry, written = entry_of(text("on"), number("null"), number("no", type="double"))
    assert yaml.safe_load(written) == {"club": entry}
    assert "{name: club_on, type: string, from: 'on'}" in written and "{name: 'no'," in written


@pytest.mark.parametrize(
    ("key", "options", "stated", "data_type"),
    [
        (("id",), {"duplicates": "keep"}, "key: id", "bigint"),
        (("id", "country"), {}, "key: [id, country]", "string"),
        (("country",), {}, "key: country", "string"),
    ],
)
def test_keys_of_every_kind_become_one_column(key, options, stated, data_type):
    entry, written = entry_of(text("country"), number("visits"), key=key, **options)
    assert f"  {stated}\n" in written
    assert entry["key_type"] == data_type
    assert entry.get("duplicates") == options.get("duplicates")


def test_an_average_comes_with_the_number_of_rows():
    entry, _ = entry_of(number("visits"), duplicates="aggregate", as_of="joined")
    assert entry["columns"] == [
        {"name": "visits", "type": "double"},
        {"name": "row_count", "type": "bigint"},
    ]
    assert entry["recipe"]["features"][-1] == {"name": "row_count", "transform": "log1p"}
    assert (entry["duplicates"], entry["date_column"]) == ("aggregate", "joined")


def test_without_a_number_the_categories_cluster():
    entry, _ = entry_of(text("country"), text("channel"))
    assert [feature["name"] for feature in entry["recipe"]["features"]] == ["country", "channel"]


def test_the_segments_are_applied_and_promised_like_the_customers():
    files = segmentation_files("club", "members", ("id",), "string")
    theirs = (ROOT / "models/segmentation/apply/customer_segments.sql").read_text()
    call = theirs[theirs.index("{{ segments(") :].replace(
        "    units=ref('customer_features'),\n", ""
    )
    assert files["club_segments.sql"] == (
        call.replace("{{ segments(", "{{ segmentation.segments(")
        .replace("'customer'", "'club'")
        .replace("ref('", "ref('segmentation', '")
    )
    ours, customers = (
        {
            column["name"]: (column["data_type"], column.get("constraints"))
            for model in yaml.safe_load(text)["models"]
            if model["name"] == name
            for column in model["columns"]
        }
        for name, text in (
            ("club_segments", files["_club_segments.yml"]),
            (
                "customer_segments",
                (ROOT / "models/segmentation/apply/_apply__models.yml").read_text(),
            ),
        )
    )
    assert ours.pop("club_id") == ("string", customers.pop("customer_id")[1])
    assert ours == customers


def test_files_go_where_the_project_keeps_its_models():
    files = {"club_segments.sql": "", "_club_segments.yml": ""}
    there = placed(files, "club", {"model-paths": ["sql", "python_models"]})
    assert [path.as_posix() for path in placed(files, "club", {})] == [
        "models/club/club_segments.sql",
        "models/club/_club_segments.yml",
    ]
    assert Path("sql/club/club_segments.sql") in there


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path):
    kept = tmp_path / "models" / "club_segments.sql"
    kept.parent.mkdir()
    kept.write_text("select 1")
    files = {Path("models/_club_segments.yml"): "new", Path("models/club_segments.sql"): "new"}
    with pytest.raises(CommandError, match=r"club_segments\.sql exists, and nothing was written"):
        write_files(tmp_path, files, table().nodes)
    assert [path.name for path in kept.parent.iterdir()] == ["club_segments.sql"]
    assert kept.read_text() == "select 1"


def test_a_model_of_that_name_elsewhere_is_no_place_to_write(tmp_path):
    taken = Table("members", (), ("id",), 1, 0, 1, "1", 1, nodes=("club_segments",))
    with pytest.raises(CommandError, match="club_segments exists"):
        write_files(tmp_path, {Path("models/club_segments.sql"): "new"}, taken.nodes)
    assert not list(tmp_path.iterdir())


PROJECT = "name: mine\nprofile: mine  # of this machine\n"


def run(monkeypatch, tmp_path, answer, *options, project=PROJECT):
    """Run the command on a table whose description is given."""
    (tmp_path / "dbt_project.yml").write_text(project)
    monkeypatch.setattr(scaffold_table, "_ask", lambda *_: answer)
    arguments = ["club", "--model", "members", "--key", "id", "--project-dir", str(tmp_path)]
    return new.run(parsed(*arguments, *options))


def parsed(*arguments):
    """Return what the command line would hand to the command."""
    (command,) = (one for one in COMMANDS if one.name == "new")
    return Arguments(**command.make_context("new", list(arguments)).params)


def test_it_says_what_a_column_is_called_where_that_is_not_its_name(monkeypatch, tmp_path, capsys):
    described = answer(MEMBERS[0], number("Visits", whole=9), number("Größe (cm)", whole=9))
    assert run(monkeypatch, tmp_path, described) == 0
    told = capsys.readouterr().out
    assert "Größe (cm)  number    0 to 50; called groesse_cm" in told
    assert told.count("called") == 1


def told_of(column, rows=100):
    """A column as the warehouse describes it: texts, for JSON knows no decimals."""
    counts = [column.whole or 0, column.numeric_texts, column.comma_texts, column.clear_commas]
    counts += [column.point_texts, column.padded_texts, column.dates]
    figures = [rows, column.values, column.distinct, column.least, column.greatest]
    figures += [column.skewness, *(counts if column.is_string else counts[:2])]
    kind = "number" if column.is_number else "text" if column.is_string else "other"
    answers = [[[str(one) for one in figures]]]
    answers += [[[text, str(times)] for text, times in column.marks]] if column.is_string else []
    return {"name": column.name, "type": column.type, "kind": kind, "answers": answers}


MEMBERS = (number("id", distinct=100, whole=100), number("visits", whole=100), text("country"))


def answer(*columns, rows=100, keyed=100, keys=100, times=1, **replaced):
    described = [told_of(column, rows) for column in columns or MEMBERS]
    key = [[[str(rows), str(keyed), str(keys)]], [["7", str(times)]]]
    return {"nodes": ["members"], "columns": described, "key": key} | replaced


def test_it_writes_and_says_what_was_taken_as_what(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, answer()) == 0
    told = capsys.readouterr().out
    assert "visits   number    0 to 50" in told
    assert "country  category  4 different texts" in told
    assert told.splitlines()[-1] == (
        "Wrote the entry `club` in dbt_project.yml and 2 files: models/club/club_segments.sql, "
        "models/club/_club_segments.yml. Next: segmentation build"
    )
    written = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert written == ["_club_segments.yml", "club_segments.sql", "dbt_project.yml"]
    project = (tmp_path / "dbt_project.yml").read_text()
    assert project.startswith(PROJECT)
    assert yaml.safe_load(project)["vars"]["segmentations"]["club"]["table"] == "members"
    assert yaml.safe_load(project)["flags"] == {"send_anonymous_usage_stats": False}
    assert "dbt sends no usage statistics from now on" in told


@pytest.mark.parametrize("word", ["true", "false"])
def test_what_a_project_says_of_usage_statistics_stays(monkeypatch, tmp_path, capsys, word):
    said = f"flags:\n  send_anonymous_usage_stats: {word}\n"
    assert run(monkeypatch, tmp_path, answer(), project=PROJECT + said) == 0
    assert "usage statistics" not in capsys.readouterr().out
    assert (tmp_path / "dbt_project.yml").read_text().count(said) == 1


def test_an_entry_that_cannot_be_added_is_told(monkeypatch, tmp_path, capsys):
    braces = "{name: mine, vars: {segmentations: {customer: null}}}\n"
    assert run(monkeypatch, tmp_path, answer(), project=braces) == 0
    told = capsys.readouterr().out
    assert "Put this there, under vars: segmentations:\n\n    club:\n      table: members" in told
    assert (tmp_path / "dbt_project.yml").read_text() == braces
    assert (tmp_path / "models/club/club_segments.sql").is_file()


@pytest.mark.parametrize("given", ["{table: x, key: id}", "null"])
def test_an_entry_of_that_name_stays(monkeypatch, tmp_path, given):
    project = f"{PROJECT}vars:\n  segmentations:\n    club: {given}\n"
    with pytest.raises(CommandError, match="has an entry `club` under vars: segmentations: alre"):
        run(monkeypatch, tmp_path, answer(), project=project)
    assert (tmp_path / "dbt_project.yml").read_text() == project
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize(
    ("found", "options", "sentence"),
    [
        (
            answer(keys=60, times=9),
            [],
            "Column id of members has only 60 different values in 100 rows (7 stands in 9)",
        ),
        (answer(keyed=97), [], "Column id of members has no value in 3 of 100 rows"),
        (answer(rows=0), [], "members is empty"),
        (
            answer(nodes=["other"]),
            [],
            "There is no model or seed 'members'. The project has: other",
        ),
        (answer(columns=[]), [], "run `dbt build --select members` first"),
        (answer(), ["--key", "idd"], "members has no column idd. It has: id, visits, country"),
        (answer(), ["--unit", "Rows!"], "--unit is 'Rows!'"),
        (
            answer(MEMBERS[0], number("Row_Number", type="double", whole=9)),
            ["--duplicates", "keep"],
            "members has a column row_number, which --duplicates keep adds",
        ),
        (
            answer(),
            ["--as-of", "visits"],
            "--as-of is 'visits', but the dates of members are: none",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_done_is_one_sentence(monkeypatch, tmp_path, found, options, sentence):
    with pytest.raises(CommandError) as error:
        run(monkeypatch, tmp_path, found, *options)
    assert sentence in str(error.value)
    assert not (tmp_path / "models").exists()


def test_duplicates_are_no_hindrance_once_resolved(monkeypatch, tmp_path):
    repeated = answer(keys=60, keyed=98)
    assert run(monkeypatch, tmp_path, repeated, "--duplicates", "keep") == 0


@pytest.mark.parametrize("name", ["customer", "Club", "9lives", "a-b", "default", "share"])
def test_a_name_that_would_not_work_is_refused(name):
    with pytest.raises(CommandError, match="NAME is"):
        new._refuse_names(Request(name))


def test_missing_values_and_marks_are_counted_and_told():
    spend = text(
        "spend", values=97, distinct=60, numeric_texts=90, comma_texts=80, clear_commas=70,
        least=-1.5, greatest=9.0, marks=(("?", 5), ("n/a", 2)),
    )  # fmt: skip
    choice = choice_of(spend)
    assert (choice.role, choice.decimal, choice.data_type) == ("number", ",", "double")
    assert choice.reason == (
        "-1.5 to 9; 90 of 97 values are numbers, the others count as missing ('?' in 5, 'n/a' in "
        "2), 3 missing"
    )
    assert choice_of(number("visits", values=90)).reason == "0 to 50, 10 missing"


@pytest.mark.parametrize(
    ("marks", "decimal", "told"),
    [
        ((("none", 6), ("?", 1)), ".", "the others count as missing ('none' in 6, '?' in 1)"),
        ((), ",", "2 different values: a flag or a code"),
        ((("none", 6), ("other", 1)), "", "texts among them are values too ('none' in 6, 'other"),
    ],
)
def test_a_mark_among_flags_and_codes_is_no_value(marks, decimal, told):
    commas = {"comma_texts": 93, "clear_commas": 93} if decimal == "," else {}
    flag = text(
        "has_app", values=93 + sum(times for _, times in marks), distinct=2 + len(marks),
        numeric_texts=93, least=0, greatest=1, whole=93, marks=marks, **commas,
    )  # fmt: skip
    choice = choice_of(flag)
    assert (choice.role, choice.data_type, choice.decimal) == ("category", "string", decimal)
    assert told in choice.reason
    assert choice_of(flag, categories=["has_app"]).decimal == decimal


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"comma_texts": 5, "clear_commas": 0}, "commas that may part thousands or fractions"),
        ({"comma_texts": 5, "clear_commas": 5, "point_texts": 1}, "both commas and points before"),
    ],
)
def test_fractions_that_are_not_clear_are_left_to_the_user(figures, reason):
    spend = text("spend", distinct=60, numeric_texts=100, least=0, greatest=9, **figures)
    assert choice_of(spend).role == "left out" and reason in choice_of(spend).reason
    with pytest.raises(CommandError, match=f"cannot be taken as a number: it has {reason}"):
        choice_of(spend, numbers=["spend"])


def test_columns_are_added_up_counted_or_the_last_one_counts():
    columns = [number("amount"), text("receipt", distinct=90), text("status"), text("plan")]
    aggregates = {"sum": ["AMOUNT"], "count": ["receipt"], "last": ["status"]}
    read = table(*columns)
    choices = choose_columns(read, "club", duplicates="aggregate", aggregates=aggregates)
    entry = new_entry(read, choices, Request("club", duplicates="aggregate"))
    assert entry["columns"] == [
        {"name": "amount", "type": "double", "aggregate": "sum"},
        {"name": "receipt", "type": "bigint", "aggregate": "count"},
        {"name": "status", "type": "string", "aggregate": "last"},
        {"name": "plan", "type": "string"},
        {"name": "row_count", "type": "bigint"},
    ]
    assert {"name": "receipt", "transform": "log1p"} in entry["recipe"]["features"]


def test_rows_without_a_key_are_numbered(monkeypatch, tmp_path, capsys):
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    monkeypatch.setattr(scaffold_table, "_ask", lambda *_: answer())
    asked = ["club", "--model", "members", "--project-dir", str(tmp_path)]
    assert new.run(parsed(*asked)) == 0
    assert "members: 100 rows, without a key: they are numbered." in capsys.readouterr().out
    entry = yaml.safe_load((tmp_path / "dbt_project.yml").read_text())["vars"]["segmentations"]
    assert entry["club"]["key"] == [] and entry["club"]["duplicates"] == "keep"
    assert entry["club"]["key_type"] == "bigint"
