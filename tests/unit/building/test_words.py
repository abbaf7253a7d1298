"""Ensures that what dbt tells reaches a reader in words, without tracebacks and paths of macros."""

import pytest

from segmentation.building.words import failure_of, reason_of, step_of

TRACEBACK = """\
  Runtime Error in model fit_map (python_models/fit_map.py)
  Python model failed:
  Traceback (most recent call last):
    File "dbt/adapters/duckdb/environments/__init__.py", line 286, in run_python_job
      df = module.model(dbt, con)
           ^^^^^^^^^^^^^^^^^^^^^^
    File "/tmp/tmpkw4dk956.py", line 11, in model
      raise {raised}
  {raised}
  """


def node(name, path, kind="model", package="segmentation"):
    unique = f"{kind}.{package}.{name}"
    return {"node_name": name, "node_path": path, "resource_type": kind, "unique_id": unique}


@pytest.mark.parametrize(
    ("found", "stage", "phrase"),
    [
        (node("raw_users", "thelook/raw_users.sql"), "Reading the raw tables", "Reading raw users"),
        (
            node("fit_plan", "segmentation/plan/fit_plan.sql"),
            "Planning",
            "Planning: fit plan",
        ),
        (node("fit_clusters", "fit_clusters.py"), "Fitting models", "Fitting clusters"),
        (
            node("k_candidates", "segmentation/fit/k_candidates.sql"),
            "Fitting models",
            "Fitting k candidates",
        ),
        (node("publications", "publications.py"), "Publishing", "Publishing: publications"),
        (node("rfm_cells", "rfm_cells.csv", "seed"), "Loading the seeds", "Loading rfm cells"),
        (
            node("wine_segments", "wine/wine_segments.sql", package="mine"),
            "Building the project's own tables",
            "Building wine segments",
        ),
        (
            node("assert_every_unit_is_counted", "assert_every_unit_is_counted.sql", "test"),
            None,
            "Checking that every unit is counted",
        ),
        (node("unique_segments_id", "x.sql", "test"), None, "Checking unique segments id"),
    ],
)
def test_a_node_is_told_as_what_it_does(found, stage, phrase):
    step = step_of(found)
    assert (step.stage, step.phrase) == (stage, phrase)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            "Compilation Error in operation segmentation-on-run-start-0 (./dbt_project.yml)\n"
            "  Recipe 'defalt' is unknown. Name\n  another.\n  \n"
            "  > in macro recipe_settings (macros/settings/recipe_settings.sql)\n"
            "  > called by operation segmentation-on-run-start-0 (./dbt_project.yml)",
            "Recipe 'defalt' is unknown. Name another.",
        ),
        (
            '  Runtime Error in model a (models/a.sql)\n  Binder Error: No column "x"!\n'
            "  \n  LINE 1: select x\n                 ^",
            'Binder Error: No column "x"!',
        ),
        (
            "Compilation Error\n  Model 'm.a' depends on a node named 'nobody' which was not found",
            "Model 'm.a' depends on a node named 'nobody' which was not found",
        ),
        ("\x1b[31mEncountered an error:\x1b[0m\nNot a folder", "Not a folder"),
        (
            TRACEBACK.format(raised="ValueError: Nothing to map: bring rows."),
            "Nothing to map: bring rows.",
        ),
        (
            TRACEBACK.format(raised="segmentation.x.ValueError: Two\n  lines are one."),
            "Two lines are one.",
        ),
        (TRACEBACK.format(raised="KeyError: 'log_constant'"), "KeyError: 'log_constant'"),
        (
            TRACEBACK.format(raised="KeyError: 'first'")
            + "\n  During handling of the above exception, another exception occurred:\n"
            + TRACEBACK.format(raised="OSError: The folder is gone."),
            "The folder is gone.",
        ),
    ],
)
def test_a_reason_is_one_line_without_headers_and_tracebacks(message, reason):
    assert reason_of(message) == reason


def test_a_failed_model_is_named_with_its_file():
    message = TRACEBACK.format(raised="ValueError: Nothing to map: bring rows.")
    told = failure_of("model", "fit_map", "python_models/fit_map.py", message, "target/fit_map.py")
    assert told == (
        "The model fit_map (python_models/fit_map.py) failed: Nothing to map: bring rows."
    )


@pytest.mark.parametrize(
    ("test", "message", "sentence"),
    [
        (
            "assert_every_unit_is_counted",
            "Got 2 results, configured to fail if != 0",
            "It does not hold that every unit is counted (tests/a.sql): 2 rows; the query in "
            "target/a.sql shows them.",
        ),
        (
            "warn_when_there_is_no_structure",
            "Got 1 result, configured to warn if != 0",
            "There is no structure (tests/a.sql): 1 row; the query in target/a.sql shows it.",
        ),
        (
            "keeps_rules_segments",
            "Got 1200 results, configured to fail if != 0",
            "The test keeps_rules_segments does not hold (tests/a.sql): 1,200 rows; the query in "
            "target/a.sql shows them.",
        ),
    ],
)
def test_a_test_that_finds_rows_is_one_sentence(test, message, sentence):
    assert failure_of("test", test, "tests/a.sql", message, "target/a.sql") == sentence
