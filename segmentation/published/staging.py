"""What another engine built, as DuckDB's tables: the one publisher takes them from there."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from segmentation.published.publishing import PublicTable, Segmented, publish
from segmentation.published.versions import publish_versions

MOST_ROWS = 2_000_000
"""Of a table that pass through Spark's driver to DuckDB; an environment variable says another."""


def publish_built(
    session: Any,
    tables: Mapping[str, PublicTable],
    segmentations: Mapping[str, Segmented],
    folder: str | Path,
    kept: int,
    schema: str,
) -> pd.DataFrame:
    """Publish what either engine built, as `segmentation.published.publishing.publish` does.

    What Spark built is published there, too, in a schema named after the one of the build.
    """
    with _in_duckdb(session, tables) as (connection, held):
        published = publish(connection, held, segmentations, folder, kept)
    if hasattr(session, "project_sql"):
        frames = {name: session.project_sql(table.query) for name, table in tables.items()}
        publish_versions(session, frames, f"{schema}_published", kept)
    return published


@contextmanager
def _in_duckdb(
    session: Any, tables: Mapping[str, PublicTable]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Mapping[str, PublicTable]]]:
    """Give a connection of DuckDB that holds the public tables, and how they are read there.

    Parameters
    ----------
    session : DuckDB connection or SparkSession
        A connection is given back as it is. What Spark built is copied, table by table, to a file
        beside its warehouse, which also says at the next publication that this is the same one.
    tables : mapping of str to PublicTable
        Their queries are the project's; a session of the Spark adapter runs them by `project_sql`.
    """
    if not hasattr(session, "project_sql"):
        yield session, tables
        return
    place = os.environ.get("SEGMENTATION_SPARK_WAREHOUSE", "warehouse/spark")
    folder = Path("warehouse/spark" if "://" in place else place)
    folder.mkdir(parents=True, exist_ok=True)
    most = int(os.environ.get("SEGMENTATION_SPARK_SERVING_ROWS") or MOST_ROWS)
    with duckdb.connect(str(folder / "published_from_spark.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        for name, table in tables.items():
            rows = _bounded(session.project_sql(table.query), name, table.key, most).toArrow()
            connection.register("rows", rows)
            connection.execute(f"create or replace table main.{name} as from rows")
            connection.unregister("rows")
        queries = {name: f"from main.{name}" for name in tables}
        yield connection, {name: replace(tables[name], query=queries[name]) for name in tables}


def _bounded(frame: Any, name: str, key: Sequence[str], most: int) -> Any:
    """Return about `most` rows of a table that has more: the same units of every such table."""
    rows = frame.count()
    if rows <= most:
        return frame
    unit = next(column for column in key if column != "segmentation")
    print(
        f"Of the {rows:,} rows of {name} the DuckDB file holds about {most:,}, chosen by a hash of "
        f"{unit}; Spark holds all. The bound is SEGMENTATION_SPARK_SERVING_ROWS.",
        file=sys.stderr,
    )
    drawn = f"conv(substr(md5(cast(`{unit}` as string)), 1, 8), 16, 10) / 4294967296"
    return frame.where(f"{drawn} < {most / rows!r}")
