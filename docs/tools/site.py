"""``python -m docs.tools.site``: turn the pages in docs/ into a small site that works offline.

`docs/README.md` is the start page and the navigation: its headings are groups, its links the pages.
Files of the repository that a page links to are copied along as text.
"""

import argparse
import html
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(__file__).resolve().parents[1]
ROOT = DOCS.parent
SITE = ROOT / "site"
LINEAGE = ROOT / "target" / "static_index.html"
TEMPLATE = Path(__file__).with_name("page.html")
STYLE = Path(__file__).with_name("style.css")
START = "README.md"
PICTURES = (".png", ".svg", ".jpg")

PARSER = MarkdownIt("commonmark").enable("table")


class SiteError(Exception):
    """A page that cannot be shown; the message names it and the fault."""


@dataclass
class Group:
    """A heading of the start page and the pages linked below it."""

    title: str
    pages: list[tuple[str, Path]] = field(default_factory=list)


def slug(title: str) -> str:
    """Return the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def headings(tokens: list[Token]) -> list[tuple[Token, str]]:
    """Return each opening token of a heading with the heading's plain text."""
    return [
        (token, _plain(tokens[position + 1]))
        for position, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def links(tokens: list[Token]) -> list[tuple[Token, str]]:
    """Return each link and image with the name of the attribute that holds its address."""
    inline = [child for token in tokens for child in token.children or []]
    address = {"link_open": "href", "image": "src"}
    return [(token, address[token.type]) for token in inline if token.type in address]


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


def navigation(docs: Path = DOCS) -> list[Group]:
    """Return the groups of the start page with the pages that each links to."""
    groups = [Group("")]
    tokens = PARSER.parse((docs / START).read_text(encoding="utf-8"))
    for position, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            groups.append(Group(_plain(tokens[position + 1])))
        if token.type == "inline":
            groups[-1].pages += _linked_pages(token, docs)
    return [group for group in groups if group.pages]


def _linked_pages(token: Token, docs: Path) -> list[tuple[str, Path]]:
    children = token.children or []
    return [
        (children[position + 1].content, (docs / child.attrs["href"]).resolve())
        for position, child in enumerate(children)
        if child.type == "link_open" and str(child.attrs["href"]).endswith(".md")
    ]


def write_site(site: Path = SITE, docs: Path = DOCS, lineage: Path = LINEAGE) -> list[Path]:
    """Write the site and return the files written, in order.

    Parameters
    ----------
    site : path
        Folder to write; what it held is removed.
    docs : path
        Folder of the pages; links may lead to files beside it.
    lineage : path
        The one-file documentation that ``dbt docs generate --static`` writes.

    Raises
    ------
    SiteError
        If the lineage file or the target of a link is missing.
    """
    if not lineage.is_file():
        raise SiteError(f"{lineage} is missing: run `dbt docs generate --static`, or `make docs`.")
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    shutil.copy(STYLE, site / STYLE.name)
    (site / "dbt").mkdir()
    shutil.copy(lineage, site / "dbt" / "index.html")
    groups = navigation(docs)
    linked = {path for group in groups for _, path in group.pages if not path.is_relative_to(docs)}
    return [
        _write_page(page, site, docs, groups)
        for page in [*sorted(docs.rglob("*.md")), *sorted(linked)]
    ]


def page_path(page: Path, docs: Path) -> Path:
    """Return where a page is in the site, relative to its root."""
    if not page.is_relative_to(docs):
        return Path(f"project-{page.stem.lower()}.html")
    inside = page.relative_to(docs)
    if inside.name == START:
        return inside.with_name("index.html")
    return inside.with_name(inside.stem.lower() + ".html")


def _write_page(page: Path, site: Path, docs: Path, groups: list[Group]) -> Path:
    tokens = PARSER.parse(page.read_text(encoding="utf-8"))
    target = site / page_path(page, docs)
    root = "../" * (len(target.relative_to(site).parts) - 1)
    titles = headings(tokens)
    for token, title in titles:
        token.attrSet("id", slug(title))
    pages = {path for group in groups for _, path in group.pages}
    for token, attribute in links(tokens):
        address = _site_address(str(token.attrs[attribute]), page, site, docs, pages)
        token.attrSet(attribute, address if "://" in address else root + address)
    target.parent.mkdir(parents=True, exist_ok=True)
    filled = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=html.escape(titles[0][1] if titles else page.stem),
        root=root,
        navigation=_navigation_html(groups, page, docs, root),
        body=_scrollable_tables(PARSER.renderer.render(tokens, PARSER.options, {})),
    )
    target.write_text(filled, encoding="utf-8")
    return target


def _site_address(address: str, page: Path, site: Path, docs: Path, pages: set[Path]) -> str:
    """Return where a link leads, from the root of the site, copying what it needs."""
    parts = urlsplit(address)
    if parts.scheme:
        return address
    target = (page.parent / parts.path).resolve() if parts.path else page
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    if target.is_dir() and (target / START).is_file():
        target = target / START
    if not target.exists():
        raise SiteError(f"{page} links to {address}, which is missing.")
    if target in pages or (target.suffix == ".md" and target.is_relative_to(docs)):
        return page_path(target, docs).as_posix() + anchor
    return _copy_file(target, site, docs)


def _copy_file(target: Path, site: Path, docs: Path) -> str:
    """Copy a picture, or a file or folder of the repository as text; return its address."""
    if target.suffix in PICTURES and target.is_relative_to(docs):
        address = target.relative_to(docs)
    else:
        address = Path("source", *target.relative_to(docs.parent).parts)
        address = address.with_name(address.name + ".txt")
    copy = site / address
    copy.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir():
        copy.write_text("\n".join(sorted(path.name for path in target.iterdir())) + "\n")
    else:
        shutil.copy(target, copy)
    return address.as_posix()


def _navigation_html(groups: list[Group], page: Path, docs: Path, root: str) -> str:
    parts = []
    for group in groups:
        parts.append(f"<h2>{html.escape(group.title)}</h2>\n<ul>" if group.title else "<ul>")
        for label, path in group.pages:
            current = ' aria-current="page"' if path == page else ""
            address = root + page_path(path, docs).as_posix()
            parts.append(f'<li><a href="{address}"{current}>{html.escape(label)}</a></li>')
        parts.append("</ul>")
    return "\n".join(parts)


def _scrollable_tables(body: str) -> str:
    # A wide table scrolls by itself, by keyboard too, and the page stays as wide as the screen.
    opened = body.replace("<table>", '<div class="table" tabindex="0"><table>')
    return opened.replace("</table>", "</table></div>")


def main(arguments: list[str] | None = None) -> int:
    """Write the site; return 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m docs.tools.site", description=__doc__)
    parser.add_argument("--out", type=Path, default=SITE)
    out = parser.parse_args(arguments).out
    try:
        written = write_site(out)
    except SiteError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(written)} pages and dbt's lineage: open {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
