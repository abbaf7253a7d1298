"""Run one whole build in a folder of its own and measure it."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
        Largest resident memory of the process and all below it at one moment, in gigabytes.
    output : str
        What it wrote to its standard output.
    written : float
        What it wrote to disks, in gigabytes.
    """

    seconds: float
    processor_seconds: float
    peak_memory: float
    output: str
    written: float = 0.0


@dataclass(frozen=True)
class Build:
    """A finished build: its folder and what it cost."""

    folder: Path
    measured: Measured

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt built."""
        return self.folder / "segmentation.duckdb"

    @property
    def target(self) -> Path:
        """Folder of dbt's artifacts."""
        return self.folder / "target"

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
    with watched(process.pid) as seen:
        output = process.stdout.read()
        # wait4 gives the resources of this child alone; getrusage sums those of all.
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise BuildFailedError("\n".join(output.splitlines()[-25:]))
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(
        seconds=seconds,
        processor_seconds=usage.ru_utime + usage.ru_stime,
        # The kernel's figure includes what this process held when it started the other.
        peak_memory=(max(seen) or usage.ru_maxrss * unit) / 1e9,
        output=output,
        written=usage.ru_oublock * 512 / 1e9,
    )


@contextmanager
def watched(pid: int) -> Iterator[list[int]]:
    """Note the resident bytes of a process and all below it, ten times a second (Linux)."""
    seen, is_over = [0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.1):
            seen.append(sum(map(resident, family(pid))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        is_over.set()
        watcher.join()


def family(pid: int) -> list[int]:
    """Return a process and all that it started, and they."""
    found = [pid]
    for one in found:
        for path in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, path.read_text().split())
    return found


def resident(pid: int) -> int:
    """Return the resident bytes of a process; 0 if it is gone."""
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


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
