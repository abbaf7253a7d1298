"""``segmentation new``: write the entry, the model and the YAML of a segmentation of any table.

The table is a model or seed that dbt has built, or a file, which a model reads that is written and
built first. Which of its columns become features follows from their types and values; all else is
the package's, which makes every segmentation in one chain.
"""

import re
import textwrap
from collections.abc import Container, Iterable
from dataclasses import asdict
from pathlib import Path

import click
import yaml
from click import Argument, Option

from segmentation.cli.options import FILE, JSON, PROJECT, Arguments
from segmentation.cli.telling import tell
from segmentation.cli.working import working
from segmentation.published.served import CommandError
from segmentation.scaffold.columns import Choice, choose_columns
from segmentation.scaffold.entry import Request, entry_text, key_type, new_entry
from segmentation.scaffold.files import file_names, segmentation_files
from segmentation.scaffold.project_file import (
    place_of_entries,
    project_settings,
    value_at,
    vars_file,
    with_lines,
)
from segmentation.scaffold.ruled import ruled_entry, ruled_files
from segmentation.scaffold.source_file import build, model_of_file
from segmentation.scaffold.table import Table, read_table

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
DUPLICATES = ("first", "aggregate", "keep")
AGGREGATES = ("sum", "count", "last")
ADDED = {"keep": "row_number", "aggregate": "row_count"}
"""Columns that resolving duplicates adds to the rows of a table."""
TELEMETRY = "send_anonymous_usage_stats"
TAKEN_NAMES = (
    *("customer", "product", "default", "article", "standard", "segmentation"),
    *("basket", "feature", "minimum", "pca", "planned", "share"),
)
"""Names of recipes, and first words of the package's own settings and steps."""


class _List(click.ParamType):
    """Names with commas between."""

    name = "columns"

    def convert(self, value: str | tuple, param: object, ctx: object) -> tuple[str, ...]:
        """Return the names."""
        named = value.split(",") if isinstance(value, str) else value
        return tuple(name.strip() for name in named if name.strip())


def _columns(option: str, what: str) -> Option:
    return Option([option], type=_List(), default=(), metavar="COLUMNS", help=what)


PARAMETERS = [
    Argument(["name"]),
    Option(["--model"], help="The model or seed to segment."),
    Option(["--file"], type=FILE, metavar="FILE", help="Or the file: CSV, JSON or Parquet."),
    Option(
        ["--rules-of"],
        metavar="SEGMENTATION",
        help="Or divide what another one divides, by the rules of the seed rule_segments.",
    ),
    _columns("--key", "Its key, with commas between.  [default: rows are numbered]"),
    Option(
        ["--duplicates"], type=click.Choice(DUPLICATES), help="What becomes of rows of one key."
    ),
    Option(["--unit"], default="members", help="What its rows are called."),
    Option(["--as-of"], metavar="COLUMN", help="The newest date in it dates the data."),
    _columns("--numbers", "Columns to be taken as numbers."),
    _columns("--categories", "Columns to be taken as categories."),
    _columns("--ignore", "Columns to be left out."),
    _columns("--sum", "Columns to be added up, with --duplicates aggregate."),
    _columns("--count", "Columns to be counted, with it: how many different values."),
    _columns("--last", "Columns to be taken from the row of the newest --as-of, with it."),
    JSON,
    PROJECT,
]
ONE_OF = ("--model", "--file", "--rules-of")


def run(arguments: Arguments) -> int:
    """Look at the table, write the entry and the files, and say what was taken as what."""
    duplicates = arguments.duplicates or (None if arguments.key else "keep")
    request = Request(arguments.name, arguments.unit, duplicates, arguments.as_of)
    _refuse_names(request)
    _refuse_aggregates(arguments, request)
    settings = project_settings(arguments.project_dir)
    place = _free_place(arguments.project_dir, settings, request.name)
    folder = _folder_of(request.name, settings)
    refuse_existing(arguments.project_dir, [folder / file for file in file_names(request.name)])
    if arguments.rules_of:
        return _by_rules(arguments, request.name, settings, place)
    reading = _reading_model(arguments, settings)
    try:
        if reading:
            with working("Reading the file"):
                build(f"{request.name}_rows", arguments.project_dir)
        return _segment(arguments, request, settings, place, reading)
    except BaseException:
        if reading:
            _remove(arguments.project_dir / reading)
        raise


def _by_rules(arguments: Arguments, name: str, settings: dict, place: tuple[str, ...]) -> int:
    """Write the entry and the files of segments by written rules."""
    folder = arguments.project_dir
    stated = yaml.safe_load(vars_file(folder).read_text(encoding="utf-8"))
    entry = ruled_entry(arguments.rules_of, value_at(stated, place) or {})
    files = placed(ruled_files(name, arguments.rules_of, entry), name, settings)
    write_files(folder, files, {})
    text = entry_text(name, entry)
    is_written = write_entry(vars_file(folder), place, name, text)
    unwritten = None if is_written else text
    stated = {"segmentation": name, "files": list(files), "entry_to_add": unwritten}
    told = _told(vars_file(folder).name, name, place, list(files), unwritten)
    tell(told, stated, arguments.json)
    return 0


def _segment(
    arguments: Arguments,
    request: Request,
    settings: dict,
    place: tuple[str, ...],
    reading: Path | None,
) -> int:
    folder = arguments.project_dir
    with working("Looking at the table"):
        table = read_table(folder, arguments.model or f"{request.name}_rows", arguments.key)
    _refuse_key(table, request)
    choices = choose_columns(
        table,
        request.name,
        duplicates=request.duplicates,
        numbers=arguments.numbers,
        categories=arguments.categories,
        ignore=arguments.ignore,
        aggregates={how: getattr(arguments, how) for how in AGGREGATES},
    )
    _refuse_columns(table, choices, request)
    files = placed(
        segmentation_files(
            request.name, table.name, table.key, key_type(table, request.duplicates)
        ),
        request.name,
        settings,
    )
    entry = entry_text(request.name, new_entry(table, choices, request))
    write_files(folder, files, table.nodes)
    is_written = write_entry(vars_file(folder), place, request.name, entry)
    is_switched = switch_off_telemetry(folder, settings)
    listed = [*([reading] if reading else []), *files]
    unwritten = None if is_written else entry
    text = [_explained(table, choices, request)]
    if is_switched:
        text.append("\ndbt sends no usage statistics from now on (flags in dbt_project.yml).")
    text.append(_told(vars_file(folder).name, request.name, place, listed, unwritten))
    stated = {
        "segmentation": request.name,
        "table": table.name,
        "rows": table.rows,
        "columns": [asdict(one) for one in choices],
        "files": listed,
        "entry_to_add": unwritten,
    }
    tell("\n".join(text), stated, arguments.json)
    return 0


def _reading_model(arguments: Arguments, settings: dict) -> Path | None:
    """Write the model that reads the file, if it is one, and return its path in the project."""
    if arguments.file is None:
        return None
    ending, text = model_of_file(arguments.file, arguments.project_dir)
    (path,) = placed({f"{arguments.name}_rows{ending}": text}, arguments.name, settings)
    target = arguments.project_dir / path
    if target.exists():
        raise CommandError(
            f"{path} exists, and nothing was written: choose another name, or remove it first."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return path


def _remove(model: Path) -> None:
    """Take back the model that reads a file, of which nothing came."""
    model.unlink(missing_ok=True)
    for folder in list(model.parents)[:2]:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def placed(files: dict[str, str], name: str, settings: dict) -> dict[Path, str]:
    """Return the files by their path in the project."""
    folder = _folder_of(name, settings)
    return {folder / file: text for file, text in files.items()}


def _folder_of(name: str, settings: dict) -> Path:
    return Path((settings.get("model-paths") or ["models"])[0]) / name


def write_files(project: Path, files: dict[Path, str], nodes: Container[str]) -> None:
    """Write all files, or none.

    Raises
    ------
    CommandError
        If one of them, or a model of that name, exists.
    """
    refuse_existing(project, files, nodes)
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")


def refuse_existing(project: Path, files: Iterable[Path], nodes: Container[str] = ()) -> None:
    """Raise `CommandError` if one of these files exists, or a model of its name."""
    existing = [str(path) for path in files if (project / path).exists()]
    existing += [path.stem for path in files if path.stem in nodes and not existing]
    if existing:
        raise CommandError(
            f"{existing[0]} exists{' (and others)' if len(existing) > 1 else ''}, and nothing was "
            "written: choose another name, or remove the files first."
        )


def write_entry(path: Path, place: tuple[str, ...], name: str, entry: str) -> bool:
    """Add the entry to the file of the vars; return whether that is safe, and was done."""
    text = with_lines(path.read_bytes().decode("utf-8"), place, name, entry)
    if text is not None:
        path.write_bytes(text.encode("utf-8"))
    return text is not None


def switch_off_telemetry(folder: Path, settings: dict) -> bool:
    """Let dbt send no usage statistics, unless the project says what it wants; return if so.

    A package's own flags do not bind the project that installs it.
    """
    if value_at(settings, ("flags", TELEMETRY)) is not None:
        return False
    return write_entry(folder / "dbt_project.yml", ("flags",), TELEMETRY, f"{TELEMETRY}: false")


def _free_place(folder: Path, settings: dict, name: str) -> tuple[str, ...]:
    """Return where the entry belongs, which must not stand there yet."""
    path = vars_file(folder)
    stated = yaml.safe_load(path.read_text(encoding="utf-8"))
    place = place_of_entries(stated, settings.get("name", ""))
    if name in (value_at(stated, place) or {}):
        raise CommandError(
            f"{path.name} has an entry `{name}` under {': '.join(place)}: already, and nothing "
            "was written: choose another name, or remove that entry and its model first."
        )
    return place


def _refuse_names(request: Request) -> None:
    if not IDENTIFIER.fullmatch(request.name) or request.name in TAKEN_NAMES:
        raise CommandError(
            f"NAME is '{request.name}', but it must be lower-case letters, digits and "
            f"underscores, and none of {', '.join(TAKEN_NAMES)}."
        )
    if not IDENTIFIER.fullmatch(request.unit):
        raise CommandError(
            f"--unit is '{request.unit}', but it names the rows in sentences: a plain word in "
            "lower case, such as customers."
        )


def _refuse_aggregates(arguments: Arguments, request: Request) -> None:
    asked = [how for how in AGGREGATES if getattr(arguments, how)]
    if asked and request.duplicates != "aggregate":
        raise CommandError(
            f"--{asked[0]} says what becomes of rows that share a key: say --duplicates aggregate."
        )
    if arguments.last and not request.as_of:
        raise CommandError("--last takes the row of the newest date: name its column with --as-of.")
    if request.duplicates in ("first", "aggregate") and not arguments.key:
        raise CommandError(
            f"--duplicates {request.duplicates} is about rows that share a key: name it with --key."
        )


def _refuse_key(table: Table, request: Request) -> None:
    several = len(table.key) > 1
    named = f"Column{'s' if several else ''} {', '.join(table.key)} of {table.name}"
    if request.duplicates == "keep":
        return
    if table.missing:
        raise CommandError(
            f"{named} ha{'ve' if several else 's'} no value in {table.missing:,} of "
            f"{table.rows:,} rows, but it is the key: leave those rows out of {table.name}, "
            "or choose another key."
        )
    if request.duplicates is None and table.keys < table.rows:
        raise CommandError(
            f"{named} ha{'ve' if several else 's'} only {table.keys:,} different values in "
            f"{table.rows:,} rows ({table.most_frequent} stands in "
            f"{table.most_frequent_rows:,}), but it is the key: choose another one, or say what "
            "becomes of duplicates with --duplicates first, aggregate or keep."
        )


def _refuse_columns(table: Table, choices: tuple[Choice, ...], request: Request) -> None:
    used = [choice.column for choice in choices if choice.role != "left out"]
    odd = [column for column in used if set(column) & set("'\"{}\\")]
    if odd:
        raise CommandError(
            f"Column {odd[0]} of {table.name} has a quote or a brace in its name: "
            "rename it in the model."
        )
    added = ADDED.get(request.duplicates)
    if added in [column.name.lower() for column in table.columns]:
        raise CommandError(
            f"{table.name} has a column {added}, which --duplicates {request.duplicates} adds: "
            "rename it in the model."
        )
    dates = [
        c.name
        for c in table.columns
        if c.type.startswith(("date", "timestamp")) or (c.dates and c.dates == c.values)
    ]
    if request.as_of and request.as_of not in dates:
        raise CommandError(
            f"--as-of is '{request.as_of}', but the dates of {table.name} are: "
            f"{', '.join(dates) or 'none'}."
        )


def _explained(table: Table, choices: tuple[Choice, ...], request: Request) -> str:
    width = max(len(choice.column) for choice in choices)
    keys = f"{table.keys:,} different keys" if table.key else "without a key: they are numbered"
    lines = [f"{table.name}: {table.rows:,} rows, {keys}.", ""]
    for choice in choices:
        reason = choice.reason
        if choice.role == "key" and request.duplicates == "keep":
            reason = "it repeats: rows are numbered and all kept"
        if choice.is_feature and choice.name != choice.column.lower():
            reason += f"; called {choice.name}"
        lines.append(f"  {choice.column:<{width}}  {choice.role:<8}  {reason}")
    if all(choice.role != "number" for choice in choices):
        lines.append("\nThere is no number, so the categories make the segments.")
    return "\n".join(lines)


def _told(
    file: str, name: str, place: tuple[str, ...], files: list[Path], unwritten: str | None
) -> str:
    """Return what was written; an entry that could not be is told in full."""
    listed = f"{len(files)} files: {', '.join(map(str, files))}"
    if unwritten is None:
        return f"\nWrote the entry `{name}` in {file} and {listed}. Next: segmentation build"
    return (
        f"\n{file} is written in a way that cannot be added to safely. Put this there, under "
        f"{': '.join(place)}:\n\n{textwrap.indent(unwritten, '    ')}\n\n"
        f"Wrote {listed}. Next: that entry, then segmentation build"
    )
