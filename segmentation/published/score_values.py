"""Values to score: read as the fit read them, every oddity noted.

The rules are those of the build: a missing value takes the model's fill value, or costs the row its
segment where the recipe drops such rows; a level never seen is "(other)" or pulls nowhere. A value
that cannot be read is never guessed at.
"""

import math
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.features.recipe import MISSING, OTHER
from segmentation.published.score_inputs import Damaged, Row
from segmentation.published.scoring import FittedModel, ModelInput

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
NO_VALUE = frozenset({"", "null", "nan"})
"""Texts that staging reads as missing, too."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Rows made ready to score.

    Attributes
    ----------
    frame : DataFrame of n rows
        One column per model input, as `segmentation.published.scoring.score` wants it.
    problems : list of n lists of str
        Why a row cannot be scored; empty if it can.
    notes : list of n lists of str
        What was filled, pooled, ignored or beyond all published values.
    """

    frame: pd.DataFrame
    problems: list[list[str]]
    notes: list[list[str]]


def prepare(rows: list[Row], model: FittedModel, known: frozenset[str]) -> Prepared:
    """Read the values of rows as the fit read them, and note what is unusual.

    Parameters
    ----------
    rows : list of n rows
        Dicts of column to value, text or typed, or `Damaged`.
    model : FittedModel
    known : frozenset of str
        Columns that need no remark although the model does not use them.
    """
    problems = [[row.reason] if isinstance(row, Damaged) else [] for row in rows]
    notes: list[list[str]] = [[] for _ in rows]
    columns = {
        one.name: [_read(row, one, problems[n], notes[n]) for n, row in enumerate(rows)]
        for one in model.inputs
    }
    used = known | {one.name for one in model.inputs}
    for row, remarks in zip(rows, notes, strict=True):
        ignored = [] if isinstance(row, Damaged) else sorted(row.keys() - used)
        if ignored:
            remarks.append(f"ignored: {', '.join(ignored)}")
    frame = pd.DataFrame(
        {
            one.name: pd.Series(columns[one.name], dtype=object if one.is_category else float)
            for one in model.inputs
        }
    )
    return Prepared(frame, problems, notes)


def _read(row: Row, one: ModelInput, problems: list[str], notes: list[str]) -> object:
    if isinstance(row, Damaged):
        return MISSING if one.is_category else np.nan
    value = row.get(one.name)
    problem = None
    if one.is_category:
        value, problem = read_category(value)
    else:
        value, problem = read_number(value)
    if problem:
        problems.append(f"{one.name} {problem}")
    elif value == MISSING or value != value:
        _note_missing(one, one.name in row, problems, notes)
    elif one.is_category and value not in one.levels:
        notes.append(f"{one.name} {_quoted(value)} was not seen at fit time: {_unseen(one)}")
    elif not one.is_category and _is_outside(value, one):
        notes.append(
            f"{one.name} is {value:.10g}: the published values go from {one.lowest:.10g} to "
            f"{one.highest:.10g}"
        )
    return value


def _is_outside(value: float, one: ModelInput) -> bool:
    if one.lowest is None or one.highest is None:
        return False
    # Close is inside: sums of the same amounts can differ in their last digit.
    return not math.isclose(value, min(max(value, one.lowest), one.highest))


def _note_missing(one: ModelInput, has_column: bool, problems: list, notes: list) -> None:
    is_level = MISSING in one.levels
    if one.fill_value is None and not is_level:
        problems.append(f"no value for {one.name}")
        return
    what = f"{one.name} is missing" if has_column else f"there is no column {one.name}"
    if not one.is_category:
        notes.append(f"{what}: took {one.fill_value:g}")
    elif is_level:
        notes.append(f"{what}: counted as {MISSING}")
    else:
        neutral = "took the average code" if one.transform == "label" else "counted as no level"
        notes.append(f"{what}: {neutral}")


def _unseen(one: ModelInput) -> str:
    if one.transform == "label":
        return "took the average code"
    return f"counted as {OTHER}" if OTHER in one.levels else "counted as no level"


def read_number(value: object) -> tuple[float, str | None]:
    """Return a value as a float, NaN if it is missing, and what is wrong with it, if anything."""
    if value is None:
        return np.nan, None
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in NO_VALUE:
            return np.nan, None
        if not NUMBER.fullmatch(text) and not INFINITE.fullmatch(text):
            return np.nan, f"is {_quoted(value)}, not a number"
        number = float(text)
    else:
        try:
            if isinstance(value, bool | bytes):
                raise TypeError
            number = float(value)
        except OverflowError:
            number = np.inf
        except (TypeError, ValueError):
            return np.nan, f"is {_quoted(value)}, not a number"
    return (np.nan, "is infinite") if np.isinf(number) else (number, None)


def read_category(value: object) -> tuple[str, str | None]:
    """Return a value as text, "(missing)" if it is missing, and what is wrong with it, if so."""
    if isinstance(value, dict | list | bytes):
        return MISSING, f"is {_quoted(value)}, not a text"
    if value is None or value != value:
        return MISSING, None
    text = str(value).lower() if isinstance(value, bool) else clean(str(value)).strip()
    return (MISSING if text.lower() in NO_VALUE else text), None


def clean(text: str) -> str:
    """Return the text without what UTF-8 cannot hold (a lone half of a surrogate pair)."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _quoted(value: object) -> str:
    text = clean(str(value))
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"
