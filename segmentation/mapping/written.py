"""How a column of texts writes numbers and dates: told by all of its values, or not at all."""

import re

from segmentation.published.served import CommandError

NUMBER_FORMATS = ("1,234.56", "1.234,56")
DATE_FORMATS = ("d/m/y", "m/d/y")
NUMBER = re.compile(r"[+-]?(\d*|[1-9]\d{0,2}(,\d{2,3})*,\d{3})(\.\d*)?")
BESIDE_NUMBERS = re.compile(r"[\s$€£¥₹₩'’]|[A-Z]{2,3}\$?|Rp|kr|zł")
SWAPPED = str.maketrans(",.", ".,")
YEAR_FIRST = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?")
DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})( .*)?")
SLIPS = 0.05
"""Part of the values that may be slips; more are another way of writing."""


def number_format(values: list[str], column: str, said: str | None) -> str | None:
    """Return whether points or commas stand before decimals; None where no value shows it.

    Parameters
    ----------
    values : list of str
        Different values of the column.
    column : str
        Its name, for sentences.
    said : str or None
        What the user says.

    Raises
    ------
    CommandError
        If values are written in both ways, or each may be read in both.
    """
    if said:
        return said
    points = commas = 0
    unclear = None
    for value in values:
        with_point, with_comma = _as_number(value), _as_number(value, swapped=True)
        points += with_point is not None and with_comma is None
        commas += with_comma is not None and with_point is None
        if None not in (with_point, with_comma) and with_point != with_comma:
            unclear = unclear or value
    return _decided(column, (points, commas), NUMBER_FORMATS, unclear, "--numbers")


def date_format(values: list[str], column: str, said: str | None) -> str | None:
    """Return whether days or months stand first; None where years do.

    Parameters and errors are those of `number_format`; a column of other texts is refused too.
    """
    known = [(value, DAY.fullmatch(value)) for value in values]
    strange = [v for v, day in known if day is None and not YEAR_FIRST.fullmatch(v)]
    if len(strange) > SLIPS * max(len(values), 1):
        raise CommandError(
            f"{column} holds the dates, but '{min(strange)}' is none that is known: write them as "
            "2024-02-28, 28/02/2024 or 2/28/2024, or name another column with --column date=…."
        )
    if said:
        return said
    days = [(value, day) for value, day in known if day]
    first = sum(int(day[1]) > 12 or day[2] == "." for _, day in days)
    second = sum(int(day[3]) > 12 for _, day in days)
    unclear = min((value for value, _ in days), default=None)
    return _decided(column, (first, second), DATE_FORMATS, unclear, "--dates")


def _as_number(text: str, swapped: bool = False) -> str | None:
    bare = BESIDE_NUMBERS.sub("", re.sub(r"^\((.*)\)$", r"-\1", text))
    bare = bare.translate(SWAPPED) if swapped else bare
    if not NUMBER.fullmatch(bare) or not any(letter.isdigit() for letter in bare):
        return None
    return bare.replace(",", "")


def _decided(
    column: str,
    counts: tuple[int, int],
    formats: tuple[str, str],
    unclear: str | None,
    option: str,
) -> str | None:
    """Return the format that most values show."""
    for count, named in zip(counts, formats, strict=True):
        if count and sum(counts) - count <= SLIPS * sum(counts):
            return named
    if any(counts):
        raise CommandError(
            f"{column} is written as {formats[0]} in some lines and as {formats[1]} in others: "
            f"correct it, or say {option} {formats[0]}."
        )
    if unclear is not None:
        raise CommandError(
            f"{column} may be written as {formats[0]} or as {formats[1]} (for example "
            f"'{unclear}'): say {option} {formats[0]} or {option} {formats[1]}."
        )
    return None
