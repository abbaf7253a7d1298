"""One Spark session per process, and dbt's connection to it."""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.spark.connections import SparkConnectionManager, SparkCredentials
from dbt.adapters.spark.session import SessionConnectionWrapper
from dbt.adapters.sparksession import files, tables
from dbt.adapters.sparksession.transpiling import spark_sql
from dbt_common.exceptions import DbtRuntimeError

COMMENT = re.compile(r"\A\s*(/\*.*?\*/\s*|--[^\n]*\n\s*)*", re.DOTALL)
QUERY = re.compile(r"select\b|with\b|\(", re.IGNORECASE)
TELLS = re.compile(r"(show|desc|describe|explain)\b", re.IGNORECASE)
DELETE = re.compile(r"delete\s+from\s+(\S+)\s+where\b(.*)", re.DOTALL | re.IGNORECASE)
LOCK = threading.Lock()
_sessions: dict[str, Any] = {}


@dataclass
class SparkSessionCredentials(SparkCredentials):
    """Where Spark runs and keeps its tables.

    Attributes
    ----------
    master : str
        ``local[2]`` or ``spark://host:7077``; not asked where `remote` is given.
    remote : str
        ``sc://host:15002``, a Spark Connect server; empty for a session in this process.
    memory : str
        Of the driver, which also holds the bounded samples of fits.
    warehouse : str
        Folder or address of the tables, which every executor must reach.
    partitions : int
        Of a shuffle: two or three for each core.
    """

    host: str = "session"
    method: str = "session"
    master: str = "local[2]"
    remote: str = ""
    memory: str = "2g"
    warehouse: str = "warehouse/spark"
    partitions: int = 4

    def __post_init__(self) -> None:
        """Make the session's settings; those that the profile gives by name win."""
        given = dict(self.server_side_parameters)
        super().__post_init__()
        # dbt-spark turns it off, and faulty casts would become nulls.
        self.server_side_parameters = self._settings() | {k: str(v) for k, v in given.items()}

    def _settings(self) -> dict[str, str]:
        settings = {
            "spark.sql.ansi.enabled": "true",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.timestampType": "TIMESTAMP_NTZ",
            "spark.sql.shuffle.partitions": str(self.partitions),
            "spark.sql.sources.default": "parquet",
        }
        if self.remote:
            return settings | {"spark.remote": self.remote}
        place = self.warehouse
        if "://" not in place:
            place = str(Path(place).resolve())
        home = Path(place if "://" not in place else "warehouse/spark").resolve()
        log = Path(__file__).with_name("log4j2.properties")
        return settings | {
            "spark.master": self.master,
            "spark.driver.memory": self.memory,
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": f"-Dfile.encoding=UTF-8 -Dderby.system.home={home} "
            f"-Dlog4j2.configurationFile={log.as_uri()}",
            "spark.hadoop.javax.jdo.option.ConnectionURL": (
                f"jdbc:derby:;databaseName={home}/metastore_db;create=true"
            ),
            "spark.sql.warehouse.dir": place,
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }

    @property
    def type(self) -> str:
        """The adapter's name, as a profile writes it."""
        return "sparksession"

    def _connection_keys(self) -> tuple[str, ...]:
        return "master", "remote", "warehouse", "schema"


def session_for(credentials: SparkSessionCredentials) -> Any:
    """Return the session of this process; the first call starts it.

    Parameters
    ----------
    credentials : SparkSessionCredentials
    """
    with LOCK:
        if "session" not in _sessions:
            from pyspark.sql import SparkSession

            # It writes the stack of the JVM to standard error; the sentence is in the exception.
            logging.getLogger("SQLQueryContextLogger").disabled = True
            logging.getLogger("DataFrameQueryContextLogger").disabled = True
            builder = SparkSession.builder.appName("segmentation")
            if not credentials.remote:
                builder = builder.enableHiveSupport()
            for key, value in credentials.server_side_parameters.items():
                builder = builder.config(key, value)
            session = builder.getOrCreate()
            # For Python models that have a query of the project: the library knows no dbt.
            session.project_sql = lambda text: session.sql(spark_sql(text))
            _sessions["session"] = session
        return _sessions["session"]


@contextmanager
def _told_in_one_sentence() -> Iterator[None]:
    """Leave out plan and stack of what Spark says; its class and sentence stand in front."""
    try:
        yield
    except Exception as error:
        raise DbtRuntimeError(_sentence(str(error).strip())) from error


def _sentence(said: str) -> str:
    raised = re.search(r"\[USER_RAISED_EXCEPTION\] (.*?)( SQLSTATE|$)", said, re.MULTILINE)
    if raised:
        return raised[1]
    causes = re.findall(r"^Caused by: (.*)|^: (.*)", said, re.MULTILINE)
    return "".join(causes[-1]) if causes else said.splitlines()[0]


class Cursor:
    """Runs one statement: a query of the project is translated, all else is dbt-spark's own."""

    def __init__(self, credentials: SparkSessionCredentials) -> None:
        self.credentials = credentials
        self._result: Any = None

    @property
    def description(self) -> list[tuple]:
        """Name and type of every column."""
        if self._result is None:
            return []
        return [
            (field.name, field.dataType.simpleString(), None, None, None, None, field.nullable)
            for field in self._result.schema.fields
        ]

    def execute(self, sql: str, *_: Any) -> None:
        """Run a statement."""
        text = COMMENT.sub("", sql, count=1)
        with _told_in_one_sentence():
            self._result = self._run(text)

    def _run(self, text: str) -> Any:
        session = session_for(self.credentials)
        if files.are_read_by(text):
            return files.rows_of(text)
        if QUERY.match(text):
            return session.sql(spark_sql(text))
        if deleted := DELETE.match(text):
            kept = f"select * from {deleted[1]} where not coalesce(({deleted[2]}), false)"
            return tables.replace(session, deleted[1], spark_sql(kept))
        told = session.sql(text)
        return told if TELLS.match(text) else None

    def fetchall(self) -> list:
        """Return all rows."""
        with _told_in_one_sentence():
            return [] if self._result is None else self._result.collect()

    def close(self) -> None:
        """Let go of the result."""
        self._result = None


class Handle(SessionConnectionWrapper):
    """What dbt-spark takes for a connection."""

    def __init__(self, credentials: SparkSessionCredentials) -> None:
        self.credentials = credentials
        self._cursor = None

    def cursor(self) -> "Handle":
        """Begin a statement."""
        self._cursor = Cursor(self.credentials)
        return self


class SparkSessionConnectionManager(SparkConnectionManager):
    """Opens connections without a server."""

    TYPE = "sparksession"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Start the session, if it has not been started."""
        if connection.state != ConnectionState.OPEN:
            try:
                session_for(connection.credentials)
            except Exception as error:
                reason = str(error).strip().splitlines()[0]
                raise DbtRuntimeError(
                    f"Spark cannot be started ({reason}): see docs/spark.md for what it needs."
                ) from error
            connection.handle = Handle(connection.credentials)
            connection.state = ConnectionState.OPEN
        return connection
