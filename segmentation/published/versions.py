"""A publication in a schema of Spark's: versions of every table, and views of one of them.

The rows of each version are a partition of ``<table>__versions``. ``published_versions`` has a row
for every version that was begun, and another one, written last, for one that is whole. Every public
view shows the highest whole one: readers of several tables see one publication, old or new.
"""

from collections.abc import Mapping
from typing import Any

VERSION = "published_version"
LISTED = "published_versions"


def publish_versions(session: Any, frames: Mapping[str, Any], schema: str, kept: int) -> int:
    """Write a new version of every table and show it, and return its number.

    Parameters
    ----------
    session : SparkSession
    frames : mapping of str to Spark DataFrame
        What each public table holds.
    schema : str
        Of the publication; it is made if it is not there.
    kept : int
        Versions that stay, this one among them.
    """
    session.sql(f"create schema if not exists {schema}")
    listed = f"{schema}.{LISTED}"
    session.sql(
        f"create table if not exists {listed} (version bigint, is_whole boolean) using parquet"
    )
    # A number that was begun is not used again: files of a killed publication may lie there.
    ((last,),) = session.sql(f"select max(version) from {listed}").collect()
    version = (last or 0) + 1
    session.sql(f"insert into {listed} values ({version}, false)")
    for name, frame in frames.items():
        _write(session, f"{schema}.{name}", frame, version)
    session.sql(f"insert into {listed} values ({version}, true)")
    whole = session.sql(f"select version from {listed} where is_whole order by version desc")
    staying = {row[0] for row in whole.take(kept)}
    for name in frames:
        _forget(session, f"{schema}.{name}__versions", staying)
    return version


def _write(session: Any, name: str, frame: Any, version: int) -> None:
    """Write the rows of a version, and make or mend the view of the table."""
    table, columns = f"{name}__versions", list(frame.columns)
    frame = frame.selectExpr("*", f"cast({version} as bigint) as {VERSION}")
    if not session.catalog.tableExists(table):
        frame.write.partitionBy(VERSION).saveAsTable(table)
    else:
        known = [column for column in session.table(table).columns if column != VERSION]
        new = [field for field in frame.schema.fields if field.name not in (*known, VERSION)]
        if new:
            told = ", ".join(f"`{field.name}` {field.dataType.simpleString()}" for field in new)
            session.sql(f"alter table {table} add columns ({told})")
            known += [field.name for field in new]
        held = [f"`{one}`" if one in columns else f"null as `{one}`" for one in known]
        frame.selectExpr(*held, VERSION).write.insertInto(table)
    if not session.catalog.tableExists(name) or session.table(name).columns != columns:
        listed = ", ".join(f"`{column}`" for column in columns)
        schema = name.split(".")[0]
        session.sql(
            f"create or replace view {name} as select {listed} from {table} "
            f"where {VERSION} = (select max(version) from {schema}.{LISTED} where is_whole)"
        )


def _forget(session: Any, table: str, staying: set[int]) -> None:
    for (partition,) in session.sql(f"show partitions {table}").collect():
        version = int(partition.partition("=")[2])
        if version not in staying:
            session.sql(f"alter table {table} drop partition ({VERSION} = {version})")
