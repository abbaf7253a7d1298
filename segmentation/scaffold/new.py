"""``segmentation new``: write the models of a segmentation of any table.

The table is a model or seed that dbt has built. Which of its columns become features follows from
their types and values; the rest is thin files that call the package's macros and this library.
"""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from segmentation.published.served import CommandError
from segmentation.scaffold.columns import OWN_COLUMNS, Choice, choose_columns, reserved_words
from segmentation.scaffold.models import chain_files, features_model
from segmentation.scaffold.properties import chain_yaml, feature_yaml, public_yaml
from segmentation.scaffold.table import Table, project_settings, read_table

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
DUPLICATES = ("first", "aggregate", "keep")
TAKEN_NAMES = ("customer", "product", "default", "article", "standard", "segmentation")
WHOLE_KEYS = ("tinyint", "smallint", "integer", "int", "bigint")


@dataclass(frozen=True)
class Request:
    """What is to be segmented, and how.

    Attributes
    ----------
    name : str
        Of the segmentation; every table's name begins with it.
    unit : str
        What the rows are called, e.g. ``customers``: a column of the reports.
    duplicates : str or None
        What becomes of rows that share a key: ``first``, ``aggregate``, ``keep``; None refuses.
    as_of : str or None
        The column whose newest date the data are of.
    """

    name: str
    unit: str = "members"
    duplicates: str | None = None
    as_of: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``segmentation new``."""
    parser.add_argument("name", metavar="NAME", help="of the segmentation, e.g. wholesale")
    parser.add_argument("--model", required=True, help="the model or seed to segment")
    parser.add_argument(
        "--key", required=True, type=_list, help="its key: a column, or several with commas between"
    )
    parser.add_argument(
        "--duplicates", choices=DUPLICATES, help="what becomes of rows that share a key"
    )
    parser.add_argument(
        "--unit", default="members", help="what its rows are called (default: members)"
    )
    parser.add_argument("--as-of", metavar="COLUMN", help="the newest date in it dates the data")
    for option, what in (
        ("numbers", "taken as numbers"),
        ("categories", "taken as categories"),
        ("ignore", "left out"),
    ):
        parser.add_argument(
            f"--{option}", type=_list, default=(), metavar="COLUMNS", help=f"columns to be {what}"
        )
    parser.add_argument("--project-dir", type=Path, default=Path(), help="of the dbt project")


def _list(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def run(arguments: argparse.Namespace) -> int:
    """Look at the table, write the files and say what was taken as what."""
    request = Request(arguments.name, arguments.unit, arguments.duplicates, arguments.as_of)
    _refuse_names(request)
    settings = project_settings(arguments.project_dir)
    table = read_table(arguments.project_dir, arguments.model, arguments.key)
    _refuse_key(table, request)
    choices = choose_columns(
        table,
        request.name,
        duplicates=request.duplicates,
        numbers=arguments.numbers,
        categories=arguments.categories,
        ignore=arguments.ignore,
    )
    _refuse_columns(table, choices, request)
    files = placed(segmentation_files(table, choices, request), request.name, settings)
    write_files(arguments.project_dir, files, table)
    print(_explained(table, choices, request))
    print(f"\nWrote {len(files)} files for {request.name}. Next: dbt build")
    return 0


def segmentation_files(
    table: Table, choices: tuple[Choice, ...], request: Request
) -> dict[str, str]:
    """Return the text of every file of a segmentation, by file name.

    Parameters
    ----------
    table : Table
    choices : tuple of Choice
        As returned by `choose_columns`.
    request : Request
    """
    key_type = _key_type(table, request.duplicates)
    date_column = f", date_column='{request.as_of}'" if request.as_of else ""
    name = request.name
    return {
        f"{name}_features.sql": features_model(
            name, table.name, table.key, key_type, choices, request.duplicates
        ),
        f"_{name}_features.yml": feature_yaml(name, table.name, key_type, choices),
        f"_{name}__models.yml": public_yaml(name, key_type, request.unit),
        f"_int_{name}__models.yml": chain_yaml(name, choices),
        **chain_files(
            name=name,
            key=f"{name}_id",
            unit=request.unit,
            key_type=key_type,
            model=table.name,
            date_column=date_column,
        ),
    }


def placed(files: dict[str, str], name: str, settings: dict) -> dict[Path, str]:
    """Return the files by their path in the project: models, and Python models apart."""
    folders = settings.get("model-paths") or ["models"]
    python = f"python_models/{name}" if "python_models" in folders else f"{folders[0]}/{name}/fit"

    def folder(file: str) -> str:
        if file.endswith(".py"):
            return python
        is_between = file.startswith(("int_", "_int_"))
        return f"{folders[0]}/{name}" + ("/intermediate" if is_between else "")

    return {Path(folder(file)) / file: text for file, text in files.items()}


def write_files(project: Path, files: dict[Path, str], table: Table) -> None:
    """Write all files, or none.

    Raises
    ------
    CommandError
        If one of them, or a model of that name, exists.
    """
    existing = [str(path) for path in files if (project / path).exists()]
    existing += [path.stem for path in files if path.stem in table.nodes and not existing]
    if existing:
        raise CommandError(
            f"{existing[0]} exists{' (and others)' if len(existing) > 1 else ''}, and nothing was "
            "written: choose another name, or remove the files first."
        )
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text, encoding="utf-8")


def _refuse_names(request: Request) -> None:
    if not IDENTIFIER.fullmatch(request.name) or request.name in TAKEN_NAMES:
        raise CommandError(
            f"NAME is '{request.name}', but it must be lower-case letters, digits and "
            f"underscores, and none of {', '.join(TAKEN_NAMES)}."
        )
    if not IDENTIFIER.fullmatch(request.unit) or request.unit in reserved_words() | OWN_COLUMNS:
        raise CommandError(
            f"--unit is '{request.unit}', but it names a column of the reports: a plain "
            "word in lower case that they do not use yet, such as customers."
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
    features = {choice.name for choice in choices if choice.role in ("number", "category")}
    if request.unit in features:
        raise CommandError(
            f"--unit is '{request.unit}', but {table.name} has a column of that name: "
            "choose another word."
        )
    dates = [c.name for c in table.columns if c.type.startswith(("date", "timestamp"))]
    if request.as_of and request.as_of not in dates:
        raise CommandError(
            f"--as-of is '{request.as_of}', but the dates of {table.name} are: "
            f"{', '.join(dates) or 'none'}."
        )


def _key_type(table: Table, duplicates: str | None) -> str:
    types = [column.type for column in table.columns if column.name == table.key[0]]
    is_whole = len(table.key) == 1 and types[0] in WHOLE_KEYS
    return "bigint" if duplicates == "keep" or is_whole else "string"


def _explained(table: Table, choices: tuple[Choice, ...], request: Request) -> str:
    width = max(len(choice.column) for choice in choices)
    lines = [f"{table.name}: {table.rows:,} rows, {table.keys:,} different keys.", ""]
    for choice in choices:
        reason = choice.reason
        if choice.role == "key" and request.duplicates == "keep":
            reason = "it repeats: rows are numbered and all kept"
        if choice.role in ("number", "category") and choice.name != choice.column.lower():
            reason += f"; called {choice.name}"
        lines.append(f"  {choice.column:<{width}}  {choice.role:<8}  {reason}")
    if all(choice.role != "number" for choice in choices):
        lines.append("\nThere is no number, so the categories make the segments.")
    return "\n".join(lines)
