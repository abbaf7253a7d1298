"""The seeds of a project that people fill, by the app or a command: read and written whole."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from segmentation.published.served import CommandError
from segmentation.scaffold.package import COPY

FOLDER = "SEGMENTATION_SEEDS"
PLACES = ("seeds", f"{COPY}/seeds")
"""Where a project has its seeds: a clone, and one that `segmentation init` made."""


def seeds_folder(file: str, given: str | Path | None = None) -> Path:
    """Return the folder of seeds that the next build reads.

    Parameters
    ----------
    file : str
        A seed that is in it.
    given : path, optional
        The folder; ``SEGMENTATION_SEEDS``, else that of the project in this folder.

    Raises
    ------
    CommandError
        If there is none.
    """
    named = given or os.environ.get(FOLDER)
    if named and not Path(named).is_dir():
        raise CommandError(f"{named} is no folder: name that of the project's seeds.")
    places = [Path(named)] if named else [Path(place) for place in PLACES]
    found = next((place for place in places if (place / file).is_file()), None)
    if found is None:
        where = f"{named} has" if named else "There is"
        raise CommandError(
            f"{where} no {file if named else f'seeds/{file}'} to write into: run this in the "
            f"project's folder, or name the folder of its seeds with {FOLDER}."
        )
    return found


def read_seed(path: Path, columns: Sequence[str], whole: str) -> list[dict[str, str]]:
    """Return the rows of a seed as texts.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        What it must have.
    whole : str
        The column that must be a whole number.

    Raises
    ------
    CommandError
        If it is missing, has other columns, or a row is none.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read ({error}): mend it, or restore it.") from error
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != tuple(columns):
        raise CommandError(
            f"{path} has the columns {', '.join(reader.fieldnames or ['none'])}: give it "
            f"{', '.join(columns)}."
        )
    rows = list(reader)
    for place, row in enumerate(rows, start=2):
        if None in row or None in row.values() or not row[whole].strip().isdecimal():
            raise CommandError(
                f"{path}, line {place} is no row of {', '.join(columns)} with a number as {whole}: "
                "correct or remove it."
            )
    return rows


def write_seed(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a seed whole: beside its place, and renamed."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(stream.getvalue(), encoding="utf-8")
    beside.replace(path)
