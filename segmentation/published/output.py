"""Writing tables for people and programs: CSV, JSON, Parquet, or aligned text."""

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.published.served import CommandError

FORMATS = ("csv", "json", "parquet", "text")
ENDINGS = {"csv": "csv", "json": "json", "parquet": "parquet", "txt": "text"}
STDOUT = "-"


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


def refuse_existing(target: str | Path, overwrite: bool) -> None:
    """Raise a CommandError if the file exists and may not be replaced, is or has no folder."""
    path = Path(target)
    if str(target) == STDOUT:
        return
    if path.is_dir():
        raise CommandError(f"{path} is a folder: name a file.")
    if path.exists() and not overwrite:
        raise CommandError(f"{path} exists: choose another name, or replace it with --overwrite.")
    if not path.parent.is_dir():
        raise CommandError(f"The folder {path.parent} does not exist: make it first.")


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
        write[kind](tables, schema, stream)


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
def opened(target: str, binary: bool = False) -> Iterator[IO]:
    """Open standard output, or a file that takes its place only once it is whole."""
    if target == STDOUT:
        yield sys.stdout.buffer if binary else sys.stdout
        return
    path = Path(target)
    unfinished = path.with_name(path.name + ".tmp")
    try:
        mode = {"mode": "wb"} if binary else {"mode": "w", "encoding": "utf-8", "newline": ""}
        with unfinished.open(**mode) as stream:
            yield stream
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_csv(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[str]) -> None:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(schema.names)
    for table in tables:
        columns = [table.column(name).to_pylist() for name in schema.names]
        writer.writerows(zip(*columns, strict=True))


def _write_json(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[str]) -> None:
    separator = "[\n"
    for table in tables:
        for row in table.to_pylist():
            stream.write(separator + json.dumps(row, ensure_ascii=False, default=_plain))
            separator = ",\n"
    stream.write("[]\n" if separator == "[\n" else "\n]\n")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def _write_parquet(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[bytes]) -> None:
    with pq.ParquetWriter(stream, schema) as writer:
        for table in tables:
            writer.write_table(table)


def _write_text(tables: Iterator[pa.Table], schema: pa.Schema, stream: IO[str]) -> None:
    rows = [row for table in tables for row in table.to_pylist()]
    if len(rows) == 1:
        width = max(map(len, schema.names))
        lines = [f"{name:<{width}}  {_shown(rows[0][name])}" for name in schema.names]
    else:
        cells = [schema.names, *([_shown(row[name]) for name in schema.names] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in cells
        ]
    stream.writelines(line.rstrip() + "\n" for line in lines)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.1f}"
    return "" if value is None else str(value)
