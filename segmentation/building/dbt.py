"""dbt as a process of its own: what it tells, line by line, and an end that leaves nothing.

It runs as a process because only a process can be ended at once, whatever it computes: fits run in
threads of dbt, which a signal does not reach. It tells JSON lines, a promise of dbt's command line;
its log is text in a file.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

DBT = (sys.executable, "-P", "-m", "segmentation.building.start_dbt")
"""The dbt of this Python; what lies in the folder of a project is no module of it."""
LOG_BYTES = 2_000_000
"""dbt keeps five older files of this size beside ``dbt.log``."""
PATIENCE = 3
"""Seconds that dbt has to end by itself."""
OPTIONS = (
    *("--log-format", "json", "--log-format-file", "text", "--no-use-colors"),
    *("--no-use-colors-file", "--log-file-max-bytes", str(LOG_BYTES)),
)


def dbt_command(*arguments: str) -> list[str]:
    """Return the call of a dbt that says no more than it must."""
    return [*DBT, "--quiet", "--no-use-colors", *arguments]


@contextmanager
def running_dbt(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run ``dbt build``; it ends with the block, or with this process, however that ends.

    Parameters
    ----------
    arguments : list of str
        Options of dbt.
    """
    command = [*DBT, "build", "--exclude-resource-type", "unit_test", *arguments, *OPTIONS]
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    # dbt-duckdb writes Python models to temporary files, which a killed dbt would leave.
    with TemporaryDirectory(prefix="segmentation_build_") as scratch:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=os.environ | {"TMPDIR": scratch},
            # A warehouse and its log hold persons: they are their owner's, whatever the shell says.
            umask=0o077,
            # Ctrl-C reaches this process alone, which then ends dbt its own way.
            start_new_session=True,
            preexec_fn=lambda: libc and libc.prctl(1, signal.SIGKILL),
        )
        with process.stdout:
            try:
                yield process
            finally:
                end(process)


def told(process: subprocess.Popen[str]) -> Iterator[dict[str, Any] | str]:
    """Return the events of dbt, and as text whatever else its process writes."""
    for line in process.stdout:
        event = None
        with suppress(ValueError):
            event = json.loads(line)
        yield event if isinstance(event, dict) and "info" in event else line.rstrip()


def log_folder(arguments: list[str]) -> Path:
    """Return the folder of ``dbt.log``, as dbt finds it."""
    given = option(arguments, "--log-path")
    return Path(given or os.environ.get("DBT_LOG_PATH") or "logs")


def project_folder(arguments: list[str]) -> Path:
    """Return the folder of ``dbt_project.yml`` that dbt's options name, or this one."""
    return Path(option(arguments, "--project-dir") or ".")


def option(arguments: list[str], name: str) -> str | None:
    """Return the value of one of dbt's options; None if it is not given."""
    for position, argument in enumerate(arguments):
        if argument == name and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
    return None


def end(process: subprocess.Popen[str]) -> None:
    """End dbt, if it has not ended: by request, and by force if it takes longer than `PATIENCE`."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
