"""The file of campaigns: who was in which group. It lies beside the warehouse, for its owner only.

It is no table of the warehouse, because a warehouse can be deleted and built again from the source,
and a draw cannot. It is replaced whole, so that a build reads the old file or the new one, and
nothing that was taken out stays in free blocks.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pyarrow as pa

from segmentation.published.served import CommandError

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
SCHEMA = "campaigns"


@dataclass(frozen=True)
class Campaign:
    """A campaign, and how it was drawn.

    Attributes
    ----------
    campaign : str
        Its name, which salts the draw.
    segment_id, segment_name, kind : int, str, str
        The segment it was sent to, as it was called then, and the kind of suggestion; None where
        it was sent to a rule or a list.
    model_version : int
        The model that served.
    starts_on : date
        First day whose orders count.
    horizon_days : int
    control_parts : int
        Share of controls, in parts of `segmentation.campaigns.allocation.PARTS`.
    treated, controls : int
        How many were drawn.
    closed_on : date
        Last day whose orders count; None while it is open.
    """

    campaign: str
    segment_id: int | None
    segment_name: str | None
    kind: str | None
    model_version: int
    starts_on: date
    horizon_days: int
    control_parts: int
    treated: int
    controls: int
    closed_on: date | None = None


COLUMNS = tuple(one.name for one in fields(Campaign))
TABLES = {
    "campaigns": """
        campaign varchar, segment_id bigint, segment_name varchar, kind varchar,
        model_version bigint, starts_on date, horizon_days bigint, control_parts bigint,
        treated bigint, controls bigint, closed_on date
    """,
    "assignments": "campaign varchar, customer_id varchar, stratum bigint, is_control boolean",
}
ASSIGNMENTS = pa.schema(
    {
        "campaign": pa.string(),
        "customer_id": pa.string(),
        "stratum": pa.int64(),
        "is_control": pa.bool_(),
    }
)


def campaigns_file(warehouse: str | Path) -> Path:
    """Return the file of campaigns of a warehouse, whether it is there or not."""
    path = Path(warehouse).resolve()
    return path.with_name(f"{path.stem}.campaigns.duckdb")


def checked_name(name: str) -> str:
    """Return the name of a campaign.

    Raises
    ------
    CommandError
        If it is none: names are published, so they are short and hold no address of anybody.
    """
    if not NAME.fullmatch(name):
        raise CommandError(
            f"--campaign {name}: write at most 40 small letters, digits, - and _, beginning with a "
            "letter or digit; the name is published with the result."
        )
    return name


@contextmanager
def attached(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[str]:
    """Attach the file, read-only; give the SQL name of its schema.

    Raises
    ------
    CommandError
        If it is no such file.
    """
    text = str(path).replace("'", "''")
    try:
        connection.execute(f"attach '{text}' as campaign_file (read_only)")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise CommandError(
            f"The campaigns in {path} cannot be read ({reason}): put a copy of the file back, or "
            "move it away and do without them."
        ) from None
    try:
        yield f"campaign_file.{SCHEMA}"
    finally:
        connection.execute("detach campaign_file")


@dataclass(frozen=True)
class Store:
    """All campaigns of a warehouse.

    Attributes
    ----------
    path : Path
    """

    path: Path

    def campaigns(self) -> list[Campaign]:
        """Return the campaigns, by start and name."""
        if not self.path.is_file():
            return []
        with self._read() as (connection, schema):
            rows = connection.execute(
                f"select {', '.join(COLUMNS)} from {schema}.campaigns order by starts_on, campaign"
            ).fetchall()
        return [Campaign(*row) for row in rows]

    def find(self, name: str) -> Campaign | None:
        """Return the campaign of a name, None if there is none."""
        return next((one for one in self.campaigns() if one.campaign == name), None)

    def assignments(self, name: str) -> pa.Table:
        """Return who is in a campaign, by key: the columns of `ASSIGNMENTS`."""
        with self._read() as (connection, schema):
            return connection.sql(
                f"select {', '.join(ASSIGNMENTS.names)} from {schema}.assignments "
                "where campaign = $1 order by customer_id",
                params=[name],
            ).to_arrow_table()

    def known_ids(self, ids: tuple[str, ...]) -> frozenset[str]:
        """Return which of the customers are in any campaign."""
        if not self.path.is_file():
            return frozenset()
        with self._read() as (connection, schema):
            rows = connection.execute(
                f"select distinct trim(customer_id) from {schema}.assignments "
                "where trim(customer_id) in (select unnest($1))",
                [list(ids)],
            ).fetchall()
        return frozenset(one for (one,) in rows)

    def add(self, campaign: Campaign, assignments: pa.Table) -> None:
        """Write a new campaign and who is in it.

        Raises
        ------
        CommandError
            If there is a campaign of that name already.
        """
        with self._rewritten() as connection:
            names = connection.execute(
                "select 1 from campaigns.campaigns where campaign = $1", [campaign.campaign]
            ).fetchall()
            if names:
                raise CommandError(f"There is a campaign {campaign.campaign}: choose another name.")
            values = [getattr(campaign, name) for name in COLUMNS]
            connection.execute(
                f"insert into campaigns.campaigns values ({', '.join('?' * len(values))})", values
            )
            connection.register("drawn", assignments)
            connection.execute("insert into campaigns.assignments by name from drawn")

    def close(self, name: str, day: date) -> None:
        """End a campaign: orders after the day do not count.

        Raises
        ------
        CommandError
            If there is no such campaign, or it is closed; so does `delete`.
        """
        found = self._known(name)
        if found.closed_on:
            raise CommandError(f"The campaign {name} was closed on {found.closed_on}.")
        with self._rewritten() as connection:
            connection.execute(
                "update campaigns.campaigns set closed_on = $1 where campaign = $2", [day, name]
            )

    def delete(self, name: str) -> None:
        """Forget a campaign and who was in it."""
        self._known(name)
        with self._rewritten() as connection:
            for table in TABLES:
                connection.execute(f"delete from campaigns.{table} where campaign = $1", [name])

    def forget(self, ids: tuple[str, ...]) -> int:
        """Take customers out of all campaigns; return how many rows went.

        How many were drawn stays as it was counted.
        """
        if not self.known_ids(ids):
            return 0
        with self._rewritten() as connection:
            return len(
                connection.execute(
                    "delete from campaigns.assignments "
                    "where trim(customer_id) in (select unnest($1)) returning 1",
                    [list(ids)],
                ).fetchall()
            )

    def _known(self, name: str) -> Campaign:
        found = self.find(name)
        if found is None:
            names = ", ".join(one.campaign for one in self.campaigns()) or "none"
            raise CommandError(f"There is no campaign {name} in {self.path}, only: {names}.")
        return found

    @contextmanager
    def _read(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        with duckdb.connect() as connection, attached(connection, self.path) as schema:
            yield connection, schema

    @contextmanager
    def _rewritten(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give all tables in memory, and write them as a new file in place of the old one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self.path), duckdb.connect() as connection:
            connection.execute(f"create schema {SCHEMA}")
            for table, columns in TABLES.items():
                connection.execute(f"create table {SCHEMA}.{table} ({columns})")
            if self.path.is_file():
                with attached(connection, self.path) as old:
                    for table in TABLES:
                        connection.execute(
                            f"insert into {SCHEMA}.{table} by name from {old}.{table}"
                        )
            yield connection
            _write(connection, self.path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one writer at a time into the folder; a lock that a killed one held is free."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    for left in path.parent.glob(f".{path.name}.*"):
        # Of a writer that was killed: there is one at a time.
        shutil.rmtree(left, ignore_errors=True)
    # A folder of its own, which nobody else may enter, until the file has its mode.
    folder = Path(mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        fresh = folder / path.name
        text = str(fresh).replace("'", "''")
        connection.execute(f"attach '{text}' as fresh (recovery_mode 'no_wal_writes')")
        connection.execute(f"create schema fresh.{SCHEMA}")
        for table, order in (("campaigns", "campaign"), ("assignments", "campaign, customer_id")):
            connection.execute(
                f"create table fresh.{SCHEMA}.{table} as from {SCHEMA}.{table} order by {order}"
            )
        connection.execute("checkpoint fresh")
        connection.execute("detach fresh")
        fresh.chmod(0o600)
        _make_durable(fresh)
        os.replace(fresh, path)
        _make_durable(path.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_durable(path: Path) -> None:
    # What was sent cannot be drawn again.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
