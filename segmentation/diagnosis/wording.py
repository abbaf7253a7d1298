"""How a table's columns and their values are called and written for people."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from segmentation.features.recipe import MISSING

YES = frozenset({"1", "true", "yes", "y", "t", "ja", "oui", "si", "sí"})
MOST_OF_A_FLAG = 6
"""Spellings of yes and no that one column may have."""
NO = frozenset({"0", "false", "no", "n", "f", "nein", "non"})
A_ONE_OR_NONE = re.compile(r"^([01])[.,]0+$")
"""As a flag of doubles is written."""
LABELS = {
    "total_orders": "orders",
    "kept_orders": "kept orders",
    "total_items": "items",
    "total_spend": "spend",
    "margin_to_date": "margin",
    "average_order_value": "order value",
    "distinct_brands": "brands",
    "distinct_categories": "categories",
    "most_frequent_brand": "favourite brand",
    "most_frequent_category": "favourite category",
    "average_price": "price",
}
"""Of the project's own features; any other is called as its source calls it."""


@dataclass(frozen=True)
class Column:
    """A column of a segmentation's table, as words need it.

    Attributes
    ----------
    name : str
    kind : str
        ``number`` or ``category``.
    is_whole : bool
        Whether it holds whole numbers.
    label : str
        What people call it: the source's own name of the column.
    is_money : bool
    currency : str
        Written with money: a sign before the number, a code after it; empty says nothing.
    """

    name: str
    kind: str
    is_whole: bool = False
    label: str = ""
    is_money: bool = False
    currency: str = ""

    @classmethod
    def of_json(cls, told: Mapping) -> "Column":
        """Read what ``feature_columns`` says of a column."""
        name = str(told["name"])
        label = str(told.get("label") or name)
        return cls(
            name=name,
            kind=str(told["kind"]),
            is_whole=bool(told.get("is_whole", False)),
            label=LABELS.get(name, label.replace("_", " ").strip() if label == name else label),
            is_money=bool(told.get("is_money", False)),
            currency=str(told.get("currency") or ""),
        )

    @property
    def is_share(self) -> bool:
        """Whether it is written in per cent."""
        return self.kind == "number" and self.name.endswith(("_rate", "_share"))

    @property
    def is_days(self) -> bool:
        """Whether it counts the days since something."""
        return self.kind == "number" and self.name.startswith("days_since_")

    @property
    def is_count(self) -> bool:
        """Whether it counts things."""
        return self.is_whole and not self.is_days

    def written(self, value: float) -> str:
        """Return a value as text, with every digit that a rounded one has."""
        if self.is_share:
            return f"{plain_number(100 * value)} %"
        return self._with_currency(plain_number(value))

    def about(self, value: float) -> str:
        """Return a value in two or three digits: "41", "1,200", "12.5 %"."""
        if self.is_share:
            return f"{plain_number(short(100 * value))} %"
        return self._with_currency(plain_number(short(value)))

    def _with_currency(self, text: str) -> str:
        if not (self.is_money and self.currency):
            return text
        if self.currency.isalpha() and self.currency.isascii():
            return f"{text} {self.currency}"
        sign = "-" if text.startswith("-") else ""
        return f"{sign}{self.currency}{text.removeprefix('-')}"


def short(value: float) -> float:
    """Return a number in two digits, three where it starts with a 1; whole from 100 on."""
    if value == 0 or not math.isfinite(value):
        return value
    exponent = math.floor(math.log10(abs(value)))
    digits = 3 if f"{abs(value):e}".startswith("1") and abs(value) >= 100 else 2
    return float(f"{value:.{max(digits - 1, 0)}e}") if exponent < 15 else value


def percent(share: float) -> str:
    """Return a share as whole per cent, but never all or nothing where it is not."""
    whole = round(100 * share)
    if whole == 0 and share > 0:
        return "under 1 %"
    if whole == 100 and share < 1:
        return "over 99 %"
    return f"{whole} %"


def plain_number(value: float) -> str:
    """Return a number with thousands separators and no zeros behind the point."""
    if abs(value) >= 1e15 or (value != 0 and abs(value) < 1e-6):
        return f"{value:.2g}"
    text = f"{value:,.10f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def flag_of(values: Iterable) -> dict[str, bool]:
    """Return what each value of a flag means, or nothing where a column is no flag.

    Parameters
    ----------
    values : iterable
        The different values of a column, missing ones left out.
    """
    different = list(values)
    if len(different) > MOST_OF_A_FLAG:
        return {}
    texts = {_flag_text(value) for value in different}
    texts.discard(MISSING)
    if not texts or not texts <= YES | NO or not texts & YES:
        return {}
    return {text: text in YES for text in texts}


def _flag_text(value: object) -> str:
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    if value == MISSING:
        return MISSING
    return A_ONE_OR_NONE.sub(r"\1", str(value).strip().lower())


def means_yes(value: object) -> bool:
    """Return whether a value of a flag says yes."""
    return _flag_text(value) in YES


def is_number_text(text: str) -> bool:
    """Return whether a level is a number, which says nothing without its column's name."""
    return text.strip().replace(".", "", 1).replace("-", "", 1).isdigit()


def values_of(frame: pd.DataFrame, columns: Iterable[Column]) -> dict[str, np.ndarray]:
    """Return the columns that a table has: floats of numbers, texts of categories, by name."""
    return {
        column.name: numbers_of(frame[column.name])
        if column.kind == "number"
        else texts_of(frame[column.name])
        for column in columns
        if column.name in frame
    }


def numbers_of(column: pd.Series) -> np.ndarray:
    """Return a column of numbers as floats, missing ones as NaN."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def texts_of(column: pd.Series) -> np.ndarray:
    """Return a column of categories as texts, missing ones as "(missing)"."""
    return column.astype(object).where(column.notna(), MISSING).astype(str).to_numpy(dtype=object)


def listed(words: Sequence[str], last: str = "and") -> str:
    """Return "a", "a and b", "a, b and c"."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
