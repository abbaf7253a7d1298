"""The commands, and what a wrong call ends in.

A new command is one line in `COMMANDS`. Only the module that is asked for is imported, so that
quick commands stay quick.
"""

import sys

import click

from segmentation.cli.command import Command

COMMANDS = [
    Command("init", "segmentation.scaffold.init", "make a project: a folder to build", "shop"),
    Command(
        "build",
        "segmentation.building.command",
        "build and publish the segments",
        "--raw exports",
        passes_on=True,
    ),
    Command(
        "status",
        "segmentation.published.status",
        "say what is published, how fresh and how trusted",
        "--json",
    ),
    Command(
        "segments",
        "segmentation.published.listing",
        "list the segments with their rules and what to do",
        "--as sql",
    ),
    Command(
        "predict",
        "segmentation.published.predict",
        "say which segment rows belong to",
        "--input customers.csv --output segments.csv",
    ),
    Command(
        "export-sql",
        "segmentation.published.sql_export",
        "print the active model as one SQL statement",
        "--dialect postgres --table my_features",
    ),
    Command(
        "similar",
        "segmentation.published.similar",
        "find the customers most like one customer",
        "--id 30",
    ),
    Command(
        "report",
        "segmentation.report.__main__",
        "write the published segments as one page",
        "--output segments.html",
    ),
    Command("app", "segmentation.app.__main__", "ask the segments in a browser", "--port 8600"),
    Command(
        "new",
        "segmentation.scaffold.new",
        "segment any table: writes an entry and a model",
        "club --file members.csv --key member",
    ),
    Command(
        "map",
        "segmentation.mapping.map",
        "fit files of another shop: says what is what",
        "invoices.csv",
    ),
    Command(
        "override",
        "segmentation.scaffold.overrides",
        "call a segment otherwise, from the next build on",
        "3 --name Regulars --because wished",
    ),
    Command(
        "audience",
        "segmentation.campaigns.audience",
        "write whom to send something to a file",
        "--segment 4 --out mailing --campaign spring --control 20%",
    ),
    Command(
        "lift", "segmentation.campaigns.results", "say what every campaign was worth", "--json"
    ),
    Command(
        "campaigns",
        "segmentation.campaigns.listing",
        "list, close or delete campaigns",
        "--close spring",
    ),
    Command(
        "forget",
        "segmentation.erasure.forget",
        "remove persons from all that was built and published",
        "--id 30",
    ),
    Command(
        "docs",
        "segmentation.building.docs",
        "write tables, columns and lineage as one page",
        "--open",
    ),
    Command(
        "export",
        "segmentation.campaigns.audience",
        "the older name of audience",
        "--segment 4 --out mailing",
        hidden=True,
    ),
]


class Commands(click.Group):
    """All commands, in the order in which a stranger meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as `COMMANDS` has them."""
        return list(self.commands)


@click.group(
    cls=Commands,
    commands=COMMANDS,
    epilog="`segmentation COMMAND --help` has the options of a command, and an example.",
)
@click.version_option(
    package_name="customer-segmentation", prog_name="segmentation", message="%(prog)s %(version)s"
)
def segmentation() -> None:
    """Make, publish and use the segments of customers, or of any table."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return its exit code, 2 after one sentence on standard error.

    Parameters
    ----------
    arguments : list of str, optional
        Those of this process.
    """
    try:
        return segmentation.main(arguments, prog_name="segmentation", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as nothing:
        print(nothing.format_message(), file=sys.stderr)
    except click.UsageError as error:
        print(f"{error.ctx.command_path}: {sentence_of(error)}", file=sys.stderr)
    except click.Abort:
        print("segmentation: stopped.", file=sys.stderr)
        return 130
    return 2


def sentence_of(error: click.UsageError) -> str:
    """Return what was asked wrongly, and what may have been meant, in one sentence."""
    told = " ".join(error.format_message().split()).rstrip(".")
    if isinstance(error, click.NoSuchOption | click.exceptions.NoSuchCommand):
        told = error.message.rstrip(".")
        if error.possibilities:
            return f"{told}: did you mean {error.possibilities[0]}?"
        if isinstance(error, click.exceptions.NoSuchCommand):
            return f"{told}: there are {', '.join(c.name for c in COMMANDS if not c.hidden)}."
    return f"{told}: `{error.ctx.command_path} --help` says what it takes."
