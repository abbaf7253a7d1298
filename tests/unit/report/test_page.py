"""Ensures that the page is whole, self-contained and safe, whatever was published."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from segmentation.building import summary
from segmentation.cli.main import main
from segmentation.published.served import open_published
from segmentation.report.page import BEGINNING, GENERATOR, build_page, json_script, write_report

SECTIONS = [
    "future",
    "campaigns",
    "over-time",
    "rules",
    "baskets",
    "products",
    "profiles",
    "how-many",
    "where",
    "trust",
    "provenance",
]
ESSENTIAL = {
    "segmentations",
    "segments",
    "segment_models",
    "customer_segments",
    "product_segments",
}


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


@pytest.fixture(scope="module")
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
    inside = {link.removeprefix("#") for link in links if not link.startswith("data:text/csv")}
    assert inside <= set(identifiers)


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
    card = page.cards[0]
    assert (card.segment_id, card.size, card.stability) == (9, "20 customers", "dissolved")
    assert card.share == pytest.approx(1 / 6)
    assert card.value_share == pytest.approx(4000 / 5800)
    assert card.traits == ("spend about 200.00", "<b>")
    assert (card.kind, card.suggestion) == ("Kind <9>", "Do & try")
    assert (card.aims_at, card.success) == ("Spend <9>.", "It did.")
    assert card.stake.startswith("9,000 expected in the next 90 days, 9,700 if none")
    told = "Of those it takes 100 % are in the segment; it finds 50 % of it."
    assert card.rule == f"spend at least 100. {told}"
    assert card.objection == '"<b>" is about 9 now' and not page.cards[1].objection
    assert page.rules.startswith("3 rules of at most three conditions say it all but 5.0 %")
    assert card.values.rows[0] == (
        "Gender",
        "F</script>",
        "60 %",
        "27 %",
        "2.22",
        "1.10 to 3.50",
        "yes",
    )


def test_the_words_say_what_the_figures_show(page):
    words = {chart.name: chart.alternative for part in page.sections for chart in part.charts}
    assert "Segment 9 brings the most revenue: 69 % from 17 % of customers." in words["sizes"]
    assert words["k"] == "Chosen: k = 3, silhouette 0.500; the elbow of the inertia is at k = 2."
    assert words["k-flow"] == "One segment more would divide segment 1."
    assert words["migrations"].startswith("20 of 95 customers changed their segment (21 %)")
    assert words["stability"] == "Segment 9 does not come back reliably."
    assert words["drift"] == (
        "Total spend moved past the warning level since the model was fitted."
    )
    assert words["rfm"] == (
        "Segment 1 is mostly Lost (100 %). Segment 2 is mostly Champions & co (100 %). "
        "Segment 9 is mostly Champions & co (100 %)."
    )
    assert (
        words["retention"]
        == "Within 30 days, segment 2 came back most often: 75 % of 40 customers."
    )
    assert words["baskets-segments"] == (
        "Segment 1 buys mostly basket 1 (100 %). Segment 2 buys mostly basket 2 (100 %)."
    )


def test_what_the_segments_foretold_stands_below_the_verdict_and_over_its_figure(page, html):
    (future,) = (section for section in page.sections if section.name == "future")
    assert future.charts[0].alternative == "Fitted to <then>, the 20 % brought 63 %."
    assert [title for title, _ in future.tables] == [
        "Segments of the earlier day: expected and observed",
        "What is at stake in the next 90 days",
    ]
    told = "Fitted to &lt;then&gt;, the 20 % brought 63 %."
    assert html.index("Groups found.") < html.index(told) < html.index("</header>")


def words_of(folder):
    with open_published(folder) as published:
        found = build_page(published)
    return {chart.name: chart.alternative for part in found.sections for chart in part.charts}


STRAY = """
    update k_alternative_flows set units = 39, share = 0.99
    where from_k = 3 and from_segment = 2
"""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["(3, 2, 'b', 4, 1, 'four 1', 1, 0.01)"], "divide segment 1."),
        (["(3, 9, 'c', 4, 5, 'five', 10, 0.4)"], "divide segments 1 and 9."),
        ([], "mostly leave the segments as they are."),
    ],
    ids=["a stray row", "two", "none"],
)
def test_only_a_segment_that_falls_apart_is_called_divided(changed_shop, changes, told):
    table = "k_alternative_flows"
    statements = [
        f"insert into {table} select 'customer', 2, * from (values {row})" for row in changes
    ]
    if "9" in told:
        statements.append(
            f"update {table} set share = 0.6 where from_segment = 9 and to_segment = 4"
        )
    if not changes:
        statements.append(f"delete from {table} where from_segment = 1 and to_segment = 2")
        statements.append(f"update {table} set share = 1 where from_segment = 1 and from_k = 3")
    folder = changed_shop(STRAY, *statements)
    assert words_of(folder)["k-flow"] == f"One segment more would {told}"


def test_without_flows_to_one_segment_more_nothing_is_said_of_it(changed_shop):
    folder = changed_shop("delete from k_alternative_flows where from_k = 3")
    assert words_of(folder)["k-flow"] == "What one segment more would change is not stored."


@pytest.mark.parametrize(
    ("score", "told"), [(0.6, "0.600"), (0.5001, "0.500 (higher by 0.000100)")]
)
def test_a_higher_silhouette_is_named_with_the_reason_against_it(changed_shop, score, told):
    folder = changed_shop(
        "alter table k_candidates alter silhouette type double",
        f"update k_candidates set silhouette = {score}, reason = 'too small' where k = 4",
    )
    assert words_of(folder)["k"].endswith(
        f"The highest, {told}, is at k = 4, which was not chosen: too small."
    )


def test_nearest_and_farthest_centres_are_those_of_the_axes_drawn(changed_shop):
    folder = changed_shop(
        "update centroids set centroid = 1.5 where segment_id = 9 and component < 3"
    )
    found = words_of(folder)
    assert "In these two the centres of segments 1 and 9 lie closest" in found["map"]
    assert "In these three the centres of segments 1 and 2 lie closest" in found["space"]


def test_of_two_centres_none_lies_closest(changed_shop):
    found = words_of(changed_shop("delete from centroids where segment_id = 9"))
    assert found["map"] == "The first two components show 60 % of the variation."
    assert found["space"] == "The same picture with a third direction."


def test_a_segment_like_all_does_not_stand_out(changed_shop):
    folder = changed_shop("update segment_profiles set effect_size = 0.1 where segment_id = 2")
    assert (
        "out by total spend (10, in the rest 43.5). Segment 2 is close to the rest. Segment 9"
        in (words_of(folder)["profile"])
    )


def test_ties_and_minorities_are_told_as_such(changed_shop):
    folder = changed_shop(
        "update customer_rfm_by_segment set share_of_segment = 0.5, customers = 10 "
        "where segment_id = 9",
        "update customer_rfm_by_segment set share_of_segment = 0.4 where segment_id = 1 "
        "and rfm_cell = 'Lost'",
        "update segment_retention set customers_observable = 8, customers_returned = 6 "
        "where segment_id = 9",
    )
    found = words_of(folder)
    assert "Segment 1 is most often Lost (40 %)." in found["rfm"]
    assert "Segment 9 is most often Champions & co and Lost (50 % each)." in found["rfm"]
    assert found["retention"] == (
        "Within 30 days, segments 2 and 9 came back most often: 75 % of 40 and 8 customers."
    )


def test_nobody_came_back_most_often_if_nobody_did(changed_shop):
    folder = changed_shop("update segment_retention set customers_returned = 0")
    assert words_of(folder)["retention"] == "Within 30 days, nobody came back."


def test_what_moved_within_the_warning_level_is_not_denied(changed_shop):
    folder = changed_shop("update segment_drift set psi = 0.064, status = 'stable'")
    assert words_of(folder)["drift"] == (
        "Nothing has moved past the warning level since the model was fitted."
    )


def test_several_segments_that_dissolve_are_plural(changed_shop):
    folder = changed_shop("update segment_stability set jaccard = 0.3")
    assert words_of(folder)["stability"] == "Segments 1, 2 and 9 do not come back reliably."


def test_products_come_with_their_own_verdict_and_the_reason_for_their_k(page, changed_shop):
    (products,) = (section for section in page.sections if section.name == "products")
    assert (
        "Numbers from 2 to 3 were tried and 2 was chosen. Reason: has the best silhouette."
    ) in products.lead
    assert products.verdict.trusted is None
    folder = changed_shop(
        "insert into segmentation_quality by name select 'product' as segmentation, "
        "1 as model_version, false as has_structure, "
        "'No structure: slices of <one> cloud.' as verdict"
    )
    html = write_report(folder).read_text(encoding="utf-8")
    start = html.index('<section id="products"')
    told = (
        '<p class="verdict bad"><strong>No clear groups.</strong> No structure: slices of &lt;one'
    )
    assert told in html[start : html.index("</section>", start)]


def test_segments_that_could_not_be_renewed_are_called_so_before_all_else(changed_shop):
    folder = changed_shop(
        "update segmentations set is_stale = true, reason = 'no <feature> varies. Choose others.'"
    )
    html = write_report(folder).read_text(encoding="utf-8")
    told = (
        "The last build could not renew these segments, so those of 2024-02-29 are shown: "
        "no &lt;feature&gt; varies. Choose others."
    )
    assert html.count(told) == 2
    assert html.index(told) < html.index("Groups found.")
    assert html.rindex(told) > html.index('<section id="products"')


def test_fresh_segments_need_no_notice(html):
    assert "Not renewed." not in html


def test_downsampling_is_said_in_the_title(page):
    titles = {chart.name: chart.title for part in page.sections for chart in part.charts}
    assert titles["map"] == "Two components: all 120 customers"
    assert titles["neighbours"].endswith("60 of 120 customers, drawn by segment")


def optional_tables(folder):
    with open_published(folder) as published:
        rows = published.rows("select table_name from duckdb_tables() where not internal")
    return [name for (name,) in rows if name not in ESSENTIAL]


def test_campaigns_are_told_in_words_in_figures_and_beside_the_suggestion(page, html):
    (part,) = (section for section in page.sections if section.name == "campaigns")
    (chart,) = part.charts
    assert chart.alternative == "thanks: +25.0 points <b>"
    assert [row[0] for row in chart.table.rows] == ["thanks"]
    (_, told), (_, figures) = part.tables
    assert told.rows[0] == ("a_list", "a list", "2024-02-01", "0 of 30", "40", "10",
                            "Too early to say.")  # fmt: skip
    assert figures.rows[5] == ("thanks", "spend", "20.8", "20.5", "0.250", "0.050", "0.450", "10")
    assert figures.rows[0][2:] == ("–",) * 6
    assert {card.segment_id: card.tried for card in page.cards if card.tried} == {
        9: "Campaigns with it: worked (thanks, +25.0 points)."
    }
    assert "Tried.</strong> Campaigns with it: worked (thanks, +25.0 points)." in html


@pytest.mark.parametrize("change", ["drop table {}", "delete from {}"])
def test_optional_tables_may_be_absent_or_empty(change, published_shop, changed_shop):
    folder = changed_shop(*(change.format(table) for table in optional_tables(published_shop)))
    with open_published(folder) as published:
        found = build_page(published)
    left = ["products", "profiles", "where", "provenance"]
    assert [section.name for section in found.sections] == left
    assert found.verdict.trusted is None
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
    assert main(["report", "--serving", str(published_shop), "--output", str(target)]) == 0
    assert re.fullmatch(
        rf"Report: {re.escape(str(target))} \(\d\.\d MB\)\n", capsys.readouterr().out
    )
    main(["report", "--serving", str(published_shop), "--output", str(target), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told == {"report": str(target), "bytes": target.stat().st_size}


def test_a_report_is_renewed_and_nothing_else_replaced_unasked(published_shop, tmp_path, capsys):
    target = tmp_path / "page.html"
    command = ["--serving", str(published_shop), "--output", str(target)]
    target.write_text("<p>mine</p>")
    assert main(["report", *command]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and f"{target} exists" in told and "--force" in told
    assert target.read_text() == "<p>mine</p>"
    assert main(["report", *command, "--force"]) == 0
    assert GENERATOR in target.read_text(encoding="utf-8")[:BEGINNING]
    assert main(["report", *command]) == 0


def test_another_segmentation_of_the_same_file_has_a_page_of_its_own(changed_shop):
    folder = changed_shop(
        "alter table product_segments add column components double[]",
        "update product_segments set components = [segment_id, sin(product_id)]",
        "update segmentations set unit = 'articles' where segmentation = 'product'",
    )
    assert main(["report", "--serving", str(folder), "--segmentation", "product"]) == 0
    html = (folder / "product.html").read_text(encoding="utf-8")
    assert "<h1>Product segments</h1>" in html
    assert "Two components: all 10 articles" in html
    assert "60 % of articles" in html
    assert not (folder / "report.html").exists()
    with open_published(folder, "product") as published:
        sections = [section.name for section in build_page(published).sections]
    assert sections == ["profiles", "how-many", "where", "provenance"]


def test_without_a_published_file_the_command_says_which_one_makes_it(tmp_path, capsys):
    assert main(["report", "--serving", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "run `segmentation build`" in error


def test_a_build_goes_on_without_a_report_and_says_why(tmp_path, changed_shop):
    folder = changed_shop("drop table segment_models")
    told = summary.report(folder)
    assert told.startswith("\nThe segments are published, but the report could not be made: ")
    assert "no table segment_models" in unescape(told)
    assert not list(folder.glob("report.html*"))
