"""Tables that are written beside those they replace, so that a build that ends leaves the old ones.

A table is written as ``x__dbt_building``. Once whole it becomes ``x__dbt_built``, and then ``x``:
what a build left under that name is a whole table, and the next build puts it in its place.
"""

from typing import Any

BUILDING, BUILT = "__dbt_building", "__dbt_built"


def replace(session: Any, name: str, query: str) -> None:
    """Let a table hold the rows of a query, which may read the table itself.

    Parameters
    ----------
    session : SparkSession
    name : str
        Schema and table, with a point between.
    query : str
        In Spark's SQL.
    """
    drop(session, name + BUILDING)
    session.sql(f"create table {name}{BUILDING} using parquet as {query}")
    put_in_place(session, name)


def add_rows(session: Any, name: str, new: str, keys: list[str]) -> None:
    """Add the rows of another table to a table, and drop that.

    Parameters
    ----------
    session : SparkSession
    name, new : str
        A column that only one of them has is null in the rows of the other.
    keys : list of str
        Rows that agree with a new one in all of these are replaced; none if there are no keys.
    """
    before, after = session.table(name), session.table(new)
    types = {field.name: field.dataType.simpleString() for field in before.schema.fields}
    types |= {field.name: field.dataType.simpleString() for field in after.schema.fields}
    same = " and ".join(f"old.{key} <=> fresh.{key}" for key in keys)
    gone = f"where not exists (select 1 from {new} as fresh where {same})" if keys else ""
    replace(
        session,
        name,
        f"select {_columns(types, before.columns)} from {name} as old {gone} "
        f"union all select {_columns(types, after.columns)} from {new}",
    )
    drop(session, new)


def typed(session: Any, rows: Any, name: str) -> Any:
    """Give columns that have no type, for they have no value, that of the table they belong to.

    Parameters
    ----------
    session : SparkSession
    rows : Spark DataFrame
    name : str
        Of the table, which need not be there: then such a column is a text.
    """
    fields = session.table(name).schema.fields if session.catalog.tableExists(name) else []
    known = {field.name: field.dataType.simpleString() for field in fields}
    return rows.selectExpr(
        *(
            f"cast(`{field.name}` as {known.get(field.name, 'string')}) as `{field.name}`"
            if "void" in field.dataType.simpleString()
            else f"`{field.name}`"
            for field in rows.schema.fields
        )
    )


def _columns(types: dict[str, str], known: list[str]) -> str:
    return ", ".join(
        f"`{name}`" if name in known else f"cast(null as {kind}) as `{name}`"
        for name, kind in types.items()
    )


def keep(session: Any, schema: str, name: str, query: str) -> None:
    """Compute a query once, for all that read it under a name until it is let go.

    Spark plans what reads a table much faster than what reads a query.

    Parameters
    ----------
    session : SparkSession
    schema, name : str
    query : str
        In Spark's SQL.
    """
    rows = session.sql(query)
    if "void" in rows.schema.simpleString():  # Parquet has no column without a type.
        rows.cache().createOrReplaceTempView(name)
        return
    part = f"{schema}.{name}{BUILDING}"
    drop(session, part)
    rows.write.format("parquet").saveAsTable(part)
    session.table(part).createOrReplaceTempView(name)


def let_go(session: Any, schema: str, name: str) -> None:
    """Forget what was kept under a name."""
    session.catalog.dropTempView(name)
    drop(session, f"{schema}.{name}{BUILDING}")


def put_in_place(session: Any, name: str) -> None:
    """Let the table that was written beside another one replace it."""
    drop(session, name + BUILT)
    whole = name + BUILDING
    if session.catalog.tableExists(name):
        session.sql(f"alter table {whole} rename to {name}{BUILT}")
        whole = name + BUILT
    drop(session, name)
    session.sql(f"alter table {whole} rename to {name}")


def drop(session: Any, name: str) -> None:
    """Drop a table or view, and the files that a killed build may have left in its place."""
    if session.catalog.tableExists(name):
        is_view = session.catalog.getTable(name).tableType == "VIEW"
        session.sql(f"drop {'view' if is_view else 'table'} {name}")
    elif hasattr(session, "_jvm"):  # Spark Connect shows no file system.
        _clear(session, *name.lower().split("."))


def recover(session: Any, schema: str) -> None:
    """Put whole tables in place that an ended build left beside those they replace."""
    if not session.catalog.databaseExists(schema):
        return
    for built in [name for name in table_names(session, schema) if name.endswith(BUILT)]:
        name = built.removesuffix(BUILT)
        drop(session, f"{schema}.{name}")
        session.sql(f"alter table {schema}.{built} rename to {schema}.{name}")


def table_names(session: Any, schema: str) -> list[str]:
    """Return tables and views of a schema: ``catalog.listTables`` fails beside temporary ones."""
    shown = session.sql(f"show tables in {schema}").collect()
    return [row.tableName for row in shown if not row.isTemporary]


def _clear(session: Any, schema: str, table: str) -> None:
    place = session.catalog.getDatabase(schema).locationUri
    folder = session._jvm.org.apache.hadoop.fs.Path(place, table)
    system = folder.getFileSystem(session._jsparkSession.sessionState().newHadoopConf())
    if system.exists(folder):
        system.delete(folder, True)
