"""Ensures that dbt, played by a small program, ends when the build does, whatever it thinks."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from segmentation.building import dbt
from segmentation.building.dbt import log_folder, option, running_dbt, told

STUBBORN = """
import json, os, signal, sys, tempfile, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tempfile.mkstemp()
print(json.dumps({"info": {"name": "Started"}, "data": {"pid": os.getpid()}}), flush=True)
print("not json", flush=True)
time.sleep(600)
"""
PARENT = """
import sys
from segmentation.building import dbt
from segmentation.building.dbt import running_dbt, told
dbt.DBT = sys.argv[1:]
with running_dbt([]) as process:
    print(next(told(process))["data"]["pid"], flush=True)
    process.wait()
"""


@pytest.fixture
def played(tmp_path, monkeypatch) -> Path:
    """A folder whose `dbt` ignores SIGTERM and would run for ten minutes."""
    plays(tmp_path, STUBBORN, monkeypatch)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def plays(folder: Path, program: str, monkeypatch) -> None:
    """Let a Python program in the folder be dbt."""
    (folder / "dbt").write_text(program)
    monkeypatch.setattr(dbt, "DBT", (sys.executable, str(folder / "dbt")))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_dbt_that_does_not_listen_is_ended_by_force_with_its_temporary_files(played, monkeypatch):
    monkeypatch.setattr(dbt, "PATIENCE", 0.2)
    monkeypatch.setattr("tempfile.tempdir", None)
    with pytest.raises(KeyError), running_dbt([]) as process:
        lines = told(process)
        assert next(lines)["data"]["pid"] == process.pid
        assert next(lines) == "not json"
        assert [path.name for path in played.iterdir() if path.name != "dbt"] != []
        raise KeyError
    assert process.returncode == -signal.SIGKILL
    assert [path.name for path in played.iterdir()] == ["dbt"]


def test_what_dbt_writes_is_its_owners_alone(tmp_path, monkeypatch):
    plays(tmp_path, f"open({str(tmp_path / 'warehouse')!r}, 'w')", monkeypatch)
    with running_dbt([]) as process:
        assert process.wait() == 0
    assert (tmp_path / "warehouse").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_a_dbt_dies_with_a_build_that_is_killed(played):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *dbt.DBT], stdout=subprocess.PIPE, text=True
    ) as parent:
        child = int(parent.stdout.readline())
        assert is_running(child)
        parent.kill()
        parent.wait()
    for _ in range(100):
        if not is_running(child):
            break
        time.sleep(0.05)
    assert not is_running(child)


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["--log-path", "here"], "here"),
        (["--select", "x", "--log-path=there"], "there"),
        (["--log-path"], None),
        ([], None),
    ],
)
def test_an_option_of_dbt_is_found_in_both_spellings(arguments, value):
    assert option(arguments, "--log-path") == value


def test_the_log_is_where_dbt_puts_it(monkeypatch):
    monkeypatch.delenv("DBT_LOG_PATH", raising=False)
    assert log_folder([]) == Path("logs")
    monkeypatch.setenv("DBT_LOG_PATH", "elsewhere")
    assert log_folder([]) == Path("elsewhere")
    assert log_folder(["--log-path", "here"]) == Path("here")


def test_dbts_log_is_turned_over_at_two_megabytes(tmp_path, monkeypatch):
    """Left alone it grows to ten, and each build writes two."""
    plays(tmp_path, "import sys; print(sys.argv[1:])", monkeypatch)
    with running_dbt([]) as process:
        asked = process.stdout.read()
    assert f"'--log-file-max-bytes', '{dbt.LOG_BYTES}'" in asked
    assert dbt.LOG_BYTES < 3_000_000
