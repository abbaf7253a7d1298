"""Ensures that the page is whole, self-contained and safe, whatever was published."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from segmentation import build
from segmentation.report.__main__ import main
from segmentation.report.page import build_page, json_script, write_report
from segmentation.served import open_published

SECTIONS = [
    "profiles",
    "how-many",
    "where",
    "trust",
    "rules",
    "baskets",
    "products",
    "over-time",
    "provenance",
]
ESSENTIAL = {"customer_segments", "customer_features", "customer_segment_models"}


class Outline(HTMLParser):
    """Collects the elements that a test asks for."""

    def __init__(self):
        super().__init__()
        self.elements = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


@pytest.fixture(scope="module")
def html(published_shop, tmp_path_factory):
    target = tmp_path_factory.mktemp("page") / "report.html"
    return write_report(published_shop, target).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def elements(html):
    outline = Outline()
    outline.feed(html)
    return outline.elements


@pytest.fixture
def page(published_shop):
    with open_published(published_shop) as published:
        return build_page(published)


def test_every_section_is_there_in_order(page):
    assert [section.name for section in page.sections] == SECTIONS


def test_every_figure_has_words_and_a_table(page):
    charts = [chart for section in page.sections for chart in section.charts]
    assert len(charts) > 18
    assert len({chart.name for chart in charts}) == len(charts)
    for chart in charts:
        assert len(chart.alternative) > 15, chart.name
        assert chart.table.rows, chart.name
        assert len(chart.table.headers) == len(chart.table.rows[0]), chart.name


def test_every_figure_on_the_page_is_named_by_its_words_and_has_its_data(html, elements):
    plots = [attributes for _, attributes in elements if "data-figure" in attributes]
    identifiers = {attributes["id"] for _, attributes in elements if "id" in attributes}
    assert len(plots) > 18
    for plot in plots:
        assert plot["aria-labelledby"] in identifiers
        assert f"figure-{plot['data-figure']}" in identifiers


def test_identifiers_are_unique_and_links_inside_the_page_lead_somewhere(elements):
    identifiers = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    links = [a["href"] for tag, a in elements if tag == "a"]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(identifiers)


def test_nothing_is_loaded_from_elsewhere(html, elements):
    assert "default-src 'none'" in html
    for tag, attributes in elements:
        assert "src" not in attributes, tag
        assert not attributes.get("href", "#").startswith(("http", "//"))


def test_names_from_the_data_are_text_not_markup(html, elements):
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#34;quotes&#34;" in html
    # plotly.js, the page's own code, the themes and one block of data per figure: no more.
    scripts = [attributes for tag, attributes in elements if tag == "script"]
    figures = [a for a in scripts if a.get("type") == "application/json"]
    assert len(scripts) - len(figures) == 2


def test_json_cannot_end_the_element_that_holds_it():
    nasty = {"name": "</script><!-- & "}
    text = json_script(nasty)
    assert "<" not in text
    assert json.loads(text) == nasty


def test_a_card_says_size_revenue_traits_and_what_to_do(page):
    card = page.cards[2]
    assert (card.segment_id, card.size, card.stability) == (9, "20 customers", "dissolved")
    assert card.share == pytest.approx(1 / 6)
    assert card.value_share == pytest.approx(4000 / 5800)
    assert card.traits[0] == "Total spend 200 on average, against 48.3 overall (4.1 times)"
    assert (card.kind, card.suggestion) == ("Kind <9>", "Do & try")
    assert card.values.rows[0] == ("Gender", "F</script>", "60 %", "30 %", "2")


def test_the_words_say_what_the_figures_show(page):
    words = {chart.name: chart.alternative for part in page.sections for chart in part.charts}
    assert "Segment 9 brings the most revenue: 69 % from 17 % of customers." in words["sizes"]
    assert words["k"] == "Chosen: k = 3, silhouette 0.500; the elbow of the inertia is at k = 2."
    assert words["k-flow"] == "One segment more would divide segment 1."
    assert words["migrations"].startswith("20 of 95 customers changed their segment (21 %)")
    assert words["stability"] == "Segment 9 does not come back reliably."
    assert words["drift"] == "Total spend moved since the model was fitted."


def test_downsampling_is_said_in_the_title(page):
    titles = {chart.name: chart.title for part in page.sections for chart in part.charts}
    assert titles["map"] == "Two components: all 120 customers"
    assert titles["neighbours"].endswith("60 of 120 customers, drawn by segment")


def optional_tables(folder):
    with open_published(folder) as published:
        rows = published.rows("select table_name from duckdb_tables() where not internal")
    return [name for (name,) in rows if name not in ESSENTIAL]


@pytest.mark.parametrize(
    ("change", "left"),
    [("drop table {}", ["profiles", "provenance"]), ("delete from {}", ["profiles", "provenance"])],
)
def test_optional_tables_may_be_absent_or_empty(change, left, published_shop, changed_shop):
    tables = optional_tables(published_shop)
    if change.startswith("delete"):
        tables.remove("customer_segment_summary")
    folder = changed_shop(*(change.format(table) for table in tables))
    with open_published(folder) as published:
        found = build_page(published)
    assert [section.name for section in found.sections] == left
    assert found.trusted is None
    assert write_report(folder).stat().st_size > 1e6


@pytest.mark.parametrize("start", range(5))
def test_a_table_may_be_absent_while_its_neighbours_are_there(start, published_shop, changed_shop):
    absent = optional_tables(published_shop)[start::5]
    folder = changed_shop(*(f"drop table {table}" for table in absent))
    with open_published(folder) as published:
        assert len(build_page(published).cards) == 3


def test_the_same_publication_gives_the_same_page(published_shop, tmp_path):
    first = write_report(published_shop, tmp_path / "a.html").read_bytes()
    assert first == write_report(published_shop, tmp_path / "b.html").read_bytes()
    assert len(first) < 6_000_000


def test_the_command_says_where_the_page_is(published_shop, tmp_path, capsys):
    target = tmp_path / "page.html"
    assert main(["--serving", str(published_shop), "--output", str(target)]) == 0
    assert re.fullmatch(
        rf"Report: {re.escape(str(target))} \(\d\.\d MB\)\n", capsys.readouterr().out
    )


def test_without_a_published_file_the_command_says_which_one_makes_it(tmp_path, capsys):
    assert main(["--serving", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "run `make build`" in error


def test_a_build_goes_on_without_a_report_and_says_why(tmp_path, changed_shop):
    folder = changed_shop("drop table customer_segment_models")
    told = build.report(folder)
    assert told.startswith("\nThe segments are published, but the report could not be made: ")
    assert "customer_segment_models" in unescape(told)
    assert not list(folder.glob("report.html*"))
