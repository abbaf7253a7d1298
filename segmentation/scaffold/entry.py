"""The entry of a segmentation in the var `segmentations`, as data and as text."""

import math
from dataclasses import dataclass
from typing import Any

import yaml

from segmentation.scaffold.columns import Choice
from segmentation.scaffold.table import Table

WHOLE_KEYS = ("tinyint", "smallint", "integer", "int", "bigint")


@dataclass(frozen=True)
class Request:
    """What is to be segmented, and how.

    Attributes
    ----------
    name : str
        Of the segmentation; its tables' names begin with it.
    unit : str
        What the rows are called in sentences, e.g. ``customers``.
    duplicates : str or None
        What becomes of rows that share a key: ``first``, ``aggregate``, ``keep``; None refuses.
    as_of : str or None
        The column whose newest date the data are of.
    """

    name: str
    unit: str = "members"
    duplicates: str | None = None
    as_of: str | None = None


def new_entry(table: Table, choices: tuple[Choice, ...], request: Request) -> dict[str, Any]:
    """Return the entry of a segmentation, without what is a default.

    Parameters
    ----------
    table : Table
    choices : tuple of Choice
        As returned by `choose_columns`.
    request : Request
    """
    key = table.key[0] if len(table.key) == 1 else list(table.key)
    entry = {
        "table": table.name,
        "key": key,
        "unit": request.unit,
        "duplicates": request.duplicates,
        "date_column": request.as_of,
        "key_type": key_type(table, request.duplicates),
        "columns": [_column(choice) for choice in choices if choice.is_feature],
        "recipe": _recipe(choices),
    }
    return {part: value for part, value in entry.items() if value is not None}


def key_type(table: Table, duplicates: str | None) -> str:
    """Return the type of the one column that the key becomes."""
    types = [column.type for column in table.columns if (column.name,) == table.key]
    is_whole = bool(types) and types[0] in WHOLE_KEYS
    return "bigint" if duplicates == "keep" or is_whole else "string"


def entry_text(name: str, entry: dict[str, Any]) -> str:
    """Return the entry as YAML: a line for each part, and for each item of a list."""
    return "\n".join(_block({name: entry}))


def _column(choice: Choice) -> dict[str, str]:
    column = {"name": choice.name, "type": choice.data_type}
    if choice.column != choice.name:
        column["from"] = choice.column
    told = {"decimal": choice.decimal, "aggregate": choice.aggregate}
    return column | {part: value for part, value in told.items() if value}


def _recipe(choices: tuple[Choice, ...]) -> dict[str, Any]:
    """Numbers cluster and categories describe, if there are any numbers."""
    numbers = [choice for choice in choices if choice.role == "number"]
    clustering = numbers or [choice for choice in choices if choice.role == "category"]
    described = "Numbers cluster, categories describe." if numbers else "Categories cluster."
    return {"description": described, "features": [_feature(choice) for choice in clustering]}


def _feature(choice: Choice) -> dict[str, str]:
    feature = {"name": choice.name}
    if choice.transform != "none":
        feature["transform"] = choice.transform
    if choice.role == "number" and choice.words:
        feature |= {"low": f"low {choice.words}", "high": f"high {choice.words}"}
    return feature


def _block(mapping: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in mapping.items():
        if isinstance(value, dict):
            lines += [f"{_flow(key)}:", *(f"  {line}" for line in _block(value))]
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            lines += [f"{_flow(key)}:", *(f"  - {_flow(item)}" for item in value)]
        else:
            lines.append(f"{_flow(key)}: {_flow(value)}")
    return lines


def _flow(value: Any) -> str:
    dumped = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=math.inf
    )
    return dumped.removesuffix("...\n").strip()
