"""Ensures that what stands in a build's way is one sentence before dbt starts."""

import subprocess
import sys

import pytest

from segmentation.building.checks import (
    memory_problem,
    serving_problem,
    settings_problem,
    threads_problem,
    warehouse_problem,
)

HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"


@pytest.fixture
def held_warehouse(tmp_path):
    """A warehouse open in another process, and that process's id."""
    path = tmp_path / "held.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout.readline() == "open\n"
    yield path, holder.pid
    holder.communicate("\n")


def test_a_warehouse_open_elsewhere_is_one_sentence_with_the_process(held_warehouse):
    path, pid = held_warehouse
    problem = warehouse_problem(path)
    assert problem.startswith(f"The warehouse {path} is open in another process, ")
    assert f"(PID {pid}): close it there and build again" in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    "arguments",
    [
        ["--vars", "{as_of: 2023-02-29}"],
        ["--select", "raw_users", "--vars={as_of: 2023-02-29}"],
        ["--vars", "{recipe: [}"],
    ],
)
def test_variables_that_are_no_yaml_are_one_sentence(arguments):
    problem = settings_problem(arguments)
    assert problem.startswith("--vars {")
    assert " cannot be read (" in problem
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ("{products: 'false'}", "Setting products is 'false', but it must be true or false."),
        ("{forget_models: maybe}", "Setting forget_models is 'maybe', but it must be true or"),
        ("{products: null}", "Setting products is null, but it must be true or false."),
        ("forget_models: 1", "Setting forget_models is 1, but it must be true or false, or"),
    ],
)
def test_a_switch_that_is_read_before_anything_runs_is_one_sentence(variables, sentence):
    problem = settings_problem(["--vars", variables])
    assert problem.startswith(sentence)
    assert "\n" not in problem


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--vars", "{recipe: article}"],
        ["--vars", "k: 3"],
        ["--vars", "{products: false, forget_models: yes}"],
    ],
)
def test_variables_that_can_be_read_are_no_problem(arguments):
    assert settings_problem(arguments) is None


def test_a_free_warehouse_is_no_problem_and_its_folder_is_made(tmp_path):
    assert warehouse_problem(tmp_path / "new" / "folder" / "x.duckdb") is None
    assert (tmp_path / "new" / "folder").is_dir()


def test_a_file_that_is_no_warehouse_is_named(tmp_path):
    path = tmp_path / "notes.duckdb"
    path.write_text("these are notes, not tables\n" * 200)
    problem = warehouse_problem(path)
    assert problem.startswith(f"The warehouse {path} cannot be opened for writing: ")
    assert "\n" not in problem


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    problem = warehouse_problem(tmp_path / "file" / "x.duckdb")
    assert "cannot be opened for writing" in problem


def test_a_free_serving_folder_is_no_problem_and_is_made(tmp_path):
    assert serving_problem(tmp_path / "new" / "serving") is None
    assert list((tmp_path / "new" / "serving").iterdir()) == []


@pytest.mark.parametrize("in_the_way", ["serving", "serving/parquet"])
def test_a_serving_folder_that_cannot_be_written_is_one_sentence(tmp_path, in_the_way):
    (tmp_path / in_the_way).parent.mkdir(exist_ok=True)
    (tmp_path / in_the_way).write_text("in the way")
    problem = serving_problem(tmp_path / "serving")
    assert problem.startswith(f"The serving folder {tmp_path}/serving cannot be written (")
    assert "SEGMENTATION_SERVING" in problem and "\n" not in problem


@pytest.mark.parametrize("given", ["abc", "", "0", "-1", "2.5", "1000", " 2"])
def test_threads_that_are_no_number_of_threads_are_one_sentence(monkeypatch, given):
    monkeypatch.setenv("SEGMENTATION_THREADS", given)
    problem = threads_problem()
    assert problem.startswith(f"SEGMENTATION_THREADS is '{given}', but it must be a whole number")
    assert "\n" not in problem


def test_threads_that_can_be_had_are_no_problem(monkeypatch):
    monkeypatch.setenv("SEGMENTATION_THREADS", "8")
    assert threads_problem() is None
    monkeypatch.delenv("SEGMENTATION_THREADS")
    assert threads_problem() is None


@pytest.mark.parametrize("given", ["abc", "4", "5 apples", ""])
def test_a_memory_limit_that_is_no_size_is_one_sentence(monkeypatch, given):
    monkeypatch.setenv("SEGMENTATION_MEMORY_LIMIT", given)
    problem = memory_problem()
    assert problem.startswith(f"SEGMENTATION_MEMORY_LIMIT is '{given}', but it must be a size")
    assert "\n" not in problem


@pytest.mark.parametrize("given", ["4GB", "512 MB", "50%", None])
def test_a_memory_limit_that_can_be_had_is_no_problem(monkeypatch, given):
    monkeypatch.delenv("SEGMENTATION_MEMORY_LIMIT", raising=False)
    if given:
        monkeypatch.setenv("SEGMENTATION_MEMORY_LIMIT", given)
    assert memory_problem() is None


def test_a_warehouse_with_a_quote_in_its_name_is_one_sentence(tmp_path):
    assert "has a quote in its name" in warehouse_problem(tmp_path / "it's.duckdb")
    assert not list(tmp_path.iterdir())


def test_what_a_killed_build_spilled_is_removed_once_nobody_has_the_file_open(held_warehouse):
    path, _ = held_warehouse
    spilled = path.with_name(f"{path.name}.tmp")
    spilled.mkdir()
    assert "is open in another process" in warehouse_problem(path)
    assert spilled.is_dir()
    free = path.with_name("free.duckdb")
    left = free.with_name("free.duckdb.tmp")
    left.mkdir()
    (left / "spilled").touch()
    assert warehouse_problem(free) is None
    assert not left.exists()
