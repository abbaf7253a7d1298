"""Raw files are read by DuckDB on every engine: one set of checks, and CSV as it is found.

Queries of the functions in `READERS` run in a DuckDB of this process. What such a query makes into
a table goes to Spark as Parquet.
"""

import re
import threading
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READERS = re.compile(
    r"\b(read_csv|read_parquet|read_blob|glob)\s*\(|\breject_(errors|scans)\b", re.IGNORECASE
)
_of_this_thread = threading.local()


def are_read_by(query: str) -> bool:
    """Say whether a query reads files."""
    return READERS.search(query) is not None


def _engine() -> Any:
    """Return the DuckDB of this thread: what one query rejects, the next asks for."""
    import duckdb

    if not hasattr(_of_this_thread, "engine"):
        _of_this_thread.engine = duckdb.connect(config={"threads": 2})
        _of_this_thread.engine.execute("set timezone = 'UTC'")
    return _of_this_thread.engine


@dataclass
class _Type:
    name: str

    def simpleString(self) -> str:  # noqa: N802
        return self.name


_Field = namedtuple("_Field", "name dataType nullable")
_Schema = namedtuple("_Schema", "fields")


@dataclass
class Rows:
    """What DuckDB answered, as a Spark DataFrame would hand it over."""

    names: list[str]
    types: list[str]
    rows: list[tuple]

    @property
    def schema(self) -> Any:
        """Fields with a name and a type."""
        pairs = zip(self.names, self.types, strict=True)
        return _Schema([_Field(name, _Type(kind), True) for name, kind in pairs])

    def collect(self) -> list[tuple]:
        """Return the rows."""
        return self.rows


def rows_of(query: str) -> Rows:
    """Run a query of files."""
    found = _engine().execute(query)
    told = found.description
    return Rows([one[0] for one in told], [str(one[1]) for one in told], found.fetchall())


def as_parquet(query: str, folder: str, name: str) -> str:
    """Write what a query of files gives, and return the query that reads it on Spark.

    Parameters
    ----------
    query : str
        In DuckDB's SQL.
    folder : str
        Where executors read too.
    name : str
        Of the table that it makes.
    """
    path = Path(folder).resolve() / "raw_files" / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    target = str(path).replace("'", "''")
    _engine().execute(f"copy ({query}) to '{target}' (format parquet)")
    return f"select * from parquet.`{path}`"
