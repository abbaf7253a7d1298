"""What can be known to stand in a build's way before dbt starts, a sentence each."""

import os
import re
import shutil
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile

import duckdb
import yaml

from segmentation.published.publishing import unwritable
from segmentation.published.serving_folder import refuse_what_is_not_ours


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


def raw_files() -> list[Path]:
    """Return the files of the folder of raw tables, by name; none where the sample is built."""
    folder = os.environ.get("SEGMENTATION_RAW_PATH")
    return sorted(Path(folder).glob("*")) if folder else []


def threads_problem() -> str | None:
    """Return one sentence if SEGMENTATION_THREADS is no number of threads, else None."""
    given = os.environ.get("SEGMENTATION_THREADS", "2")
    if re.fullmatch(r"[1-9][0-9]{0,2}", given):
        return None
    return (
        f"SEGMENTATION_THREADS is '{given}', but it must be a whole number from 1 to 999, how many "
        "models dbt may run at once: set it to one, or unset it for 2."
    )


def memory_problem() -> str | None:
    """Return one sentence if SEGMENTATION_MEMORY_LIMIT is no size that DuckDB knows, else None."""
    given = os.environ.get("SEGMENTATION_MEMORY_LIMIT")
    if given is None:
        return None
    try:
        duckdb.connect(config={"memory_limit": given}).close()
    except duckdb.Error:
        return (
            f"SEGMENTATION_MEMORY_LIMIT is '{given}', but it must be a size such as 4GB or a share "
            "of the machine's memory such as 50%: set it to one, or unset it for half."
        )
    return None


def warehouse_problem(path: Path) -> str | None:
    """Return one sentence if the warehouse cannot be written, None if it can.

    What a killed build spilled to the disk beside it is removed.

    Parameters
    ----------
    path : Path
        The DuckDB build file; its folder is made if it is missing.
    """
    if set(path.stem) & set("'\""):
        return (
            f"The warehouse {path} has a quote in its name, which is the name of the database in "
            "every statement: name a file without with SEGMENTATION_WAREHOUSE."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(path)):
            # Nobody else has the file open now, so these are nobody's.
            shutil.rmtree(f"{path}.tmp", ignore_errors=True)
    except (duckdb.Error, OSError) as error:
        return unopened(path, str(error))
    return None


def unopened(path: Path, error: str) -> str:
    """Return one sentence that says why the warehouse cannot be opened.

    Parameters
    ----------
    path : Path
        The DuckDB build file.
    error : str
        What DuckDB or the operating system said.
    """
    holder = re.search(r"lock is held in (.+?) \(PID (\d+)\)", error)
    if holder:
        return (
            f"The warehouse {path} is open in another process, {holder[1]} (PID {holder[2]}): "
            "close it there and build again; to read tables during a build, open the "
            "published file instead."
        )
    return f"The warehouse {path} cannot be opened for writing: {error.splitlines()[0]}"


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
