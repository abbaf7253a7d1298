"""Which columns of a table become features, of what kind, and why."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

import duckdb

from segmentation.published.served import CommandError
from segmentation.scaffold.table import Column, Table

SKEWED = 1.0
CODE_LEVELS = 20
MOST_LEVELS = 50
WHOLE = ("tinyint", "smallint", "integer", "int", "bigint", "utinyint", "usmallint", "uinteger")
IDENTIFIER = re.compile(r"(^|_)(id|ids|key|uuid|guid|number|no|nr|code|sku|zip)$")
PERSONAL = re.compile(
    r"(^|_)(e_?mail|phone|mobile|fax|(street_?)?address(_?line)?|street|zip|postal_?code"
    r"|(first|last|full|sur|given|family|contact)_?(first|last)?_?names?|surname"
    r"|birth_?(day|date)|date_of_birth|ssn|passport|iban|password"
    r"|lat|lon|lng|latitude|longitude)_?\d*(_|$)"
)
SPELLINGS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe"}
    | {"ð": "d", "đ": "d", "þ": "th", "ł": "l", "ı": "i"}
)
"""Latin letters that are more than a plain one with a mark."""
OWN_COLUMNS = frozenset(
    {"segment_id", "segment_name", "model_version", "sample_rank", "feature", "rank", "value"}
    | {"share", "lift", "input", "numbers", "levels", "reason", "row_count", "row_number"}
)
"""Names that the tables built on the features use for columns of their own."""


@dataclass(frozen=True)
class Choice:
    """What becomes of one column.

    Attributes
    ----------
    column : str
        Its name in the table; ``row_count`` for the one that aggregation adds.
    role : str
        ``key``, ``number``, ``category`` or ``left out``.
    reason : str
        Why, in words.
    name : str
        Its name as a feature.
    data_type : str
        Its type as a feature.
    transform : str
        ``none`` or ``log1p``.
    words : str
        What a segment's name calls it, where that is not simply its name as a feature.
    """

    column: str
    role: str
    reason: str
    name: str = ""
    data_type: str = "string"
    transform: str = "none"
    words: str = ""


def choose_columns(
    table: Table,
    segmentation: str,
    *,
    duplicates: str | None = None,
    numbers: Collection[str] = (),
    categories: Collection[str] = (),
    ignore: Collection[str] = (),
) -> tuple[Choice, ...]:
    """Decide every column of a table, in its order.

    Parameters
    ----------
    table : Table
    segmentation : str
        Put in front of a name that is taken.
    duplicates : str, optional
        ``aggregate`` makes averages, so numbers become doubles, and adds ``row_count``.
    numbers, categories, ignore : collection of str
        Columns whose role is set, whatever the rules say.

    Returns
    -------
    tuple of Choice

    Raises
    ------
    CommandError
        If a set column does not exist or cannot be a number, or none is usable.
    """
    _refuse_unknown(table, [*numbers, *categories, *ignore])
    chosen = []
    for column in table.columns:
        told = [
            role
            for role, names in (("number", numbers), ("category", categories), ("left out", ignore))
            if column.name.lower() in {name.lower() for name in names}
        ]
        choice = _told(column, told[0]) if told else _choose(column, table)
        chosen.append(replace(choice, data_type=_data_type(column, choice.role, duplicates)))
    if duplicates == "aggregate":
        counts = "rows of the key: times an average, it gives the sum"
        chosen.append(Choice("row_count", "number", counts, "row_count", "bigint", "log1p"))
    if not any(choice.role in ("number", "category") for choice in chosen):
        reasons = "; ".join(f"{choice.column}: {choice.reason}" for choice in chosen)
        raise CommandError(f"No column of {table.name} can be a feature. {reasons}.")
    return _named(chosen, segmentation)


def snake_case(name: str) -> str:
    """Return a name in lower case with underscores: ``Annual Income (k$)``, ``annual_income_k``.

    Latin letters are spelled in ASCII (``Größe``, ``groesse``), which every engine takes unquoted;
    a name without any is empty.
    """
    parted = re.sub(r"([a-zß-ÿ0-9])([A-ZÀ-Þ])", r"\1_\2", unicodedata.normalize("NFC", name))
    spelled = unicodedata.normalize("NFKD", parted.lower().translate(SPELLINGS))
    plain = _ascii_words("".join(c for c in spelled if not unicodedata.combining(c)))
    if not plain or not plain[0].isdigit():
        return plain
    return f"column_{plain}" if _is_ascii(spelled) else ""


def _is_ascii(text: str) -> bool:
    return all(c.isascii() for c in text if c.isalpha())


def _ascii_words(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def _refuse_unknown(table: Table, names: list[str]) -> None:
    known = {column.name.lower() for column in table.columns}
    unknown = [name for name in names if name.lower() not in known]
    if unknown:
        listed = ", ".join(column.name for column in table.columns)
        raise CommandError(f"{table.name} has no column {', '.join(unknown)}. It has: {listed}.")


def _told(column: Column, role: str) -> Choice:
    if role == "number" and not column.is_number:
        raise CommandError(
            f"Column {column.name} is {column.type}, so it cannot be taken as a number: "
            "cast it in the model."
        )
    transform = _transform(column) if role == "number" else "none"
    return Choice(column.name, role, "you said so", transform=transform)


def _choose(column: Column, table: Table) -> Choice:
    role, reason = _rule(column, table)
    transform = _transform(column) if role == "number" else "none"
    if transform == "log1p":
        reason += f", skewness {column.skewness:.1f}: as logarithms"
    return Choice(column.name, role, reason, transform=transform)


def _rule(column: Column, table: Table) -> tuple[str, str]:
    """Return role and reason; the first rule that holds decides."""
    name = snake_case(column.name)
    if column.name in table.key:
        return "key", "you said so"
    if column.values == 0:
        return "left out", "it has no value at all"
    if column.distinct == 1 and (column.is_number or column.values == table.rows):
        return "left out", "it has one value only"
    if PERSONAL.search(name):
        return "left out", "its name sounds personal, and personal data stay where they are"
    if column.type.startswith(("date", "time")):
        return "left out", "a date: count days in the model to use it"
    if column.type == "boolean":
        return "category", "yes or no"
    if column.is_number:
        return _rule_for_numbers(column, table, name)
    if column.is_string:
        return _rule_for_texts(column)
    return "left out", f"nothing is known to do with the type {column.type}"


def _rule_for_numbers(column: Column, table: Table, name: str) -> tuple[str, str]:
    is_whole = column.type in WHOLE
    is_count = is_whole and column.distinct == table.rows and _span(column) == table.rows
    if is_whole and (IDENTIFIER.search(name) or is_count):
        if column.distinct <= CODE_LEVELS and not is_count:
            return "category", f"a code with {column.distinct} different values"
        return "left out", "an identifier"
    if column.distinct == 2:
        return "category", "2 different values: a flag or a code"
    return "number", f"{column.least:,.6g} to {column.greatest:,.6g}"


def _rule_for_texts(column: Column) -> tuple[str, str]:
    if column.distinct <= MOST_LEVELS and 2 * column.distinct <= column.values:
        return "category", f"{column.distinct} different texts"
    if column.numeric_texts == column.values:
        return "left out", "a text that holds numbers: cast it in the model to use it"
    if column.distinct == column.values:
        return "left out", "an identifier or free text: every value is different"
    return "left out", f"{column.distinct:,} different texts are too many to compare"


def _span(column: Column) -> float:
    return column.greatest - column.least + 1


def _transform(column: Column) -> str:
    is_skewed = (column.skewness or 0) > SKEWED and column.least is not None and column.least >= 0
    return "log1p" if is_skewed else "none"


def _data_type(column: Column, role: str, duplicates: str | None) -> str:
    if role != "number":
        return "string"
    if duplicates == "aggregate":
        return "double"
    if column.type in WHOLE:
        return "bigint"
    return column.type if column.type.startswith("decimal") else "double"


def _named(choices: list[Choice], segmentation: str) -> tuple[Choice, ...]:
    kept_back = reserved_words() | OWN_COLUMNS | {f"{segmentation}_id"}
    taken = {choice.name for choice in choices if choice.name}
    named = []
    for position, choice in enumerate(choices, start=1):
        plain = snake_case(choice.column) or f"column_{position}"
        wanted = f"{segmentation}_{plain}" if plain in kept_back else plain
        options = [wanted, *(f"{wanted}_{number}" for number in range(2, len(choices) + 2))]
        name = choice.name or next(option for option in options if option not in taken)
        if choice.role in ("number", "category"):
            taken.add(name)
        named.append(replace(choice, name=name, words=_words(choice.column, wanted)))
    return tuple(named)


def _words(column: str, name: str) -> str:
    """Return a column in words where its name as a feature would not read like it."""
    reads_alike = _ascii_words(column).replace("_", "") == name.replace("_", "")
    return "" if reads_alike and _is_ascii(column) else " ".join(column.replace("_", " ").split())


@cache
def reserved_words() -> frozenset[str]:
    """Return the words that SQL does not take as a column name without quotes."""
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select keyword_name from duckdb_keywords() where keyword_category = 'reserved'"
        ).fetchall()
    return frozenset(word for (word,) in rows)
