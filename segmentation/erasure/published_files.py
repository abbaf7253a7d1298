"""What was published, without persons: one new publication, and none of those before it."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from segmentation.erasure.persons import Persons, copy_without, known_ids
from segmentation.erasure.warehouse import attach
from segmentation.published import publishing, serving_folder
from segmentation.published.serving_folder import DATABASE, LAST, PARQUET, VERSIONS


def published_ids(serving: Path, persons: Persons) -> frozenset[str]:
    """Return which of the persons any kept publication holds."""
    found: frozenset[str] = frozenset()
    for database in _databases(serving):
        with duckdb.connect() as connection:
            attach(connection, database, "published")
            found |= known_ids(connection, "published", persons)
    return found


def publish_without(serving: Path, persons: Persons) -> int:
    """Publish anew what is published, without persons, and remove the earlier publications.

    What was counted stays as it was counted; the rows about persons go, and `publications` says
    how many rows are left and what their hash is.

    Parameters
    ----------
    serving : Path
        The folder that BI reads.
    persons : Persons

    Returns
    -------
    int
        The number of the new version.
    """
    with serving_folder.alone_in(serving):
        source = serving / DATABASE
        serving_folder.make_ready(serving, 3 * source.stat().st_size)
        warehouse = serving_folder.publisher(serving) or ""
        with (
            duckdb.connect() as connection,
            serving_folder.next_version(serving, warehouse, kept=1) as version,
        ):
            attach(connection, source, "earlier")
            with publishing.attached(connection, version / DATABASE):
                copy_without(connection, "earlier", "published", persons)
                tables = publishing.describe_anew(connection)
                publishing.export_parquet(connection, [*tables, LAST], version / PARQUET)
        return serving_folder.current_version(serving)


def _databases(serving: Path) -> Iterator[Path]:
    yield from {
        path.resolve()
        for path in (serving / DATABASE, *serving.glob(f"{VERSIONS}/*/{DATABASE}"))
        if path.is_file()
    }
