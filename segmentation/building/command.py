"""``segmentation build``: build and publish; what it does not know itself, dbt is asked."""

import os
import subprocess
from pathlib import Path

from click import UNPROCESSED, Argument, Option

from segmentation.building.dbt import DBT, project_folder
from segmentation.cli.options import FOLDER, Arguments
from segmentation.published.served import CommandError

PARAMETERS = [
    Option(
        ["--raw"],
        metavar="DIR",
        type=FOLDER,
        help="Folder of the shop's tables.  [default: $SEGMENTATION_RAW_PATH, else a made-up shop]",
    ),
    Option(
        ["--if-changed"],
        is_flag=True,
        help="Build only if raw files, project or settings are others than at the last such build.",
    ),
    Option(["--resume"], is_flag=True, help="Go on with the build that was stopped."),
    Option(["--verbose"], is_flag=True, help="Show all that dbt says."),
    Argument(["dbt"], nargs=-1, type=UNPROCESSED, metavar="[DBT OPTION]..."),
]
"""Options that are not declared here are dbt's own."""


def run(arguments: Arguments) -> int:
    """Build and publish; return dbt's exit code."""
    if arguments.raw is not None:
        os.environ["SEGMENTATION_RAW_PATH"] = str(arguments.raw)
    prepare_project(project_folder(arguments.dbt))
    from segmentation.build import main

    ours = ("if_changed", "resume", "verbose")
    asked = [f"--{name.replace('_', '-')}" for name in ours if getattr(arguments, name)]
    return main([*arguments.dbt, *asked])


def prepare_project(folder: Path) -> None:
    """Let dbt link the packages that a project names, where it has none yet.

    Raises
    ------
    CommandError
        If the folder is no project, or a package cannot be had.
    """
    if not (folder / "dbt_project.yml").is_file():
        raise CommandError(
            f"{folder.resolve()} is no dbt project: run this in one, or make one with "
            "`segmentation init`."
        )
    if not (folder / "packages.yml").is_file() or (folder / "dbt_packages").is_dir():
        return
    done = subprocess.run(
        [*DBT, "deps", "--project-dir", str(folder)], capture_output=True, text=True
    )
    if done.returncode:
        reason = (done.stdout + done.stderr).strip().splitlines()[-1:] or [""]
        raise CommandError(
            f"The packages that {folder / 'packages.yml'} names cannot be installed: {reason[0]}"
        )
