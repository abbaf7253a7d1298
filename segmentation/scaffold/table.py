"""What `segmentation new` knows of a table: asked of the warehouse through dbt itself."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from segmentation.building.dbt import dbt_command
from segmentation.published.served import CommandError

ANSWER = "segmentation: {"
MARKS_ASKED = 6
PLACE_IN_RANGE = "(number - least) / nullif(greatest - least, 0)"
"""Skewness is of the values' place in their range, from 0 to 1: finite at any magnitude."""
FIGURES = f"""
select
    count(*), count(value), count(distinct value), min(number), max(number),
    cast(skewness({PLACE_IN_RANGE}) as double),
    count(case when number = floor(number) then 1 end), {{more}}
from (
    select *, min(number) over () as least, max(number) over () as greatest
    from (
        select *, case when abs({{any}}) <= 1e300 then {{any}} end as number
        from ({{source}}) as sourced
    ) as described
) as ranged
"""
NUMBERS = FIGURES.format(
    any="typed",
    more="0",
    source="select {name} as value, cast({finite} as double) as typed from {relation}",
)
TEXTS = FIGURES.format(
    any="coalesce(with_point, with_comma)",
    more="""
    count(coalesce(with_point, with_comma)),
    count(case when with_point is null and with_comma is not null then 1 end),
    count(case when with_point is null and value not like '%,___' then with_comma end),
    count(case when value like '%.%' then with_point end),
    count(case when value like '0_%' and value not like '0.%' and value not like '0,%'
        then with_point end),
    count(case when value like '____-__-__%' then try_cast(value as date) end)""",
    source="""select value, try_cast(value as double) as with_point,
            try_cast(replace(value, ',', '.') as double) as with_comma
        from (select {clean} as value from {relation}) as cleaned""",
)
OTHERS = FIGURES.format(
    any="typed",
    more="0",
    source="select {name} as value, cast(null as double) as typed from {relation}",
)
MARKS = f"""
select value, count(*) as times
from (select {{clean}} as value from {{relation}}) as cleaned
where value is not null and try_cast(replace(value, ',', '.') as double) is null
group by value order by times desc, value limit {MARKS_ASKED}
"""
MOST_FREQUENT = """
select {joined}, count(*) as times from {relation}
where {joined} is not null group by {keys} order by times desc, {keys} limit 1
"""
"""The key of the most rows; ties go to the one that comes first."""
QUERIES = {"number": [NUMBERS], "text": [TEXTS, MARKS], "other": [OTHERS], "key": MOST_FREQUENT}
"""What is asked of a column of each kind, and of the key."""


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
        Of the finite numbers, be they texts; None for other columns.
    whole : int or None
        Numbers without a fraction; None if nobody asked.
    numeric_texts : int
        Texts that read as a number, be it with a decimal comma.
    comma_texts, clear_commas, point_texts : int
        Those with a comma, those of them that cannot be a thousand, and those with a point.
    padded_texts : int
        Those that begin with a zero, as codes do.
    dates : int
        Texts that are a date as ISO writes it.
    marks : tuple of (str, int)
        The most frequent texts that are no number, and in how many rows.
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
    whole: int | None = None
    numeric_texts: int = 0
    comma_texts: int = 0
    clear_commas: int = 0
    point_texts: int = 0
    padded_texts: int = 0
    dates: int = 0
    marks: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Table:
    """A built model or seed.

    Attributes
    ----------
    name : str
        Of the model or seed.
    columns : tuple of Column
    key : tuple of str
        Names of the key's columns; empty if it has none.
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
        Names of columns, in any case; none if the table has no key.

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
    if not found["columns"]:
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
    if key and not found["key"]:
        return read_table(folder, model, exact)
    rows = int(found["columns"][0]["answers"][0][0][0])
    if rows == 0:
        raise CommandError(f"{model} is empty: there is nothing to segment. Fill it first.")
    columns = tuple(map(_column, found["columns"]))
    counted = _counted(found["key"], rows) if key else (0, rows, None, 0)
    return Table(model, columns, exact, rows, *counted, tuple(found["nodes"]))


def _column(told: dict) -> Column:
    figures, *marks = told["answers"]
    _, values, distinct, least, greatest, skewness, *counts = figures[0]
    return Column(
        told["name"],
        told["type"],
        told["kind"] == "number",
        told["kind"] == "text",
        int(values),
        int(distinct),
        *(None if one == "None" else float(one) for one in (least, greatest, skewness)),
        *map(int, counts),
        marks=tuple((text, int(times)) for text, times in marks[0]) if marks else (),
    )


def _counted(key: list, rows: int) -> tuple[int, int, str | None, int]:
    """Return rows without a key, different keys, and the most frequent one with its rows."""
    ((_, keyed, different),), most = key
    name, times = most[0] if most else (None, 0)
    return rows - int(keyed), int(different), name, int(times)


def _ask(folder: Path, model: str, key: tuple[str, ...]) -> dict:
    arguments = json.dumps({"model_name": model, "key": list(key), "queries": QUERIES})
    done = subprocess.run(
        dbt_command(
            "--no-write-json", "run-operation", "segmentation.describe_table", "--args", arguments
        ),
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
