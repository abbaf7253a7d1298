"""Rows to score: read from CSV, JSON or Parquet so that none is lost, however broken.

A row is a dict of column to value, or a `Damaged` that says what is wrong with the line it was on.
Only what concerns the whole file (no such file, no header, not JSON at all) is an error.
"""

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from segmentation.published.encodings import Encoding, delimiter_of, encoding_of, is_torn
from segmentation.published.served import CommandError

FORMATS = ("csv", "json", "parquet")
STDIN = "-"
BATCH_ROWS = 20_000


@dataclass(frozen=True)
class Damaged:
    """A row that cannot be read, and why."""

    reason: str


Row = dict[str, object] | Damaged


@dataclass(frozen=True)
class InputRows:
    """Rows of an input.

    Attributes
    ----------
    columns : tuple of str
        Lower-case names; for JSON those of all rows.
    rows : iterator of Row
        In the order of the input.
    types : dict of str to pyarrow DataType
        Types by column, where the format has some (Parquet).
    remarks : tuple of str
        What had to be guessed to read it, in sentences.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    types: dict[str, pa.DataType]
    remarks: tuple[str, ...] = ()


def read_rows(
    source: str, kind: str | None, delimiter: str | None = None, encoding: str | None = None
) -> InputRows:
    """Read rows from a file or standard input.

    Parameters
    ----------
    source : str
        A path, or ``-`` for standard input.
    kind : str or None
        ``csv``, ``json`` (an array, an object, or one object per line) or ``parquet``; None goes
        by the file's ending.
    delimiter : str or None
        What separates the fields of a CSV file; None goes by its header.
    encoding : str or None
        Of a CSV or JSON file; None goes by its bytes.

    Raises
    ------
    CommandError
        If the input as a whole cannot be read.
    """
    kind = kind or Path(source).suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise CommandError(
            f"The format of {_named(source)} is not known: say --format {', '.join(FORMATS)}."
        )
    content = _content(source)
    if not content or content.isspace():
        raise CommandError(f"{_named(source)} is empty: it needs a header or at least one row.")
    if kind == "parquet":
        return _read_parquet(content, source)
    found = encoding_of(content, encoding, _named(source))
    if kind == "csv":
        inputs = _read_csv(content, source, delimiter, found)
    elif found.is_torn:
        raise CommandError(f"{_named(source)} is not UTF-8 text: save it as such.")
    else:
        inputs = _read_json(content.decode(found.name), source)
    return replace(inputs, remarks=_remarks(found, source))


def _remarks(encoding: Encoding, source: str) -> tuple[str, ...]:
    if not encoding.is_guess:
        return ()
    names = {"cp1252": "Windows-1252", "latin-1": "Latin-1", "cp437": "code page 437"}
    name = names[encoding.name]
    return (f"{_named(source)} is not UTF-8 and was read as {name}; --encoding says otherwise.",)


def batches(rows: Iterator[Row], size: int = BATCH_ROWS) -> Iterator[list[Row]]:
    """Group rows into lists of at most `size`."""
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _named(source: str) -> str:
    return "standard input" if source == STDIN else source


def _content(source: str) -> bytes:
    if source == STDIN:
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise CommandError(f"{source} cannot be read: {error.strerror}.") from error


def _column_names(names: list[str], source: str) -> tuple[str, ...]:
    columns = tuple(name.strip().lower() for name in names)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise CommandError(
            f"{_named(source)} has the column {', '.join(map(repr, twice))} more than once: "
            "rename or remove one."
        )
    return columns


# --- CSV ---


def _read_csv(content: bytes, source: str, delimiter: str | None, encoding: Encoding) -> InputRows:
    csv.field_size_limit(2**31 - 1)
    # A decoded whole would take four bytes a character; its lines take little more than one.
    errors = "surrogateescape" if encoding.is_torn else "strict"
    stream = io.TextIOWrapper(io.BytesIO(content), encoding.name, errors=errors, newline="")
    lines = list(stream)
    first = next((line for line in lines if line.strip()), "")
    records = _csv_records(lines, delimiter or delimiter_of(first))
    header = next((fields for _, fields in records if fields), [])
    if isinstance(header, Damaged):
        raise CommandError(f"The header of {_named(source)} cannot be read: {header.reason}.")
    columns = _column_names(header, source)
    return InputRows(columns, _csv_rows(records, columns), {})


def _csv_rows(records: Iterator, columns: tuple[str, ...]) -> Iterator[Row]:
    for line, fields in records:
        if isinstance(fields, Damaged):
            yield fields
        elif any(map(is_torn, fields)):
            yield Damaged(f"line {line} has characters that are not UTF-8")
        elif not fields and len(columns) > 1:
            continue  # a blank line; in a file of one column it is a missing value
        elif not fields:
            yield {columns[0]: ""}
        elif len(fields) != len(columns):
            yield Damaged(f"line {line} has {len(fields)} fields, the header has {len(columns)}")
        else:
            yield dict(zip(columns, fields, strict=True))


def _csv_records(lines: list[str], delimiter: str) -> Iterator[tuple[int, list[str] | Damaged]]:
    """Yield line number and fields of each record; a blank line has no field.

    A quotation mark that never closes would swallow the rows after it, so the line it is on is
    given up and reading starts again on the next.
    """
    start = 0
    while start < len(lines):
        rest = (lines[index] for index in range(start, len(lines)))
        reader, done = csv.reader(rest, delimiter=delimiter, strict=True), start
        try:
            for fields in reader:
                yield done + 1, fields
                done = start + reader.line_num
            return
        except csv.Error:
            yield done + 1, Damaged(f"line {done + 1} has a quotation mark out of place")
            start = done + 1


# --- JSON ---


def _read_json(text: str, source: str) -> InputRows:
    rows = [_json_row(value, number) for number, value in enumerate(_json_values(text, source), 1)]
    columns = dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row)
    return InputRows(tuple(columns), iter(rows), {})


def _json_values(text: str, source: str) -> list:
    try:
        whole = json.loads(text, parse_int=_whole)
        return whole if isinstance(whole, list) else [whole]
    except (ValueError, RecursionError) as error:
        lines = [_json_line(line) for line in io.StringIO(text, newline="") if line.strip()]
        if _are_rows(lines, text.lstrip()[:1]):
            return lines
        raise CommandError(
            f"{_named(source)} is not JSON ({error}): it must be an array of objects, or "
            "one object per line."
        ) from error


def _are_rows(lines: list, start: str) -> bool:
    """Return whether lines are one row each, not those of an array or of something else."""
    if start == "[" and isinstance(lines[0], Damaged):
        return False
    return start == "{" or any(isinstance(line, dict) for line in lines)


def _json_line(line: str) -> object:
    try:
        return json.loads(line, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        return Damaged(f"the line is not JSON ({error})")


def _whole(digits: str) -> int | float:
    # Python refuses to read whole numbers of thousands of digits; as a float they are infinite.
    return int(digits) if len(digits) < 300 else float(digits)


def _json_row(value: object, number: int) -> Row:
    if isinstance(value, Damaged):
        return value
    if not isinstance(value, dict):
        return Damaged(f"item {number} is not a JSON object")
    named = {name.strip().lower(): given for name, given in value.items()}
    return named if len(named) == len(value) else Damaged(f"item {number} names a column twice")


# --- Parquet ---


def _read_parquet(content: bytes, source: str) -> InputRows:
    try:
        file = pq.ParquetFile(pa.BufferReader(content))
    except (pa.ArrowException, OSError) as error:
        raise CommandError(f"{_named(source)} is not a Parquet file: {error}.") from error
    schema = file.schema_arrow
    columns = _column_names(schema.names, source)
    types = dict(zip(columns, schema.types, strict=True))
    rows = (
        dict(zip(columns, values, strict=True))
        for batch in file.iter_batches(BATCH_ROWS)
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    )
    return InputRows(columns, rows, types)
