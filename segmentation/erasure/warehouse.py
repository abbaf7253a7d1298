"""The warehouse without persons: a new file in place of the old one."""

import os
import shutil
from pathlib import Path

import duckdb

from segmentation.erasure.persons import Persons, copy_without


def rewrite_warehouse(path: Path, persons: Persons) -> dict[str, int]:
    """Replace the warehouse by a copy that holds nothing of persons; whole or not at all.

    Parameters
    ----------
    path : Path
        The DuckDB build file, which nobody else has open.
    persons : Persons

    Returns
    -------
    dict of str to int
        Rows left out by table.
    """
    path = path.resolve()
    # Here a build looks for what a killed one left.
    folder = Path(f"{path}.tmp")
    fresh = folder / path.name
    try:
        folder.mkdir()
        with duckdb.connect(config={"temp_directory": str(folder / "spilled")}) as connection:
            attach(connection, path, "warehouse")
            attach(connection, fresh, "fresh", "recovery_mode 'no_wal_writes'")
            left_out = copy_without(connection, "warehouse", "fresh", persons)
            connection.execute("checkpoint fresh")
        fresh.chmod(path.stat().st_mode)
        os.replace(fresh, path)
        _make_durable(path.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return left_out


def attach(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, options: str = "read_only"
) -> None:
    """Attach a DuckDB file under a name."""
    text = str(path).replace("'", "''")
    connection.execute(f"attach '{text}' as {name} ({options})")


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
