"""Write, audit, publish: copy audited tables to the files that BI reads, and swap them in.

BI never opens the build file: DuckDB allows one writer or many readers. The copy is written beside
the old one, in a storage version that older clients read, and takes its place by a rename, so a
reader sees the old publication or the new one and nothing between.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pandas as pd

from segmentation.features.frames import bounded_frame

DATABASE = "segmentation.duckdb"
PARQUET = "parquet"
STORAGE_VERSION = "v1.2.0"
ONE_AT_A_TIME = Lock()
"""Publications of one build run in threads of one process and attach under one name."""
VOLATILE = frozenset(
    {
        "model_version",
        "customer_model_version",
        "fitted_at",
        "recorded_at",
        "published_at",
        "library_versions",
        "seconds",
    }
)
"""Columns that a content hash leaves out: versions, times and durations."""
PLAIN_TYPES = ("BIGINT", "INTEGER", "DOUBLE", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP", "DECIMAL")


@dataclass(frozen=True)
class PublicTable:
    """A table to publish.

    Attributes
    ----------
    query : str
        SELECT that reads it from the build file.
    key : tuple of str
        Its unique key; rows are written in this order.
    model_version : int or None
        The version whose rows are published; None publishes all rows.
    serving_version : int or None
        The version of its segmentation that serves; None is that of the publication.
    as_of_date : date or None
        The date of the data that it was built from.
    """

    query: str
    key: tuple[str, ...]
    model_version: int | None = None
    serving_version: int | None = None
    as_of_date: date | None = None

    @property
    def select(self) -> str:
        """SELECT of the rows to publish, in key order."""
        kept = f" where model_version = {self.model_version}" if self.model_version else ""
        return f"select * from ({self.query}) as t{kept} order by {', '.join(self.key)}"


@dataclass(frozen=True)
class Publication:
    """What was published of one table."""

    table_name: str
    rows: int
    columns: int
    content_hash: str
    published_at: datetime
    model_version: int
    as_of_date: date | None


def read_public_tables(relation: Any) -> dict[str, PublicTable]:
    """Read what is to be published from ``int_public_tables``.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
        One row per table: table_name, relation, row_key (columns, comma and space between),
        model_version, is_versioned, as_of_date.

    Returns
    -------
    dict of str to PublicTable
        The tables by their published name, in name order.
    """
    return {
        row.table_name: PublicTable(
            f"select * from {row.relation}",
            tuple(row.row_key.split(", ")),
            int(row.model_version) if row.is_versioned else None,
            int(row.model_version),
            row.as_of_date.date(),
        )
        for row in bounded_frame(relation, "table_name").itertuples()
    }


def publish(
    session: Any,
    tables: Mapping[str, PublicTable],
    folder: str | Path,
    model_version: int,
    *,
    name: str | None = None,
) -> pd.DataFrame:
    """Copy tables into a fresh DuckDB file and Parquet files and swap them in by rename.

    Parameters
    ----------
    session : DuckDB connection
        Open on the build file.
    tables : mapping of str to PublicTable
        The tables by their published name.
    folder : path
        Where BI reads: gets ``segmentation.duckdb`` and ``parquet/<table>.parquet``.
    model_version : int
        The version that serves.
    name : str, optional
        Of a publication beside the shop's own: it gets ``<name>.duckdb`` and
        ``parquet/<name>/<table>.parquet`` instead, so that neither waits for the other's audits.

    Returns
    -------
    DataFrame
        One row per table: table_name, rows, columns, content_hash, published_at, model_version,
        as_of_date.
        The same rows are in the published table ``publications``.

    Raises
    ------
    ValueError
        If a column has a type that older clients cannot read.
    OSError
        If the folder cannot be written; the sentence says why.
    """
    database = Path(folder) / (f"{name}.duckdb" if name else DATABASE)
    parquet = Path(folder) / PARQUET / (name or "")
    try:
        return _write(session, tables, database, parquet, model_version)
    except (OSError, duckdb.IOException) as error:
        raise OSError(unwritable(folder, error)) from None


def unwritable(folder: str | Path, error: Exception) -> str:
    """Return one sentence that says why the published files cannot be written.

    Parameters
    ----------
    folder : path
        Where BI reads.
    error : Exception
        What the operating system or DuckDB said.
    """
    reason = str(error).splitlines()[0]
    if isinstance(error, OSError) and error.strerror:
        reason = f"{error.strerror}: {error.filename or folder}"
    return (
        f"The serving folder {folder} cannot be written ({reason}): mend it, or name another "
        "with SEGMENTATION_SERVING."
    )


def _write(
    session: Any,
    tables: Mapping[str, PublicTable],
    database: Path,
    parquet: Path,
    model_version: int,
) -> pd.DataFrame:
    parquet.mkdir(parents=True, exist_ok=True)
    fresh = database.with_name(f"{database.name}.tmp")
    with ONE_AT_A_TIME, _alone_in(database.parent), session.cursor() as cursor:
        _remove(fresh)
        _attach(cursor, fresh)
        try:
            publications = _copy_tables(cursor, tables, model_version)
            _export_parquet(cursor, [*tables, "publications"], parquet)
            cursor.execute("checkpoint published")
        finally:
            cursor.execute("detach published")
        _swap(fresh, database)
        _swap_parquet(parquet, [*tables, "publications"])
    return publications


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other build writes to a folder; a killed one holds no lock."""
    import fcntl  # Not on Windows, where what is published can still be read.

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _attach(cursor: duckdb.DuckDBPyConnection, path: Path) -> None:
    quoted = str(path).replace("'", "''")
    cursor.execute(f"attach '{quoted}' as published (storage_version '{STORAGE_VERSION}')")


def _copy_tables(
    cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, PublicTable], model_version: int
) -> pd.DataFrame:
    published_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    rows = []
    for name, table in tables.items():
        cursor.execute(f"create table published.main.{name} as {table.select}")
        columns = _columns(cursor, name)
        _refuse_exotic_types(name, columns)
        _copy_comments(cursor, name)
        count, content_hash = _content_hash(cursor, name, list(columns))
        version = table.serving_version or model_version
        rows.append(
            Publication(
                name, count, len(columns), content_hash, published_at, version, table.as_of_date
            )
        )
    frame = pd.DataFrame([asdict(row) for row in rows])
    cursor.register("publication_rows", frame)
    cursor.execute(
        "create table published.main.publications as "
        "select * replace (cast(as_of_date as date) as as_of_date) from publication_rows"
    )
    cursor.unregister("publication_rows")
    return frame


def _columns(cursor: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    return dict(
        cursor.execute(
            "select column_name, data_type from duckdb_columns() "
            "where database_name = 'published' and table_name = ? order by column_index",
            [table],
        ).fetchall()
    )


def _refuse_exotic_types(table: str, columns: Mapping[str, str]) -> None:
    for column, data_type in columns.items():
        if data_type.split("(")[0].removesuffix("[]") not in PLAIN_TYPES:
            raise ValueError(
                f"Column {table}.{column} has type {data_type}, which older DuckDB clients cannot "
                f"read: cast it to one of {', '.join(PLAIN_TYPES)}."
            )


def _copy_comments(cursor: duckdb.DuckDBPyConnection, table: str) -> None:
    of_table = cursor.execute(
        "select comment from duckdb_tables() where table_name = $1 and comment is not null "
        "union all select comment from duckdb_views() where view_name = $1 and comment is not null",
        [table],
    ).fetchall()
    for (comment,) in of_table[:1]:
        cursor.execute(f"comment on table published.main.{table} is {_literal(comment)}")
    of_columns = cursor.execute(
        "select column_name, any_value(comment) from duckdb_columns() "
        "where table_name = ? and comment is not null group by column_name order by column_name",
        [table],
    ).fetchall()
    for column, comment in of_columns:
        cursor.execute(f"comment on column published.main.{table}.{column} is {_literal(comment)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _content_hash(
    cursor: duckdb.DuckDBPyConnection, table: str, columns: list[str]
) -> tuple[int, str]:
    """Return the number of rows and a hash of them that does not depend on their order.

    It is the md5 of the sum of half of each row's md5, so memory stays constant; columns in
    `VOLATILE` do not count. The same snapshot and recipe give the same hash.
    """
    counted = [column for column in columns if column not in VOLATILE]
    text = ", ".join(
        f"coalesce(replace(cast({column} as varchar), '|', '|.'), '|-')" for column in counted
    )
    return cursor.execute(
        f"""
        select
            count(*),
            md5(concat_ws(
                '-', '{",".join(counted)}', count(*),
                sum(cast(md5_number_lower(concat_ws('|,', {text})) as hugeint))
            ))
        from published.main.{table}
        """
    ).fetchall()[0]


def _export_parquet(cursor: duckdb.DuckDBPyConnection, tables: list[str], folder: Path) -> None:
    for table in tables:
        target = str(folder / f"{table}.parquet.tmp").replace("'", "''")
        cursor.execute(f"copy published.main.{table} to '{target}' (format parquet)")


def _swap(fresh: Path, target: Path) -> None:
    # A log left by a reader of the old file would make the new one unreadable.
    _sync(fresh)
    target.with_name(target.name + ".wal").unlink(missing_ok=True)
    os.replace(fresh, target)
    _sync(target.parent)


def _swap_parquet(folder: Path, tables: list[str]) -> None:
    # `publications` comes last: who reads its hashes knows that the others are in place.
    for table in tables:
        fresh = folder / f"{table}.parquet.tmp"
        _sync(fresh)
        os.replace(fresh, folder / f"{table}.parquet")
    for path in folder.glob("*.parquet"):
        if path.stem not in tables:
            path.unlink()
    _sync(folder)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
