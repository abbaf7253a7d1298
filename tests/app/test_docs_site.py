"""Ensures that the site is built without a warning and works in a browser, opened as a file."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from mkdocs.commands.build import build
from mkdocs.config import load_config

from segmentation.report.page import write_report
from tests.app.axe import OF_COLOURS, SERIOUS

ROOT = Path(__file__).resolve().parents[2]
KINDS = (
    "index",
    "tutorial",
    "bring-your-own-table",
    "clients/superset",
    "settings",
    "tables",
    "tables/describe",
    "statistics",
    "contributing",
)
"""A page of every kind: what is on it differs."""


@pytest.fixture(scope="module")
def site(published_shop, tmp_path_factory) -> Path:
    """The site, built strictly: a broken link, anchor or page without a place ends it."""
    folder = tmp_path_factory.mktemp("site")
    built = tmp_path_factory.mktemp("built")
    write_report(published_shop, built / "report.html")
    (built / "static_index.html").write_text("<title>Lineage</title>")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SEGMENTATION_SERVING", str(built))
        patched.setenv("DBT_TARGET_PATH", str(built))
        build(load_config(str(ROOT / "mkdocs.yml"), strict=True, site_dir=str(folder)))
    return folder


COUNTED = ("li", "ol", "ul", "pre", "table", "tr", "h2", "h3", "img")


def counts(text: str) -> dict[str, int]:
    return {tag: len(re.findall(f"<{tag}[ >]", text)) for tag in COUNTED}


def test_pages_have_the_lists_and_tables_that_they_have_as_plain_markdown(site):
    """Python-Markdown wants four spaces in a list and an empty line before it."""
    docs = ROOT / "docs"
    as_markdown = MarkdownIt("commonmark").enable("table")
    for page in sorted(docs.rglob("*.md")):
        name = page.relative_to(docs).with_suffix(".html")
        shown = site / (name.with_name("index.html") if page.stem == "README" else name)
        article = shown.read_text().partition("<article")[2].partition("</article>")[0]
        assert counts(article) == counts(as_markdown.render(page.read_text())), page.name


@pytest.fixture
def opened(watched, site):
    """The start page, opened as a file by a browser that is offline."""
    seen = watched(offline=True)
    seen.page.goto((site / "index.html").as_uri())
    return seen


def address(site: Path, page: str) -> str:
    return (site / f"{page}.html").as_uri()


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ("customer_segment_history", "tables/history.html#customer_segment_history"),
        ("max_selection_rows", "settings.html#a-recipe"),
    ],
)
def test_search_finds_a_table_and_a_setting(opened, asked, where):
    page, anchor = where.split("#")
    opened.page.keyboard.press("f")
    opened.page.keyboard.type(asked)
    first = opened.page.locator(".md-search-result__item").first
    first.locator(f"a[href$='{page}?h={asked}#{anchor}']").click()
    opened.page.locator(f"[id='{anchor}']").wait_for()
    assert f"/{page}" in opened.page.url
    opened.assert_quiet()


@pytest.mark.parametrize(("scheme", "rules"), [("light", None), ("dark", OF_COLOURS)])
def test_axe_finds_no_serious_fault(watched, site, scheme, rules):
    from axe_playwright_python.sync_playwright import Axe

    seen = watched(color_scheme=scheme, offline=True)
    serious = []
    for page in KINDS:
        seen.page.goto(address(site, page))
        serious += [
            f"{page}: {fault['id']}: {fault['nodes'][0]['html'][:120]}"
            for fault in Axe().run(seen.page, options=rules).response["violations"]
            if fault["impact"] in SERIOUS
        ]
    assert serious == []


def test_the_sample_report_and_the_lineage_are_one_click_away(opened):
    for link, title in (("Open the sample report", "Customer segments"), ("lineage", "Lineage")):
        opened.page.get_by_role("link", name=link).click()
        assert title in opened.page.title()
        opened.page.go_back()
    opened.assert_quiet()


def test_a_page_can_be_copied_from_left_forwards_and_read_in_the_dark(watched, site):
    seen = watched(color_scheme="light", offline=True)
    seen.page.goto(address(site, "clients/duckdb"))
    assert seen.page.locator(".md-clipboard, .md-code__button").count() > 3
    assert seen.page.locator(".highlight .kn").count() > 0
    assert seen.page.locator(".md-sidebar--secondary a").count() > 3
    body = seen.page.locator("body")
    for scheme in ("default", "slate"):
        seen.page.locator("label[for^=__palette]:visible").click()
        assert body.get_attribute("data-md-color-scheme") == scheme
    seen.page.locator(".md-footer__link--next").click()
    assert seen.page.url == address(site, "clients/pandas-polars")
    seen.assert_quiet()


@pytest.mark.parametrize("page", KINDS)
def test_a_page_is_no_wider_than_a_phone(watched, site, page):
    seen = watched(width=390, height=844, offline=True)
    seen.page.goto(address(site, page))
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    seen.assert_quiet()


def test_pictures_are_there(watched, site):
    seen = watched(offline=True)
    for page in ("index", "report", "app"):
        seen.page.goto(address(site, page))
        widths = seen.page.evaluate("[...document.images].map(one => one.naturalWidth)")
        assert widths and all(widths), page
