"""Where an engine's relation becomes a bounded frame, a result its own, and a name its SQL."""

from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def bounded_frame(relation: Any, key: str | None = None) -> pd.DataFrame:
    """Read a relation that SQL has bounded, sorted by key.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
        What ``dbt.ref`` returns on this engine.
    key : str, optional
        The unique column to sort by: the order of rows decides the draws of a fit.

    Returns
    -------
    DataFrame
        Decimals as floats; row index from 0.
    """
    frame = _to_pandas(relation)
    for name, column in frame.items():
        if column.dtype == object and isinstance(column.dropna().head(1).squeeze(), Decimal):
            frame[name] = column.astype(float)
    return frame.sort_values(key, ignore_index=True) if key else frame


def rows_of(relation: Any, segmentation: str, most: int | None = None) -> Any:
    """Return the rows of one segmentation, read by the engine that holds them.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
        A shared table: its column `segmentation` says whose a row is.
    segmentation : str
    most : int, optional
        Only so many, the first by `sample_rank`; all by default.
    """
    wanted = f"segmentation = '{segmentation}'"
    if most is not None:
        wanted += f" and sample_rank <= {most}"
    if isinstance(relation, pd.DataFrame):
        return relation.query(wanted.replace(" = ", " == "))
    return relation.filter(wanted)


def _to_pandas(relation: Any) -> pd.DataFrame:
    if hasattr(relation, "toArrow"):
        # By way of DuckDB: types, missing values and lists are what they are on that engine.
        with duckdb.connect() as connection:
            return connection.from_arrow(relation.toArrow()).df()
    return relation.df() if hasattr(relation, "df") else relation.copy()


def row_batches(session: Any, relation: Any, rows: int) -> pa.RecordBatchReader:
    """Read a relation of any size in batches.

    Parameters
    ----------
    session : DuckDB connection or SparkSession
        DuckDB reads through a cursor of its own, while dbt writes through the connection. Spark
        hands all rows to the driver, compressed as Arrow has them.
    relation : DuckDB relation or Spark DataFrame
    rows : int
        Of a batch, at most.
    """
    if hasattr(relation, "toArrow"):
        return relation.toArrow().to_reader(max_chunksize=rows)
    return session.cursor().sql(relation.sql_query()).to_arrow_reader(rows)


def spark_frame(session: Any, result: Any) -> Any:
    """Return what a Python model made as a Spark DataFrame.

    Parameters
    ----------
    session : SparkSession
    result : DataFrame, Table or RecordBatchReader
    """
    if isinstance(result, pd.DataFrame):
        result = pa.Table.from_pandas(result, preserve_index=False)
    elif isinstance(result, pa.RecordBatchReader):
        result = result.read_all()
    if result.num_rows:
        return session.createDataFrame(result)
    # Spark Connect takes types from rows alone, unless it is told them.
    from pyspark.sql.pandas.types import from_arrow_schema

    return session.createDataFrame([], from_arrow_schema(result.schema, prefer_timestamp_ntz=True))


def spread_lists(
    relation: Any, key: str, lists: dict[str, tuple[pa.DataType, list[str]]]
) -> pd.DataFrame:
    """Read a relation that SQL has bounded, its lists as columns.

    Parameters
    ----------
    relation : DuckDB relation, Spark DataFrame or pandas DataFrame
    key : str
        The unique column to sort by.
    lists : dict of str to (DataType, list of str)
        Columns that hold lists: what they are lists of, and a name for every place in one.

    Returns
    -------
    DataFrame
        The other columns, and one per name; a missing number is NaN. Row index from 0.
    """
    table = _to_arrow(relation).sort_by(key)
    columns = {name: table[name] for name in table.column_names if name not in lists}
    for column, (kind, names) in lists.items():
        # No row, no type: pandas tells Arrow of one only by its values.
        rows = table[column].cast(pa.list_(kind))
        columns |= {name: pc.list_element(rows, place) for place, name in enumerate(names)}
    return pa.table(columns).to_pandas()


def _to_arrow(relation: Any) -> pa.Table:
    if hasattr(relation, "toArrow"):
        return relation.toArrow()
    if hasattr(relation, "to_arrow_table"):
        return relation.to_arrow_table()
    return pa.Table.from_pandas(relation, preserve_index=False)


def quoted_name(name: str) -> str:
    """Return a column's or a table's name as standard SQL takes any.

    Examples
    --------
    >>> quoted_name('the "first"  visit')
    '"the ""first""  visit"'
    """
    return '"' + name.replace('"', '""') + '"'
