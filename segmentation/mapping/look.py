"""What a file holds: its columns, how each is written, and figures of its lines."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from segmentation.features.frames import quoted_name
from segmentation.published.served import CommandError
from segmentation.scaffold.source_file import reading_of

MISSING = "('', 'nan', 'null', 'none')"
CANCELLATION = "^[Cc][0-9]+$"
EMAILS = 0.5
"""Part of the customers' keys with an @ from which they are taken for e-mail addresses."""


@dataclass(frozen=True)
class File:
    """A file that is looked at, or several of the same columns.

    Attributes
    ----------
    paths : tuple of Path
    names : list of str
        Its columns.
    lines : int
        Its rows.
    """

    paths: tuple[Path, ...]
    names: list[str]
    lines: int

    @property
    def listed(self) -> str:
        """The names of the files, for sentences."""
        return " and ".join(path.name for path in self.paths)

    def reading(self, project: Path | None = None) -> str:
        """Return the SQL that reads the lines, as texts."""
        readings = [reading_of(path, project) for path in self.paths]
        if len(readings) == 1:
            return readings[0]
        selects = [f"        select * from {reading}" for reading in readings]
        return "(\n" + "\n        union all\n".join(selects) + "\n    ) as files"

    def ask(self, select: str) -> list[tuple]:
        """Return the rows of a query over the lines, which are called `lines`."""
        names = map(quoted_name, self.names)
        columns = ", ".join(f"cast({name} as varchar) as {name}" for name in names)
        sql = f"with lines as (select {columns} from {self.reading()}) {select}"
        return duckdb.sql(sql).fetchall()


def look_at(paths: list[Path]) -> list[File]:
    """Return the files; those of the same columns are one.

    Raises
    ------
    CommandError
        If one cannot be read, or has no rows.
    """
    found: dict[tuple[str, ...], list[Path]] = {}
    for path in paths:
        try:
            names = duckdb.sql(f"select * from {reading_of(path, None)} limit 0").columns
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise CommandError(f"{path} cannot be read: {reason}.") from error
        found.setdefault(tuple(names), []).append(path)
    files = []
    for names, of_names in found.items():
        file = File(tuple(of_names), list(names), 0)
        lines = file.ask("select count(*) from lines")[0][0]
        if not lines:
            raise CommandError(f"{file.listed} has no rows: export it again with its rows.")
        files.append(File(file.paths, file.names, lines))
    return files


def given(column: str) -> str:
    """Return SQL for a column's text, null where it is missing."""
    text = f"trim({quoted_name(column)})"
    return f"case when lower({text}) not in {MISSING} then {text} end"


def values_of(file: File, column: str) -> list[str]:
    """Return the different values of a column, sorted."""
    rows = file.ask(f"select distinct {given(column)} from lines")
    return sorted(value for (value,) in rows if value is not None)


def counts_of(file: File, columns: list[str]) -> dict[str, tuple[int, int]]:
    """Return how many different values, and how many missing ones, each column has."""
    counted = [
        f"count(distinct {given(column)}), count(*) - count({given(column)})" for column in columns
    ]
    (row,) = file.ask(f"select {', '.join(counted)} from lines")
    return {column: (row[2 * place], row[2 * place + 1]) for place, column in enumerate(columns)}


def holds_emails(file: File, column: str) -> bool:
    """Return whether the keys of the customers are e-mail addresses."""
    key = given(column)
    ((share,),) = file.ask(
        f"select avg(case when {key} like '%_@_%' then 1.0 else 0.0 end) "
        f"from lines where {key} is not null"
    )
    return (share or 0) > EMAILS


def cancellations(file: File, order: str) -> int:
    """Return the lines whose number is that of a cancelled invoice: C and digits.

    Where most numbers begin with C, it says nothing.
    """
    key = given(order)
    ((found, all_lines),) = file.ask(
        f"select count_if(regexp_matches({key}, '{CANCELLATION}')), count({key}) from lines"
    )
    return found if found * 2 < all_lines else 0


def is_total_of_order(file: File, order: str, amount: str, price: str) -> bool:
    """Return whether an amount is that of the whole order, repeated in each of its lines."""
    ((same, several),) = file.ask(
        f"""
        select count_if(amounts = 1), count(*) from (
            select count(distinct {quoted_name(amount)}) as amounts from lines
            group by {quoted_name(order)}
            having count(*) > 1 and count(distinct {quoted_name(price)}) > 1
        )
        """
    )
    return several > 0 and same > 0.95 * several


def share_apart(file: File, amount: str, quantity: str, price: str) -> float:
    """Return the part of the lines whose amount is not quantity times price, to half a per cent."""
    one, two, three = (
        f"try_cast({quoted_name(name)} as double)" for name in (amount, quantity, price)
    )
    ((share,),) = file.ask(
        f"""
        select avg(case when abs(abs(asked) - abs(counted)) > 0.011 + 0.005 * abs(counted)
            then 1.0 else 0.0 end)
        from (select {one} as asked, {two} * {three} as counted from lines)
        where asked is not null and counted is not null
        """
    )
    return share or 0.0
