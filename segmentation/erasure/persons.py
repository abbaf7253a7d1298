"""Whom to forget, and which rows of a table are about them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from segmentation.features.frames import quoted_name
from segmentation.published.served import CommandError

THELOOK_COLUMNS = {"customer": ("user_id", "order_user_id")}
THELOOK_TABLES = {
    "customer": (("raw_users", ("id",)), ("sample_users", ("id",))),
    "product": (("raw_products", ("id",)), ("sample_products", ("id",))),
}
"""What theLook's files call the keys of the shop, in every table and in one."""


@dataclass(frozen=True)
class Persons:
    """Persons, by the key of a segmentation.

    Attributes
    ----------
    ids : tuple of str
        Their keys, as text.
    segmentation : str
        The segmentation whose audiences hold them.
    key_column : str
        What its unit tables call the key.
    segmentations : tuple of str
        All that have the same key; shared tables hold their units in `unit_id`.
    columns : frozenset of str
        Names, in lower case, under which any table may hold the key.
    tables : mapping of str to tuple of str
        The columns that are the key in one table only.
    """

    ids: tuple[str, ...]
    segmentation: str
    key_column: str
    segmentations: tuple[str, ...]
    columns: frozenset[str]
    tables: Mapping[str, tuple[str, ...]]

    def keys_in(self, table: str, columns: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return where a table holds the key: SQL of its text, and a condition of the row."""
        names, found = {column.lower(): column for column in columns}, []
        if "unit_id" in names and "segmentation" in names:
            found.append(("unit_id", f"segmentation in ({_listed(self.segmentations)})"))
        found += [(_text(names[one]), "true") for one in sorted(self.columns) if one in names]
        own = tuple(one.lower() for one in self.tables.get(table, ()))
        if own and set(own) <= set(names) and not set(own) <= self.columns:
            found.append((_joined([names[one] for one in own]), "true"))
        return found

    def condition(self, table: str, columns: tuple[str, ...]) -> str | None:
        """Return the condition that a row of a table is about them, None if none can be."""
        keys = self.keys_in(table, columns)
        told = [f"coalesce({text} in ({_listed(self.ids)}) and {row}, false)" for text, row in keys]
        return " or ".join(told) or None


def find_persons(
    connection: duckdb.DuckDBPyConnection, segmentation: str, ids: tuple[str, ...]
) -> Persons:
    """Return the persons, from what the warehouse says of its segmentations.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The warehouse is attached as ``warehouse``.
    segmentation : str
    ids : tuple of str
        Keys as text.

    Raises
    ------
    CommandError
        If the warehouse has no segmentation of that name.
    """
    told = _keys(connection)
    if segmentation not in told:
        raise CommandError(
            f"The warehouse has no segmentation '{segmentation}', only {', '.join(sorted(told))}: "
            "choose one with --segmentation."
        )
    key_column = told[segmentation][0]
    alike = [name for name, (column, *_) in told.items() if column == key_column]
    tables = dict(pair for name in alike for pair in THELOOK_TABLES.get(name, ()))
    tables |= {told[name][1]: told[name][2] for name in alike}
    columns = {key_column, *(one for name in alike for one in THELOOK_COLUMNS.get(name, ()))}
    columns |= {keys[0] for _, _, keys in map(told.get, alike) if len(keys) == 1}
    # Every table may have an `id`: it is that of its own rows.
    names = frozenset(column.lower() for column in columns) - {"id"}
    return Persons(ids, segmentation, key_column, tuple(sorted(alike)), names, tables)


def _keys(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Return, by segmentation, the key column, the table of its rows and their key in it."""
    try:
        rows = connection.execute(
            "select segmentation, key_column, table_name, key_columns "
            "from warehouse.main.segmentations join warehouse.main.policies using (segmentation)"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        raise CommandError(
            "The warehouse does not say which column is whose key: build it with this version "
            "first, with `segmentation build`."
        ) from None
    return {name: (column, table, tuple(json.loads(keys))) for name, column, table, keys in rows}


def known_ids(
    connection: duckdb.DuckDBPyConnection, database: str, persons: Persons
) -> frozenset[str]:
    """Return which of the persons an attached database holds."""
    asked = [
        f"select {text} as id from {name} where {row} and {text} in ({_listed(persons.ids)})"
        for name, table, columns in tables_of(connection, database)
        for text, row in persons.keys_in(table, columns)
    ]
    if not asked:
        return frozenset()
    return frozenset(one for (one,) in connection.execute(" union ".join(asked)).fetchall())


def tables_of(
    connection: duckdb.DuckDBPyConnection, database: str
) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the tables of an attached database: SQL of the name, the name, the columns."""
    rows = connection.execute(
        """
        select schema_name, table_name, list(column_name order by column_index)
        from duckdb_columns()
        semi join duckdb_tables() using (database_name, schema_name, table_name)
        where database_name = ? and not internal
        group by schema_name, table_name
        order by schema_name, table_name
        """,
        [database],
    ).fetchall()
    return [
        (f"{database}.{quoted_name(schema)}.{quoted_name(table)}", table, tuple(columns))
        for schema, table, columns in rows
    ]


def copy_without(
    connection: duckdb.DuckDBPyConnection, source: str, target: str, persons: Persons
) -> dict[str, int]:
    """Copy an attached database into an empty one, leaving out the rows of persons.

    A change of segment has been counted: its row stays, without the unit, so that sizes and
    migrations of all dates add up. What was deleted would stay in free blocks of a file; what was
    never written to it does not.

    Returns
    -------
    dict of str to int
        How many rows were left out, or lost their unit, by table.
    """
    connection.execute(f"copy from database {source} to {target} (schema)")
    left_out = {}
    for name, table, columns in tables_of(connection, source):
        condition, fresh = persons.condition(table, columns), target + name.removeprefix(source)
        if condition is None:
            connection.execute(f"insert into {fresh} from {name}")
            continue
        selected, rest = f"from {name}", f"where not ({condition})"
        if table == "segment_changes":
            connection.execute(f"alter table {fresh} alter unit_id drop not null")
            unit = f"case when {condition} then null else unit_id end as unit_id"
            selected, rest = f"select * replace ({unit}) from {name}", ""
        connection.execute(f"insert into {fresh} {selected} {rest}")
        ((count,),) = connection.execute(
            f"select count(*) from {name} where {condition}"
        ).fetchall()
        if count:
            left_out[table] = count
    return left_out


def _joined(columns: list[str]) -> str:
    """Return the SQL of a key of several columns, as the macro `joined_key` writes it."""
    if len(columns) == 1:
        return _text(columns[0])
    return " || '|,' || ".join(f"replace({_text(one)}, '|', '|.')" for one in columns)


def _text(column: str) -> str:
    return f"trim(cast({quoted_name(column)} as varchar))"


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
