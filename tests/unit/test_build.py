"""Ensures that `python -m segmentation.build` says in one sentence what stands in its way."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from segmentation.build import (
    circle_problem,
    serving_problem,
    settings_problem,
    summary,
    warehouse_problem,
)
from segmentation.published.publishing import DATABASE

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


def test_the_build_command_answers_in_that_sentence_only(held_warehouse, tmp_path):
    path, pid = held_warehouse
    done = subprocess.run(
        [sys.executable, "-m", "segmentation.build"],
        env=os.environ | {"SEGMENTATION_WAREHOUSE": str(path)},
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"(PID {pid})" in done.stderr


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


def test_the_build_command_finds_an_unusable_serving_folder_before_it_starts(tmp_path):
    (tmp_path / "file").write_text("in the way")
    done = subprocess.run(
        [sys.executable, "-m", "segmentation.build"],
        env=os.environ
        | {
            "SEGMENTATION_WAREHOUSE": str(tmp_path / "warehouse.duckdb"),
            "SEGMENTATION_SERVING": str(tmp_path / "file"),
        },
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == serving_problem(tmp_path / "file") + "\n"


def published(folder: Path, *changes: str) -> Path:
    """Publish four customers and two products, changed by statements, and return the folder."""
    with duckdb.connect(str(folder / DATABASE)) as connection:
        for statement in (*PUBLISHED, *changes):
            connection.execute(statement)
    return folder


PUBLISHED = (
    "create table publications as select 1 from range(13)",
    "create table segmentations as select * from (values "
    "('product', 'products', 1, false, 'new'), ('customer', 'customers', 2, false, 'new')"
    ") as t(segmentation, unit, model_version, is_stale, reason)",
    "create table segments as select * from (values ('customer', 1, 'Big', 3, 0.75), "
    "('customer', 2, 'Small and lapsed', 1, 0.25), ('product', 1, 'Dear', 2, 1.0)"
    ") as t(segmentation, segment_id, segment_name, units, share)",
    "create table segmentation_quality as select * from (values "
    "('customer', 1, 'Structure: then.'), ('customer', 3, 'Later.'), "
    "('customer', 2, 'No structure: slices of one cloud.'), ('product', 1, 'Structure: two.')"
    ") as t(segmentation, model_version, verdict)",
)


def test_the_summary_names_the_files_and_every_segment_with_its_share(tmp_path):
    text = summary(published(tmp_path))
    assert f"Published 13 tables: {tmp_path / DATABASE} and {tmp_path / 'parquet'}/" in text
    assert [line.split() for line in text.splitlines() if line.startswith("  ")] == [
        ["id", "segment", "customers", "share"],
        ["1", "Big", "3", "75.0%"],
        ["2", "Small", "and", "lapsed", "1", "25.0%"],
        ["id", "segment", "products", "share"],
        ["1", "Dear", "2", "100.0%"],
    ]


def test_the_summary_repeats_the_verdict_of_the_version_that_serves(tmp_path):
    lines = summary(published(tmp_path)).splitlines()
    assert "No structure: slices of one cloud." in lines and "Structure: two." in lines
    assert not {"Structure: then.", "Later."} & set(lines)


def test_without_a_verdict_the_summary_has_the_segments_all_the_same(tmp_path):
    text = summary(published(tmp_path, "delete from segmentation_quality"))
    assert "Big" in text and "Dear" in text and "None" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("select 1", "what was published before stands: Only 7 are left."),
        ("delete from segments where segmentation = 'product'", "none are published: Only 7 are"),
    ],
)
def test_the_summary_names_what_the_build_left_out_and_why(tmp_path, change, words):
    left_out = (
        "update segmentations set is_stale = true, reason = 'Only 7 are left.' "
        "where segmentation = 'product'"
    )
    text = summary(published(tmp_path, left_out, change))
    assert f"This build left out the products, {words}" in text
    assert "left out the customers" not in text


# --- a circle of models ---


def test_a_circle_of_models_is_one_sentence(tmp_path):
    (tmp_path / "dbt.log").write_text(
        "Running with dbt=1.12.0\nFound a cycle: model.shop.old --> model.shop.older\n"
        "Running with dbt=1.12.0\n"
        "  Found a cycle: model.shop.vip --> model.segmentation.fit_plan --> model.shop.vip\n"
    )
    told = circle_problem(tmp_path)
    assert told.startswith("Models read each other in a circle (vip --> fit_plan --> vip): ")
    assert "through a source" in told


@pytest.mark.parametrize("log", [None, "Found a cycle: a --> b\nRunning with dbt=1.12.0\nDone.\n"])
def test_only_the_last_run_is_asked_for_circles(tmp_path, log):
    if log:
        (tmp_path / "dbt.log").write_text(log)
    assert circle_problem(tmp_path) is None
