"""``segmentation report``, and ``python -m segmentation.report``: write the report."""

import argparse
import sys

from segmentation.published import served
from segmentation.published.output import add_force


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    served.add_arguments(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        help="page to write (default: report.html, or NAME.html, in the folder of published files)",
    )
    add_force(parser, "a file that is no report")


def run(arguments: argparse.Namespace) -> int:
    """Write the report and say where it is."""
    from segmentation.report.page import write_report

    path = write_report(
        arguments.serving, arguments.output, arguments.segmentation, arguments.force
    )
    print(f"Report: {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    from segmentation.cli.main import main

    sys.exit(main(["report", *sys.argv[1:]]))
