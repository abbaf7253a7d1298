"""What a build costs: seconds per stage, peak memory, dbt's own share, beside a plain notebook.

Then the same build once more, with nothing changed: it fits nothing.

    python -m benchmarks.pipeline --users 1000000

Without --users the embedded sample is built. Each stage is the sum of its nodes' seconds; dbt runs
several nodes at once, so the stages add up to more than the wall clock. dbt's own time is the wall
clock less every moment in which at least one node ran: starting, parsing, planning, scheduling.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from benchmarks.builds import ROOT, Build, Measured, measure, run_build
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


def report(title: str, build: Build, notebook: Measured | None) -> str:
    """Return the figures of one build as a table of text."""
    wall = build.measured.seconds
    lines = [title, "", f"  {'stage':<28}{'seconds':>9}{'of wall':>9}"]
    rows = [*stage_seconds(build).items(), ("dbt's own", wall - busy_seconds(build.nodes()))]
    lines += [f"  {stage:<28}{seconds:>9.1f}{seconds / wall:>9.0%}" for stage, seconds in rows]
    lines += ["", f"  {'':<28}{'seconds':>9}{'on CPU':>9}{'peak GB':>9}"]
    lines.append(_costs("whole build", build.measured))
    if notebook:
        lines.append(_costs("plain notebook", notebook))
        lines.append(_costs("ratio", ratio(build.measured, notebook)))
    lines += ["", "  slowest nodes"]
    lines += [f"    {name:<42}{seconds:>9.1f}" for name, seconds in slowest(build)]
    return "\n".join(lines)


def report_again(first: Measured, second: Measured) -> str:
    """Return what a second build cost, and how many times as much as the first, as text."""
    lines = ["", "  nothing changed", _costs("second build", second)]
    return "\n".join([*lines, _costs("ratio to the first", ratio(second, first))])


def ratio(one: Measured, other: Measured) -> Measured:
    """Return how many times as much one command cost as the other."""
    return Measured(
        one.seconds / other.seconds,
        one.processor_seconds / other.processor_seconds,
        one.peak_memory / other.peak_memory,
        "",
    )


def _costs(name: str, cost: Measured) -> str:
    figures = (cost.seconds, cost.processor_seconds, cost.peak_memory)
    return f"  {name:<28}" + "".join(f"{figure:>9.2f}" for figure in figures)


def sample_folder(folder: Path) -> Path:
    """Link the embedded sample's seeds as raw files, for the notebook."""
    folder.mkdir()
    for seed in ROOT.glob("seeds/**/sample_*.csv"):
        (folder / seed.name.removeprefix("sample_")).symlink_to(seed)
    return folder


def main() -> None:
    """Generate, build, run the notebook, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--users", type=int, help="generate a shop of this size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--customers-only", action="store_true", help="leave out products and the expensive extras"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.users:
            write_sample(options.users, options.seed, folder / "raw", "parquet", personas=False)
            raw_path, title = folder / "raw", f"{options.users:,} generated users"
        else:
            sample_folder(folder / "raw")
            raw_path, title = None, "the embedded sample"
        variables = CUSTOMERS_ONLY if options.customers_only else None
        build = run_build(folder, raw_path, variables)
        notebook = measure([sys.executable, "-m", "benchmarks.notebook", str(folder / "raw")])
        print(report(f"A build of {title}, from nothing", build, notebook))
        again = run_build(folder, raw_path, variables)
        print(report_again(build.measured, again.measured))


if __name__ == "__main__":
    main()
