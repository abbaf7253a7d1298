"""``segmentation docs``: the project's tables, columns, tests and lineage as one page, by dbt."""

import subprocess
import webbrowser
from pathlib import Path

from click import Option

from segmentation.building.command import prepare_project
from segmentation.building.dbt import dbt_command
from segmentation.cli.options import PROJECT, Arguments
from segmentation.cli.working import working
from segmentation.published.served import CommandError

PARAMETERS = [PROJECT, Option(["--open"], is_flag=True, help="Show it in a browser.")]


def run(arguments: Arguments) -> int:
    """Write the page and say where it is."""
    prepare_project(arguments.project_dir)
    with working("Reading project and warehouse"):
        page = _written(arguments.project_dir)
    print(f"Documentation: {page} ({page.stat().st_size / 1e6:.1f} MB)")
    if arguments.open:
        webbrowser.open(page.resolve().as_uri())
    return 0


def _written(project: Path) -> Path:
    done = subprocess.run(
        dbt_command("docs", "generate", "--static"), cwd=project, capture_output=True, text=True
    )
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).split())
        raise CommandError(f"dbt could not write the page: {said or 'it said nothing'}.")
    return project / "target" / "static_index.html"
