"""The commands, and what runs them.

Each command is a module with two functions, ``add_arguments(parser)`` and ``run(arguments)``,
which returns the exit code. A new command is one line in `COMMANDS`. Only the module that is asked
for is imported, so that quick commands stay quick.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn

import duckdb

from segmentation.published.served import CommandError


@dataclass(frozen=True)
class Command:
    """A subcommand: the module that does it and what it is for."""

    module: str
    summary: str


COMMANDS = {
    "segments": Command(
        "segmentation.published.listing", "list the segments with their rules and what to do"
    ),
    "predict": Command("segmentation.published.predict", "say which segment rows belong to"),
    "export-sql": Command(
        "segmentation.published.sql_export", "print the active model as one SQL statement"
    ),
    "similar": Command(
        "segmentation.published.similar", "find the customers most like one customer"
    ),
    "new": Command("segmentation.scaffold.new", "segment any table: writes an entry and a model"),
    "map": Command("segmentation.mapping.map", "fit files of another shop: says what is what"),
    "export": Command("segmentation.published.audiences", "write a segment's customers to a file"),
    "forget": Command(
        "segmentation.erasure.forget", "remove persons from warehouse, published files, audiences"
    ),
}


class _Parser(argparse.ArgumentParser):
    """One that ends a wrong call in one sentence, as commands do."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; all options: {self.prog} --help.\n")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 after one sentence on standard error."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parsed = build_parser(arguments[:1]).parse_args(arguments)
    try:
        return parsed.run(parsed)
    except CommandError as error:
        print(f"segmentation {parsed.command}: {error}", file=sys.stderr)
    except BrokenPipeError:
        # The reader (`| head`) has enough; without this, Python complains again on exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, MemoryError, duckdb.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        print(f"segmentation {parsed.command}: {reason}.", file=sys.stderr)
    return 2


def build_parser(asked: list[str]) -> argparse.ArgumentParser:
    """Return the parser; only the commands in `asked` get their options.

    Parameters
    ----------
    asked : list of str
        Names of the commands whose modules may be imported.
    """
    parser = _Parser(
        prog="segmentation", description="Use the published segments.", allow_abbrev=False
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(
            name, help=command.summary, description=command.summary, allow_abbrev=False
        )
        if name in asked:
            module = import_module(command.module)
            module.add_arguments(subparser)
            subparser.set_defaults(run=module.run)
    return parser
