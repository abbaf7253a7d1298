"""Ensures that `python -m segmentation.build` says in one sentence what stands in its way."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from segmentation.building.checks import serving_problem, warehouse_problem

ROOT = Path(__file__).resolve().parents[2]


def build(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a warehouse and a serving folder in a folder, changed by variables."""
    places = {
        "SEGMENTATION_WAREHOUSE": str(folder / "warehouse.duckdb"),
        "SEGMENTATION_SERVING": str(folder / "serving"),
    }
    return subprocess.run(
        [sys.executable, "-m", "segmentation.build"],
        env=os.environ | places | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    """Ensure that nothing but the sentence was said."""
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence + "\n")


def test_a_file_that_is_no_warehouse(tmp_path):
    path = tmp_path / "notes.duckdb"
    path.write_text("these are notes, not tables\n" * 200)
    done = build(tmp_path, SEGMENTATION_WAREHOUSE=str(path))
    assert_refused(done, warehouse_problem(path))
    assert sorted(os.listdir(tmp_path)) == ["notes.duckdb"]


def test_an_unusable_serving_folder(tmp_path):
    (tmp_path / "serving").write_text("in the way")
    assert_refused(build(tmp_path), serving_problem(tmp_path / "serving"))


def test_threads_that_are_no_number(tmp_path):
    done = build(tmp_path, SEGMENTATION_THREADS="abc")
    assert done.returncode == 2
    assert done.stderr.startswith("SEGMENTATION_THREADS is 'abc', but it must be")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("spelling", ["absolute", "symbolic", "relative"])
def test_another_build_of_the_same_warehouse(tmp_path, spelling):
    path = tmp_path / "warehouse.duckdb"
    with path.with_name("warehouse.duckdb.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("4242")
        lock.flush()
        (tmp_path / "link.duckdb").symlink_to(path)
        given = {
            "absolute": path,
            "symbolic": tmp_path / "link.duckdb",
            "relative": os.path.relpath(path, ROOT),
        }[spelling]
        done = build(tmp_path, SEGMENTATION_WAREHOUSE=str(given))
    assert_refused(
        done,
        f"The warehouse {given} is being built by another process (PID 4242): wait until it has "
        "ended, or name another file with SEGMENTATION_WAREHOUSE.",
    )
    assert not path.exists()


@pytest.mark.parametrize(
    ("warehouse", "serving"),
    [
        ("both/segmentation.duckdb", "both"),
        ("both/other.duckdb", "both"),
        ("both/parquet/deep.duckdb", "both"),
        ("both/../both/segmentation.duckdb", "../{name}/both"),
        ("link/segmentation.duckdb", "both"),
        ("both/segmentation.duckdb", "link"),
        ("link.duckdb", "both"),
    ],
)
def test_a_warehouse_where_publication_writes(tmp_path, warehouse, serving):
    (tmp_path / "both").mkdir()
    (tmp_path / "link").symlink_to("both")
    (tmp_path / "link.duckdb").symlink_to("both/segmentation.duckdb")
    before = sorted(tmp_path.rglob("*"))
    one = os.path.relpath(tmp_path, ROOT) + f"/{warehouse}"
    serving = serving.format(name=tmp_path.name)
    done = build(tmp_path, SEGMENTATION_WAREHOUSE=one, SEGMENTATION_SERVING=f"{tmp_path}/{serving}")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"The warehouse {one} and the serving folder {tmp_path}/{serving} share" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
