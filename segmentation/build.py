"""``python -m segmentation.build``: run ``dbt build``, then say what was published.

dbt does the work; this says in one sentence what it would bury in a traceback (a locked warehouse),
shows the segments at the end and writes the report.
"""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile

import duckdb
import yaml

from segmentation.published.publishing import unwritable
from segmentation.published.serving_folder import (
    DATABASE,
    PARQUET,
    refuse_what_is_not_ours,
    replaced_another,
)


def main(arguments: list[str] | None = None) -> int:
    """Build with dbt and print the published tables and segments; return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    warehouse = Path(os.environ.get("SEGMENTATION_WAREHOUSE", "warehouse/segmentation.duckdb"))
    serving = Path(os.environ.get("SEGMENTATION_SERVING", "serving"))
    problem = (
        settings_problem(arguments) or warehouse_problem(warehouse) or serving_problem(serving)
    )
    if problem:
        print(problem, file=sys.stderr)
        return 1
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "build", "--exclude-resource-type", "unit_test", *arguments]
    code = subprocess.run(command, check=False).returncode
    if code == 0 and (serving / DATABASE).exists():
        print(summary(serving))
        print(report(serving))
    elif code and (circle := circle_problem(Path(os.environ.get("DBT_LOG_PATH", "logs")))):
        print(circle, file=sys.stderr)
    return code


def circle_problem(logs: Path) -> str | None:
    """Return one sentence if the last run of dbt found a circle of models, else None.

    Parameters
    ----------
    logs : Path
        The folder of ``dbt.log``, to which every run of dbt appends.
    """
    log = logs / "dbt.log"
    if not log.is_file():
        return None
    last = log.read_text(encoding="utf-8", errors="replace").rpartition("Running with dbt")[2]
    circle = re.search(r"Found a cycle: (.+)", last)
    if circle is None:
        return None
    models = " --> ".join(name.split(".")[-1] for name in circle[1].split(" --> "))
    return (
        f"Models read each other in a circle ({models}): a segmentation of another one's segments "
        "reads them as they were last published, through a source, as "
        "docs/bring-your-own-table.md shows."
    )


def report(serving: Path) -> str:
    """Write the report and say where it is; a failure is a sentence, the publication stands.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    """
    try:
        # Imported here: a build that fails early needs no drawing library.
        from segmentation.report.page import write_report

        return f"\nReport: {write_report(serving)}"
    except Exception as error:  # whatever goes wrong with a page must not fail a publication
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"\nThe segments are published, but the report could not be made: {reason}"


def settings_problem(arguments: list[str]) -> str | None:
    """Return one sentence if ``--vars`` is no YAML or a switch in it no boolean, else None.

    Parameters
    ----------
    arguments : list of str
        Options of dbt; it would answer an impossible date with a traceback, and what it reads
        before it runs anything with how it failed to render.
    """
    for option, value in pairwise([*arguments, ""]):
        if option.startswith("--vars"):
            text = option.removeprefix("--vars=") if "=" in option else value
            try:
                values = yaml.safe_load(text)
            except (yaml.YAMLError, ValueError) as error:
                reason = " ".join(str(error).split())
                return f"--vars {text} cannot be read ({reason}): write --vars '{{name: value}}'."
            return _switch_problem(values) if isinstance(values, dict) else None
    return None


def _switch_problem(values: dict) -> str | None:
    rules = {
        "products": ((bool,), "true or false"),
        "forget_models": ((bool, list), "true or false, or a list of segmentations"),
    }
    for name, (types, rule) in rules.items():
        value = values.get(name, True)
        if not isinstance(value, types):
            shown = "null" if value is None else repr(value)
            return (
                f"Setting {name} is {shown}, but it must be {rule}. Change it in "
                f"dbt_project.yml or with --vars '{{{name}: …}}'."
            )
    return None


def warehouse_problem(path: Path) -> str | None:
    """Return one sentence if the warehouse cannot be written, None if it can.

    Parameters
    ----------
    path : Path
        The DuckDB build file; its folder is made if it is missing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        duckdb.connect(str(path)).close()
    except (duckdb.Error, OSError) as error:
        holder = re.search(r"lock is held in (.+?) \(PID (\d+)\)", str(error))
        if holder:
            return (
                f"The warehouse {path} is open in another process, {holder[1]} (PID {holder[2]}): "
                "close it there and build again; to read tables during a build, open the "
                "published file instead."
            )
        reason = str(error).splitlines()[0]
        return f"The warehouse {path} cannot be opened for writing: {reason}"
    return None


def serving_problem(path: Path) -> str | None:
    """Return one sentence if the published files cannot be written, None if they can.

    Parameters
    ----------
    path : Path
        The folder that BI reads; it is made if it is missing.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=path).close()
        refuse_what_is_not_ours(path)
    except OSError as error:
        return unwritable(path, error)
    return None


def summary(serving: Path) -> str:
    """Return what was published and, by segmentation, whether to believe it and what was found.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    """
    path = serving / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("select count(*) from publications").fetchall()[0][0]
        told = connection.execute(
            """
            select segmentation, unit, is_stale, reason, verdict
            from segmentations
            left join segmentation_quality using (segmentation, model_version)
            order by segmentation <> 'customer', segmentation
            """
        ).fetchall()
        found = connection.execute(
            "select segmentation, segment_id, segment_name, units, share from segments "
            "order by segment_id"
        ).fetchall()
    lines = ["", f"Published {tables} tables: {path} and {serving / PARQUET}/"]
    if replaced := replaced_another(serving):
        lines += ["", replaced]
    for name, unit, is_stale, reason, verdict in told:
        segments = [row for segmentation, *row in found if segmentation == name]
        if is_stale:
            state = "what was published before stands" if segments else "none are published"
            lines += ["", f"This build left out the {unit}, {state}: {reason}"]
        lines += ["", verdict] if verdict else []
        lines += _table_of(segments, unit) if segments else []
    return "\n".join(lines)


def _table_of(segments: list[list], unit: str) -> list[str]:
    width, count_width = max(len(name) for _, name, *_ in segments), max(len(unit), 9)
    return [
        "",
        f"  id  {'segment':<{width}}  {unit:>{count_width}}   share",
        *(
            f"  {number:>2}  {name:<{width}}  {units:>{count_width},}  {share:>6.1%}"
            for number, name, units, share in segments
        ),
    ]


if __name__ == "__main__":
    sys.exit(main())
