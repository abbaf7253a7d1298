"""Ensures that a warehouse has one build at a time, and that a dead one is in nobody's way."""

import os
import signal
import subprocess
import sys

import pytest

from segmentation.building.lock import LockedError, only_build_of

HOLD = (
    "import sys; from pathlib import Path; from segmentation.building.lock import only_build_of\n"
    "with only_build_of(Path(sys.argv[1])): print('held', flush=True); input()"
)


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of the warehouse."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "w.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_build_is_refused_and_told_whose_turn_it_is(holder, tmp_path):
    with (
        pytest.raises(LockedError, match=rf"by another process \(PID {holder.pid}\): wait until"),
        only_build_of(tmp_path / "w.duckdb"),
    ):
        raise AssertionError("the lock was given twice")


def test_the_lock_of_a_killed_build_is_free(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "w.duckdb.lock").exists()
    with only_build_of(tmp_path / "w.duckdb"):
        assert (tmp_path / "w.duckdb.lock").read_text() == str(os.getpid())


def test_nothing_is_left_of_a_lock_that_was_given_back(tmp_path):
    for _ in range(2):
        with only_build_of(tmp_path / "new" / "w.duckdb"):
            pass
    assert not list((tmp_path / "new").iterdir())


def test_another_warehouse_is_another_lock(holder, tmp_path):
    with only_build_of(tmp_path / "other.duckdb"):
        assert holder.poll() is None


def test_a_lock_whose_file_was_removed_meanwhile_is_asked_for_again(tmp_path, monkeypatch):
    path, opened = tmp_path / "w.duckdb.lock", os.open

    def open_what_is_removed(file, *arguments):
        descriptor = opened(file, *arguments)
        monkeypatch.setattr(os, "open", opened)
        path.unlink()
        return descriptor

    monkeypatch.setattr(os, "open", open_what_is_removed)
    with only_build_of(tmp_path / "w.duckdb"):
        assert path.read_text() == str(os.getpid())
