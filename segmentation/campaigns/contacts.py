"""The user's own file of contacts: read and joined by key, and kept nowhere."""

from pathlib import Path

import duckdb
import pyarrow as pa

from segmentation.published.served import CommandError


def read_contacts(path: Path, key: str) -> pa.Table:
    """Return a file of contacts, all texts, its key first.

    Parameters
    ----------
    path : Path
        CSV with any usual separator, or Parquet.
    key : str
        Its column of keys.

    Raises
    ------
    CommandError
        If there is no such file or column, or a key stands there twice.
    """
    table = _read(path)
    names = {name.lower(): name for name in table.column_names}
    if key.lower() not in names:
        raise CommandError(
            f"{path} has no column {key}, only {', '.join(table.column_names)}: name the one that "
            "holds the keys with --contact-key."
        )
    column = names[key.lower()]
    keys = [None if one is None else str(one).strip() for one in table.column(column).to_pylist()]
    known = [one for one in keys if one]
    if len(known) > len(set(known)):
        raise CommandError(
            f"{path}: {len(known) - len(set(known)):,} rows repeat a key of column {column}; keep "
            "one row for each."
        )
    others = table.drop_columns([column])
    return others.add_column(0, key, pa.array(keys, pa.string()))


def _read(path: Path) -> pa.Table:
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    reader = "read_parquet($1)"
    if path.suffix.lower() != ".parquet":
        reader = "read_csv($1, all_varchar=true, header=true)"
    with duckdb.connect() as connection:
        try:
            table = connection.sql(f"from {reader}", params=[str(path)]).to_arrow_table()
        except duckdb.Error as error:
            raise CommandError(
                f"{path} cannot be read ({str(error).splitlines()[0].rstrip('.')}): write it as "
                "CSV in UTF-8 with a line of names, or as Parquet."
            ) from None
    return table


def read_list(path: Path) -> tuple[str, ...]:
    """Return the keys of a file: its first column, or its lines, where the first is a name.

    Raises
    ------
    CommandError
        If there is no such file, or it is empty.
    """
    table = _read(path)
    keys = [str(one).strip() for one in table.column(0).to_pylist() if one is not None]
    if not any(keys):
        raise CommandError(f"{path} lists nobody: write a line with a name, then a key a line.")
    return tuple(dict.fromkeys(filter(None, keys)))


def with_contacts(table: pa.Table, contacts: pa.Table) -> pa.Table:
    """Return the rows that have a contact, with its columns after their own.

    Parameters
    ----------
    table : Table
        The key first.
    contacts : Table
        As `read_contacts` returns it.

    Raises
    ------
    CommandError
        If both have a column of one name.
    """
    both = set(table.column_names[1:]) & set(contacts.column_names[1:])
    if both:
        raise CommandError(
            f"The contacts have a column {', '.join(sorted(both))}, and so has the audience: name "
            "the columns to take along with --columns, without it."
        )
    places = {one: place for place, one in enumerate(contacts.column(0).to_pylist()) if one}
    found = [places.get(str(one)) for one in table.column(0).to_pylist()]
    kept = table.filter(pa.array([place is not None for place in found], pa.bool_()))
    rows = contacts.take(pa.array([one for one in found if one is not None], pa.int64()))
    for name in contacts.column_names[1:]:
        kept = kept.append_column(name, rows.column(name))
    return kept
