"""What a command found, printed for people or for programs."""

import json
from datetime import date, datetime
from decimal import Decimal


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


def plain(value: object) -> object:
    """Return a value that JSON has no word for as one that it has."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
