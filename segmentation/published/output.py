"""Writing tables for people and programs: CSV, JSON, Parquet, or aligned text."""

import csv
import io
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.cli.options import FORMATS, STDOUT
from segmentation.cli.telling import WIDTH, plain
from segmentation.cli.working import working
from segmentation.published.served import CommandError

if TYPE_CHECKING:
    from rich.table import Table

ENDINGS = {"csv": "csv", "json": "json", "parquet": "parquet", "txt": "text"}
WIDEST = 100_000
LONGEST = 32
"""Characters of a cell that a table shows."""
FORMULA = re.compile(r"[=+\-@\t\r]")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def chosen_format(target: str, wanted: str | None, default: str = "csv") -> str:
    """Return the format asked for, else the one the file's ending says, without one the default.

    Raises
    ------
    CommandError
        If the ending says none, or Parquet, which is not text, would go to the terminal.
    """
    ending = Path(target).suffix.lstrip(".").lower()
    if not wanted and ending and ending not in ENDINGS:
        raise CommandError(
            f"There is no format .{ending}: let {target} end in .{', .'.join(ENDINGS)}, or say "
            f"--output-format {', '.join(FORMATS)}."
        )
    chosen = wanted or ENDINGS.get(ending, default)
    if chosen == "parquet" and target == STDOUT and sys.stdout.isatty():
        raise CommandError("Parquet cannot be shown in a terminal: name a file with --output.")
    return chosen


def refuse_existing(target: str | Path, force: bool) -> None:
    """Raise a CommandError if the file exists and may not be replaced, is or has no folder."""
    path = Path(target)
    if str(target) == STDOUT:
        return
    if path.is_dir():
        raise CommandError(f"{path} is a folder: name a file.")
    if os.path.lexists(path) and not force:
        raise CommandError(f"{path} exists: choose another name, or replace it with --force.")
    if not path.parent.is_dir():
        raise CommandError(f"The folder {path.parent} does not exist: make it first.")


def harmless(table: pa.Table) -> pa.Table:
    """Return a table whose texts no spreadsheet takes for a formula.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return gets a ``'``
    before it, unless all of it is a number. Columns of numbers and dates stay as they are.

    Examples
    --------
    >>> harmless(pa.table({"a": ["=1+1", "-3.5", "-x"], "b": [-1, -2, -3]})).to_pydict()
    {'a': ["'=1+1", '-3.5', "'-x"], 'b': [-1, -2, -3]}
    """
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            cells = [harmless_text(cell) for cell in table.column(place).to_pylist()]
            table = table.set_column(place, field, pa.array(cells, field.type))
    return table


def harmless_text(cell: str | None) -> str | None:
    """Return a text that no spreadsheet takes for a formula."""
    is_formula = cell and FORMULA.match(cell) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula else cell


def write_tables(tables: Iterator[pa.Table], schema: pa.Schema, target: str, kind: str) -> None:
    """Write tables of one schema, one after the other, as one file or to standard output.

    A file appears whole or not at all: it is written beside its place and renamed.

    Parameters
    ----------
    tables : iterator of Table
        Each with exactly the schema's columns.
    schema : Schema
        Names and types of the columns.
    target : str
        A path, or ``-`` for standard output.
    kind : str
        ``csv``, ``json`` (an array of objects), ``parquet`` or ``text``.
    """
    write = {"csv": _write_csv, "json": _write_json, "parquet": _write_parquet, "text": _write_text}
    with opened(target, binary=kind == "parquet") as stream:
        write[kind](tables if target == STDOUT else _counted(tables), schema, stream)


def _counted(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Return the tables, and show how many rows there were."""
    rows = 0
    with working("Writing rows") as say:
        for table in tables:
            yield table
            rows += table.num_rows
            say(f"Wrote {rows:,} rows")


def as_bytes(table: pa.Table, kind: str) -> bytes:
    """Return the content of the file that `write_tables` would write."""
    if kind == "parquet":
        binary = io.BytesIO()
        _write_parquet(iter([table]), table.schema, binary)
        return binary.getvalue()
    stream = io.StringIO(newline="")
    {"csv": _write_csv, "json": _write_json}[kind](iter([table]), table.schema, stream)
    return stream.getvalue().encode()


@contextmanager
def opened(target: str, binary: bool = False, private: bool = False) -> Iterator[IO]:
    """Open standard output, or a file that takes its place only once it is whole.

    Parameters
    ----------
    target : str
        A path, or ``-`` for standard output.
    binary : bool
        Whether bytes are written, not text.
    private : bool
        Whether only its owner may read the file.
    """
    if target == STDOUT:
        yield sys.stdout.buffer if binary else sys.stdout
        return
    path = Path(target)
    # The name is new, so no file of anybody's is taken for a leftover and lost.
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}.tmp")
    descriptor = os.open(
        unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666
    )
    try:
        mode = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": ""}
        with os.fdopen(descriptor, **mode) as stream:
            yield stream
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Lines:
    """Ends lines with a line feed, where `csv` quotes a carriage return only if lines end so."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, line: str) -> int:
        return self._stream.write(line.removesuffix("\r\n") + "\n")


def _write_csv(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[str]) -> None:
    writer = csv.writer(_Lines(stream))
    writer.writerow(schema.names)
    for table in tables:
        columns = [table.column(name).to_pylist() for name in schema.names]
        writer.writerows(zip(*columns, strict=True))


def _write_json(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[str]) -> None:
    separator = "[\n"
    for table in tables:
        for row in table.to_pylist():
            stream.write(separator + json.dumps(row, ensure_ascii=False, default=plain))
            separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _write_parquet(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[bytes]) -> None:
    with pq.ParquetWriter(stream, schema) as writer:
        for table in tables:
            writer.write_table(table)


def _write_text(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[str]) -> None:
    # Of those who ask for nothing but files, nobody waits for it.
    from rich.console import Console

    rows = [
        [_shown(row[name]) for name in schema.names] for one in tables for row in one.to_pylist()
    ]
    width = _width_of(stream)
    console = Console(file=stream, width=width, highlight=False)
    hidden: list[str] = []
    if len(rows) == 1:
        table = _aligned(["", ""], list(zip(schema.names, rows[0], strict=True)), None)
        table.show_header = False
    else:
        table = _aligned(schema.names, rows, LONGEST if width < WIDEST else None)
        while len(table.columns) > 1 and Console(width=WIDEST).measure(table).maximum > width:
            hidden.insert(0, str(table.columns.pop().header))
    with console.capture() as shown:
        console.print(table)
    stream.writelines(line.rstrip() + "\n" for line in shown.get().splitlines())
    if hidden:
        told = f"Not shown: {', '.join(hidden)} (--output-format csv or json shows all)."
        stream.write(f"\n{textwrap.fill(told, width)}\n")


def _aligned(names: list[str], rows: list, longest: int | None) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=longest is not None, max_width=longest, overflow="ellipsis")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _width_of(stream: IO[str]) -> int:
    """Return how wide a table may be: as the terminal, 80 in a pipe, as it likes in a file."""
    if stream is not sys.stdout:
        return WIDEST
    return shutil.get_terminal_size().columns if stream.isatty() else WIDTH


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.1f}"
    return "" if value is None else str(value)
