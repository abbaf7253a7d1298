"""Ensures that the pages lead somewhere: links, make targets, the site."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs.tools import settings
from docs.tools.site import PARSER, SiteError, headings, links, slug, write_site
from docs.tools.tables import Column, DocsError, Table, page, public_tables

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def written(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    return {slug(title) for _, title in headings(PARSER.parse(text))}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path):
    broken = []
    for token, attribute in links(PARSER.parse(written(path))):
        address, _, anchor = str(token.attrs[attribute]).partition("#")
        target = path.parent / address if address else path
        if "://" in address:
            continue
        if not target.exists() or (anchor and anchor not in anchors(written(target))):
            broken.append(token.attrs[attribute])
    assert not broken


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_targets_exist(path):
    makefile = written(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    code = [
        token.content
        for outer in PARSER.parse(written(path))
        for token in [outer, *(outer.children or [])]
        if token.type in ("fence", "code_inline") and token.info != "sql"
    ]
    named = {name for text in code for name in re.findall(r"\bmake ([a-z][a-z-]*)", text)}
    assert named <= targets


def test_every_page_is_linked_from_the_start_page():
    start = ROOT / "docs" / "README.md"
    linked = {
        (start.parent / str(token.attrs[attribute])).resolve()
        for token, attribute in links(PARSER.parse(written(start)))
    }
    pages = {path for path in PAGES if path.is_relative_to(start.parent)}
    assert pages - linked == {start}


def test_no_page_names_a_place_outside_the_repository():
    outside = re.compile(r"(?<![\w.])/(work|home|root|tmp)/")
    wrong = [path.name for path in PAGES if outside.search(written(path))]
    assert not wrong


def test_the_site_is_no_part_of_the_repository():
    assert "site/" in (ROOT / ".gitignore").read_text().splitlines()


# --- the site ---


@pytest.fixture
def shop_docs(tmp_path) -> Path:
    """A repository with two pages, a picture and a source file."""
    docs = tmp_path / "repository" / "docs"
    (docs / "clients").mkdir(parents=True)
    (docs / "README.md").write_text(
        "# Start\n\nSee [code](../model.sql) and [more](../README.md).\n\n"
        "## Use & enjoy\n\n- [A client](clients/one.md)\n"
    )
    (docs.parent / "README.md").write_text("# Project\n\n[Start](docs/README.md)\n")
    (docs / "clients" / "one.md").write_text(
        "# One <client>\n\n[Back](../README.md#use--enjoy)\n\n![Map](map.png)\n\n"
        "| a | b |\n|---|---|\n| 1 | `x < y` |\n"
    )
    (docs / "clients" / "map.png").write_bytes(b"png")
    (docs.parent / "model.sql").write_text("select 1")
    (docs.parent / "lineage.html").write_text("<title>lineage</title>")
    return docs


class Addresses(HTMLParser):
    """Collects what a page links to or loads, and its ids."""

    def __init__(self, text: str):
        super().__init__()
        self.addresses: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.addresses += [given[name] for name in ("href", "src") if name in given]
        self.ids |= {given["id"]} if "id" in given else set()


def write(docs: Path, site: Path) -> list[Path]:
    return write_site(site, docs, docs.parent / "lineage.html")


def test_the_site_has_every_page_and_every_link_inside_it_works(shop_docs, tmp_path):
    site = tmp_path / "site"
    pages = [site / name for name in ("index.html", "clients/one.html", "project-readme.html")]
    assert write(shop_docs, site) == pages
    for path in pages:
        for address in Addresses(path.read_text()).addresses:
            name, _, anchor = address.partition("#")
            target = path.parent / name if name else path
            assert address == "data:," or target.is_file(), address
            assert not anchor or anchor in Addresses(target.read_text()).ids


def test_the_site_asks_nothing_of_the_network(shop_docs, tmp_path):
    write(shop_docs, tmp_path / "site")
    for path in (tmp_path / "site").rglob("*"):
        if path.is_file():
            assert b"//" not in path.read_bytes(), path


def test_a_page_is_escaped_and_marked_in_the_navigation(shop_docs, tmp_path):
    write(shop_docs, tmp_path / "site")
    text = (tmp_path / "site" / "clients" / "one.html").read_text()
    assert "<title>One &lt;client&gt;</title>" in text
    assert "<code>x &lt; y</code>" in text
    assert "<h2>Use &amp; enjoy</h2>" in text
    assert '<a href="../clients/one.html" aria-current="page">A client</a>' in text


def test_sources_are_copied_as_text_and_old_pages_removed(shop_docs, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "old.html").write_text("old")
    write(shop_docs, site)
    assert (site / "source" / "model.sql.txt").read_text() == "select 1"
    assert not (site / "old.html").exists()


def test_a_broken_link_is_one_sentence(shop_docs, tmp_path):
    (shop_docs / "clients" / "one.md").write_text("# One\n\n[gone](gone.md)\n")
    with pytest.raises(SiteError, match=r"one\.md links to gone\.md, which is missing"):
        write(shop_docs, tmp_path / "site")


def test_a_missing_lineage_is_one_sentence(shop_docs, tmp_path):
    with pytest.raises(SiteError, match="run `dbt docs generate --static`"):
        write_site(tmp_path / "site", shop_docs, tmp_path / "none.html")


def test_anchors_are_those_of_github():
    assert slug("How to read `margin`, and why?") == "how-to-read-margin-and-why"
    assert slug("customer_segments") == "customer_segments"


# --- the page of tables ---

SEGMENTS = Table(
    "customer_segments",
    "apply",
    "One row per customer. Others are elsewhere.",
    (Column("customer_id", "bigint", "a | b"),),
)


def test_a_table_shows_its_grain_columns_and_example(tmp_path):
    (tmp_path / "customer_segments.sql").write_text("select 1;\n")
    text = page([SEGMENTS], tmp_path)
    assert "| [customer_segments](#customer_segments) | One row per customer |" in text
    assert "| customer_id | bigint | a \\| b |" in text
    assert "```sql\nselect 1;\n```" in text
    assert "## Segments, one row per customer or product" in text
    assert "## Baskets" not in text


def test_a_picture_is_shown_and_must_exist(tmp_path):
    examples = tmp_path / "examples"
    examples.mkdir()
    (examples / "customer_segments.sql").write_text("-- picture: images/a.png\nselect 1;\n")
    with pytest.raises(DocsError, match=r"names docs/images/a\.png, which is missing"):
        page([SEGMENTS], examples)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").touch()
    text = page([SEGMENTS], examples)
    assert "![customer_segments in the report](images/a.png)" in text
    assert "```sql\nselect 1;\n```" in text


def test_a_table_without_an_example_is_one_sentence(tmp_path):
    with pytest.raises(DocsError, match=r"write docs/examples/customer_segments\.sql"):
        page([SEGMENTS], tmp_path)


def test_a_product_table_asks_what_its_customer_twin_asks(tmp_path):
    (tmp_path / "customer_segments.sql").write_text("select customer_id from customer_segments;\n")
    table = Table("product_segments", "products", "One row per product.", ())
    assert "select product_id from product_segments;" in page([table], tmp_path)


def test_public_tables_are_the_models_that_are_published_and_the_publications():
    def node(name: str, folder: str, above: tuple[str, ...] = ()) -> dict:
        return {
            "name": name,
            "resource_type": "model",
            "path": f"{folder}/{name}.sql",
            "description": f"One row\nper {name}.",
            "columns": {"id": {"name": "id", "data_type": None, "description": " The\n key. "}},
            "depends_on": {"nodes": list(above)},
        }

    nodes = {
        "a": node("data_quality", "quality"),
        "b": node("customer_segments", "segmentation/apply"),
        "c": node("serving_models", "segmentation/fit"),
        "d": node("model_log", "segmentation/history"),
        "e": node("public_tables", "publish", ("a", "b", "c")),
        "f": node("publications", "publish", ("e",)),
    }
    tables = public_tables({"nodes": nodes})
    assert [table.name for table in tables] == ["customer_segments", "data_quality", "publications"]
    assert tables[0].description == "One row per customer_segments."
    assert tables[0].columns == (Column("id", "", "The key."),)


def test_the_page_of_settings_is_up_to_date():
    assert written(settings.PAGE) == settings.page(), "run `make docs`"
