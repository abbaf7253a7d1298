"""The body of the Python model that measures campaigns: who was in them is read, never written."""

from typing import Any

import pyarrow as pa

from segmentation.campaigns.store import campaigns_file
from segmentation.dbt_models import schemas
from segmentation.published.served import CommandError


def measure_campaigns_table(session: Any, order_items: Any, as_of: Any) -> pa.Table:
    """One row per campaign of the warehouse and measure; without campaigns none, at once.

    Parameters
    ----------
    session : DuckDBPyConnection or SparkSession
        The file of campaigns lies beside DuckDB's warehouse; on Spark there is none.
    order_items, as_of : relation
        ``order_items_counted`` and ``as_of``.

    Raises
    ------
    RuntimeError
        If the file cannot be read.
    """
    if not hasattr(session, "execute"):
        return schemas.CAMPAIGNS.empty_table()
    ((warehouse,),) = session.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    path = campaigns_file(warehouse) if warehouse else None
    if path is None or not path.is_file():
        return schemas.CAMPAIGNS.empty_table()
    # Imported here: most shops have no campaign, and pay for none.
    from segmentation.campaigns.measuring import results_of, rows_of

    ((day,),) = as_of.project("as_of_date").fetchall()
    try:
        found = list(results_of(session, order_items, day, path))
    except CommandError as error:
        raise RuntimeError(str(error)) from None
    rows = [row for pair in found for row in rows_of(*pair, day)]
    return pa.Table.from_pylist(rows, schema=schemas.CAMPAIGNS)
