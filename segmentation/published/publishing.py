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
from segmentation.published.places import shared_place_problem

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
        SELECT of the rows to publish, from the build file.
    key : tuple of str
        Its unique key; rows are written in this order.
    segmentation : str or None
        The segmentation whose units it holds; None if it is shared by all: then the column
        `segmentation` says whose a row is.
    """

    query: str
    key: tuple[str, ...]
    segmentation: str | None = None

    @property
    def select(self) -> str:
        """SELECT of the rows to publish, in key order."""
        return f"select * from ({self.query}) as t order by {', '.join(self.key)}"


@dataclass(frozen=True)
class Segmented:
    """What this build knows of one segmentation: a row of ``segmentations``.

    Attributes
    ----------
    name : str
    model_version : int or None
        The version that serves; None if the build left the segmentation out.
    as_of_date : date
        The date of its data.
    is_stale : bool
        Whether the build left it out, so that its last publication is carried over.
    """

    name: str
    model_version: int | None
    as_of_date: date
    is_stale: bool


@dataclass(frozen=True)
class Publication:
    """What was published of one table."""

    table_name: str
    rows: int
    columns: int
    content_hash: str
    published_at: datetime
    model_version: int | None
    as_of_date: date | None


def read_segmentations(relation: Any) -> dict[str, Segmented]:
    """Read the segmentations of a build by name, from ``segmentations``."""
    return {
        row.segmentation: Segmented(
            row.segmentation,
            None if pd.isna(row.model_version) else int(row.model_version),
            row.as_of_date.date(),
            bool(row.is_stale),
        )
        for row in bounded_frame(relation, "segmentation").itertuples()
    }


def read_public_tables(relation: Any) -> dict[str, PublicTable]:
    """Read what is to be published from ``public_tables``.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
        One row per table: table_name, row_key (columns, comma and space between), segmentation
        (null for a shared table), query.

    Returns
    -------
    dict of str to PublicTable
        The tables by their published name, in name order.
    """
    return {
        row.table_name: PublicTable(
            row.query,
            tuple(row.row_key.split(", ")),
            None if pd.isna(row.segmentation) else str(row.segmentation),
        )
        for row in bounded_frame(relation, "table_name").itertuples()
    }


def publish(
    session: Any,
    tables: Mapping[str, PublicTable],
    segmentations: Mapping[str, Segmented],
    folder: str | Path,
) -> pd.DataFrame:
    """Copy tables into a fresh DuckDB file and Parquet files and swap them in by rename.

    Of a segmentation that this build left out, the rows and tables of the last publication are
    carried over; its row of ``segmentations`` says that they are stale, and why.

    Parameters
    ----------
    session : DuckDB connection
        Open on the build file.
    tables : mapping of str to PublicTable
        The tables by their published name.
    segmentations : mapping of str to Segmented
        The segmentations of this build by name.
    folder : path
        Where BI reads: gets ``segmentation.duckdb`` and ``parquet/<table>.parquet``.

    Returns
    -------
    DataFrame
        One row per table: table_name, rows, columns, content_hash, published_at, model_version
        and as_of_date. The version is that of the table's segmentation, null where it is shared;
        the date of a shared table is the newest among its segmentations. The same rows are in the
        published table ``publications``.

    Raises
    ------
    ValueError
        If a column has a type that older clients cannot read, or if the build file lies where
        publication would replace it.
    OSError
        If the folder cannot be written; the sentence says why.
    """
    _refuse_shared_place(session, folder)
    try:
        return _write(session, tables, segmentations, Path(folder))
    except (OSError, duckdb.IOException) as error:
        raise OSError(unwritable(folder, error)) from None


def _refuse_shared_place(session: Any, folder: str | Path) -> None:
    (warehouse,) = session.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchone()
    if warehouse and (problem := shared_place_problem(warehouse, folder)):
        raise ValueError(problem)


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
    segmentations: Mapping[str, Segmented],
    folder: Path,
) -> pd.DataFrame:
    database, parquet = folder / DATABASE, folder / PARQUET
    parquet.mkdir(parents=True, exist_ok=True)
    fresh = database.with_name(f"{database.name}.tmp")
    with ONE_AT_A_TIME, _alone_in(folder), session.cursor() as cursor:
        _remove(fresh)
        _attach(cursor, fresh)
        try:
            _copy_tables(cursor, tables)
            _carry_over(cursor, tables, segmentations, database)
            publications = _describe_tables(cursor, tables, segmentations)
            _export_parquet(cursor, [*publications["table_name"], "publications"], parquet)
            cursor.execute("checkpoint published")
        finally:
            cursor.execute("detach published")
        _swap(fresh, database)
        _swap_parquet(parquet, [*publications["table_name"], "publications"])
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


def _copy_tables(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, PublicTable]) -> None:
    for name, table in tables.items():
        cursor.execute(f"create table published.main.{name} as {table.select}")
        _refuse_exotic_types(name, _columns(cursor, name))
        _copy_comments(cursor, name)


def _carry_over(
    cursor: duckdb.DuckDBPyConnection,
    tables: Mapping[str, PublicTable],
    segmentations: Mapping[str, Segmented],
    database: Path,
) -> None:
    """Copy what was last published of the segmentations that this build left out."""
    stale = sorted(one.name for one in segmentations.values() if one.is_stale)
    if not stale or not database.is_file():
        return
    quoted = str(database).replace("'", "''")
    cursor.execute(f"attach '{quoted}' as earlier (read_only)")
    try:
        if not _columns(cursor, "segmentations", "earlier"):
            return  # Published by version 0.1, whose tables are others.
        for name, table in tables.items():
            columns, fresh = _columns(cursor, name, "earlier"), _columns(cursor, name)
            if table.segmentation in stale and columns:
                cursor.execute(
                    f"create or replace table published.main.{name} as from earlier.main.{name}"
                )
                _copy_comments(cursor, name)
            elif table.segmentation is None and name != "segmentations" and columns == fresh:
                cursor.execute(
                    f"create or replace table published.main.{name} as select * from ("
                    f"from published.main.{name} union all from earlier.main.{name} "
                    f"where list_contains(?, segmentation)) as t order by {', '.join(table.key)}",
                    [stale],
                )
                _copy_comments(cursor, name)
        cursor.execute(
            "update published.main.segmentations as fresh set "
            "model_version = earlier.model_version, as_of_date = earlier.as_of_date, "
            "units = earlier.units from earlier.main.segmentations as earlier "
            "where fresh.is_stale and fresh.segmentation = earlier.segmentation"
        )
    finally:
        cursor.execute("detach earlier")


def _describe_tables(
    cursor: duckdb.DuckDBPyConnection,
    tables: Mapping[str, PublicTable],
    segmentations: Mapping[str, Segmented],
) -> pd.DataFrame:
    """Write ``publications``, one row per table, and return it."""
    published_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    told = {
        name: (version, day)
        for name, version, day in cursor.execute(
            "select segmentation, model_version, as_of_date from published.main.segmentations"
        ).fetchall()
    }
    newest = max((one.as_of_date for one in segmentations.values()), default=None)
    rows = []
    for name, table in tables.items():
        columns = _columns(cursor, name)
        count, content_hash = _content_hash(cursor, name, list(columns))
        version, day = told.get(table.segmentation, (None, newest))
        rows.append(
            Publication(name, count, len(columns), content_hash, published_at, version, day)
        )
    frame = pd.DataFrame([asdict(row) for row in rows])
    frame["model_version"] = frame["model_version"].astype("Int64")
    cursor.register("publication_rows", frame)
    cursor.execute(
        "create table published.main.publications as "
        "select * replace (cast(as_of_date as date) as as_of_date) from publication_rows"
    )
    cursor.unregister("publication_rows")
    return frame


def _columns(
    cursor: duckdb.DuckDBPyConnection, table: str, database: str = "published"
) -> dict[str, str]:
    return dict(
        cursor.execute(
            "select column_name, data_type from duckdb_columns() "
            "where database_name = ? and table_name = ? order by column_index",
            [database, table],
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
    known = _columns(cursor, table)
    for column, comment in of_columns:
        if column in known:
            cursor.execute(
                f"comment on column published.main.{table}.{column} is {_literal(comment)}"
            )


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


def remove_unfinished(folder: str | Path) -> None:
    """Remove what a publication that was killed left; one that runs is waited for.

    Parameters
    ----------
    folder : path
        Where BI reads.
    """
    folder = Path(folder)
    if folder.is_dir():
        with _alone_in(folder):
            _remove(folder / f"{DATABASE}.tmp")
            for path in (folder / PARQUET).glob("*.parquet.tmp"):
                path.unlink()
