"""``python -m docs.tools.tables``: write docs/tables.md and docs/tables/ from dbt's manifest.

The first is the list; the others are one page for each folder of models. Grain, columns and types
come from the models' YAML; the example query of a table is ``docs/examples/<table>.sql``. A line
``-- picture: images/x.png`` at its top shows a picture.
"""

import argparse
import json
import re
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1]
EXAMPLES = DOCS / "examples"
MANIFEST = DOCS.parent / "target" / "manifest.json"

LIST = "public_tables"
"""The model that refers to every table to publish."""
CHOOSE_ROWS = ("serving_models", "basket_plan", "segment_changes")
"""What else that model reads: which rows of the others to publish."""
PUBLICATIONS = "publications"
GROUPS = {
    "features": "Features",
    "apply": "Segments, one row per customer or product",
    "describe": "Segments, described",
    "fit": "The fitted model",
    "history": "Over time",
    "insights": "What to do: RFM, retention, suggestions",
    "baskets": "Baskets",
    "quality": "Data quality",
    "publish": "Publication",
}
"""Titles of the folders of models, in the order of the list; others follow by name."""
LIST_PAGE = "tables.md"
MARK = "<!-- Written by `make docs` from the models' descriptions. -->"
INTRODUCTION = f"""\
# Tables

{MARK}

Every table of the published file, `serving/segmentation.duckdb`, and of the folder
`serving/parquet/`. The columns are promises: a build whose table differs fails. Columns may be
added. Shares are fractions from 0 to 1, times are UTC, money is in the currency of the shop.
A table with a column `segmentation` holds all segmentations: `customer`, `product` and yours. Of
tables that hold the fitted model, the rows of the version that serves are published.
"""


class DocsError(Exception):
    """A page that cannot be written; the message says why and what to do."""


@dataclass(frozen=True)
class Column:
    """A column of a published table."""

    name: str
    data_type: str
    description: str


@dataclass(frozen=True)
class Table:
    """A published table, as its YAML describes it."""

    name: str
    group: str
    description: str
    columns: tuple[Column, ...]


def public_tables(manifest: dict) -> list[Table]:
    """Return the published tables, by group and name.

    Parameters
    ----------
    manifest : dict
        What dbt writes to ``target/manifest.json``.
    """
    nodes = manifest["nodes"]
    models = {node["name"]: node for node in nodes.values() if node["resource_type"] == "model"}
    above = [nodes[key] for key in models[LIST]["depends_on"]["nodes"]]
    public = [node for node in above if node["name"] not in CHOOSE_ROWS]
    tables = [_table(node) for node in [*public, models[PUBLICATIONS]]]
    return sorted(tables, key=lambda table: (_place(table.group), table.name))


def _place(group: str) -> tuple[int, str]:
    known = list(GROUPS)
    return (known.index(group) if group in known else len(known), group)


def _table(node: dict) -> Table:
    columns = tuple(
        Column(column["name"], column["data_type"] or "", _one_line(column["description"]))
        for column in node["columns"].values()
    )
    group = Path(node["path"]).parent.name or "publish"
    return Table(node["name"], group, _one_line(node["description"]), columns)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def pages(tables: list[Table], examples: Path = EXAMPLES) -> dict[str, str]:
    """Return the text of each page by its path in docs/, the list first.

    Parameters
    ----------
    tables : list of Table
        In the order of the pages.
    examples : path
        Folder with one ``<table>.sql`` a table.

    Raises
    ------
    DocsError
        If a table has no example query, or a query names a picture that is not there.
    """
    groups = {group: list(of) for group, of in groupby(tables, key=lambda table: table.group)}
    entries = [_contents(group, members) for group, members in groups.items()]
    written = {LIST_PAGE: "\n".join([INTRODUCTION, *entries])}
    for group, members in groups.items():
        sections = [_section(table, examples) for table in members]
        written[f"tables/{group}.md"] = "\n".join([f"# {_title(group)}\n\n{MARK}\n", *sections])
    return written


def _title(group: str) -> str:
    return GROUPS.get(group, group.capitalize())


def _contents(group: str, members: list[Table]) -> str:
    lines = [f"## [{_title(group)}](tables/{group}.md)", "", "| table | grain |", "|---|---|"]
    lines += [
        f"| [{table.name}](tables/{group}.md#{table.name}) | {_grain(table)} |" for table in members
    ]
    return "\n".join(lines) + "\n"


def _grain(table: Table) -> str:
    """First sentence of the description, which says what a row is, in a table cell."""
    return _cell(re.split(r"(?<=[.:;]) ", table.description, maxsplit=1)[0].rstrip(".:;"))


def _section(table: Table, examples: Path) -> str:
    picture, query = read_example(table.name, examples)
    lines = [f"## {table.name}", "", table.description, ""]
    if picture:
        lines += [f"![{table.name} in the report](../{picture})", ""]
    lines += ["| column | type | what it is |", "|---|---|---|"]
    lines += [
        f"| {column.name} | {column.data_type} | {_cell(column.description)} |"
        for column in table.columns
    ]
    return "\n".join([*lines, "", "```sql", query, "```", ""])


def read_example(table: str, examples: Path = EXAMPLES) -> tuple[str | None, str]:
    """Return the picture, if one is named, and the example query of a table.

    A product table without an example of its own is asked what its customer twin is asked.

    Raises
    ------
    DocsError
        If there is no query, or its picture is missing.
    """
    path = examples / f"{table}.sql"
    twin = path.with_name(path.name.replace("product", "customer"))
    if not path.is_file() and not twin.is_file():
        raise DocsError(
            f"The published table {table} has no example query: write docs/examples/{path.name}."
        )
    if path.is_file():
        text = path.read_text(encoding="utf-8").strip()
    else:
        text = twin.read_text(encoding="utf-8").strip().replace("customer", "product")
    named = re.match(r"-- picture: (\S+)\n", text)
    if named and not (examples.parent / named[1]).is_file():
        raise DocsError(f"docs/examples/{path.name} names docs/{named[1]}, which is missing.")
    return (named[1], text[named.end() :]) if named else (None, text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str] | None = None) -> int:
    """Write the pages; return 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m docs.tools.tables", description=__doc__)
    parser.add_argument("--manifest", type=Path, default=MANIFEST)
    manifest = parser.parse_args(arguments).manifest
    if not manifest.is_file():
        print(f"{manifest} is missing: run `dbt parse`, or `make docs`.", file=sys.stderr)
        return 1
    try:
        tables = public_tables(json.loads(manifest.read_text(encoding="utf-8")))
        for name, text in pages(tables).items():
            (DOCS / name).parent.mkdir(exist_ok=True)
            (DOCS / name).write_text(text, encoding="utf-8")
    except DocsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
