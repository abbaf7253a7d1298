"""Ensures that the app works in a real browser, alone with this machine."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import duckdb
import pytest

from segmentation.published.publishing import DATABASE
from tests.app.axe import OF_COLOURS, SERIOUS

pytest.importorskip("axe_playwright_python", reason="the browser tests need requirements-dev.lock")
from axe_playwright_python.sync_playwright import Axe

PAGES = {
    "Overview": "Customer segments",
    "Segments": "Segments",
    "How many?": "How many segments?",
    "Predict": "Predict",
    "Find a customer": "Find a customer",
    "Rules of your own": "Rules of your own",
    "Products and baskets": "Products and baskets",
    "Did it work?": "Did it work?",
    "Health": "Health",
}
PATHS = dict(
    zip(
        PAGES,
        (
            "",
            "segments",
            "how_many",
            "predict",
            "find",
            "rules",
            "products",
            "campaigns",
            "health",
        ),
        strict=True,
    )
)
STREAMLITS_OWN = {
    "aria-allowed-attr": "expanders, sliders and lists",
    "aria-required-children": "lists to choose from",
    "aria-required-parent": "lists to choose from",
    "button-name": "toolbar buttons of tables and the menu",
    "color-contrast": "captions and values of sliders, in Streamlit's faded colours",
    "nested-interactive": "table toolbars",
    "scrollable-region-focusable": "the main area and tables on canvas",
    "svg-img-alt": "plotly's layers; the alternative stands on the chart",
}
"""Faults of the framework, by the rules of axe-core; not those of markup the app writes itself."""
OWN_MARKUP = ".segment-key"


@pytest.fixture(scope="module")
def serving(sample, tmp_path_factory, campaign):
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(sample.serving / DATABASE, folder / DATABASE)
    with duckdb.connect(str(folder / DATABASE)) as connection:
        connection.execute(campaign)
    return folder


@pytest.fixture(scope="module")
def address(start_app, serving):
    return start_app(serving)


@pytest.fixture
def opened(watched, address):
    """The app, opened at its first page."""
    seen = watched()
    seen.page.goto(address)
    settle(seen.page)
    return seen


def settle(page) -> None:
    """Wait until the page has been drawn whole."""
    page.wait_for_selector("h1")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(300)


def go(page, title: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_text(title, exact=True).click()
    page.get_by_role("heading", level=1, name=PAGES[title], exact=True).wait_for()
    settle(page)


def assert_charts_drawn(page) -> int:
    """Fail if a chart is blank; return how many there are."""
    charts = page.get_by_test_id("stPlotlyChart")
    for number in range(charts.count()):
        chart = charts.nth(number)
        chart.scroll_into_view_if_needed()
        marks = ".point, .points path, .slice, .hm, .sankey-link, .scatterlayer path, canvas"
        chart.locator(marks).first.wait_for(state="attached")
    return charts.count()


def test_every_page_works_and_nothing_leaves_the_machine(opened, serving):
    before = hashlib.md5((serving / DATABASE).read_bytes()).hexdigest()
    charts = {}
    for title in PAGES:
        go(opened.page, title)
        assert opened.page.get_by_test_id("stAlertContentError").count() == 0
        charts[title] = assert_charts_drawn(opened.page)
    assert {title for title, count in charts.items() if count} == set(PAGES) - {
        "Segments",
        "Find a customer",
        "Rules of your own",
    }
    opened.assert_quiet()
    assert hashlib.md5((serving / DATABASE).read_bytes()).hexdigest() == before
    assert [path.name for path in serving.iterdir()] == [DATABASE]


def test_what_leaves_the_machine_is_noticed(watched):
    seen = watched()
    seen.page.set_content("<img src='http://example.org/pixel.png'>")
    assert seen.strangers == ["http://example.org/pixel.png"]
    with pytest.raises(AssertionError):
        seen.assert_quiet()


def test_the_maps_draw(opened):
    go(opened.page, "Segments")
    opened.page.get_by_text("Map", exact=True).click()
    opened.page.get_by_role("heading", name=re.compile("Two components")).wait_for()
    settle(opened.page)
    assert assert_charts_drawn(opened.page) >= 2
    opened.assert_quiet()


def test_the_form_gives_the_prediction_of_the_command(opened, serving):
    go(opened.page, "Predict")
    for label, value in {"Total spend": "668.50", "Orders": "7"}.items():
        field = opened.page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Tab")
        settle(opened.page)
    settings = {}
    for field in opened.page.locator('input[type="number"]').all():
        settings[field.get_attribute("aria-label")] = field.input_value()
    opened.page.get_by_text("order value is 95.5: total spend 668.5 divided by").wait_for()
    settle(opened.page)
    expected = predicted(serving, settings)
    answer = opened.page.get_by_test_id("stAlertContentSuccess").inner_text()
    assert answer.split("Segment ")[-1] == f"{expected['segment_id']} · {expected['segment_name']}"
    told = opened.page.get_by_test_id("stMain").inner_text()
    assert f"Confidence {100 * expected['confidence']:.0f} %" in told
    assert assert_charts_drawn(opened.page) == 1
    opened.assert_quiet()


def predicted(serving, settings: dict[str, str]) -> dict:
    from segmentation.published.answers import form_fields
    from segmentation.published.served import open_published
    from segmentation.report.words import label

    with open_published(serving) as published:
        names = {label(one.name): one.name for one in form_fields(published)}
    assert set(settings) == set(names)
    options = [part for title, value in settings.items() if value
               for part in ("--set", f"{names[title]}={value}")]  # fmt: skip
    command = [sys.executable, "-m", "segmentation.cli", "predict", "--serving", str(serving)]
    done = subprocess.run(
        [*command, *options, "--output-format", "json"], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)[0]


def test_a_link_survives_a_reload_and_says_what_is_shown(opened, address):
    opened.page.goto(f"{address}/?segment=3")
    settle(opened.page)
    opened.page.get_by_role("heading", level=2, name=re.compile("^3 · ")).wait_for()
    assert opened.page.url == f"{address}/segments?segment=3"
    opened.page.reload()
    settle(opened.page)
    opened.page.get_by_role("heading", level=2, name=re.compile("^3 · ")).wait_for()
    go(opened.page, "Overview")
    opened.page.get_by_role("link", name="Open segment 2").click()
    opened.page.get_by_role("heading", level=2, name=re.compile("^2 · ")).wait_for()
    settle(opened.page)
    assert opened.page.url == f"{address}/segments?segment=2"
    opened.page.goto(f"{address}/?customer=3")
    settle(opened.page)
    assert opened.page.url == f"{address}/find?customer=3"
    opened.page.get_by_role("heading", name="Values", exact=True).wait_for()
    assert not opened.strangers
    # Opened below the root, Streamlit asks there first for itself.
    assert not [one for one in opened.errors if "/_stcore/" not in one]


def test_the_audience_downloaded_is_the_one_the_command_exports(opened, address, serving, tmp_path):
    opened.page.goto(f"{address}/?segment=1")
    settle(opened.page)
    with opened.page.expect_download() as downloading:
        opened.page.get_by_role("button", name="Download the audience").click()
    saved = tmp_path / "saved.csv"
    downloading.value.save_as(saved)
    command = [sys.executable, "-m", "segmentation.cli", "export", "--segment", "1"]
    command += ["--serving", str(serving), "--out", str(tmp_path / "exported")]
    subprocess.run(command, check=True, capture_output=True)
    name = "customer_segment_1.csv"
    assert downloading.value.suggested_filename == name
    assert saved.read_bytes() == (tmp_path / "exported" / name).read_bytes()
    opened.assert_quiet()


def test_a_publication_during_use_appears_at_the_next_interaction(watched, start_app, sample,
                                                                   tmp_path):  # fmt: skip
    shutil.copyfile(sample.serving / DATABASE, tmp_path / DATABASE)
    seen = watched()
    seen.page.goto(start_app(tmp_path))
    settle(seen.page)
    assert seen.page.get_by_text("Renamed").count() == 0
    shutil.copyfile(tmp_path / DATABASE, tmp_path / "next")
    with duckdb.connect(str(tmp_path / "next")) as connection:
        for table in ("customer_segments", "segments"):
            connection.execute(f"update {table} set segment_name = 'Renamed' where segment_id = 1")
    os.replace(tmp_path / "next", tmp_path / DATABASE)
    go(seen.page, "Health")
    seen.page.get_by_text("Renamed").first.wait_for()
    seen.assert_quiet()


def test_a_password_keeps_strangers_out(watched, start_app, sample):
    seen = watched()
    secret = "long enough to keep"
    seen.page.goto(start_app(sample.serving, SEGMENTATION_APP_PASSWORD=secret))
    field = seen.page.get_by_label("Password", exact=True)
    field.fill("a wrong guess")
    seen.page.get_by_role("button", name="Sign in").click()
    seen.page.get_by_text("That is not the password.").wait_for()
    assert seen.page.locator("h1").count() == 0
    field.fill(secret)
    seen.page.get_by_role("button", name="Sign in").click()
    seen.page.get_by_role("heading", level=1, name="Customer segments").wait_for()
    settle(seen.page)
    seen.page.reload()
    seen.page.get_by_role("heading", level=1, name="Customer segments").wait_for()
    settle(seen.page)
    seen.page.get_by_role("button", name="Sign out").click()
    seen.page.get_by_label("Password", exact=True).wait_for()
    settle_without_title(seen.page)
    seen.page.reload()
    seen.page.get_by_label("Password", exact=True).wait_for()
    assert seen.page.locator("h1").count() == 0
    seen.assert_quiet()


def settle_without_title(page) -> None:
    """Wait until a page without a title, that of the sign-in, has been drawn whole."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(300)


def test_the_identity_header_of_a_proxy_lets_in(watched, start_app, sample):
    address = start_app(sample.serving, SEGMENTATION_APP_IDENTITY_HEADER="X-Forwarded-User")
    stranger, known = watched(), watched(extra_http_headers={"X-Forwarded-User": "ada"})
    stranger.page.goto(address)
    stranger.page.get_by_text("You are not signed in").wait_for()
    assert stranger.page.locator("h1").count() == 0
    known.page.goto(address)
    known.page.get_by_role("heading", level=1, name="Customer segments").wait_for()


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", OF_COLOURS)])
def test_no_serious_accessibility_fault_in_our_own_markup(watched, address, scheme, rules):
    seen = watched(width=390, height=844, color_scheme=scheme)
    found = {}
    for title in ("Overview", "Predict", "Health"):
        seen.page.goto(f"{address}/{PATHS[title]}")
        settle(seen.page)
        for fault in Axe().run(seen.page, options=rules).response["violations"]:
            if fault["impact"] in SERIOUS:
                places = [place for node in fault["nodes"] for place in node["target"]]
                found.setdefault(fault["id"], []).extend(map(str, places))
    assert set(found) <= set(STREAMLITS_OWN), found
    assert not [place for places in found.values() for place in places if OWN_MARKUP in place]


def test_a_phone_is_never_scrolled_sideways(watched, address):
    seen = watched(width=390, height=844, color_scheme="dark")
    for title in PAGES:
        seen.page.goto(f"{address}/{PATHS[title]}")
        settle(seen.page)
        main = seen.page.get_by_test_id("stMain")
        assert main.evaluate("one => one.scrollWidth - one.clientWidth") <= 1, title
