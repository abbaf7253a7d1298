"""Ensures that every page of the app draws, asks, answers and refuses as documented."""

import json
import os
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from segmentation.app import __main__ as launcher
from segmentation.app import access
from segmentation.cli.main import main
from segmentation.published.publishing import DATABASE
from segmentation.published.served import open_published
from segmentation.report import data
from segmentation.report.data_trust import stability
from segmentation.report.sections import cards
from segmentation.report.words import spaced
from segmentation.scaffold.overrides import COLUMNS, FILE, read_overrides
from segmentation.scaffold.rule_file import FILE as RULES
from segmentation.scaffold.rule_file import read_rules

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    *("overview", "segments", "how_many", "predict", "find", "rules", "products", "campaigns"),
    "health",
)
NEEDED = {
    "customer_features",
    "customer_segments",
    "product_features",
    "product_segments",
    "segment_models",
    "segment_names",
    "segmentations",
    "segments",
}
RENAME = (
    "update segments set segment_name = '{name}' where segmentation = 'customer' and segment_id = 1"
)
COUNTED = """
    create table segments as
    select
        'customer' as segmentation, segment_id, segment_name, null as description,
        cast(null as varchar) as name_objection,
        count(*) as units, count(*) / sum(count(*)) over () as share,
        cast(null as double) as revenue, cast(null as double) as revenue_share,
        cast(null as double) as mean_margin
    from customer_segments group by segment_id, segment_name
"""
SECONDS = 60


def _made_up():
    path = ROOT / "tests" / "unit" / "conftest.py"
    specification = spec_from_file_location("made_up_fixtures", path)
    module = module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def app(monkeypatch):
    """Open the app on a folder, on a page."""

    def open_app(
        serving: Path, page: str = "overview", address: dict | None = None, **environment: str
    ) -> AppTest:
        monkeypatch.setenv("SEGMENTATION_SERVING", str(serving))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        opened = AppTest.from_file(
            str(ROOT / "segmentation" / "app" / "main.py"), default_timeout=SECONDS
        )
        for name, value in (address or {}).items():
            opened.query_params[name] = value
        if page != "overview":
            opened.switch_page(f"views/{page}.py")
        return opened.run()

    return open_app


@pytest.fixture
def copied(sample, tmp_path):
    """Copy the published file and change it with SQL; return the folder."""

    def copy(*statements: str) -> Path:
        shutil.copyfile(sample.serving / DATABASE, tmp_path / DATABASE)
        with duckdb.connect(str(tmp_path / DATABASE)) as connection:
            for statement in statements:
                connection.execute(statement)
        return tmp_path

    return copy


@pytest.fixture
def made_up(tmp_path):
    """Publish made-up customers by a recipe with categories or another algorithm."""

    def publish(recipe: str) -> Path:
        folder = _made_up().publish_made_up(tmp_path / recipe, recipe)
        with duckdb.connect(str(folder / DATABASE)) as connection:
            for column in ("reason varchar", "recipe_name varchar", "as_of_date date",
                           "rows_fitted bigint", "k bigint", "silhouette double"):  # fmt: skip
                connection.execute(f"alter table segment_models add column {column}")
            connection.execute(COUNTED)
        return folder

    return publish


def texts(opened: AppTest) -> str:
    kinds = (opened.title, opened.header, opened.markdown, opened.caption, opened.success,
             opened.info, opened.warning, opened.error)  # fmt: skip
    return "\n".join(element.value for kind in kinds for element in kind).replace("\\", "")


def assert_drawn(opened: AppTest) -> None:
    assert [error.value for error in opened.error] == []
    assert not opened.exception
    assert len(opened.title) == 1


@pytest.mark.parametrize("segmentation", ["customer", "product"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws(app, sample, page, segmentation):
    opened = app(sample.serving)
    opened.sidebar.selectbox(key="segmentation").set_value(segmentation)
    opened.run().switch_page(f"views/{page}.py").run()
    assert_drawn(opened)
    assert opened.sidebar.selectbox(key="segmentation").value == segmentation


def test_products_are_shown_with_their_verdict_and_the_reason_for_their_number(app, sample):
    verdict, reason = sample.published(
        "select verdict, candidates.reason from segmentation_quality "
        "inner join k_candidates as candidates using (segmentation, model_version) "
        "inner join segment_models as models using (segmentation, model_version) "
        "where segmentation = 'product' and models.status = 'active' and is_selected"
    ).iloc[0]
    told = texts(app(sample.serving, "products"))
    assert spaced(verdict) in told
    assert f"Reason: {reason}." in told


@pytest.mark.parametrize("view", ["compare", "all", "map", "rfm"])
def test_every_view_of_segments_draws(app, sample, view):
    opened = app(sample.serving, "segments")
    opened.radio(key="segments_view").set_value(view).run()
    assert_drawn(opened)
    assert opened.get("plotly_chart")


def test_a_campaign_is_told_on_its_page_and_beside_the_suggestion(app, copied, sample, campaign):
    opened = app(sample.serving, "campaigns")
    assert_drawn(opened)
    assert "No campaign is measured." in opened.info[0].value
    folder = copied(campaign)
    opened = app(folder, "campaigns")
    assert_drawn(opened)
    assert len(opened.get("plotly_chart")) == 1
    assert "thanks: +20.0 points (10.0 to 30.0): about 80 more orders." in texts(opened)
    told = "Tried: Campaigns with it: worked (thanks, +20.0 points)."
    assert told in texts(app(folder)).replace("*", "")


@pytest.mark.parametrize("page", PAGES)
def test_without_a_published_file_the_command_that_makes_one_is_named(app, tmp_path, page):
    opened = app(tmp_path, page)
    assert "run `segmentation build`" in opened.error[0].value
    assert not opened.exception


def test_a_broken_file_is_told_in_a_sentence(app, tmp_path):
    (tmp_path / DATABASE).write_bytes(b"this is no database" * 1000)
    opened = app(tmp_path)
    assert "cannot be read" in opened.error[0].value
    assert "Traceback" not in texts(opened)


@pytest.mark.parametrize("emptied", [True, False], ids=["empty", "absent"])
def test_optional_tables_may_be_missing(app, copied, sample, emptied):
    tables = sample.published("select table_name from duckdb_tables()")["table_name"]
    command = "delete from" if emptied else "drop table"
    folder = copied(*(f"{command} {table}" for table in tables if table not in NEEDED))
    for page in PAGES:
        opened = app(folder, page)
        if page == "predict":
            assert "run `segmentation build`" in opened.error[0].value
        else:
            assert_drawn(opened)


@pytest.mark.parametrize("page", PAGES)
def test_segments_that_could_not_be_renewed_are_called_so_on_every_page(app, copied, page):
    folder = copied(
        "update segmentations set is_stale = true, reason = 'no feature varies. Choose others.' "
        "where segmentation = 'customer'"
    )
    opened = app(folder, page)
    assert_drawn(opened)
    told = opened.warning[0].value.replace("\\", "")
    assert told.startswith("The last build could not renew these segments, so those of 2")
    assert told.endswith(" are shown: no feature varies. Choose others.")


def test_rows_are_called_what_their_segmentation_calls_them(app, copied):
    folder = copied("update segmentations set unit = 'shoppers' where segmentation = 'customer'")
    assert "Find a shopper" in {one.value for one in app(folder, "find").title}
    assert "Most similar shoppers" in {
        header.value for header in find(app(folder, "find"), "3").header
    }
    assert {"Customer segments"} == {one.value for one in app(folder).title}
    assert "Shoppers" in {one.label for one in app(folder).metric}


def test_an_unforeseen_fault_is_a_sentence_too(app, sample, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("division by zero\nwith details")

    monkeypatch.setattr("segmentation.report.sections.size_charts", fail)
    opened = app(sample.serving)
    assert [error.value for error in opened.error] == [
        "This page could not be drawn: division by zero. The log of the server has the details; "
        "the other pages still work."
    ]


# --- asking ---


def cli(*arguments: str) -> str:
    command = [sys.executable, "-m", "segmentation.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"total_spend": None, "average_order_value": 95.5, "total_orders": 7, "kept_orders": 7},
        {"total_spend": 240, "total_orders": 3},
        {"days_since_last_order": 400, "kept_orders": None},
    ],
    ids=str,
)
def test_the_form_answers_as_the_command_does(app, sample, changed):
    opened = app(sample.serving, "predict")
    for name, value in changed.items():
        opened.number_input(key=f"value_customer_{name}").set_value(value)
    asked = {
        field.key.removeprefix("value_customer_"): field.value for field in opened.number_input
    }
    opened.run()
    assert_drawn(opened)
    settings = [
        part
        for name, value in asked.items()
        if value is not None
        for part in ("--set", f"{name}={value}")
    ]
    (expected,) = json.loads(
        cli("predict", "--serving", str(sample.serving), *settings, "--output-format", "json")
    )
    told = texts(opened)
    assert f"Segment **{expected['segment_id']} · {expected['segment_name']}**" in told
    assert f"{expected['runner_up_segment_id']} · {expected['runner_up_segment_name']}" in told
    assert f"Confidence {100 * expected['confidence']:.0f}" in told


def test_defaults_are_medians(app, sample):
    opened = app(sample.serving, "predict")
    names = [field.key.removeprefix("value_customer_") for field in opened.number_input]
    medians = sample.published(
        f"select {', '.join(f'median({name}) as {name}' for name in names)} from customer_features"
    ).iloc[0]
    defaults = dict(zip(names, (field.value for field in opened.number_input), strict=True))
    followed = {name for name, value in defaults.items() if value is None}
    assert followed == {"average_order_value", "kept_orders"}
    for name in defaults.keys() - followed:
        assert defaults[name] == pytest.approx(float(medians[name]), abs=0.5)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"total_orders": -1}, "total orders -1 is below 0"),
        ({"total_spend": -0.5}, "total spend -0.5 is below 0"),
        (
            {"total_spend": 100, "average_order_value": 101, "kept_orders": 2, "total_orders": 2},
            "order value 101 does not fit total spend 100: it is a part of the spend",
        ),
        (
            {"total_spend": 100, "average_order_value": 60, "kept_orders": 2, "total_orders": 2},
            "order value 60 does not fit total spend 100 and kept orders 2, which make 50.00",
        ),
        ({"kept_orders": 2, "total_orders": 1}, "kept orders 2 does not fit orders 1"),
    ],
    ids=lambda value: "" if isinstance(value, str) else ", ".join(value),
)
def test_what_cannot_be_is_refused_in_words_and_no_old_answer_stays(app, sample, values, told):
    opened = app(sample.serving, "predict")
    assert opened.success
    for name, value in values.items():
        opened.number_input(key=f"value_customer_{name}").set_value(value)
    opened.run()
    assert not opened.success and not opened.header and not opened.exception
    assert told.replace("total orders", "orders") in opened.error[0].value.replace("\\", "")


def test_a_share_cannot_be_above_the_whole(app, made_up):
    opened = app(made_up("numbers"), "predict")
    opened.number_input(key="value_customer_return_rate").set_value(1.5).run()
    assert "return rate 1.5 is above 1" in opened.error[0].value.replace("\\", "")
    assert not opened.success


def test_an_answer_says_how_it_was_made_and_by_what(app, sample):
    opened = app(sample.serving, "predict")
    opened.number_input(key="value_customer_total_spend").set_value(300.0)
    opened.number_input(key="value_customer_total_orders").set_value(3).run()
    told = texts(opened)
    assert "order value is 100: total spend 300 divided by kept orders 3" in told
    assert "Answered by the publication of 2" in told and ", model version 1." in told


def test_values_that_no_customer_has_are_noted_and_kept_short(app, sample):
    opened = app(sample.serving, "predict")
    opened.number_input(key="value_customer_total_spend").set_value(None)
    opened.number_input(key="value_customer_average_order_value").set_value(1e300).run()
    assert_drawn(opened)
    assert "order value is 1e+300: the published values go from " in texts(opened)
    assert "1.0e300" in texts(opened)
    assert "000,000,000" not in texts(opened)


def test_what_was_filled_is_what_decided(app, sample):
    opened = app(sample.serving, "predict")
    for field in list(opened.number_input)[1:]:
        field.set_value(None)
    opened.run()
    assert_drawn(opened)
    told = texts(opened)
    assert " decided most: " in told
    assert "decided most: – speaks" not in told


def test_what_is_not_known_is_treated_as_missing(app, made_up):
    opened = app(made_up("famd_drop"), "predict")
    assert {field.key for field in opened.selectbox} >= {"value_customer_country"}
    opened.number_input(key="value_customer_total_spend").set_value(None).run()
    assert "No segment: not scored: no value for total_spend" in texts(opened)


def test_levels_are_those_the_model_knows(app, made_up):
    opened = app(made_up("famd"), "predict")
    countries = opened.selectbox(key="value_customer_country")
    assert sorted(countries.options) == ["(not known)", "Brasil", "China", "Namibia"]
    assert countries.value == "Brasil"
    assert_drawn(opened)
    assert "Segment **" in texts(opened)
    countries.set_value("(not known)").run()
    assert_drawn(opened)


def test_a_mixture_tells_probabilities_instead_of_nearness(app, made_up):
    folder = made_up("mixture")
    opened = app(folder, "predict")
    assert_drawn(opened)
    told = texts(opened)
    assert "Segment **" in told and "Probability " in told and "is that much less likely" in told
    assert "logarithms of the two probabilities" in told and "nearer" not in told
    opened = find(app(folder, "find"), "6")
    assert_drawn(opened)
    assert "Why" in {header.value for header in opened.header}


def test_an_algorithm_of_a_later_version_says_so_and_who_is_found_all_the_same(app, made_up):
    folder = made_up("numbers")
    with duckdb.connect(str(folder / "segmentation.duckdb")) as connection:
        connection.execute(
            "update segment_models set recipe = replace(recipe, 'kmeans', 'spectral')"
        )
    opened = app(folder, "predict")
    assert "not known here" in opened.error[0].value
    opened = find(app(folder, "find"), "6")
    assert "Segment **" in texts(opened)
    assert "not known here" in opened.info[0].value.replace("\\", "")


def find(opened: AppTest, identifier: str) -> AppTest:
    opened.text_input[0].set_value(identifier)
    return opened.button[0].click().run()


def test_a_customer_is_found_with_segment_history_and_neighbours(app, sample):
    opened = find(app(sample.serving, "find"), "3")
    assert_drawn(opened)
    row = sample.published("from customer_segments where customer_id = 3").iloc[0]
    told = texts(opened)
    assert f"Segment **{row.segment_id} · {row.segment_name}**" in told
    assert {"Values", "History", "Why", "Most similar customers"} <= {
        header.value for header in opened.header
    }


@pytest.mark.parametrize(
    "identifier", ["987654321", "nobody", "1; drop table customer_segments", "1e99"]
)
def test_an_unknown_customer_is_told_in_a_sentence(app, sample, identifier):
    opened = find(app(sample.serving, "find"), identifier)
    assert f"There is no customer {identifier}" in texts(opened)
    assert_drawn(opened)


def test_an_excluded_customer_is_told_with_the_reason(app, sample):
    row = sample.published("from exclusions where segmentation = 'customer' order by unit_id").iloc[
        0
    ]
    opened = find(app(sample.serving, "find"), row.unit_id)
    assert row.reason in texts(opened)


def test_filters_narrow_an_audience(app, sample):
    opened = app(sample.serving, "segments")
    opened.selectbox(key="segment_customer").set_value(1).run()
    opened.slider[0].set_value(0.5).run()
    (expected,) = sample.published(
        "select count(*) as rows from customer_segments where segment_id = 1 and confidence >= 0.5"
    )["rows"]
    assert f"{expected:,} of" in texts(opened)
    opened.multiselect(key="filter_gender_customer_1").set_value(["F"]).run()
    (fewer,) = sample.published(
        "select count(*) as rows from customer_segments join customer_features using (customer_id) "
        "where segment_id = 1 and confidence >= 0.5 and gender = 'F'"
    )["rows"]
    assert 0 < fewer < expected
    assert f"{fewer:,} of" in texts(opened)
    first, last = sample.published(
        "select min(cast(last_order_at as date)) as first, "
        "median(cast(last_order_at as date)) as middle from customer_segments "
        "join customer_features using (customer_id) where segment_id = 1"
    ).iloc[0]
    first, last = first.date(), last.date()
    opened.date_input(key="period_last_order_at_customer_1").set_value((first, last)).run()
    (recent,) = sample.published(
        "select count(*) as rows from customer_segments join customer_features using (customer_id) "
        "where segment_id = 1 and confidence >= 0.5 and gender = 'F' "
        f"and cast(last_order_at as date) between '{first}' and '{last}'"
    )["rows"]
    assert 0 < recent < fewer
    assert f"{recent:,} of" in texts(opened)


# --- one segment ---


def test_the_page_of_a_segment_shows_the_card_of_the_report(app, sample):
    with open_published(sample.serving) as published:
        found = cards(published, data.segments(published), stability(published))
    opened = app(sample.serving, "segments")
    chosen = opened.selectbox(key="segment_customer")
    assert [int(one.partition(" ")[0]) for one in chosen.options] == [
        card.segment_id for card in found
    ]
    for card in found:
        opened.selectbox(key="segment_customer").set_value(card.segment_id).run()
        assert_drawn(opened)
        shown = "".join(one.body for one in opened.get("html"))
        for name, value in card.figures:
            assert f"<dt>{name}</dt><dd>{value}</dd>" in shown
        told = texts(opened)
        assert f"{card.segment_id} · {card.name}" in told
        assert card.rule in told and card.suggestion in told


def test_members_are_shown_page_by_page_the_surest_first(app, sample):
    expected = sample.published(
        "select customer_id from customer_segments where segment_id = 1 "
        "order by confidence desc, customer_id"
    )["customer_id"].tolist()
    opened = app(sample.serving, "segments")
    opened.selectbox(key="segment_customer").set_value(1).run()
    first = opened.dataframe[-1].value
    assert first["customer_id"].tolist() == expected[:50]
    opened.session_state["page_customer_1"] = 2
    opened.run()
    assert opened.dataframe[-1].value["customer_id"].tolist() == expected[50:100]


def test_a_segment_with_a_past_shows_it(app, copied):
    folder = copied(
        """insert into segment_sizes by name
        select * replace (date '2024-11-30' as as_of_date, units - 40 as units)
        from segment_sizes where segmentation = 'customer'""",
        """insert into segment_migrations by name
        select 'customer' as segmentation, date '2024-12-31' as as_of_date, 2 as from_segment_id,
            1 as to_segment_id, 'behaviour' as cause, 17 as units, 0.01 as share""",
    )
    opened = app(folder, "segments")
    opened.selectbox(key="segment_customer").set_value(1).run()
    assert_drawn(opened)
    assert len(opened.get("plotly_chart")) == 1
    assert "Where they came from" in texts(opened)
    assert any("17" in table.value.to_string() for table in opened.table)


@pytest.mark.parametrize(
    ("asked", "title", "key", "value"),
    [
        ({"segment": "3"}, "Segments", "segment_customer", 3),
        ({"view": "map"}, "Segments", "segments_view", "map"),
        ({"customer": "30"}, "Find a customer", "id_customer", "30"),
        ({"segmentation": "product", "segment": "2"}, "Segments", "segment_product", 2),
        ({"product": "12"}, "Find a product", "id_product", "12"),
    ],
    ids=str,
)
def test_an_address_opens_what_it_names(app, sample, asked, title, key, value):
    opened = app(sample.serving, address=asked)
    assert_drawn(opened)
    assert [one.value for one in opened.title] == [title]
    assert opened.session_state[key] == value
    assert {name: opened.query_params[name] for name in asked} == {
        name: [text] for name, text in asked.items()
    } or {name: opened.query_params[name] for name in asked} == asked


def test_an_address_of_no_segment_says_which_there_are(app, sample):
    opened = app(sample.serving, address={"segment": "99"})
    assert_drawn(opened)
    assert "There is no segment 99: there are 1, " in opened.warning[0].value


# --- what people call it ---


@pytest.fixture
def seeds(tmp_path):
    """The folder of seeds of a project, as it comes."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in (FILE, RULES):
        shutil.copyfile(ROOT / "seeds" / name, folder / name)
    return folder


def test_a_name_is_written_for_the_next_build_with_who_when_and_why(app, sample, seeds):
    before = (sample.serving / DATABASE).read_bytes()
    opened = renamed(app, sample, seeds, "Gift buyers", "Sales calls them so.")
    assert_drawn(opened)
    (row,) = read_overrides(seeds)
    assert (row.segmentation, row.segment_id, row.segment_name) == ("customer", 1, "Gift buyers")
    assert (row.reason, row.changed_by) == ("Sales calls them so.", "Ada")
    assert row.changed_on == datetime.now(UTC).date().isoformat()
    told = texts(opened)
    assert "From the next build on it is called “Gift buyers”. (Ada, " in told
    assert "Gift buyers" not in {one.value for one in opened.header}
    assert (sample.serving / DATABASE).read_bytes() == before


@pytest.mark.parametrize(
    ("name", "reason", "told"),
    [
        ("Gift buyers", "", "Say why, for whoever asks later"),
        (2, "wish of sales", "Segment 2 is called '"),
    ],
)
def test_a_change_that_is_refused_writes_nothing(app, sample, seeds, name, reason, told):
    with open_published(sample.serving) as published:
        names = {one.segment_id: one.name for one in published.segments()}
    before = (seeds / FILE).read_bytes()
    opened = renamed(app, sample, seeds, names.get(name, name), reason)
    assert told in opened.error[0].value.replace("\\", "")
    assert (seeds / FILE).read_bytes() == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "has no segment_overrides.csv to write into"),
        ("a,b\n", "has the columns a, b: give it segmentation, segment_id"),
        (f"{','.join(COLUMNS)}\ncustomer,first,X,,why,Ada,2024-01-01\n", "line 2 is no row of"),
    ],
    ids=["no file", "other columns", "no row"],
)
def test_a_wrong_file_is_told_in_a_sentence(app, sample, seeds, text, told):
    (seeds / FILE).unlink()
    if text is not None:
        (seeds / FILE).write_text(text)
    opened = app(sample.serving, "segments", SEGMENTATION_SEEDS=str(seeds))
    assert_drawn(opened)
    assert told in opened.info[0].value.replace("\\", "")


# --- rules of one's own ---


def test_rules_are_counted_at_once_and_saved_for_the_next_build(app, sample, seeds):
    opened = app(sample.serving, "rules", SEGMENTATION_SEEDS=str(seeds))
    assert_drawn(opened)
    (value,) = (field for field in opened.text_input if field.label == "Value")
    value.set_value("100").run()
    assert_drawn(opened)
    (expected,) = sample.published(
        "select count(*) as units, sum(total_spend) as spend from customer_features "
        "where total_spend >= 100"
    ).itertuples()
    shown = opened.table[0].value
    first = shown.loc["High total spend"]
    assert first["Customers"] == f"{expected.units:,}"
    assert first["Revenue"] == f"{expected.spend:,.0f}"
    press(opened, "Save for the next build")
    assert "the next build reads it" in texts(opened)
    assert "segmentation new tiers --rules-of customer" in texts(opened)
    rules = read_rules(seeds)["tiers"]
    assert [rule.words() for rule in rules] == ["total spend at least 100", "everybody else"]


def test_rules_can_be_added_moved_and_removed(app, sample, seeds):
    opened = app(sample.serving, "rules", SEGMENTATION_SEEDS=str(seeds))
    press(opened, "Add a rule")
    assert "Rule 3 names no segment" in opened.warning[0].value.replace("\\", "")
    assert not opened.table
    names = [field for field in opened.text_input if field.label.endswith(". Segment")]
    names[2].set_value("Few")
    values = [field for field in opened.text_input if field.label == "Value"]
    values[-1].set_value("20").run()
    assert "Rule 3 can take nobody: rule 2" in opened.warning[0].value.replace("\\", "")
    (up,) = (button for button in opened.button if button.help == "Earlier: rule 3")
    up.click().run()
    assert_drawn(opened)
    assert counted(opened) == ["High total spend", "Few", "Everybody else"]
    (out,) = (button for button in opened.button if button.help == "Remove rule 3")
    out.click().run()
    assert counted(opened) == ["High total spend", "Few", "(no rule takes them)"]
    press(opened, "Save for the next build")
    again = app(sample.serving, "rules", SEGMENTATION_SEEDS=str(seeds))
    assert counted(again) == ["High total spend", "Few", "(no rule takes them)"]


def counted(opened: AppTest) -> list[str]:
    return [name.replace("\\", "") for name in opened.table[0].value.index]


def press(opened: AppTest, label: str) -> AppTest:
    (button,) = (one for one in opened.button if one.label == label)
    return button.click().run()


def renamed(app, sample, seeds, name: str, reason: str) -> AppTest:
    opened = app(sample.serving, "segments", SEGMENTATION_SEEDS=str(seeds))
    opened.selectbox(key="segment_customer").set_value(1).run()
    fields = {field.label: field for field in opened.text_input}
    fields["Name"].set_value(name)
    fields["Why"].set_value(reason)
    fields["Who you are"].set_value("Ada")
    (send,) = (button for button in opened.button if button.label == "For the next build")
    return send.click().run()


def test_another_number_of_segments_stands_beside_the_one_that_serves(app, sample):
    opened = app(sample.serving, "how_many")
    slider = opened.select_slider[0]
    serving = slider.value
    slider.set_value(serving - 1).run()
    assert_drawn(opened)
    assert f"k = {serving - 1} was not chosen" in texts(opened)
    assert len(opened.dataframe) == 2
    assert len(opened.dataframe[0].value) == serving - 1
    scores = sample.published("from k_candidates where segmentation = 'customer'").set_index("k")[
        "silhouette"
    ]
    change = scores[serving - 1] - scores[serving]
    assert abs(change) > 0.001
    (silhouette,) = (one for one in opened.metric if one.label == "Silhouette")
    # An ASCII hyphen: Streamlit takes anything else for a rise.
    assert silhouette.delta == f"{change:+.3f}"
    opened.select_slider[0].set_value(1).run()
    assert "only the scores are stored" in texts(opened)


# --- publications, reading ---


def test_a_publication_is_seen_at_the_next_interaction(app, copied, sample):
    folder = copied()
    opened = app(folder)
    assert "Renamed" not in texts(opened)
    changed = folder / "next.duckdb"
    shutil.copyfile(folder / DATABASE, changed)
    with duckdb.connect(str(changed)) as connection:
        connection.execute(RENAME.format(name="Renamed"))
    os.replace(changed, folder / DATABASE)
    opened.run()
    assert "1 · Renamed" in texts(opened)


def test_the_app_writes_nothing_beside_the_published_file(app, copied):
    folder = copied()
    before = (folder / DATABASE).read_bytes()
    assert all(app(folder, page) for page in PAGES)
    assert [path.name for path in folder.iterdir()] == [DATABASE]
    assert (folder / DATABASE).read_bytes() == before


def test_texts_of_the_data_are_shown_as_they_are_written(app, copied):
    name = "**bold** [link](http://x) <b>tag</b> $x$ :red[y]"
    opened = app(copied(RENAME.format(name=name)))
    assert_drawn(opened)
    shown = [element.value for element in opened.markdown if "bold" in element.value]
    assert shown
    assert all("\\*\\*bold\\*\\* \\[link\\]" in text for text in shown)
    html = "".join(element.body for element in opened.get("html"))
    assert "<b>tag</b>" not in html
    assert "&lt;b&gt;tag&lt;/b&gt;" in html


# --- who may come in ---


def test_elsewhere_the_page_itself_refuses_too(app, sample, monkeypatch):
    monkeypatch.setattr("streamlit.get_option", lambda _: "0.0.0.0")
    opened = app(sample.serving)
    assert access.PASSWORD in opened.error[0].value
    assert not opened.title


def test_a_password_is_asked_for_and_kept(app, sample, monkeypatch):
    monkeypatch.setattr(access, "SECONDS_PER_ATTEMPT", 0.0)
    opened = app(sample.serving, **{access.PASSWORD: "long enough to keep"})
    assert not opened.title
    opened.text_input[0].set_value("guessed")
    opened.button[0].click().run()
    assert [error.value for error in opened.error] == ["That is not the password."]
    assert not opened.title
    opened.text_input[0].set_value("long enough to keep")
    opened.button[0].click().run()
    assert_drawn(opened)
    opened.switch_page("views/health.py").run()
    assert_drawn(opened)


def test_a_provider_signs_in_who_is_allowed(app, sample, monkeypatch):
    monkeypatch.setattr(access, "has_provider", lambda: True)
    environment = {access.ALLOWED: "@shop.example"}
    monkeypatch.setattr("streamlit.user", {"is_logged_in": False})
    opened = app(sample.serving, **environment)
    assert not opened.title and [button.label for button in opened.button] == ["Sign in"]
    stranger = {"is_logged_in": True, "email": "eve@evil.example"}
    monkeypatch.setattr("streamlit.user", stranger)
    opened.run()
    assert not opened.title and "eve@evil.example may not come in" in opened.error[0].value
    monkeypatch.setattr("streamlit.user", stranger | {"email": "ada@shop.example"})
    opened.run()
    assert_drawn(opened)
    assert "Sign out" in {button.label for button in opened.sidebar.button}
    opened.switch_page("views/segments.py").run()
    assert "Who you are" not in {field.label for field in opened.text_input}


def test_an_identity_header_must_be_there(app, sample):
    opened = app(sample.serving, **{access.HEADER: "X-Forwarded-User"})
    assert "You are not signed in" in opened.error[0].value
    assert not opened.title


def test_the_launcher_refuses_an_open_address(monkeypatch, capsys):
    monkeypatch.delenv(access.PASSWORD, raising=False)
    monkeypatch.delenv(access.HEADER, raising=False)
    assert main(["app", "--address", "0.0.0.0"]) == 2
    assert access.PASSWORD in capsys.readouterr().err


def test_the_server_writes_into_the_seeds_of_the_project_it_is_started_in(
    seeds, monkeypatch, tmp_path
):
    monkeypatch.delenv("SEGMENTATION_SEEDS", raising=False)
    monkeypatch.chdir(seeds.parent)
    assert launcher.served_environment("serving")["SEGMENTATION_SEEDS"] == str(seeds.resolve())
    monkeypatch.chdir(seeds)
    assert "SEGMENTATION_SEEDS" not in launcher.served_environment("serving")


def test_the_launcher_names_a_port_that_is_taken(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["app", "--port", str(port)]) == 2
    assert f"http://127.0.0.1:{port} cannot be bound" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "0"], "0 is not in the range"),
        (["--address", "no.such.host.invalid"], "no address or name of this machine"),
    ],
)
def test_the_launcher_checks_what_it_is_given(monkeypatch, capsys, arguments, told):
    monkeypatch.setenv(access.PASSWORD, "long enough to keep")
    assert main(["app", *arguments]) == 2
    assert told in capsys.readouterr().err
