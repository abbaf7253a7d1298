"""How warehouse and published files grow over daily builds of one shop.

    python -m benchmarks.daily --users 10000 --days 30

Each build counts as of one day more, up to the last day of the orders. Nobody removes anything
between them.
"""

import argparse
import tempfile
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks.builds import Build, run_build
from tools.sample.files import write_sample

MEGABYTE = 1e6
MEMORIES = ("model_log", "segment_changes", "published_volumes", "fit_segments")
"""Tables that are added to, build by build."""


def size(folder: Path) -> float:
    """Return the megabytes of a folder's files; what is linked to is counted where it lies."""
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / MEGABYTE


def told(build: Build) -> list[float]:
    """Return the warehouse's megabytes, those in use, those published, and rows of memories."""
    with duckdb.connect(str(build.warehouse), read_only=True) as connection:

        def number(what: str, table: str) -> int:
            return connection.execute(f"select {what} from {table}").fetchone()[0]

        rows = [number("count(*)", name) for name in MEMORIES]
        in_use = number("used_blocks * block_size", "pragma_database_size()") / MEGABYTE
    warehouse, published = build.warehouse.stat().st_size / MEGABYTE, size(build.folder / "serving")
    return [warehouse, in_use, published, *rows]


def main() -> None:
    """Build day by day and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    options = parser.parse_args()
    heads = ["day", "warehouse MB", "in use MB", "published MB", *MEMORIES]
    print(f"| {' | '.join(heads)} |\n|{'--:|' * len(heads)}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sample(options.users, 1, folder / "raw", "parquet", personas=False)
        orders = f"'{folder}/raw/orders.parquet'"
        ((last,),) = duckdb.sql(f"select max(created_at)::date from {orders}").fetchall()
        for day in range(options.days):
            as_of = last - timedelta(days=options.days - 1 - day)
            figures = told(run_build(folder, folder / "raw", {"as_of": as_of.isoformat()}))
            print(f"| {as_of} | {' | '.join(f'{one:,.0f}' for one in figures)} |", flush=True)


if __name__ == "__main__":
    main()
