"""``segmentation report``, and ``python -m segmentation.report``: write the report."""

import sys

from click import Option

from segmentation.cli.options import FILE, JSON, PUBLISHED, Arguments, force
from segmentation.cli.telling import tell
from segmentation.cli.working import working

PARAMETERS = [
    Option(
        ["--output"],
        metavar="FILE",
        type=FILE,
        help="Page to write.  [default: report.html, or NAME.html, beside the published file]",
    ),
    force("a file that is no report"),
    JSON,
    *PUBLISHED,
]


def run(arguments: Arguments) -> int:
    """Write the report and say where it is."""
    from segmentation.report.page import write_report

    with working("Drawing the report"):
        path = write_report(
            arguments.serving, arguments.output, arguments.segmentation, arguments.force
        )
    size = path.stat().st_size
    tell(f"Report: {path} ({size / 1e6:.1f} MB)", {"report": path, "bytes": size}, arguments.json)
    return 0


if __name__ == "__main__":
    from segmentation.cli.main import main

    sys.exit(main(["report", *sys.argv[1:]]))
