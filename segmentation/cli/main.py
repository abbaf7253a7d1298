"""The commands, and what runs them.

Each command is a module with two functions, ``add_arguments(parser)`` and ``run(arguments)``,
which returns the exit code. A new command is one line in `COMMANDS`. Only the module that is asked
for is imported, so that quick commands stay quick. One that says ``passes_on`` gets options that it
does not declare as ``arguments.rest``.
"""

import argparse
import os
import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

import duckdb

from segmentation.published.served import CommandError


@dataclass(frozen=True)
class Command:
    """A subcommand: the module that does it, what it is for, and how it is called."""

    module: str
    summary: str
    example: str


COMMANDS = {
    "init": Command(
        "segmentation.scaffold.init", "make a project: a folder that `build` builds", "shop"
    ),
    "build": Command(
        "segmentation.building.command", "build and publish the segments", "--raw exports"
    ),
    "status": Command(
        "segmentation.published.status",
        "say what is published, how fresh and how trusted it is",
        "--json",
    ),
    "segments": Command(
        "segmentation.published.listing",
        "list the segments with their rules and what to do",
        "--as sql",
    ),
    "predict": Command(
        "segmentation.published.predict",
        "say which segment rows belong to",
        "--input customers.csv --output segments.csv",
    ),
    "export-sql": Command(
        "segmentation.published.sql_export",
        "print the active model as one SQL statement",
        "--dialect postgres --table my_features",
    ),
    "similar": Command(
        "segmentation.published.similar", "find the customers most like one customer", "--id 30"
    ),
    "report": Command(
        "segmentation.report.__main__",
        "write the published segments as one page",
        "--output segments.html",
    ),
    "new": Command(
        "segmentation.scaffold.new",
        "segment any table: writes an entry and a model",
        "club --file members.csv --key member",
    ),
    "map": Command(
        "segmentation.mapping.map", "fit files of another shop: says what is what", "invoices.csv"
    ),
    "audience": Command(
        "segmentation.campaigns.audience",
        "write whom to send something to a file, some left out",
        "--segment 4 --out mailing --campaign spring --control 20%",
    ),
    "lift": Command(
        "segmentation.campaigns.results", "say what every campaign was worth", "--json"
    ),
    "campaigns": Command(
        "segmentation.campaigns.listing", "list, close or delete campaigns", "--close spring"
    ),
    "export": Command(
        "segmentation.campaigns.audience",
        "the older name of audience",
        "--segment 4 --out mailing",
    ),
    "override": Command(
        "segmentation.scaffold.overrides",
        "call a segment otherwise, or do something else with it, from the next build on",
        "3 --name Regulars --because wished",
    ),
    "forget": Command(
        "segmentation.erasure.forget",
        "remove persons from warehouse, published files, audiences",
        "--id 30",
    ),
}


class _Parser(argparse.ArgumentParser):
    """One that ends a wrong call in one sentence, as commands do."""

    def error(self, message: str) -> NoReturn:
        unknown = re.search(r"argument COMMAND: invalid choice: '(.*?)' \(choose", message)
        if unknown:
            near = get_close_matches(unknown[1], COMMANDS, n=1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMMANDS)}."
            self.exit(2, f"{self.prog}: there is no command {unknown[1]}: {meant}\n")
        self.exit(2, f"{self.prog}: {message}; all options: {self.prog} --help.\n")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, or 2 after one sentence on standard error."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = build_parser(arguments[:1])
    parsed, rest = parser.parse_known_args(arguments)
    if rest and not parsed.passes_on:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    parsed.rest = rest
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
        prog="segmentation",
        description="Make, publish and use the segments of customers, or of any table.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"segmentation {version('customer-segmentation')}"
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        subparser = subparsers.add_parser(
            name,
            help=command.summary,
            description=f"{command.summary[0].upper()}{command.summary[1:]}.",
            epilog=f"Example: segmentation {name} {command.example}",
            allow_abbrev=False,
        )
        if name in asked:
            module = import_module(command.module)
            module.add_arguments(subparser)
            passes_on = getattr(module, "passes_on", False)
            subparser.set_defaults(run=module.run, passes_on=passes_on)
    return parser
