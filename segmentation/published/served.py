"""The published file: opened read-only for each use, with a sentence for whatever is amiss.

Commands read what was audited and published, never the warehouse. The file is attached to a
connection in memory and let go after each use, so that a publication that swaps the file in
between is seen at once and never blocked.

It holds all segmentations. Who opens it sees one of them: before each table with a column
`segmentation` stands a view of the same name with that segmentation's rows, without the column.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from segmentation.published.serving_folder import DATABASE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

SEGMENTATIONS = "segmentations"
"""The table that says what is published: one row per segmentation."""


class CommandError(Exception):
    """Something the user can mend, told in one sentence."""


@dataclass(frozen=True)
class Segment:
    """One segment of the published model."""

    segment_id: int
    name: str


@dataclass(frozen=True, eq=False)
class Published:
    """An open published file, seen by one segmentation.

    Attributes
    ----------
    connection : DuckDBPyConnection
        In memory; its default database is the published file.
    path : Path
        The published file.
    segmentation : str
        Name of the segmentation, e.g. ``customer``.
    units : str
        What its rows are, in words, e.g. ``customers``.
    key : str
        Name of the key column of its unit tables; shared tables call it `unit_id`, as text.
    features, members, history : str
        Names of its unit tables: what its units are like, which segment each is in, and when each
        was in which.
    as_of_date : date
        The date of its data.
    is_stale : bool
        Whether the last build left the segmentation out, so that an earlier publication stands.
    reason : str or None
        Why it was left out, or why this model serves.
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    segmentation: str
    units: str
    key: str
    features: str
    members: str
    history: str
    as_of_date: date
    is_stale: bool
    reason: str | None

    @property
    def unit(self) -> str:
        """What one row is, in words, e.g. ``customer``."""
        if self.units.endswith("ies"):
            return f"{self.units[:-3]}y"
        return self.units.removesuffix("s")

    @property
    def unit_id(self) -> str:
        """The key as shared tables hold it: the SQL that makes text of a unit table's key."""
        return f"cast({self.key} as varchar)"

    @property
    def has_key(self) -> str:
        """Condition that a row has the key given as a parameter: as text, so that 1.5 is not 2."""
        return f"{self.unit_id} = ?"

    def has(self, table: str) -> bool:
        """Return whether a table is published."""
        return table in self._columns

    def columns(self, table: str) -> dict[str, str]:
        """Return the column types of a table by name, in the order of the table.

        Raises
        ------
        CommandError
            If the file has no such table.
        """
        if not self.has(table):
            raise CommandError(self._missing(table))
        return dict(self._columns[table])

    def source_columns(self) -> dict[str, list[str]]:
        """Return the columns that features and key were made of, where they had other names."""
        if "source_columns" not in self._columns[SEGMENTATIONS]:
            return {}
        rows = self.rows(
            f"select source_columns from {SEGMENTATIONS} where segmentation = ?",
            [self.segmentation],
        )
        return json.loads(rows[0][0] or "{}")

    def why_unknown(self, identifier: str) -> str:
        """Say why a key has no segment: left out, with the reason, or nobody's."""
        what = f"{self.unit} {identifier}"
        if self.has("exclusions"):
            reasons = self.rows("select reason from exclusions where unit_id = ?", [identifier])
            if reasons:
                return f"The {what} has no segment: {reasons[0][0]}."
        return f"There is no {what} in {self.path}."

    def rows(self, query: str, parameters: list | dict | None = None) -> list[tuple]:
        """Return all rows of a query.

        Raises
        ------
        CommandError
            If a table that it reads is not published; so do `frame` and `arrow`.
        """
        with self._every_absence_told():
            return self.connection.execute(query, parameters).fetchall()

    def frame(self, query: str, parameters: list | dict | None = None) -> "pd.DataFrame":
        """Return all rows of a query as a DataFrame."""
        with self._every_absence_told():
            return self.connection.execute(query, parameters).df()

    def arrow(self, query: str, parameters: list | dict | None = None) -> "pa.Table":
        """Return all rows of a query as an Arrow table."""
        with self._every_absence_told():
            return self.connection.sql(query, params=parameters).to_arrow_table()

    def fitted(self, table: str, order_by: str) -> "pd.DataFrame":
        """Return the active version's rows of a parameter table, sorted.

        Raises
        ------
        CommandError
            If the table or that version's rows are not published.
        """
        version = self.model_version()
        frame = self.frame(
            f"select * from {table} where model_version = ? order by {order_by}", [version]
        )
        if frame.empty:
            raise CommandError(
                f"{self.path} holds no rows of {self.segmentation} model version {version} in "
                f"{table}: run `segmentation build` to publish again."
            )
        return frame

    def model_version(self) -> int:
        """Return the version of the active model."""
        return self._active("model_version")

    def recipe(self) -> str:
        """Return the active model's recipe as JSON."""
        return self._active("recipe")

    def segments(self) -> list[Segment]:
        """Return the active model's segments by id."""
        rows = self.rows(
            "select segment_id, segment_name from segment_names "
            "where model_version = ? order by segment_id",
            [self.model_version()],
        )
        return [Segment(*row) for row in rows]

    def find_segment(self, wanted: str) -> Segment:
        """Return the one segment of that id, of that name, or whose name contains the text.

        Raises
        ------
        CommandError
            If no segment, or more than one, answers to it.
        """
        segments, text = self.segments(), wanted.strip().casefold()
        listed = "; ".join(f"{one.segment_id} = {one.name}" for one in segments)
        for matches in (
            [one for one in segments if str(one.segment_id) == text],
            [one for one in segments if one.name.casefold() == text],
            [one for one in segments if text and text in one.name.casefold()],
        ):
            if len(matches) == 1:
                return matches[0]
            if matches:
                found = "; ".join(f"{one.segment_id} = {one.name}" for one in matches)
                raise CommandError(
                    f"'{wanted}' fits {len(matches)} segments ({found}): give the id instead."
                )
        raise CommandError(f"There is no segment '{wanted}'. The segments are: {listed}.")

    def segmentations(self) -> tuple[str, ...]:
        """Return the names of all segmentations that can be read from the file, customers first."""
        return _names(self.connection)

    def _active(self, column: str):
        rows = self.rows(f"select {column} from segment_models where status = 'active'")
        if len(rows) != 1:
            raise CommandError(
                f"{self.path} names {len(rows)} active {self.segmentation} models in "
                "segment_models, not one: run `segmentation build` to publish again."
            )
        return rows[0][0]

    @contextmanager
    def _every_absence_told(self) -> Iterator[None]:
        try:
            yield
        except duckdb.CatalogException as error:
            found = re.search(r"Table with name (\S+) does not exist", str(error))
            if not found:
                raise
            raise CommandError(self._missing(found[1])) from error

    @cached_property
    def _columns(self) -> dict[str, dict[str, str]]:
        # Read once, as the file is read-only. The view of a shared table ('temp') comes after the
        # table itself ('published') and stands in its place.
        rows = self.connection.execute(
            "select database_name, table_name, column_name, data_type from duckdb_columns() "
            "where database_name in ('published', 'temp') "
            "order by database_name, table_name, column_index"
        ).fetchall()
        places: dict[tuple[str, str], dict[str, str]] = {}
        for database, table, column, type_name in rows:
            places.setdefault((database, table), {})[column] = type_name
        return {table: columns for (_, table), columns in places.items()}

    def _missing(self, table: str) -> str:
        return (
            f"{self.path} has no table {table}, which this needs: run `segmentation build` to "
            "publish again."
        )


def published_file(serving: str | Path) -> Path:
    """Return the published file of a folder, whether it is there or not."""
    return Path(serving) / DATABASE


@contextmanager
def open_published(serving: str | Path, segmentation: str | None = None) -> Iterator[Published]:
    """Open the published file of a folder, read-only, for as long as the block runs.

    Parameters
    ----------
    serving : path
        Folder of the published file.
    segmentation : str, optional
        Which segmentation to see; the customers', where they are published, else the first.

    Raises
    ------
    CommandError
        If there is no file, it is not one that DuckDB can read, or the segmentation is not in it.
    """
    path = published_file(serving)
    if not path.is_file():
        raise CommandError(
            f"There is no published file {path}: run `segmentation build`, or name the folder that "
            "holds it with --serving."
        )
    with duckdb.connect(":memory:") as connection:
        try:
            connection.execute(f"attach {_text(str(path))} as published (read_only)")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise CommandError(
                f"{path} cannot be read ({reason}): run `segmentation build` to publish again."
            ) from error
        connection.execute("use published.main")
        published = _seen_by(connection, path, segmentation)
        _show_shared_tables(connection, published.segmentation)
        yield published


def _seen_by(
    connection: duckdb.DuckDBPyConnection, path: Path, segmentation: str | None
) -> Published:
    try:
        segmentation = segmentation or next(iter(_names(connection)), "customer")
        found = connection.execute(
            "select segmentation, unit, key_column, features_table, segments_table, "
            f"history_table, as_of_date, is_stale, reason, model_version from {SEGMENTATIONS} "
            "where segmentation = ?",
            [segmentation],
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise CommandError(
            f"{path} was published by another version, which this one cannot read: run "
            "`segmentation build` to publish again."
        ) from error
    if not found:
        raise CommandError(_unknown(path, segmentation, _names(connection)))
    *told, version = found[0]
    if version is None:
        reason = str(told[-1]).removesuffix(".")
        raise CommandError(f"{path} has no segments of {segmentation} yet: {reason}.")
    return Published(connection, path, *told)


def _names(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    rows = connection.execute(
        f"select segmentation from {SEGMENTATIONS} where model_version is not null "
        "order by segmentation <> 'customer', segmentation"
    ).fetchall()
    return tuple(name for (name,) in rows)


def _unknown(path: Path, wanted: str, known: tuple[str, ...]) -> str:
    nearest = sorted(known, key=lambda name: -SequenceMatcher(None, wanted, name).ratio())
    return (
        f"{path} has no segmentation '{wanted}'. Published there: {', '.join(nearest) or 'none'}. "
        "Choose one with --segmentation, or run `segmentation build` to publish again."
    )


def _show_shared_tables(connection: duckdb.DuckDBPyConnection, segmentation: str) -> None:
    # A unit table's column of that name is a feature: it says nothing of whose a row is.
    shared = connection.execute(
        f"""
        with unit_tables as (
            select unnest([features_table, segments_table, history_table]) as table_name
            from {SEGMENTATIONS}
        )
        select table_name
        from duckdb_columns()
        anti join unit_tables using (table_name)
        where database_name = 'published' and column_name = 'segmentation'
            and table_name <> '{SEGMENTATIONS}'
        order by table_name
        """
    ).fetchall()
    for (table,) in shared:
        connection.execute(
            f"create temporary view {table} as select * exclude (segmentation) "
            f"from published.main.{table} where segmentation = {_text(segmentation)}"
        )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
