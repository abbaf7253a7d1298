r"""Write a sample shop: theLook's tables, invented customers, planted personas.

    python -m tools.sample --users 1000000 --seed 1 --out DIR --format parquet

The shop embedded in `seeds/sample/` is written by

    python -m tools.sample --users 2000 --seed 1 --out seeds/sample \
        --prefix sample_ --no-personas

A shop without planted groups, whose customers buy by a process that a seed
draws (see `purchases`), so that a forecast can be judged on many shops:

    python -m tools.sample --process purchases --users 3000 --seed 7 --out DIR

The same arguments give the same files, whatever the threads; a user of a large
shop (from 29,120 users, when the catalogue is full) is the same in every larger
one. Nothing reads a clock: the data end at `sql.END_OF_DATA`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb

from tools.sample.blemishes import plant_blemishes
from tools.sample.purchases import write_shop
from tools.sample.sql import MAX_USERS, build_shop

TABLES = ("users", "orders", "order_items", "inventory_items", "products")
SLOWEST_FIRST = (
    "inventory_items", "order_items", "users", "orders", "personas", "blemishes", "products"
)  # fmt: skip
COPY_OPTIONS = {
    "csv": "format csv, header, timestampformat '%Y-%m-%d %H:%M:%S UTC'",
    "parquet": "format parquet, compression zstd",
}


class SampleError(Exception):
    """A sample that cannot be written; the message says why and what to do."""


def write_sample(
    users: int,
    seed: int,
    out: Path,
    file_format: str = "csv",
    *,
    prefix: str = "",
    personas: bool = True,
    blemishes: bool = False,
    threads: int | None = None,
) -> dict[str, Path]:
    """Write one file per table of a sample shop and return where they are.

    Parameters
    ----------
    users : int
        Users, 1 to `MAX_USERS`; about four in five order.
    seed : int
        Another seed gives another shop.
    out : Path
        Folder, made if missing; files of the same name are replaced.
    file_format : {'csv', 'parquet'}
        Times are UTC: text such as "2024-12-31 08:15:00 UTC" in CSV, timestamps
        without a zone in Parquet.
    prefix : str
        Put before every file name.
    personas : bool
        Also write `personas` (user_id, persona): the truth, for tests only.
    blemishes : bool
        Plant mistakes and write `blemishes` (table, blemish, rows).
    threads : int, optional
        How many tables are written at once, by default one per processor.

    Returns
    -------
    dict of str to Path
        Table name to file.

    Raises
    ------
    SampleError
        If the number of users or the format is not possible, or the folder
        cannot be written to.
    """
    if not 1 <= users <= MAX_USERS:
        raise SampleError(f"users is {users}; give a whole number from 1 to {MAX_USERS}.")
    if file_format not in COPY_OPTIONS:
        raise SampleError(f"format is '{file_format}'; give csv or parquet.")
    _make_folder(out)
    sources = {table: f"{'blemished' if blemishes else 'main'}.{table}" for table in TABLES}
    if personas:
        sources["personas"] = "main.personas"
    if blemishes:
        sources["blemishes"] = "blemished.blemishes"
    files = {table: out / f"{prefix}{table}.{file_format}" for table in sources}
    with duckdb.connect() as connection:
        build_shop(connection, users, seed)
        if blemishes:
            plant_blemishes(connection)
        _copy_tables(
            connection, sources, files, COPY_OPTIONS[file_format], threads or os.cpu_count() or 1
        )
    return files


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out):
            pass
    except OSError as error:
        raise SampleError(
            f"cannot write to the folder {out} ({error.strerror}); give --out a folder you may "
            "write to."
        ) from error


def _copy_tables(
    connection: duckdb.DuckDBPyConnection,
    sources: dict[str, str],
    files: dict[str, Path],
    options: str,
    threads: int,
) -> None:
    """Write the tables side by side, each on one thread.

    A hash join on several threads does not keep the order of rows, and a sort of
    millions of rows would not run in constant memory.
    """
    connection.execute("set threads = 1")

    def copy(table: str) -> None:
        path = str(files[table]).replace("'", "''")
        try:
            connection.cursor().execute(f"copy (from {sources[table]}) to '{path}' ({options})")
        except duckdb.IOException as error:
            raise SampleError(
                f"cannot write {files[table]}: {error}; free the disk or give another --out."
            ) from error

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(copy, sorted(sources, key=SLOWEST_FIRST.index)))


def _number(name: str, lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.lstrip("-").isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(
                f"{name} is '{text}'; give a whole number from {lowest} to {highest}."
            )
        return int(text)

    return parse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.sample",
        description="Write a sample shop: theLook's tables, invented customers.",
    )
    parser.add_argument(
        "--users", type=_number("users", 1, MAX_USERS), required=True, help="how many users"
    )
    parser.add_argument(
        "--seed", type=_number("seed", 0, 2**32 - 1), default=1, help="which shop (default: 1)"
    )
    parser.add_argument(
        "--process",
        choices=("personas", "purchases"),
        default="personas",
        help="planted groups (default), or rates without a gap; the latter as CSV alone",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--format", default="csv", help="csv (default) or parquet")
    parser.add_argument("--prefix", default="", help="put before every file name")
    parser.add_argument(
        "--no-personas",
        dest="personas",
        action="store_false",
        help="leave out the file with the planted truth",
    )
    parser.add_argument(
        "--blemishes", action="store_true", help="plant mistakes and list their counts"
    )
    parser.add_argument(
        "--threads",
        type=_number("threads", 1, 1024),
        help="tables written at once (default: processors)",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 2 after one sentence about what is wrong."""
    options = _parser().parse_args(arguments)
    try:
        if options.process == "purchases":
            _make_folder(options.out)
            files = write_shop(options.seed, options.out, options.users, options.prefix)
            _report(files.values())
            return 0
        files = write_sample(
            options.users,
            options.seed,
            options.out,
            options.format,
            prefix=options.prefix,
            personas=options.personas,
            blemishes=options.blemishes,
            threads=options.threads,
        )
    except SampleError as error:
        print(f"python -m tools.sample: {error}", file=sys.stderr)
        return 2
    _report(files.values())
    return 0


def _report(files: Iterable[Path]) -> None:
    for path in files:
        print(f"{path}  {path.stat().st_size / 1e6:,.1f} MB")
