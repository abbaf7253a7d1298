"""Values to score: read as the fit read them, every oddity noted.

The rules are those of the build: a missing value takes the model's fill value, or costs the row its
segment where the recipe drops such rows; a level never seen is "(other)" or pulls nowhere. A value
that cannot be read is never guessed at.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segmentation.features.recipe import MISSING, OTHER
from segmentation.published.contradictions import completed, contradictions
from segmentation.published.score_inputs import Damaged, Row
from segmentation.published.scoring import FittedModel, ModelInput
from segmentation.published.spellings import MARKS, NO_VALUE

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
POINT = re.compile(r"[+-]?\d*\.\d+(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)


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
        What was filled, pooled, ignored, beyond all published values or contradictory.
    tally : Tally
        The same, counted by feature.
    """

    frame: pd.DataFrame
    problems: list[list[str]]
    notes: list[list[str]]
    tally: "Tally"


@dataclass(frozen=True, eq=False)
class Tally:
    """What is unusual, counted.

    Attributes
    ----------
    read : Counter of str
        Rows with a value that can be read, by feature.
    filled : Counter of str
        Rows whose missing value was filled, by feature.
    unseen : dict of str to Counter of str
        Rows with a value not seen at fit time, by feature and value.
    contradictory : Counter
        Rows whose values do not fit together, under one name.
    """

    read: Counter = field(default_factory=Counter)
    filled: Counter = field(default_factory=Counter)
    unseen: dict[str, Counter] = field(default_factory=dict)
    contradictory: Counter = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what another one has counted, too."""
        self.read.update(other.read)
        self.filled.update(other.filled)
        self.contradictory.update(other.contradictory)
        for name, values in other.unseen.items():
            self.unseen.setdefault(name, Counter()).update(values)


def prepare(
    rows: list[Row], model: FittedModel, known: frozenset[str], decimal: str = "."
) -> Prepared:
    """Read the values of rows as the fit read them, and note what is unusual.

    Parameters
    ----------
    rows : list of n rows
        Dicts of column to value, text or typed, or `Damaged`.
    model : FittedModel
    known : frozenset of str
        Columns that need no remark although the model does not use them.
    decimal : str
        What stands before the fraction in texts: a point or a comma.
    """
    problems = [[row.reason] if isinstance(row, Damaged) else [] for row in rows]
    rows, notes = _completed(rows, model, decimal)
    tally = Tally()
    columns = {
        one.name: [
            _read(row, one, problems[n], notes[n], tally, decimal) for n, row in enumerate(rows)
        ]
        for one in model.inputs
    }
    used = known | {one.name for one in model.inputs}
    for number, row in enumerate(rows):
        if not isinstance(row, Damaged):
            values = [columns[one.name][number] for one in model.inputs]
            _refuse_empty(values, problems[number], notes[number])
            _note_contradictions(row, model, notes[number], tally, decimal)
            ignored = sorted(row.keys() - used)
            notes[number] += [f"ignored: {', '.join(ignored)}"] if ignored else []
    frame = pd.DataFrame(
        {
            one.name: pd.Series(columns[one.name], dtype=object if one.is_category else float)
            for one in model.inputs
        }
    )
    return Prepared(frame, problems, notes, tally)


def _completed(
    rows: list[Row], model: FittedModel, decimal: str
) -> tuple[list[Row], list[list[str]]]:
    """Return rows with what follows from their values, and for each that in words."""
    if not model.quotients:
        return rows, [[] for _ in rows]
    pairs = [
        (row, [])
        if isinstance(row, Damaged)
        else completed(row, model.quotients, lambda value: read_number(value, decimal)[0])
        for row in rows
    ]
    return [row for row, _ in pairs], [told for _, told in pairs]


def decimal_mark(rows: list[Row], model: FittedModel) -> str:
    """Return what stands before a fraction in the texts of number columns: a comma if all say so.

    A comma before three digits may part thousands, so it alone decides nothing.
    """
    numbers = [one.name for one in model.inputs if not one.is_category]
    texts = [
        text.strip()
        for row in rows
        if not isinstance(row, Damaged)
        for name in numbers
        if isinstance(text := row.get(name), str) and ("," in text or "." in text)
    ]
    if any(POINT.fullmatch(text) for text in texts):
        return "."
    fractions = [text for text in texts if COMMA.fullmatch(text)]
    is_clear = any("." in text or len(text.rpartition(",")[2]) != 3 for text in fractions)
    return "," if is_clear else "."


def _refuse_empty(values: list[object], problems: list[str], notes: list[str]) -> None:
    """Give a row without a single value no segment: fill values alone would say nothing of it."""
    if problems or not all(map(_is_missing, values)):
        return
    problems.append("it has no value at all")
    notes.clear()


def _note_contradictions(
    row: dict, model: FittedModel, notes: list[str], tally: Tally, decimal: str
) -> None:
    told = contradictions(
        row, model.rules, lambda value: read_number(value, decimal)[0], model.quotients
    )
    notes += told
    tally.contradictory["rows"] += bool(told)


def _read(
    row: Row, one: ModelInput, problems: list[str], notes: list[str], tally: Tally, decimal: str
) -> object:
    if isinstance(row, Damaged):
        return MISSING if one.is_category else np.nan
    value = row.get(one.name)
    problem = None
    if one.is_category:
        value, problem = read_category(value)
        value = one.level_of(value)
    else:
        value, problem = read_number(value, decimal)
    is_missing = _is_missing(value)
    tally.read[one.name] += not problem and not is_missing
    if problem:
        problems.append(f"{one.name} {problem}")
    elif is_missing:
        tally.filled[one.name] += MISSING not in one.levels
        _note_missing(one, one.name in row, problems, notes)
    elif one.is_category and value not in one.levels:
        tally.unseen.setdefault(one.name, Counter())[value] += 1
        notes.append(f"{one.name} {_quoted(value)} was not seen at fit time: {_unseen(one)}")
    elif not one.is_category and _is_outside(value, one):
        notes.append(
            f"{one.name} is {value:.10g}: the published values go from {one.lowest:.10g} to "
            f"{one.highest:.10g}"
        )
    return value


def _is_missing(value: object) -> bool:
    return value == MISSING or value != value


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


def read_number(value: object, decimal: str = ".") -> tuple[float, str | None]:
    """Return a value as a float, NaN if it is missing, and what is wrong with it, if anything."""
    if value is None:
        return np.nan, None
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in NO_VALUE | MARKS:
            return np.nan, None
        if decimal == "," and COMMA.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
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
