"""Ensures that every page of the app draws, asks, answers and refuses as documented."""

import json
import os
import shutil
import socket
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from app import access
from segmentation.cli.main import main
from segmentation.published.publishing import DATABASE

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("overview", "segments", "how_many", "predict", "find", "products", "campaigns", "health")
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

    def open_app(serving: Path, page: str = "overview", **environment: str) -> AppTest:
        monkeypatch.setenv("SEGMENTATION_SERVING", str(serving))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        opened = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=SECONDS).run()
        return opened if page == "overview" else opened.switch_page(f"views/{page}.py").run()

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
    assert verdict in told
    assert f"Reason: {reason}." in told


@pytest.mark.parametrize("view", ["Compare two", "All side by side", "Map", "Classical rules"])
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
    [{}, {"average_order_value": 95.5, "total_orders": 7}, {"days_since_last_order": 400}],
    ids=str,
)
def test_the_form_answers_as_the_command_does(app, sample, changed):
    opened = app(sample.serving, "predict")
    for name, value in changed.items():
        opened.number_input(key=f"value_customer_{name}").set_value(value)
    asked = {
        field.key.removeprefix("value_customer_"): field.value for field in opened.number_input
    }
    opened.button[0].click().run()
    assert_drawn(opened)
    settings = [part for name, value in asked.items() for part in ("--set", f"{name}={value}")]
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
    for field, name in zip(opened.number_input, names, strict=True):
        assert field.value == pytest.approx(float(medians[name]), abs=0.5)


def test_counts_amounts_and_shares_cannot_be_entered_below_zero(app, sample, made_up):
    opened = app(sample.serving, "predict")
    assert bound_below(opened, "total_orders") == (0, True)
    assert bound_below(opened, "average_order_value") == (0, True)
    opened = app(made_up("numbers"), "predict")
    assert bound_below(opened, "return_rate") == (0, True)
    assert opened.number_input(key="value_customer_return_rate").max == 1


def bound_below(opened: AppTest, name: str) -> tuple[float, bool]:
    field = opened.number_input(key=f"value_customer_{name}")
    return field.proto.min, field.proto.has_min


def test_values_that_no_customer_has_are_noted_and_kept_short(app, sample):
    opened = app(sample.serving, "predict")
    opened.number_input(key="value_customer_average_order_value").set_value(1e300)
    opened.button[0].click().run()
    assert_drawn(opened)
    assert "average_order_value is 1e+300: the published values go from " in texts(opened)
    assert "1.0e300" in texts(opened)
    assert "000,000,000" not in texts(opened)


def test_what_was_filled_is_what_decided(app, sample):
    opened = app(sample.serving, "predict")
    unknown = opened.multiselect(key="unknown_customer")
    names = [field.key.removeprefix("value_customer_") for field in opened.number_input]
    unknown.set_value(names[1:])
    opened.button[0].click().run()
    assert_drawn(opened)
    told = texts(opened)
    assert " decided most: " in told
    assert "decided most: – speaks" not in told


def test_what_is_not_known_is_treated_as_missing(app, made_up):
    opened = app(made_up("famd_drop"), "predict")
    assert {field.key for field in opened.selectbox} >= {"value_customer_country"}
    opened.multiselect(key="unknown_customer").set_value(["total_spend"])
    opened.button[0].click().run()
    assert "No segment: not scored: no value for total_spend" in texts(opened)


def test_levels_are_those_the_model_knows(app, made_up):
    opened = app(made_up("famd"), "predict")
    countries = opened.selectbox(key="value_customer_country")
    assert sorted(countries.options) == ["Brasil", "China", "Namibia"]
    assert countries.value == "Brasil"
    opened.button[0].click().run()
    assert_drawn(opened)
    assert "Segment **" in texts(opened)


def test_a_mixture_tells_probabilities_instead_of_nearness(app, made_up):
    folder = made_up("mixture")
    opened = app(folder, "predict")
    opened.button[0].click().run()
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


def test_an_identity_header_must_be_there(app, sample):
    opened = app(sample.serving, **{access.HEADER: "X-Forwarded-User"})
    assert "You are not signed in" in opened.error[0].value
    assert not opened.title


def test_the_launcher_refuses_an_open_address(monkeypatch, capsys):
    monkeypatch.delenv(access.PASSWORD, raising=False)
    monkeypatch.delenv(access.HEADER, raising=False)
    assert main(["app", "--address", "0.0.0.0"]) == 2
    assert access.PASSWORD in capsys.readouterr().err


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
