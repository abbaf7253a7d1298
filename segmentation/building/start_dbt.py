"""``python -m segmentation.building.start_dbt``: dbt, in a Python that rarely looks for garbage.

dbt reads a project into some million objects, and keeps them. Python looks for cycles among them
whenever 700 more were made than freed; that takes a twentieth of a build of the sample.
"""

import gc
import sys

NEW_OBJECTS = 100_000
"""How many more objects are made than freed before Python looks for cycles."""


def main() -> None:
    """Be dbt, with the options this process was given."""
    gc.set_threshold(NEW_OBJECTS)
    from dbt.cli.main import cli

    sys.argv[0] = "dbt"
    cli(prog_name="dbt")


if __name__ == "__main__":
    main()
