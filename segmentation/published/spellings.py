"""The same value in another spelling: True, 1 and yes of a flag, 3 and 3.0 of a code.

A column says itself how it is compared. Where all its levels are words or digits of a yes and a
no, it is a flag, and any such word stands for the level that means the same. Where a level is a
number, every spelling of that number stands for it. Among numbers and flags alone, a mark such
as ``?`` says that the value is missing. All other texts are themselves.
"""

import re
from collections.abc import Hashable, Iterable
from decimal import Decimal

from segmentation.features.recipe import MISSING, OTHER

TRUTH = {
    True: ("true", "t", "yes", "y", "on", "1"),
    False: ("false", "f", "no", "n", "off", "0"),
}
"""The words of a flag, in lower case."""
NO_VALUE = frozenset({"", "null", "nan"})
"""Texts that staging reads as missing, too."""
MARKS = frozenset(
    {"?", "-", "--", ".", "n/a", "na", "n.a.", "k.a.", "#n/a", "#na", "<na>", "\\n", "none", "nil"}
    | {"unknown", "missing", "not available", "#null!", "#value!", "#div/0!", "#num!", "#ref!"}
)
"""Marks that stand for a number or a flag that is not there."""
NUMBER = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+|\d+,(?!\d{3}$)\d+)(e[+-]?\d{1,3})?", re.IGNORECASE | re.ASCII
)
"""A comma before three digits may part thousands."""
MOST_DIGITS = 40
MOST_PLACES = 10
"""Decimal places of a number type, as far as they are looked for."""


def as_number(text: str) -> Decimal | None:
    """Return the number that a text spells, None if it spells none.

    Examples
    --------
    >>> as_number("3.00") == as_number("3") == as_number("03") == as_number("3,0")
    True
    """
    is_number = len(text) <= MOST_DIGITS and NUMBER.fullmatch(text)
    return Decimal(text.replace(",", ".")) if is_number else None


def as_truth(text: str) -> bool | None:
    """Return what a text of a flag means, None if it is not one.

    Examples
    --------
    >>> as_truth("Yes"), as_truth("0.0"), as_truth("2")
    (True, False, None)
    """
    number = as_number(text)
    word = text.lower() if number is None or number not in (0, 1) else str(int(number))
    return next((truth for truth, words in TRUTH.items() if word in words), None)


def is_flag(levels: Iterable[str]) -> bool:
    """Return whether levels are the yes and the no of a flag, or one of them, marks apart."""
    known = [level for level in _known(levels) if level.lower() not in MARKS]
    return bool(known) and all(as_truth(level) is not None for level in known)


def levels_by_meaning(levels: Iterable[str]) -> dict[Hashable, str]:
    """Return the levels that other spellings stand for, by what they mean.

    Two levels of one meaning, such as ``1`` and ``01``, are told apart by their spelling alone,
    so neither is in it.
    """
    read = as_truth if is_flag(levels) else as_number
    found: dict[Hashable, list[str]] = {}
    for level in _known(levels):
        meaning = read(level)
        if meaning is not None:
            found.setdefault(meaning, []).append(level)
    return {meaning: same[0] for meaning, same in found.items() if len(same) == 1}


def missing_words(levels: Iterable[str], by_meaning: dict[Hashable, str]) -> frozenset[str]:
    """Return the texts, in lower case, that say that a value is missing.

    Parameters
    ----------
    levels : iterable of str
        What the model knows.
    by_meaning : dict
        As `levels_by_meaning` returns it: marks count where all levels are numbers or a flag.
    """
    is_of_numbers = by_meaning and len(by_meaning) == len(_known(levels))
    return NO_VALUE | MARKS if is_of_numbers else NO_VALUE


def level_of(text: str, levels: Iterable[str], by_meaning: dict[Hashable, str]) -> str:
    """Return the level that a text stands for; the text itself where it is, or stands for, none.

    Parameters
    ----------
    text : str
    levels : iterable of str
        What the model knows.
    by_meaning : dict
        As `levels_by_meaning` returns it.
    """
    if text in levels or not by_meaning:
        return text
    flags = all(isinstance(meaning, bool) for meaning in by_meaning)
    meaning = as_truth(text) if flags else as_number(text)
    return text if meaning is None else by_meaning.get(meaning, text)


def spellings_of(meaning: Hashable) -> list[str]:
    """Return what databases write for a number or a flag as text, in lower case.

    A number is written without a fraction or with zeros, as its type has places: 3, 3.0, 3.00. A
    fraction stands behind a point or a comma, three digits only behind a point.

    Examples
    --------
    >>> spellings_of(Decimal("3.0"))[:4]
    ['3', '3,0', '3.0', '3,00']
    """
    if isinstance(meaning, bool):
        words = [word for word in TRUTH[meaning] if not word.isdigit()]
        return words + spellings_of(Decimal(int(meaning)))
    digits = f"{meaning:f}"
    if len(digits) > MOST_DIGITS:
        short = repr(float(meaning))
        mantissa, _, power = short.partition("e")
        return _with_commas({short, f"{mantissa}{'' if '.' in mantissa else '.0'}e{power}"})
    whole, _, fraction = digits.partition(".")
    fraction = fraction.rstrip("0")
    padded = [fraction + "0" * n for n in range(MOST_PLACES + 1 - len(fraction))] or [fraction]
    written = {
        float(meaning).__repr__(),
        *(f"{whole}.{part}" if part else whole for part in padded),
    }
    return _with_commas(written)


def _with_commas(written: set[str]) -> list[str]:
    """Add what has a comma for its point and is read as a number, and put the short ones first."""
    commas = {text.replace(".", ",") for text in written}
    read = {text for text in commas if as_number(text) is not None}
    return sorted(written | read, key=lambda text: (len(text), text))


def _known(levels: Iterable[str]) -> list[str]:
    return sorted(set(levels) - {MISSING, OTHER})
