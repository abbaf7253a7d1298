"""Run one whole build in a folder of its own and measure it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


class BuildFailedError(RuntimeError):
    """A build that did not end well; the message ends with dbt's last lines."""


@dataclass(frozen=True)
class Measured:
    """What one command cost.

    Attributes
    ----------
    seconds : float
        Wall-clock time.
    processor_seconds : float
        Time on processors; above the wall clock where several work at once.
    peak_memory : float
        Largest resident memory of the process, in gigabytes.
    output : str
        What it wrote to its standard output.
    """

    seconds: float
    processor_seconds: float
    peak_memory: float
    output: str


@dataclass(frozen=True)
class Build:
    """A finished build: its folder and what it cost."""

    folder: Path
    measured: Measured

    @property
    def published(self) -> Path:
        """The published DuckDB file."""
        return self.folder / "serving" / "segmentation.duckdb"

    def nodes(self) -> list[dict]:
        """Return dbt's results, one per node that ran, as ``run_results.json`` holds them."""
        return json.loads((self.folder / "target" / "run_results.json").read_text())["results"]

    def manifest(self) -> dict:
        """Return dbt's description of the project."""
        return json.loads((self.folder / "target" / "manifest.json").read_text())


def measure(command: list[str], environment: dict[str, str] | None = None) -> Measured:
    """Run a command in the checkout and measure it.

    Parameters
    ----------
    command : list of str
        Program and arguments.
    environment : dict, optional
        Further environment variables.

    Returns
    -------
    Measured

    Raises
    ------
    BuildFailedError
        If the command's exit code is not 0.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = process.stdout.read()
    # wait4 gives the resources of this child alone; getrusage sums those of all.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise BuildFailedError("\n".join(output.splitlines()[-25:]))
    unit = 1 if sys.platform == "darwin" else 1024
    processor_seconds = usage.ru_utime + usage.ru_stime
    return Measured(seconds, processor_seconds, usage.ru_maxrss * unit / 1e9, output)


def run_build(folder: Path, raw_path: Path | None, variables: dict | None = None) -> Build:
    """Build a shop from nothing.

    Parameters
    ----------
    folder : Path
        Gets the warehouse, the published files and dbt's target.
    raw_path : Path or None
        Folder of the raw files; None is the embedded sample.
    variables : dict, optional
        dbt's variables, such as ``{"k": 5}``.

    Returns
    -------
    Build
    """
    environment = {
        "SEGMENTATION_WAREHOUSE": str(folder / "segmentation.duckdb"),
        "SEGMENTATION_SERVING": str(folder / "serving"),
        "SEGMENTATION_RAW_PATH": str(raw_path or ""),
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build"]
    command += ["--exclude-resource-type", "unit_test"]
    command += ["--vars", json.dumps(variables)] if variables else []
    command += ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    return Build(folder, measure(command, environment))
