"""What a build kept of the rows and the money that it read, in one sentence."""

import duckdb


def kept_of_the_source(connection: duckdb.DuckDBPyConnection) -> str:
    """Return how much of each table of the shop's source was kept; empty if nobody counted it.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        The published file.
    """
    has_counts = connection.execute(
        "select count(*) from duckdb_columns() where table_name = 'data_quality' "
        "and column_name = 'money'"
    ).fetchall()
    if not has_counts[0][0]:
        return ""
    tables = connection.execute(
        """
        select
            table_name,
            sum(rows) filter (where action = 'read') as rows_read,
            sum(rows) filter (where check_name = 'rows kept') as rows_kept,
            sum(rows) filter (where check_name = 'exact duplicate') as repeated,
            sum(money) filter (where action = 'read')
            - coalesce(sum(money) filter (where check_name = 'exact duplicate'), 0) as money_read,
            sum(money) filter (where check_name = 'rows kept') as money_kept
        from data_quality
        group by table_name
        having rows_read > 0 and rows_kept is not null
        order by money_kept is null, rows_read desc, table_name
        """
    ).fetchall()
    told = [_kept(*table) for table in tables]
    return f"Kept {', '.join(told)}." if told else ""


def _kept(
    table: str, read: int, kept: int, repeated: int | None, money: float | None, worth: float | None
) -> str:
    words = table.replace("_", " ")
    said = f"{kept:,} of {read:,} {words}" if kept < read else f"all {read:,} {words}"
    notes = []
    if repeated:
        notes.append(f"{repeated:,} were there twice")
    if money and money > 0 and kept < read:
        notes.append(f"{_share(float(worth or 0) / float(money))} of the money")
    return f"{said} ({', '.join(notes)})" if notes else said


def _share(part: float) -> str:
    """Return a share in per cent, rounded down, so that nearly all is not all."""
    if part >= 1:
        return "all"
    return f"{int(part * 1000) / 10:.1f} %" if part > 0.99 else f"{int(part * 100)} %"
