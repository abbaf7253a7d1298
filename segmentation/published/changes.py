"""Who changed segment since the date before, in one sentence."""

import duckdb

TABLE = "segment_migrations"
QUERY = """
    select
        segmentation,
        max(as_of_date),
        coalesce(sum(units) filter (
            from_segment_id <> to_segment_id and from_segment_id is not null
        ), 0),
        coalesce(sum(units) filter (from_segment_id is null), 0),
        coalesce(sum(units) filter (to_segment_id is null), 0)
    from {table}
    inner join (
        select segmentation, max(as_of_date) as as_of_date
        from {table} group by segmentation having count(distinct as_of_date) > 1
    ) as newest using (segmentation, as_of_date)
    group by segmentation
"""


def changes_told(
    connection: duckdb.DuckDBPyConnection, units: dict[str, str], table: str = TABLE
) -> dict[str, str]:
    """Return the sentence of each segmentation that was published for a second date.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The published file.
    units : dict of str to str
        What the units of each segmentation are called.
    table : str
        The whole table of migrations, as the connection sees it.
    """
    known = connection.execute(
        "select 1 from duckdb_tables() where table_name = ?", [TABLE]
    ).fetchall()
    if not known:
        return {}
    return {
        name: f"Since the date before {day}: {changed:,} {units[name]} changed segment, "
        f"{joined:,} joined, {gone:,} left."
        for name, day, changed, joined, gone in connection.execute(
            QUERY.format(table=table)
        ).fetchall()
        if name in units
    }
