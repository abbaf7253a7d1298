"""Ensures that `segmentation new` takes columns for what they are and writes files that fit."""

import argparse
import ast
from pathlib import Path

import pytest
import yaml

from segmentation.features.recipe import Recipe
from segmentation.published.served import CommandError
from segmentation.scaffold import new
from segmentation.scaffold import table as scaffold_table
from segmentation.scaffold.columns import choose_columns, snake_case
from segmentation.scaffold.new import Request, placed, segmentation_files, write_files
from segmentation.scaffold.table import Column, Table

ROOT = Path(__file__).parents[3]


def number(name, **figures):
    defaults = {"values": 100, "distinct": 60, "least": 0.0, "greatest": 50.0, "skewness": 0.2}
    return Column(name, figures.pop("type", "bigint"), True, False, **defaults | figures)


def text(name, **figures):
    defaults = {"values": 100, "distinct": 4, "longest": 12}
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
        (text("amount", distinct=70, numeric_texts=100), "left out"),
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
    columns = [number("Annual Income (k$)"), number("annual income k"), number("Order")]
    choices = choose_columns(table(*columns, number("segment_id", distinct=70)), "club")
    names = [choice.name for choice in choices[1:]]
    assert names == ["annual_income_k", "annual_income_k_2", "club_order", "club_segment_id"]
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
    columns = [number(name) for name in ("Größe (cm)", "年齢", "所得_2024", "order", "Net Sum ($)")]
    choices = choose_columns(table(*columns), "club")
    assert [(choice.name, choice.words) for choice in choices[1:]] == [
        ("groesse_cm", "Größe (cm)"),
        ("column_3", "年齢"),
        ("column_4", "所得 2024"),
        ("club_order", "order"),
        ("net_sum", ""),
    ]
    files = segmentation_files(table(*columns), choices, Request("club"))
    models = described(files)
    features = models["int_club_fit_plan"]["config"]["meta"]["recipe"]["features"]
    assert features[1] == {"name": "column_3", "low": "low 年齢", "high": "high 年齢"}
    assert features[-1] == {"name": "net_sum"}
    assert models["club_features"]["columns"][2]["description"] == "年齢, a number."
    assert "cast({{ adapter.quote('年齢') }} as bigint) as column_3" in files["club_features.sql"]


def test_averages_of_whole_numbers_are_none():
    choices = choose_columns(table(number("visits")), "club", duplicates="aggregate")
    assert [(choice.name, choice.data_type) for choice in choices[1:]] == [
        ("visits", "double"),
        ("row_count", "bigint"),
    ]


def written(**options):
    request = Request("club", **options)
    mixed = table(number("Visits", skewness=3.0), text("country"), number("Annual Income (k$)"))
    choices = choose_columns(mixed, "club", duplicates=request.duplicates)
    return segmentation_files(mixed, choices, request)


def described(files):
    """Every model with YAML, by name."""
    documents = [yaml.safe_load(text) for name, text in files.items() if name.endswith(".yml")]
    return {model["name"]: model for document in documents for model in document["models"]}


def test_every_file_has_its_yaml_and_the_other_way_round():
    files = written()
    models = {Path(name).stem for name in files if not name.endswith(".yml")}
    assert models == set(described(files))
    assert all("$" not in text.replace("(k$)", "") for text in files.values())


def test_python_models_are_python():
    for name, text in written().items():
        if name.endswith(".py"):
            ast.parse(text)
            assert "def model(dbt, session):" in text


def test_contracts_are_those_of_the_products():
    """The macros fill both, so both must name the same columns with the same types."""
    ours = described(written(unit="products"))
    theirs = {}
    for path in [*(ROOT / "models/marts").rglob("_*.yml")]:
        for model in yaml.safe_load(path.read_text()).get("models", []):
            theirs[model["name"]] = model
    compared = 0
    for name, model in ours.items():
        kind = name.removeprefix("club_")
        theirs_of = [n for n in (f"product_{kind}", f"customer_{kind}") if n in theirs]
        if kind == "features" or not name.startswith("club_") or not theirs_of:
            continue
        unit = {"customers": "products", "customer_id": "club_id", "product_id": "club_id"}
        expected = [
            (unit.get(column["name"], column["name"]), column["data_type"])
            for column in theirs[theirs_of[0]]["columns"]
        ]
        assert [(c["name"], c["data_type"]) for c in model["columns"]] == expected, kind
        compared += 1
    assert compared == 17


def test_the_chain_has_every_model_that_the_products_have():
    names = {Path(name).stem for name in written()}
    chain = yaml.safe_load(
        (ROOT / "models/intermediate/products/_int_product_chain__models.yml").read_text()
    )
    wanted = {model["name"].replace("int_product_", "int_club_") for model in chain["models"]}
    assert wanted <= names


def test_the_features_select_is_plain_where_it_can_be():
    sql = written()["club_features.sql"]
    assert "    cast(id as bigint) as club_id,\n    cast(visits as bigint) as visits,\n" in sql
    assert "cast({{ adapter.quote('Annual Income (k$)') }} as bigint) as annual_income_k" in sql
    assert "{{ segmentation.or_missing(segmentation.clean_text('country')) }} as country" in sql


@pytest.mark.parametrize(
    ("key", "duplicates", "expression"),
    [
        (("id",), "keep", "row_number as club_id"),
        (("id", "country"), None, "{{ segmentation.joined_key(['id', 'country']) }} as club_id"),
        (("country",), None, "cast(country as string) as club_id"),
    ],
)
def test_keys_of_every_kind_become_one_column(key, duplicates, expression):
    keyed = table(text("country"), number("visits"), key=key)
    request = Request("club", duplicates=duplicates)
    choices = choose_columns(keyed, "club", duplicates=duplicates)
    files = segmentation_files(keyed, choices, request)
    assert expression in files["club_features.sql"]
    data_type = described(files)["club_features"]["columns"][0]["data_type"]
    assert data_type == ("bigint" if duplicates == "keep" else "string")
    assert f"key_type='{data_type}'" in files["int_club_previous_segments.sql"]


def test_the_recipe_clusters_numbers_and_without_any_categories():
    carried = described(written())["int_club_fit_plan"]["config"]["meta"]["recipe"]
    assert carried["features"] == [
        {"name": "visits", "transform": "log1p"},
        {"name": "annual_income_k"},
    ]
    assert set(carried) <= {"description", *Recipe.__dataclass_fields__}
    only_texts = table(text("country"), text("channel"))
    files = segmentation_files(only_texts, choose_columns(only_texts, "club"), Request("club"))
    recipe = described(files)["int_club_fit_plan"]["config"]["meta"]["recipe"]
    assert [feature["name"] for feature in recipe["features"]] == ["country", "channel"]


def test_python_models_go_where_the_project_keeps_them():
    files = {"club_segments.sql": "", "int_club_as_of.sql": "", "fit_club_k.py": ""}
    here = placed(files, "club", {"model-paths": ["models", "python_models"]})
    there = placed(files, "club", {})
    assert Path("python_models/club/fit_club_k.py") in here
    assert [str(path) for path in there] == [
        "models/club/club_segments.sql",
        "models/club/intermediate/int_club_as_of.sql",
        "models/club/fit/fit_club_k.py",
    ]


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path):
    kept = tmp_path / "models" / "club_segments.sql"
    kept.parent.mkdir()
    kept.write_text("select 1")
    files = {Path("models/club_features.sql"): "new", Path("models/club_segments.sql"): "new"}
    with pytest.raises(CommandError, match=r"club_segments\.sql exists, and nothing was written"):
        write_files(tmp_path, files, table())
    assert [path.name for path in kept.parent.iterdir()] == ["club_segments.sql"]
    assert kept.read_text() == "select 1"


def test_a_model_of_that_name_elsewhere_is_no_place_to_write(tmp_path):
    taken = Table("members", (), ("id",), 1, 0, 1, "1", 1, nodes=("club_segments",))
    with pytest.raises(CommandError, match="club_segments exists"):
        write_files(tmp_path, {Path("models/club_segments.sql"): "new"}, taken)
    assert not list(tmp_path.iterdir())


def run(monkeypatch, tmp_path, answer, *options):
    """Run the command on a table whose description is given."""
    (tmp_path / "dbt_project.yml").write_text("name: mine\n")
    monkeypatch.setattr(scaffold_table, "_ask", lambda *_: answer)
    parser = argparse.ArgumentParser()
    new.add_arguments(parser)
    arguments = ["club", "--model", "members", "--key", "id", "--project-dir", str(tmp_path)]
    return new.run(parser.parse_args([*arguments, *options]))


def test_it_says_what_a_column_is_called_where_that_is_not_its_name(monkeypatch, tmp_path, capsys):
    columns = [number("id"), number("Visits"), number("Größe (cm)")]
    described = answer(columns=[vars(column) for column in columns])
    assert run(monkeypatch, tmp_path, described) == 0
    told = capsys.readouterr().out
    assert "Größe (cm)  number    0 to 50; called groesse_cm" in told
    assert told.count("called") == 1


def answer(**replaced):
    described = [vars(column) for column in (number("id"), number("visits"), text("country"))]
    counts = {"rows": 100, "missing": 0, "keys": 100, "most_frequent": "7"}
    key = counts | {"most_frequent_rows": 1} | replaced.pop("key", {})
    return {"nodes": ["members"], "is_built": True, "columns": described, "key": key} | replaced


def test_it_writes_and_says_what_was_taken_as_what(monkeypatch, tmp_path, capsys):
    assert run(monkeypatch, tmp_path, answer()) == 0
    told = capsys.readouterr().out
    assert "visits   number    0 to 50" in told
    assert "country  category  4 different texts" in told
    assert (tmp_path / "models/club/club_segments.sql").is_file()


@pytest.mark.parametrize(
    ("found", "options", "sentence"),
    [
        (
            answer(key={"keys": 60, "most_frequent_rows": 9}),
            [],
            "Column id of members has only 60 different values in 100 rows (7 stands in 9)",
        ),
        (answer(key={"missing": 3}), [], "Column id of members has no value in 3 of 100 rows"),
        (answer(key={"rows": 0}), [], "members is empty"),
        (
            answer(nodes=["other"]),
            [],
            "There is no model or seed 'members'. The project has: other",
        ),
        (answer(is_built=False), [], "run `dbt build --select members` first"),
        (answer(), ["--key", "idd"], "members has no column idd. It has: id, visits, country"),
        (answer(), ["--unit", "Rows!"], "--unit is 'Rows!'"),
        (answer(), ["--unit", "visits"], "--unit is 'visits', but members has a column of that"),
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
    repeated = answer(key={"keys": 60, "missing": 2})
    assert run(monkeypatch, tmp_path, repeated, "--duplicates", "keep") == 0


@pytest.mark.parametrize("name", ["customer", "Club", "9lives", "a-b", "default"])
def test_a_name_that_would_not_work_is_refused(name):
    with pytest.raises(CommandError, match="NAME is"):
        new._refuse_names(Request(name))


def test_a_folder_that_is_no_project_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"has no dbt_project\.yml"):
        scaffold_table.project_settings(tmp_path)
