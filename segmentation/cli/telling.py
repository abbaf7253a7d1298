"""What a command found, printed for people or for programs."""

import json
from datetime import date, datetime
from decimal import Decimal
from textwrap import fill

WIDTH = 80
"""Columns that what commands print fits."""


def tell(text: str, data: object, as_json: bool) -> None:
    """Print what a command found: in words for people, as JSON for programs.

    Parameters
    ----------
    text : str
        The words.
    data : object
        The same as mappings, lists and values.
    as_json : bool
        Whether a program reads it.
    """
    told = json.dumps(data, ensure_ascii=False, indent=2, default=plain) if as_json else text
    print(told)


def wrapped(text: str, first: str = "", others: str = "  ") -> str:
    """Return a text in lines that fit; a number and its % stay together.

    Parameters
    ----------
    text : str
    first, others : str
        What the first line, and the others, begin with.
    """
    whole = text.replace(" %", "\u00a0%")
    lines = fill(whole, WIDTH, initial_indent=first, subsequent_indent=others)
    return lines.replace("\u00a0%", " %")


def plain(value: object) -> object:
    """Return a value that JSON has no word for as one that it has."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
