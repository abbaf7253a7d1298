"""What a build costs beside a plain notebook, a floor and Spark's own library, and how it grows.

    make bench USERS=1000000
    python -m benchmarks.pipeline --users 10000 100000 1000000 --json bench.json --picture bench.svg

For each size a shop is generated, and in one run on the same files these are measured: the notebook
with its elbow, the floor, MLlib where pyspark is installed, a build from nothing, one with nothing
changed, and one with 1 % more orders. Without --users the embedded sample is built. --without names
what to leave out, --times says how often to measure: the medians are told.

Each stage is the sum of its nodes' seconds; dbt runs several nodes at once, so the stages add up to
more than the wall clock. dbt's own time is the wall clock less every moment in which a node ran.
Seconds are compared within one run alone; rows scanned do not depend on the machine.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np

from benchmarks.builds import ROOT, Build, Measured, measure, run_build
from benchmarks.cases import Case, median_of, picture, told, told_growth
from benchmarks.work import rows_given, rows_scanned
from tools.sample.files import write_sample

STAGES = (
    ("publish", ("publish/", "publications")),
    ("baskets", ("basket", "suggestions")),
    ("intake", ("seeds/", "models/thelook/", "models/shop/", "models/quality/")),
    ("features", ("models/features/",)),
    (
        "trust, extras",
        ("stability", "alternative", "comparison", "_map", "correlations", "segmentation_quality"),
    ),
    ("report, history", ("describe/", "history/", "insights/", "semantic/")),
    ("apply", ("segmentation/apply/",)),
    ("fit", ("python_models/", "segmentation/plan/", "segmentation/fit/")),
)
"""Stages by a part of the path; the first that fits decides."""
CUSTOMERS_ONLY = {"extras": False, "products": False}
ORDER = (
    "intake",
    "features",
    "fit",
    "apply",
    "report, history",
    "trust, extras",
    "baskets",
    "tests",
    "publish",
    "other",
)
OPTIONAL = ("mllib", "scans", "objective", "unchanged", "grown")
RESTARTS, OBJECTIVE_ROWS = 20, 1_000_000


def stage_of(node: dict) -> str:
    """Return the stage of a node of dbt's manifest, by its kind and path."""
    if node["resource_type"] == "test":
        return "tests"
    path = node["original_file_path"]
    return next((stage for stage, marks in STAGES if any(mark in path for mark in marks)), "other")


def stage_seconds(build: Build) -> dict[str, float]:
    """Return the seconds of work in each stage, summed over its nodes."""
    manifest = build.manifest()["nodes"]
    seconds = dict.fromkeys(ORDER, 0.0)
    for result in build.nodes():
        node = manifest.get(result["unique_id"])
        seconds[stage_of(node) if node else "other"] += result["execution_time"]
    return seconds


def busy_seconds(nodes: Iterable[dict]) -> float:
    """Return for how long at least one node was running.

    Parameters
    ----------
    nodes : iterable of dict
        Results of dbt, each with its ``timing``.

    Returns
    -------
    float
        Length of the union of the nodes' intervals, in seconds.
    """
    intervals = sorted(
        (_moment(timing[0]["started_at"]), _moment(timing[-1]["completed_at"]))
        for timing in (node["timing"] for node in nodes)
        if timing
    )
    busy, until = 0.0, 0.0
    for start, end in intervals:
        busy += max(0.0, end - max(start, until))
        until = max(until, end)
    return busy


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def slowest(build: Build, count: int = 8) -> list[tuple[str, float]]:
    """Return name and seconds of the nodes that took longest."""
    nodes = sorted(build.nodes(), key=lambda node: -node["execution_time"])
    return [(node["unique_id"].split(".")[2], node["execution_time"]) for node in nodes[:count]]


def scans(build: Build) -> float:
    """Return how many rows the statements of a build read for each row of the raw files."""
    read = rows_scanned(build.warehouse, build.target)
    return sum(read.values()) / rows_given(build.warehouse)


def objective(published: Path) -> float:
    """Return how far the published segments are from the best of many fits to all rows.

    Parameters
    ----------
    published : Path
        The published DuckDB file.
    """
    from sklearn.cluster import KMeans

    with duckdb.connect(str(published), read_only=True) as database:
        rows = database.execute(
            "select components, segment_id, distance from customer_segments "
            f"order by customer_id limit {OBJECTIVE_ROWS}"
        ).df()
    places = np.vstack(rows["components"])
    found = float((rows["distance"] ** 2).sum())
    fits = KMeans(rows["segment_id"].nunique(), n_init=RESTARTS, random_state=0).fit(places)
    return found / fits.inertia_


def add_orders(folder: Path, grown: Path) -> None:
    """Copy a folder of Parquet, with every hundredth order placed once more a day after the last.

    Parameters
    ----------
    folder, grown : Path
        Where the tables are, and where they go to.
    """
    grown.mkdir()
    for table in ("users", "products", "inventory_items"):
        (grown / f"{table}.parquet").symlink_to((folder / f"{table}.parquet").resolve())
    moved = {"orders": "", "order_items": "rows.id + shift.items as id, "}
    with duckdb.connect() as database:
        database.execute(
            "create table shift as select max(order_id) as orders, max(created_at) as day, "
            f"(select max(id) from '{folder}/order_items.parquet') as items "
            f"from '{folder}/orders.parquet'"
        )
        # Dates of what happened later stay those of the order that is copied.
        for table, key in moved.items():
            rows = f"from '{folder}/{table}.parquet' as rows"
            database.execute(
                f"copy (select rows.* {rows} union all by name select rows.* replace ({key}"
                "rows.order_id + shift.orders as order_id, "
                "shift.day + interval 1 day as created_at) "
                f"{rows} cross join shift where hash(rows.order_id) % 100 = 0) "
                f"to '{grown}/{table}.parquet' (compression zstd)"
            )


def measured(
    users: int | None, seed: int, variables: dict | None, without: Collection[str], times: int
) -> Case:
    """Generate one shop, measure it several times, and return the medians.

    Parameters
    ----------
    users : int or None
        None is the embedded sample.
    seed : int
        Of the shop.
    variables : dict or None
        dbt's.
    without : collection of str
        What of `OPTIONAL` to leave out.
    times : int
        How often; rows scanned and the objective, which are the same each time, are found once.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if users:
            write_sample(users, seed, folder / "raw", "parquet", personas=False)
            if "grown" not in without:
                add_orders(folder / "raw", folder / "grown")
        else:
            sample_folder(folder / "raw")
        known = {"scans", "objective"}
        return median_of(
            [
                _measured_once(folder, users, variables, {*without, *(known if turn else ())})
                for turn in range(times)
            ]
        )


def _measured_once(
    folder: Path, users: int | None, variables: dict | None, without: Collection[str]
) -> Case:
    raw = folder / "raw" if users else None
    costs = {"notebook": _module("notebook", folder / "raw")}
    if users:
        costs["floor"] = _module("floor", folder / "raw")
    if users and "mllib" not in without and find_spec("pyspark"):
        costs["MLlib"] = _module("mllib", folder / "raw")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        built = Path(name)
        build = run_build(built, raw, variables)
        costs["build"] = build.measured
        case = Case(users=users, costs=costs, stages=stage_seconds(build), slowest=slowest(build))
        case.stages["dbt's own"] = build.measured.seconds - busy_seconds(build.nodes())
        case.scanned = None if "scans" in without else scans(build)
        case.objective = None if "objective" in without else objective(build.published)
        if "unchanged" not in without:
            costs["nothing changed"] = run_build(built, raw, variables).measured
        if users and "grown" not in without:
            costs["1 % more orders"] = run_build(built, folder / "grown", variables).measured
    return case


def _module(name: str, folder: Path) -> Measured:
    return measure([sys.executable, "-m", f"benchmarks.{name}", str(folder)])


def sample_folder(folder: Path) -> Path:
    """Link the embedded sample's seeds as raw files, for the notebook."""
    folder.mkdir()
    for seed in ROOT.glob("seeds/**/sample_*.csv"):
        (folder / seed.name.removeprefix("sample_")).symlink_to(seed)
    return folder


def main() -> None:
    """Measure every size, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, nargs="*", help="generate shops of these sizes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--customers-only", action="store_true", help="leave out products and the expensive extras"
    )
    parser.add_argument(
        "--without", nargs="*", choices=OPTIONAL, default=[], help="leave out what takes long"
    )
    parser.add_argument("--times", type=int, default=1, help="measure so often, take medians")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures to it")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw them, as SVG")
    options = parser.parse_args()
    variables, cases = CUSTOMERS_ONLY if options.customers_only else None, []
    for users in options.users or [None]:
        cases.append(measured(users, options.seed, variables, options.without, options.times))
        print(f"{told(cases[-1])}\n", flush=True)
    if len(cases) > 1:
        print(told_growth(cases))
    if options.json:
        options.json.write_text(json.dumps([asdict(case) for case in cases], indent=2) + "\n")
    if options.picture:
        options.picture.write_text(picture(cases), encoding="utf-8")


if __name__ == "__main__":
    main()
