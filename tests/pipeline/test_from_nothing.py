"""Ensures that a stranger gets segments from the wheel alone, by the documented commands."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from urllib.request import urlopen

import pytest

from segmentation.cli.main import main
from tests.pipeline.conftest import LIGHT

ROOT = Path(__file__).resolve().parents[2]


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Return the folder that the built wheel is installed to, without a clone beside it."""
    source, wheels, target = (tmp_path_factory.mktemp(name) for name in ("source", "wheel", "site"))
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for part in (*told["tool"]["segmentation"]["package"], "segmentation"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (source / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, source / part)
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / name, source)
    offline = ["--quiet", "--no-deps", "--no-index"]
    pip("wheel", *offline, "--no-build-isolation", "--wheel-dir", wheels, source)
    pip("install", *offline, "--target", target, *wheels.glob("*.whl"))
    return target


@pytest.fixture(scope="module")
def asked(installed, tmp_path_factory):
    """Return a function that runs a command in the stranger's folder."""
    home = tmp_path_factory.mktemp("home")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SEGMENTATION_", "DBT_"))
    } | {"PYTHONPATH": str(installed), "COLUMNS": "80"}

    def ask(*arguments: str, folder: str = "shop", code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "segmentation.cli", *arguments],
            cwd=home / folder, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def begun(*arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "segmentation.cli", *arguments]
        return subprocess.Popen(command, cwd=home / "shop", env=environment)

    ask.begun = begun
    ask("init", "shop", folder=".")
    return ask


@pytest.fixture(scope="module")
def built(asked) -> str:
    return asked("build", "--vars", json.dumps(LIGHT))


def test_the_library_that_runs_is_the_one_of_the_wheel(installed, asked):
    assert (installed / "segmentation" / "package" / "dbt_project.yml").is_file()
    assert not (installed / "models").exists()


def test_a_build_publishes_and_ends_with_the_report(built):
    assert "Published " in built and "Report: serving/report.html" in built


def test_what_was_published_can_be_asked(built, asked):
    status = json.loads(asked("status", "--json"))["segmentations"]
    assert [one["segmentation"] for one in status] == ["customer"]
    assert status[0]["units"] == 1613
    segments = json.loads(asked("segments", "--json"))
    assert sum(one["units"] for one in segments) == 1613
    answer = json.loads(asked("predict", "--id", "3", "--json"))[0]
    assert answer["segment_id"] in {one["segment_id"] for one in segments}


@pytest.mark.parametrize(
    "command", ["status", "segments", "predict --id 3", "similar --id 30", "report"]
)
def test_what_people_read_fits_80_columns(built, asked, command):
    told = asked(*command.split())
    assert max(map(len, told.splitlines())) <= 80


def test_the_app_runs_from_the_wheel(built, asked):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with asked.begun("app", "--port", str(port)) as process:
        try:
            assert answers(f"http://127.0.0.1:{port}/_stcore/health", process) == b"ok"
        finally:
            process.terminate()


def answers(address: str, process: subprocess.Popen) -> bytes:
    """Return what an address answers once it does; the process must live until then."""
    for _ in range(300):
        try:
            with urlopen(address, timeout=1) as answer:
                return answer.read()
        except OSError:
            assert process.poll() is None
            time.sleep(0.2)
    raise AssertionError(address)


def test_a_wrong_call_is_one_sentence_there_too(built, asked):
    assert asked("predict", "--set", "total_orders=abc", code=2) == ""


def test_the_project_documents_itself(built, asked):
    told = asked("docs")
    assert told.startswith("Documentation: target/static_index.html (")


def test_a_table_of_ones_own_is_segmented_in_the_same_project(built, asked, tmp_path):
    rows = "".join(f"{n},{n % 2 * 50 + n % 7},{n % 2 * 9 + n % 3}\n" for n in range(1, 151))
    members = tmp_path / "members.csv"
    members.write_text(f"member,spend,visits\n{rows}")
    asked("new", "club", "--file", str(members), "--key", "member", "--unit", "members")
    asked("build", "--vars", json.dumps(LIGHT))
    status = json.loads(asked("status", "--json"))["segmentations"]
    assert [one["units"] for one in status] == [1613, 150]


PAGES = [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
SHOWN = ("status", "segments", "predict --id 3", "similar --customer-id 30 -n 3 --by distance")
OF_THE_DAY = ("published 20", "data of", "ago).", "…")
"""In lines that are others tomorrow, or are cut."""


@pytest.mark.parametrize("command", SHOWN)
def test_the_documented_output_is_what_comes_out(whole_sample, capsys, command):
    assert main([*command.split(), "--serving", str(whole_sample.serving)]) == 0
    told = capsys.readouterr().out.splitlines()
    pages = [
        page.read_text(encoding="utf-8").split(f"$ segmentation {command}\n") for page in PAGES
    ]
    blocks = [re.split(r"\n(?:```|\$ )", block)[0] for _, *after in pages for block in after]
    assert blocks
    for block in blocks:
        lines = [line for line in block.splitlines() if not any(one in line for one in OF_THE_DAY)]
        assert len(lines) > 4 and not [line for line in lines if line not in told]
