"""The published file: opened read-only for each use, with a sentence for whatever is amiss.

Commands read what was audited and published, never the warehouse. A file is attached to a
connection in memory and let go after each use, so that a publication that swaps the file in
between is seen at once and never blocked.
"""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from segmentation.published.publishing import DATABASE

if TYPE_CHECKING:
    import pandas as pd


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
        Prefix of the tables, e.g. ``customer``; rows are keyed by ``customer_id``.
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    segmentation: str

    @property
    def key(self) -> str:
        """Name of the key column."""
        return f"{self.segmentation}_id"

    @property
    def has_key(self) -> str:
        """Condition that a row has the key given as a parameter: as text, so that 1.5 is not 2."""
        return f"cast({self.key} as varchar) = ?"

    @property
    def unit(self) -> str:
        """What a row is, in words."""
        return self.segmentation.replace("_", " ")

    def has(self, kind: str) -> bool:
        """Return whether the segmentation's table of this kind is published."""
        return bool(self._columns(f"{self.segmentation}_{kind}"))

    def table(self, kind: str) -> str:
        """Return the name of the segmentation's table of this kind, e.g. ``segments``.

        Raises
        ------
        CommandError
            If the file has no such table.
        """
        if not self.has(kind):
            raise CommandError(self._missing(f"{self.segmentation}_{kind}"))
        return f"{self.segmentation}_{kind}"

    def columns(self, kind: str) -> dict[str, str]:
        """Return the column types of a table by name, in the order of the table."""
        return self._columns(self.table(kind))

    def rows(self, query: str, parameters: list | None = None) -> list[tuple]:
        """Return all rows of a query."""
        return self.connection.execute(query, parameters).fetchall()

    def fitted(self, kind: str, order_by: str) -> "pd.DataFrame":
        """Return the active version's rows of a parameter table, sorted.

        Raises
        ------
        CommandError
            If the table or that version's rows are not published.
        """
        version = self.model_version()
        frame = self.connection.execute(
            f"select * from {self.table(kind)} where model_version = ? order by {order_by}",
            [version],
        ).df()
        if frame.empty:
            raise CommandError(
                f"{self.path} holds no rows of model version {version} in "
                f"{self.table(kind)}: run `make build` to publish again."
            )
        return frame

    def model_version(self) -> int:
        """Return the version of the active model."""
        return self._active("model_version")

    def as_of_date(self) -> date | None:
        """Return the date of the data, None if the file was published before it was told."""
        if "as_of_date" not in self._columns("publications"):
            return None
        told = "select as_of_date from publications where table_name = ?"
        return next((day for (day,) in self.rows(told, [self.table("segments")])), None)

    def recipe(self) -> str:
        """Return the active model's recipe as JSON."""
        return self._active("recipe")

    def segments(self) -> list[Segment]:
        """Return the active model's segments by id."""
        rows = self.rows(
            f"select segment_id, segment_name from {self.table('segment_names')} "
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

    def _active(self, column: str):
        table = self.table("segment_models")
        rows = self.rows(f"select {column} from {table} where status = 'active'")
        if len(rows) != 1:
            raise CommandError(
                f"{self.path} names {len(rows)} active models in {table}, not one: "
                "run `make build` to publish again."
            )
        return rows[0][0]

    def _columns(self, table: str) -> dict[str, str]:
        return dict(
            self.rows(
                "select column_name, data_type from duckdb_columns() "
                "where database_name = 'published' and table_name = ? order by column_index",
                [table],
            )
        )

    def _missing(self, table: str) -> str:
        suffix = "_segment_models"
        found = self.rows(
            "select table_name from duckdb_tables() where database_name = 'published' "
            "and ends_with(table_name, ?) order by table_name",
            [suffix],
        )
        names = ", ".join(name.removesuffix(suffix) for (name,) in found) or "none"
        return (
            f"{self.path} has no table {table}. Segmentations published there: {names}. "
            "Choose one with --segmentation, or run `make build` to publish again."
        )


def published_file(serving: str | Path, segmentation: str) -> Path:
    """Return the file that a segmentation is published in, whether it is there or not.

    A segmentation of any table has a file of its own, ``<segmentation>.duckdb``; customers and
    products share ``segmentation.duckdb``.
    """
    own = Path(serving) / f"{segmentation}.duckdb"
    return own if own.is_file() else Path(serving) / DATABASE


@contextmanager
def open_published(serving: str | Path, segmentation: str = "customer") -> Iterator[Published]:
    """Open the published file of a folder, read-only, for as long as the block runs.

    Parameters
    ----------
    serving : path
        Folder of the published files.
    segmentation : str
        Which segmentation's tables to read.

    Raises
    ------
    CommandError
        If there is no file, or it is not one that DuckDB can read.
    """
    path = published_file(serving, segmentation)
    if not path.is_file():
        raise CommandError(
            f"There is no published file {path}: run `make build`, or name the folder that "
            "holds it with --serving."
        )
    with duckdb.connect(":memory:") as connection:
        quoted = str(path).replace("'", "''")
        try:
            connection.execute(f"attach '{quoted}' as published (read_only)")
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise CommandError(
                f"{path} cannot be read ({reason}): run `make build` to publish again."
            ) from error
        connection.execute("use published.main")
        yield Published(connection, path, segmentation)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--serving`` and ``--segmentation``, which every command understands."""
    parser.add_argument(
        "--serving",
        metavar="DIR",
        default=os.environ.get("SEGMENTATION_SERVING", "serving"),
        help="folder of the published files (default: $SEGMENTATION_SERVING, else serving)",
    )
    parser.add_argument(
        "--segmentation",
        metavar="NAME",
        default="customer",
        help="which segmentation, by the prefix of its tables (default: customer)",
    )
