"""A file as a model: what `segmentation new --file` writes before it looks at the table.

The model reads the file itself, at every build. Columns of a CSV stay texts: what they hold is
decided, and said, as for any table of texts.
"""

import csv
import io
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from segmentation.building.dbt import dbt_command
from segmentation.published.encodings import delimiter_of, encoding_of
from segmentation.published.served import CommandError

READERS = {"csv": "csv", "tsv": "csv", "txt": "csv", "parquet": "parquet", "json": "json"}
DUCKDB_ENCODINGS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16"}
"""Encodings by Python's name that DuckDB reads without an extension; Latin-1 besides."""
UTF16_LE_MARK = b"\xff\xfe"
PANDAS = """import pandas as pd


def model(dbt, session):
    dbt.config(materialized="table")
    return pd.read_csv(
        {file!r},
        sep={delimiter!r},
        encoding={encoding!r},
        dtype="str",
        keep_default_na=False,
    )
"""


def model_of_file(file: Path, project: Path) -> tuple[str, str]:
    """Return a model that reads a file: the ending of its name, and its text.

    It is SQL as `reading_of` reads the file; Python where DuckDB does not read what the file is
    written in.

    Raises
    ------
    CommandError
        If the file cannot be read.
    """
    kind, content = _look(file)
    written = _written(content, file) if kind == "csv" else None
    if written and not written.duckdb:
        named = _named(file, project)
        return ".py", PANDAS.format(
            file=named, delimiter=written.delimiter, encoding=written.encoding
        )
    reading = reading_of(file, project)
    return ".sql", f"{{{{ config(materialized='table') }}}}\n\nselect *\nfrom {reading}\n"


def reading_of(file: Path, project: Path | None) -> str:
    """Return the SQL that reads a file.

    Parameters
    ----------
    file : Path
        CSV, JSON or Parquet.
    project : Path or None
        The dbt project: a file inside it is named from there. None names it from the root.

    Raises
    ------
    CommandError
        If the file cannot be read, or DuckDB cannot read what it is written in.
    """
    kind, content = _look(file)
    options = _csv_options(_written(content, file), file) if kind == "csv" else []
    named = _named(file, project) if project else str(file.resolve())
    arguments = ",\n    ".join([_quoted(named), *options])
    return f"read_{kind}(\n    {arguments}\n)"


def build(model: str, project: Path) -> None:
    """Let dbt make the table of a model.

    Raises
    ------
    CommandError
        If it cannot, with what it says.
    """
    done = subprocess.run(
        dbt_command("--no-write-json", "run", "--select", model),
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        found = [line for line in lines if "Error:" in line and "Database Error" not in line]
        reason = (found or lines or ["it said nothing"])[0].rstrip(".:")
        raise CommandError(f"dbt cannot read the file: {reason}.")


@dataclass(frozen=True)
class _Written:
    """How a CSV file is written; `duckdb` is DuckDB's name of its encoding, empty without one."""

    encoding: str
    duckdb: str
    delimiter: str
    ends_in_two_ways: bool


def _look(file: Path) -> tuple[str, bytes]:
    """Return the kind of a file, and what is in it."""
    kind = READERS.get(file.suffix.lstrip(".").lower())
    if kind is None:
        raise CommandError(
            f"The format of {file} is not known: let it end in .{', .'.join(READERS)}."
        )
    try:
        content = file.read_bytes()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    if not content.strip():
        raise CommandError(f"{file} is empty: it needs a header and rows.")
    return kind, content


def _written(content: bytes, file: Path) -> _Written:
    encoding = encoding_of(content, None, str(file))
    if encoding.is_torn:
        raise CommandError(f"{file} is not UTF-8 text throughout: save it as UTF-8.")
    named = DUCKDB_ENCODINGS.get(encoding.name, "")
    is_latin = encoding.is_guess and encoding.name != "cp437"
    if is_latin and not any(0x80 <= byte < 0xA0 for byte in content):
        named = "latin-1"
    if named == "utf-16" and not content.startswith(UTF16_LE_MARK):
        named = ""
    text = content.decode(encoding.name)
    first = next(line for line in text.splitlines() if line.strip())
    delimiter = delimiter_of(first)
    _refuse_header(next(csv.reader(io.StringIO(first), delimiter=delimiter)), file)
    is_mixed = "\r\n" in text and text.count("\n") != text.count("\r\n")
    return _Written(encoding.name, named, delimiter, is_mixed)


def _csv_options(written: _Written, file: Path) -> list[str]:
    if not written.duckdb:
        raise CommandError(
            f"{file} is written in {written.encoding}, which DuckDB does not read: save it as "
            "UTF-8."
        )
    options = [
        f"delim = {_quoted(written.delimiter)}",
        "header = true",
        "all_varchar = true",
        "quote = '\"'",
        "escape = '\"'",
    ]
    if written.duckdb != "utf-8":
        options.append(f"encoding = '{written.duckdb}'")
    if written.ends_in_two_ways:
        options.append("strict_mode = false")
    return options


def _refuse_header(names: list[str], file: Path) -> None:
    folded = [name.strip().lower() for name in names]
    twice = sorted({name for name in folded if folded.count(name) > 1})
    if twice:
        raise CommandError(
            f"{file} has the column {', '.join(map(repr, twice))} more than once: rename or "
            "remove one."
        )


def _named(file: Path, project: Path) -> str:
    inside = os.path.relpath(file.resolve(), project.resolve())
    return str(file.resolve()) if inside.startswith("..") else Path(inside).as_posix()


def _quoted(text: str) -> str:
    text = "\\t" if text == "\t" else text
    return "'" + text.replace("'", "''") + "'"
