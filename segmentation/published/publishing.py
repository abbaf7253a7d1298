"""Write, audit, publish: copy audited tables to the files that BI reads, and switch to them.

BI never opens the build file: DuckDB allows one writer or many readers. The copy is a version of
its own beside the last ones, in a storage version that older clients read. One pointer is switched
to it, so a reader sees the old publication or the new one and nothing between.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Lock
from typing import Any

import duckdb
import pandas as pd

from segmentation.features.frames import bounded_frame
from segmentation.published import serving_folder
from segmentation.published.places import shared_place_problem
from segmentation.published.serving_folder import DATABASE, LAST, PARQUET

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
BYTES_OF_A_VALUE, BYTES_OF_A_TABLE = 8, 2**18
"""What a publication takes on the disk, both formats: measured, and rather too much."""
NO_SPACE = "No space left on device"
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
    kept: int = 3,
) -> pd.DataFrame:
    """Copy tables into a fresh DuckDB file and Parquet files and switch readers to them.

    Of a segmentation that this build left out, the rows and tables of the last publication are
    carried over; its row of ``segmentations`` says that they are stale, and why. If another
    warehouse published here before, a sentence on standard error says so.

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
    kept : int, default 3
        How many publications stay on the disk, this one among them.

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
        If the folder cannot be written or its disk has no room; the sentence says why.
    """
    folder = Path(folder)
    _refuse_shared_place(session, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ONE_AT_A_TIME, serving_folder.alone_in(folder), session.cursor() as cursor:
            published = _write(cursor, tables, segmentations, folder, kept)
            told = serving_folder.replaced_another(folder)
    except (OSError, duckdb.IOException) as error:
        raise OSError(unwritable(folder, error)) from None
    if told:
        print(told, file=sys.stderr)
    return published


def _refuse_shared_place(session: Any, folder: Path) -> None:
    ((warehouse,),) = session.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
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
    if NO_SPACE in reason:
        reason = NO_SPACE
    if isinstance(error, OSError) and error.strerror:
        reason = f"{error.strerror}: {error.filename or folder}"
    return (
        f"The serving folder {folder} cannot be written ({reason}): mend it, or name another "
        "with SEGMENTATION_SERVING."
    )


def _write(
    cursor: duckdb.DuckDBPyConnection,
    tables: Mapping[str, PublicTable],
    segmentations: Mapping[str, Segmented],
    folder: Path,
    kept: int,
) -> pd.DataFrame:
    warehouse = _warehouse_id(cursor)
    serving_folder.make_ready(folder, _room_needed(cursor, tables))
    with (
        serving_folder.next_version(folder, warehouse, kept) as version,
        attached(cursor, version / DATABASE),
    ):
        _copy_tables(cursor, tables)
        if serving_folder.publisher(folder) in (None, warehouse):
            _carry_over(cursor, tables, segmentations, folder / DATABASE)
        publications = _describe_tables(cursor, tables, segmentations)
        export_parquet(cursor, [*publications["table_name"], LAST], version / PARQUET)
    return publications


def _warehouse_id(cursor: duckdb.DuckDBPyConnection) -> str:
    """Return what tells this warehouse from others, made at its first publication."""
    cursor.execute(
        "create table if not exists main.warehouse_identity as "
        "select cast(uuid() as varchar) as warehouse"
    )
    return cursor.execute("select min(warehouse) from main.warehouse_identity").fetchall()[0][0]


def _room_needed(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, PublicTable]) -> int:
    """Return about how many bytes a publication takes, from the rows that DuckDB expects."""
    needed = 0
    for table in tables.values():
        ((_, plan),) = cursor.execute(f"explain (format json) {table.query}").fetchall()
        columns = len(cursor.execute(f"describe {table.query}").fetchall())
        needed += BYTES_OF_A_TABLE + BYTES_OF_A_VALUE * columns * _expected_rows(
            json.loads(plan)[0]
        )
    return needed


def _expected_rows(node: Mapping[str, Any]) -> int:
    """Return the rows that the topmost step with an estimate is expected to give."""
    told = node.get("extra_info", {}).get("Estimated Cardinality")
    return int(told) if told else max(map(_expected_rows, node["children"]), default=0)


@contextmanager
def attached(cursor: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    """Attach a new file as `published`; it is whole, without a log, when the block has ended."""
    # A file that nobody reads before it is whole needs no log: what fails is thrown away.
    cursor.execute(
        f"attach {_literal(str(path))} as published "
        f"(storage_version '{STORAGE_VERSION}', recovery_mode 'no_wal_writes')"
    )
    try:
        yield
        # DETACH writes too, but does not say why it cannot: that a disk is full.
        cursor.execute("checkpoint published")
    except BaseException:
        with suppress(duckdb.Error):
            cursor.execute("detach published")
        raise
    cursor.execute("detach published")


def _copy_tables(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, PublicTable]) -> None:
    comments = _comments(cursor)
    for name, table in tables.items():
        with _one_transaction(cursor):
            cursor.execute(f"create table published.main.{name} as {table.select}")
            _refuse_exotic_types(name, _columns(cursor, name))
            _comment(cursor, name, comments.get(name, {}))


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
    cursor.execute(f"attach {_literal(str(database))} as earlier (read_only)")
    try:
        comments = _comments(cursor)
        if not _columns(cursor, "segmentations", "earlier"):
            return  # Published by version 0.1, whose tables are others.
        listed = ", ".join(map(_literal, stale))
        for name, table in tables.items():
            columns, fresh = _columns(cursor, name, "earlier"), _columns(cursor, name)
            if table.segmentation in stale and columns:
                query = f"from earlier.main.{name}"
            elif table.segmentation is None and name != "segmentations" and columns == fresh:
                query = (
                    f"select * from (from published.main.{name} union all "
                    f"from earlier.main.{name} where segmentation in ({listed})) as t "
                    f"order by {', '.join(table.key)}"
                )
            else:
                continue
            with _one_transaction(cursor):
                cursor.execute(f"create or replace table published.main.{name} as {query}")
                _comment(cursor, name, comments.get(name, {}))
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
        count, content_hash = _content_hash(cursor, name, columns)
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


def describe_anew(cursor: duckdb.DuckDBPyConnection) -> list[str]:
    """Let ``publications`` say again how many rows each table has, and their hash.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        With a whole publication attached as `published`, in which rows have changed.

    Returns
    -------
    list of str
        Its tables.
    """
    published_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    tables = [
        name
        for (name,) in cursor.execute(
            "select table_name from published.main.publications"
        ).fetchall()
    ]
    for name in tables:
        count, content_hash = _content_hash(cursor, name, _columns(cursor, name))
        cursor.execute(
            "update published.main.publications set rows = ?, content_hash = ?, published_at = ? "
            "where table_name = ?",
            [count, content_hash, published_at, name],
        )
    return tables


def _columns(
    cursor: duckdb.DuckDBPyConnection, table: str, database: str = "published"
) -> dict[str, str]:
    try:
        rows = cursor.execute(f"describe {database}.main.{table}").fetchall()
    except duckdb.CatalogException:
        return {}
    return {column: data_type for column, data_type, *_ in rows}


@contextmanager
def _one_transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.execute("begin")
    try:
        yield
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise


def _refuse_exotic_types(table: str, columns: Mapping[str, str]) -> None:
    for column, data_type in columns.items():
        if data_type.split("(")[0].removesuffix("[]") not in PLAIN_TYPES:
            raise ValueError(
                f"Column {table}.{column} has type {data_type}, which older DuckDB clients cannot "
                f"read: cast it to one of {', '.join(PLAIN_TYPES)}."
            )


def _comments(cursor: duckdb.DuckDBPyConnection) -> dict[str, dict[str | None, str]]:
    """Return the comments of the build file by table and column, a table's own under None.

    What the build file says nothing of has the comments of the last publication, if it is attached.
    """
    rows = cursor.execute(
        """
        with told as (
            select database_name, table_name, null as column_name, comment from duckdb_tables()
            union all
            select database_name, view_name, null, comment from duckdb_views()
            union all
            select database_name, table_name, column_name, comment from duckdb_columns()
        )
        select table_name, column_name, comment
        from told
        where comment is not null and database_name <> 'published'
        order by database_name = 'earlier', database_name, table_name, column_name, comment
        """
    ).fetchall()
    comments: dict[str, dict[str | None, str]] = {}
    for table, column, comment in rows:
        comments.setdefault(table, {}).setdefault(column, comment)
    return comments


def _comment(
    cursor: duckdb.DuckDBPyConnection, table: str, comments: Mapping[str | None, str]
) -> None:
    known = _columns(cursor, table)
    for column, comment in comments.items():
        if column is None:
            cursor.execute(f"comment on table published.main.{table} is {_literal(comment)}")
        elif column in known:
            cursor.execute(
                f"comment on column published.main.{table}.{column} is {_literal(comment)}"
            )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _content_hash(
    cursor: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]
) -> tuple[int, str]:
    """Return the number of rows and a hash of them that does not depend on their order.

    It sums the rows' hashes, so memory stays constant and no text of a row is made; a row's hash is
    hashed once more, so that no value moves to another row unseen. Columns in `VOLATILE` do not
    count. The same snapshot and recipe give the same hash, with the same release of DuckDB.
    """
    counted = [column for column in columns if column not in VOLATILE]
    return cursor.execute(
        f"""
        select
            count(*),
            md5(concat_ws(
                '-', '{",".join(counted)}', count(*),
                sum(cast(hash(hash({", ".join(counted)})) as hugeint))
            ))
        from published.main.{table}
        """
    ).fetchall()[0]


def export_parquet(cursor: duckdb.DuckDBPyConnection, tables: list[str], folder: Path) -> None:
    """Write tables of the file attached as `published` to Parquet files of a folder."""
    for table in tables:
        target = _literal(str(folder / f"{table}.parquet"))
        cursor.execute(f"copy published.main.{table} to {target} (format parquet)")
