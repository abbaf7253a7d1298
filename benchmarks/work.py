"""How many rows each statement of a build reads: work that no other program on the machine changes.

    python -m benchmarks.work --warehouse warehouse/segmentation.duckdb --target target

The statements are those that dbt compiled, models and data tests, run once more on the finished
warehouse, read-only. Python models read bounded samples and are not counted.
"""

import argparse
import json
from pathlib import Path

import duckdb

INPUTS = ("users", "orders", "order_items", "inventory_items", "products")


def compiled(target: Path) -> dict[str, str]:
    """Return the statement of each model and data test, by name.

    Parameters
    ----------
    target : Path
        Folder of dbt's artifacts.
    """
    texts = {
        path.stem: path.read_text(encoding="utf-8")
        for folder in ("models", "tests")
        for path in sorted((target / "compiled").glob(f"*/{folder}/**/*.sql"))
        if "unit_tests.yml/" not in str(path)
    }
    return {name: text for name, text in texts.items() if text.strip()}


def rows_scanned(warehouse: Path, target: Path) -> dict[str, int]:
    """Return how many rows of tables each statement reads, the most first.

    Parameters
    ----------
    warehouse, target : Path
        The build file and dbt's artifacts of one finished build.
    """
    with duckdb.connect(str(warehouse), read_only=True) as database:
        database.execute("pragma enable_profiling = 'no_output'")
        database.execute("set TimeZone = 'UTC'")
        # dbt had two threads, and a plan may depend on them.
        database.execute("set threads = 2")
        views = database.execute("select view_name from duckdb_views() where not internal")
        read_as_part_of_others = {name for (name,) in views.fetchall()}
        counted = {}
        for name, statement in compiled(target).items():
            if name in read_as_part_of_others:
                continue
            # A query that asks for nothing but a count is planned without the columns.
            database.execute(f"create or replace temp table asked as {statement}")
            told = json.loads(database.get_profiling_information(format="json"))
            counted[name] = told["query"]["total_rows_scanned"]
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def rows_given(warehouse: Path) -> int:
    """Return how many rows the raw tables have."""
    with duckdb.connect(str(warehouse), read_only=True) as database:
        counts = (f"(select count(*) from raw_{table})" for table in INPUTS)
        return database.execute(f"select {' + '.join(counts)}").fetchone()[0]


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--warehouse", type=Path, default="warehouse/segmentation.duckdb")
    parser.add_argument("--target", type=Path, default="target")
    options = parser.parse_args()
    counted, given = rows_scanned(options.warehouse, options.target), rows_given(options.warehouse)
    for name, rows in list(counted.items())[:25]:
        print(f"{rows / given:>9.2f}  {name}")
    print(f"{sum(counted.values()) / given:>9.2f}  times the rows of the raw tables, in all")


if __name__ == "__main__":
    main()
