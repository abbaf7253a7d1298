"""Ensures that the pages lead somewhere: links, make targets, what the site is made of."""

import re
import tomllib
from pathlib import Path

import pytest
from mkdocs.config import load_config
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

from docs.tools import hooks, settings
from docs.tools.tables import Column, DocsError, Table, pages, public_tables

ROOT = Path(__file__).resolve().parents[2]
AT_TOP = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *AT_TOP]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def written(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def anchors(text: str) -> set[str]:
    prose = FENCE.sub("", text)
    slug = slugify(case="lower")
    return {slug(title, "-") for title in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)}


@pytest.mark.parametrize("path", AT_TOP, ids=lambda path: path.name)
def test_links_lead_somewhere(path):
    """Those of the pages in docs/ are checked by the strict build of the site."""
    addresses = re.findall(r"\]\(([^)]+)\)", FENCE.sub("", written(path)))
    assert addresses
    for address in addresses:
        name, _, anchor = address.partition("#")
        target = ROOT / name if name else path
        assert target.exists(), address
        assert not anchor or anchor in anchors(written(target)), address


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_targets_exist(path):
    targets = set(re.findall(r"^([a-z-]+):", written(ROOT / "Makefile"), flags=re.MULTILINE))
    text = written(path)
    code = [body for language, body in FENCE.findall(text) if language != "sql"]
    code += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    named = {name for one in code for name in re.findall(r"\bmake ([a-z][a-z-]*)", one)}
    assert named <= targets


def test_no_page_names_a_place_outside_the_repository():
    outside = re.compile(r"(?<![\w.])/(work|home|root|tmp)/")
    wrong = [path.name for path in PAGES if outside.search(written(path))]
    assert not wrong


def test_badges_say_what_is_so():
    told = tomllib.loads(written(ROOT / "pyproject.toml"))["project"]
    badges = dict(
        re.findall(r"!\[(\w+): ([^]]+)\]\(docs/images/badge-", written(ROOT / "README.md"))
    )
    needed = " ".join(told["dependencies"])
    assert badges == {
        "Python": told["requires-python"].removeprefix(">=") + " or newer",
        "dbt": re.search(r"dbt-core>=(\d+\.\d+)", needed)[1],
        "DuckDB": re.search(r"duckdb>=(\d+)\.\d+\.\d+,", needed.split("dbt-duckdb")[1])[1],
        "license": told["license"],
    }
    for name, value in badges.items():
        picture = written(ROOT / "docs" / "images" / f"badge-{name.lower()}.svg")
        assert f">{name}</text>" in picture and f">{value}</text>" in picture


def test_the_site_is_no_part_of_the_repository():
    assert "site/" in (ROOT / ".gitignore").read_text().splitlines()


# --- the hook of the site ---


@pytest.fixture(scope="module")
def config():
    return load_config(str(ROOT / "mkdocs.yml"))


def shown(markdown: str, page: str, config) -> str:
    file = File(page, config.docs_dir, config.site_dir, use_directory_urls=False)
    return hooks.on_page_markdown(markdown, Page(None, file, config), config, Files([]))


@pytest.mark.parametrize(
    ("page", "link", "expected"),
    [
        ("app.md", "[one](report.md#how-it-is-made)", "[one](report.md#how-it-is-made)"),
        ("app.md", "[`models`](../models/docs.md)", "`models`"),
        ("app.md", "[one](https://example.com)", "[one](https://example.com)"),
        ("app.md", "[one](sample-report.html)", "[one](sample-report.html)"),
        ("app.md", "![one](../README.md)", "![one](../README.md)"),
        ("app.md", "[how](../CONTRIBUTING.md#style)", "[how](contributing.md#style)"),
        ("clients/r.md", "[how](../../CONTRIBUTING.md)", "[how](../contributing.md)"),
        ("clients/r.md", "[all](README.md#locks)", "[all](README.md#locks)"),
        ("contributing.md", "[`t`](tests/conftest.py)", "`t`"),
    ],
)
def test_links_out_of_the_pages_become_text(page, link, expected, config):
    assert shown(f"See {link}, too.", page, config) == f"See {expected}, too."


@pytest.mark.parametrize(
    ("there", "missing", "command"),
    [
        ("static_index.html", "report.html", "make build"),
        ("report.html", "static_index.html", "dbt docs generate --static"),
    ],
)
def test_what_the_site_shows_and_is_missing_is_one_sentence(
    there, missing, command, config, tmp_path, monkeypatch
):
    monkeypatch.setenv("SEGMENTATION_SERVING", str(tmp_path))
    monkeypatch.setenv("DBT_TARGET_PATH", str(tmp_path))
    (tmp_path / there).touch()
    with pytest.raises(PluginError, match=f"{missing} is missing.*run `{command}`"):
        hooks.on_files(Files([]), config)


# --- the pages of tables ---

SEGMENTS = Table(
    "customer_segments",
    "apply",
    "One row per customer. Others are elsewhere.",
    (Column("customer_id", "bigint", "a | b"),),
)


def test_a_table_shows_its_grain_columns_and_example(tmp_path):
    (tmp_path / "customer_segments.sql").write_text("select 1;\n")
    found = pages([SEGMENTS], tmp_path)
    assert list(found) == ["tables.md", "tables/apply.md"]
    link = "[customer_segments](tables/apply.md#customer_segments)"
    assert f"| {link} | One row per customer |" in found["tables.md"]
    assert "Baskets" not in found["tables.md"]
    text = found["tables/apply.md"]
    assert "| customer_id | bigint | a \\| b |" in text
    assert "```sql\nselect 1;\n```" in text
    assert text.startswith("# Segments, one row per customer or product\n")
    assert "\n## customer_segments\n" in text


def test_a_picture_is_shown_and_must_exist(tmp_path):
    examples = tmp_path / "examples"
    examples.mkdir()
    (examples / "customer_segments.sql").write_text("-- picture: images/a.png\nselect 1;\n")
    with pytest.raises(DocsError, match=r"names docs/images/a\.png, which is missing"):
        pages([SEGMENTS], examples)
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").touch()
    text = pages([SEGMENTS], examples)["tables/apply.md"]
    assert "![customer_segments in the report](../images/a.png)" in text
    assert "```sql\nselect 1;\n```" in text


def test_a_table_without_an_example_is_one_sentence(tmp_path):
    with pytest.raises(DocsError, match=r"write docs/examples/customer_segments\.sql"):
        pages([SEGMENTS], tmp_path)


def test_a_product_table_asks_what_its_customer_twin_asks(tmp_path):
    (tmp_path / "customer_segments.sql").write_text("select customer_id from customer_segments;\n")
    table = Table("product_segments", "products", "One row per product.", ())
    text = pages([table], tmp_path)["tables/products.md"]
    assert "select product_id from product_segments;" in text


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
        "f": node("publications", "", ("e",)) | {"path": "publications.py"},
    }
    tables = public_tables({"nodes": nodes})
    assert [table.name for table in tables] == ["customer_segments", "data_quality", "publications"]
    assert [table.group for table in tables] == ["apply", "quality", "publish"]
    assert tables[0].description == "One row per customer_segments."
    assert tables[0].columns == (Column("id", "", "The key."),)


def test_the_page_of_settings_is_up_to_date():
    assert written(settings.PAGE) == settings.page(), "run `make docs`"
