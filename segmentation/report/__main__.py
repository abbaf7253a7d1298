"""``python -m segmentation.report``: write the report of what was published."""

import argparse
import sys

import duckdb

from segmentation.published.output import add_force
from segmentation.published.served import CommandError, add_arguments
from segmentation.report.page import REPORT, write_report


def main(arguments: list[str] | None = None) -> int:
    """Write the report; return 0, or 2 after one sentence on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m segmentation.report",
        description="Write the published segments as one self-contained HTML page.",
    )
    add_arguments(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        help=f"page to write (default: {REPORT}, or NAME.html, in the folder of published files)",
    )
    add_force(parser, "a file that is no report")
    parsed = parser.parse_args(arguments)
    try:
        path = write_report(parsed.serving, parsed.output, parsed.segmentation, parsed.force)
    except (CommandError, OSError, duckdb.Error) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        print(f"report: {reason}", file=sys.stderr)
        return 2
    print(f"Report: {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
