"""``python -m segmentation.build``: run ``dbt build``, say what it does and what was published.

Options are dbt's own, and ``--verbose``, which shows all that dbt says. Signals are caught before
anything large is imported: Ctrl-C in the first second ends in a sentence, too.
"""

import sys

from segmentation.building.stops import Stopped, signals_caught


def main(arguments: list[str] | None = None) -> int:
    """Build with dbt and print the published tables and segments; return the exit code."""
    try:
        with signals_caught():
            from segmentation.building.run import run

            return run(sys.argv[1:] if arguments is None else arguments)
    except Stopped as stop:
        print(stop, file=sys.stderr)
        return stop.exit_code


if __name__ == "__main__":
    sys.exit(main())
