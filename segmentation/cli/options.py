"""Options that several commands share; what a command has of its own stands in its module."""

from pathlib import Path as FilePath
from types import SimpleNamespace

from click import Choice, Option, Path

STDOUT = "-"
FORMATS = ("csv", "json", "parquet", "text")
FILE = Path(path_type=FilePath)
"""Type of a parameter that names a file: a shell completes it."""
FOLDER = Path(exists=True, file_okay=False, path_type=FilePath)
"""Type of a parameter that names a folder which must be there."""


class Arguments(SimpleNamespace):
    """What a command was asked, by the names of its parameters."""


SERVING = Option(
    ["--serving"],
    metavar="DIR",
    type=FILE,
    default="serving",
    envvar="SEGMENTATION_SERVING",
    show_envvar=True,
    help="Folder of the published file.",
)
SEGMENTATION = Option(
    ["--segmentation"],
    metavar="NAME",
    help="Which segmentation to read.  [default: customer, else the first]",
)
PUBLISHED = (SERVING, SEGMENTATION)
"""Of every command that reads what was published."""
PROJECT = Option(
    ["--project-dir"], metavar="DIR", type=FILE, default=".", help="Folder of the dbt project."
)
JSON = Option(["--json"], is_flag=True, help="Print it for programs.")


def warehouse(what: str) -> Option:
    """Return ``--warehouse``, with what the build file is for here."""
    return Option(
        ["--warehouse"],
        metavar="FILE",
        type=FILE,
        default="warehouse/segmentation.duckdb",
        envvar="SEGMENTATION_WAREHOUSE",
        show_envvar=True,
        help=what,
    )


def force(what: str = "the output file") -> Option:
    """Return ``--force``, and the name it had before."""
    return Option(["--force", "--overwrite"], is_flag=True, help=f"Replace {what}.")


OUTPUT = Option(
    ["--output"],
    metavar="FILE",
    type=Path(),
    default=STDOUT,
    help="File to write; - is the terminal.",
)


def output_options() -> list[Option]:
    """Return where a command writes its table to, and how."""
    return [
        OUTPUT,
        Option(["--output-format"], type=Choice(FORMATS), help="[default: as FILE ends]"),
        Option(["--json", "output_format"], flag_value="json", help="As --output-format json."),
        force(),
    ]
