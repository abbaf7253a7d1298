"""Which columns of a table become features, of what kind, and why."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache

import duckdb

from segmentation.published.served import CommandError
from segmentation.published.spellings import MARKS
from segmentation.scaffold.table import Column, Table

SKEWED = 1.0
CODE_LEVELS = 20
MOST_LEVELS = 50
MOST_CODES = 10
"""Small whole numbers that follow each other are codes up to so many."""
NUMBERED_ROWS, NUMBERED_SPAN = 20, 3
"""Numbers of rows are as good as different, and have no more than so many places for each."""
MOSTLY_NUMBERS, MOST_MARKS = 0.8, 5
"""A text column is one of numbers if so many are, and so few other texts stand among them."""
WHOLE = ("tinyint", "smallint", "integer", "int", "bigint", "utinyint", "usmallint", "uinteger")
IDENTIFIER = re.compile(
    r"(^|_)(id|ids|key|uuid|guid|number|no|nr|num|code|sku|zip|ean|isbn)$"
    r"|^(order|invoice|receipt|account)$|[a-z](number|code|uuid|guid)$"
    r"|(customer|client|member|user|order|invoice|product|item|store|shop|account)_?(id|no|nr|num)$"
)
MEASURE = re.compile(
    r"(^|_)\w*[^sui]s(_\w+ed|_(since|per|in|of|with|from|by)_\w+)?$"
    r"|(^|_)(age|amount|count|quantity|qty|total|sum|score|rating|rank|value|price|cost|spend|income"
    r"|balance|share|rate|length|weight|height|depth|width|temperature|children|people|frequency"
    r"|recency|tenure|year|distance|duration|n|num)$"
    r"|^(n|num|number|count|total)_"
)
"""Names of what is counted or measured: plurals, most of all."""
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
    decimal : str
        What stands before a fraction, where the numbers are texts, be they levels.
    aggregate : str
        What the rows of a key become, where it is not what its type says.
    """

    column: str
    role: str
    reason: str
    name: str = ""
    data_type: str = "string"
    transform: str = "none"
    words: str = ""
    decimal: str = ""
    aggregate: str = ""

    @property
    def is_feature(self) -> bool:
        """Whether it is a number or a category."""
        return self.role in ("number", "category")


def choose_columns(
    table: Table,
    segmentation: str,
    *,
    duplicates: str | None = None,
    numbers: Collection[str] = (),
    categories: Collection[str] = (),
    ignore: Collection[str] = (),
    aggregates: Mapping[str, Collection[str]] | None = None,
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
    aggregates : mapping of str to collection of str, optional
        Columns that become the ``sum``, the ``count`` of different values or the ``last`` value.

    Returns
    -------
    tuple of Choice

    Raises
    ------
    CommandError
        If a set column does not exist or cannot be a number, or none is usable.
    """
    aggregates = aggregates or {}
    listed = [name for names in aggregates.values() for name in names]
    _refuse_unknown(table, [*numbers, *categories, *ignore, *listed])
    chosen = []
    for column in table.columns:
        told = [
            role
            for role, names in (("number", numbers), ("category", categories), ("left out", ignore))
            if column.name.lower() in {name.lower() for name in names}
        ]
        choice = _told(column, told[0]) if told else _choose(column, table)
        choice = replace(choice, data_type=_data_type(column, choice, duplicates))
        for aggregate, names in aggregates.items():
            if column.name.lower() in {name.lower() for name in names}:
                choice = _aggregated(column, choice, aggregate)
        chosen.append(choice)
    if duplicates == "aggregate":
        counts = "rows of the key: times an average, it gives the sum"
        chosen.append(Choice("row_count", "number", counts, "row_count", "bigint", "log1p"))
    if not any(choice.is_feature for choice in chosen):
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
    if role == "number" and not column.is_number and not column.numeric_texts:
        raise CommandError(
            f"Column {column.name} is {column.type}, so it cannot be taken as a number: "
            "cast it in the model."
        )
    if role == "number" and (problem := _unclear_decimal(column)):
        raise CommandError(f"Column {column.name} cannot be taken as a number: it has {problem}.")
    return _as(column, role, "you said so")


def _choose(column: Column, table: Table) -> Choice:
    role, reason = _rule(column, table)
    missing = table.rows - column.values
    if missing and column.values and role != "left out":
        reason += f", {missing:,} missing"
    return _as(column, role, reason)


def _as(column: Column, role: str, reason: str) -> Choice:
    """Return the choice for a role, with what follows from the values."""
    transform, decimal = "none", ""
    if role == "number":
        transform = _transform(column)
    if role == "number" or (role == "category" and _has_odd_numbers(column)):
        decimal = _decimal(column)
    if transform == "log1p":
        reason += f", skewness {column.skewness:.1f}: as logarithms" if column.skewness else ""
    return Choice(column.name, role, reason, transform=transform, decimal=decimal)


def _aggregated(column: Column, choice: Choice, aggregate: str) -> Choice:
    """Return a choice for a column that is added up or counted, or of which the last counts."""
    if choice.role == "key":
        raise CommandError(f"Column {column.name} is the key: it cannot be aggregated as well.")
    if aggregate == "count":
        reason = "how many different values there are"
        return Choice(
            column.name, "number", reason, data_type="bigint", transform="log1p", aggregate="count"
        )
    if aggregate == "sum" and choice.role != "number":
        if not column.is_number and not _is_of_numbers(column):
            raise CommandError(
                f"Column {column.name} is {column.type}, so it has no sum: name it with --count or "
                "--last."
            )
        choice = replace(_as(column, "number", ""), data_type="double")
    if aggregate == "sum":
        transform = "log1p" if column.least is not None and column.least >= 0 else "none"
        return replace(choice, reason="the sum", transform=transform, aggregate="sum")
    if choice.role == "left out":
        raise CommandError(
            f"Column {column.name} is left out ({choice.reason}): say with --numbers or "
            "--categories what its last value is."
        )
    return replace(choice, reason=f"the last: {choice.reason}", aggregate="last")


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
        return _rule_for_texts(column, table, name)
    return "left out", f"nothing is known to do with the type {column.type}"


def _rule_for_numbers(column: Column, table: Table, name: str) -> tuple[str, str]:
    is_whole = _is_whole(column)
    is_numbered = is_whole and _is_numbered(column, table.rows)
    is_named = IDENTIFIER.search(name) and not MEASURE.search(name)
    if is_whole and (is_named or is_numbered):
        if column.distinct <= CODE_LEVELS and not is_numbered:
            return "category", f"a code with {column.distinct} different values"
        return "left out", "an identifier"
    if column.distinct == 2:
        return "category", "2 different values: a flag or a code"
    if is_whole and _is_code(column, name):
        told = f"a code with {column.distinct} different values"
        return "category", f"{told} (--numbers {column.name} if it measures)"
    return "number", f"{column.least:,.6g} to {column.greatest:,.6g}"


def _is_whole(column: Column) -> bool:
    """Return whether no number has a fraction: pandas makes 3.0 of a 3 beside a missing one."""
    return column.type in WHOLE if column.whole is None else column.whole == _numbers(column)


def _numbers(column: Column) -> int:
    return column.numeric_texts if column.is_string else column.values


def _is_numbered(column: Column, rows: int) -> bool:
    """Return whether rows are numbered one by one, be it with gaps."""
    if column.distinct == rows and _span(column) == rows:
        return True
    is_unique = column.distinct >= 0.99 * column.values and column.distinct >= NUMBERED_ROWS
    return is_unique and _span(column) <= NUMBERED_SPAN * rows


def _is_code(column: Column, name: str) -> bool:
    """Return whether small whole numbers, one after the other, are of nothing that is counted."""
    follow = column.least in (0, 1) and _span(column) == column.distinct
    return follow and column.distinct <= MOST_CODES and not MEASURE.search(name)


def _rule_for_texts(column: Column, table: Table, name: str) -> tuple[str, str]:
    if column.dates == column.values:
        return "left out", "a date: count days in the model to use it"
    if _is_of_numbers(column):
        return _rule_for_numeric_texts(column, table, name)
    if column.distinct <= MOST_LEVELS and 2 * column.distinct <= column.values:
        return "category", f"{column.distinct} different texts"
    if 2 * column.numeric_texts > column.values:
        marks = ", ".join(repr(text) for text, _ in column.marks[:MOST_MARKS])
        told = f"{column.numeric_texts:,} of {column.values:,} texts are numbers, others not"
        return "left out", f"{told} ({marks}, …): clean it in the model"
    if column.distinct == column.values:
        return "left out", "an identifier or free text: every value is different"
    return "left out", f"{column.distinct:,} different texts are too many to compare"


def _rule_for_numeric_texts(column: Column, table: Table, name: str) -> tuple[str, str]:
    """Return role and reason of numbers that came as texts, some with marks for missing ones."""
    if column.padded_texts:
        return "left out", "an identifier: numbers that begin with zeros"
    if problem := _unclear_decimal(column):
        return "left out", f"numbers with {problem}: cast it in the model"
    of_numbers = replace(column, distinct=column.distinct - len(column.marks))
    role, reason = _rule_for_numbers(of_numbers, table, name)
    marks = ", ".join(f"'{text}' in {times:,}" for text, times in column.marks)
    if marks and (role == "number" or (role == "category" and _has_odd_numbers(column))):
        told = f"{column.numeric_texts:,} of {column.values:,} values are numbers"
        reason += f"; {told}, the others count as missing ({marks})"
    elif role == "category" and marks:
        reason += f"; texts among them are values too ({marks})"
    return role, reason


def _is_of_numbers(column: Column) -> bool:
    is_mostly = column.numeric_texts > 0 and column.numeric_texts >= MOSTLY_NUMBERS * column.values
    return is_mostly and len(column.marks) <= MOST_MARKS


def _has_odd_numbers(column: Column) -> bool:
    """Return whether numbers are levels as texts, with commas, or with marks for missing ones."""
    is_odd = bool(column.marks) or column.comma_texts > 0
    are_marks = all(text.lower() in MARKS for text, _ in column.marks)
    return is_odd and _is_of_numbers(column) and are_marks


def _unclear_decimal(column: Column) -> str:
    """Return what is unclear about the fractions of numbers that are texts; empty if nothing is."""
    if column.comma_texts and column.point_texts:
        return "both commas and points before fractions"
    if column.comma_texts and not column.clear_commas:
        return "commas that may part thousands or fractions"
    return ""


def _decimal(column: Column) -> str:
    if not column.is_string:
        return ""
    return "," if column.comma_texts else "."


def _span(column: Column) -> float:
    return column.greatest - column.least + 1


def _transform(column: Column) -> str:
    is_skewed = (column.skewness or 0) > SKEWED and column.least is not None and column.least >= 0
    return "log1p" if is_skewed else "none"


def _data_type(column: Column, choice: Choice, duplicates: str | None) -> str:
    if choice.role != "number":
        return "string"
    if duplicates == "aggregate" or choice.decimal:
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
        if choice.is_feature:
            taken.add(name)
        named.append(replace(choice, name=name, words=_words(choice.column, choice.name or wanted)))
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
