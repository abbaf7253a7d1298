"""``segmentation build``: build and publish; what it does not know itself, dbt is asked."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from segmentation.building.dbt import option
from segmentation.published.served import CommandError

passes_on = True
"""Options that are not declared here are dbt's own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``segmentation build``."""
    parser.add_argument(
        "--raw",
        metavar="DIR",
        help="folder of the shop's tables (default: $SEGMENTATION_RAW_PATH, else a made-up shop)",
    )
    parser.add_argument("--verbose", action="store_true", help="show all that dbt says")
    parser.description += " Other options are dbt's own, as --vars '{recipe: article}'."


def run(arguments: argparse.Namespace) -> int:
    """Build and publish; return dbt's exit code."""
    if arguments.raw is not None:
        if not Path(arguments.raw).is_dir():
            raise CommandError(f"--raw {arguments.raw} is no folder of tables.")
        os.environ["SEGMENTATION_RAW_PATH"] = arguments.raw
    folder = Path(option(arguments.rest, "--project-dir") or ".")
    if not (folder / "dbt_project.yml").is_file():
        raise CommandError(
            f"{folder.resolve()} is no dbt project: run this in one, or make one with "
            "`segmentation init`."
        )
    _install_packages(folder)
    from segmentation.build import main

    return main([*arguments.rest, *(["--verbose"] if arguments.verbose else [])])


def _install_packages(folder: Path) -> None:
    """Let dbt link the packages that the project names, where it has none yet."""
    if not (folder / "packages.yml").is_file() or (folder / "dbt_packages").is_dir():
        return
    dbt = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [str(dbt), "deps", "--project-dir", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        reason = (done.stdout + done.stderr).strip().splitlines()[-1:] or [""]
        raise CommandError(
            f"The packages that {folder / 'packages.yml'} names cannot be installed: {reason[0]}"
        )
