"""What `segmentation new` knows of a table: asked of the warehouse through dbt itself."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from segmentation.published.served import CommandError

ANSWER = "segmentation: {"


@dataclass(frozen=True)
class Column:
    """A column and figures of its values.

    Attributes
    ----------
    name, type : str
        As the warehouse has them; the type in lower case.
    is_number, is_string : bool
    values, distinct : int
        Values that are not missing, and how many different ones.
    least, greatest, skewness : float or None
        Of the finite numbers; None for other columns.
    numeric_texts : int
        Texts that read as a number, be it with a decimal comma.
    """

    name: str
    type: str
    is_number: bool
    is_string: bool
    values: int
    distinct: int
    least: float | None = None
    greatest: float | None = None
    skewness: float | None = None
    numeric_texts: int = 0


@dataclass(frozen=True)
class Table:
    """A built model or seed.

    Attributes
    ----------
    name : str
        Of the model or seed.
    columns : tuple of Column
    key : tuple of str
        Names of the key's columns.
    rows, missing, keys : int
        Rows, rows without a key, and different keys.
    most_frequent : str or None
    most_frequent_rows : int
        The key of the most rows, and how many those are.
    nodes : tuple of str
        Names of all models, seeds and snapshots of the project.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: int
    missing: int
    keys: int
    most_frequent: str | None
    most_frequent_rows: int
    nodes: tuple[str, ...] = ()


def read_table(folder: Path, model: str, key: tuple[str, ...]) -> Table:
    """Ask the warehouse about a model or seed of the project.

    Parameters
    ----------
    folder : Path
        The dbt project.
    model : str
        Name of a model, seed or snapshot that has been built.
    key : tuple of str
        Names of columns, in any case.

    Raises
    ------
    CommandError
        If dbt fails, there is no such model or column, or the table is not built or empty.
    """
    found = _ask(folder, model, key)
    if model not in found["nodes"]:
        raise CommandError(
            f"There is no model or seed '{model}'. The project has: {', '.join(found['nodes'])}."
        )
    if not found["is_built"]:
        raise CommandError(
            f"'{model}' is not in the warehouse yet: run `dbt build --select {model}` first."
        )
    cased = {column["name"].lower(): column["name"] for column in found["columns"]}
    unknown = [name for name in key if name.lower() not in cased]
    if unknown:
        raise CommandError(
            f"{model} has no column {', '.join(unknown)}. It has: {', '.join(cased.values())}."
        )
    exact = tuple(cased[name.lower()] for name in key)
    if not found["key"]:
        return read_table(folder, model, exact)
    columns = tuple(Column(**column) for column in found["columns"])
    table = Table(model, columns, exact, nodes=tuple(found["nodes"]), **found["key"])
    if table.rows == 0:
        raise CommandError(f"{model} is empty: there is nothing to segment. Fill it first.")
    return table


def _ask(folder: Path, model: str, key: tuple[str, ...]) -> dict:
    arguments = json.dumps({"model_name": model, "key": list(key)})
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt) if dbt.exists() else "dbt", "--quiet", "--no-use-colors", "run-operation"]
    done = subprocess.run(
        [*command, "segmentation.describe_table", "--args", arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        if ANSWER in line:
            return json.loads(line[line.index(ANSWER) + len(ANSWER) - 1 :])
    raise CommandError(_failure(done.stdout + done.stderr))


def _failure(output: str) -> str:
    if "describe_table" in output and "not find a macro" in output:
        return (
            "The dbt package is not installed in this project: list it in packages.yml "
            "and run `dbt deps`."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if "Encountered an error" not in line]
    return "dbt could not read the table: " + (" ".join(told[:4]) or "it said nothing") + "."
