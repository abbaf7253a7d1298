"""Ensures that a build shows what matters of what dbt tells, and says why it failed."""

import pytest

from segmentation.building.resume import Progress
from segmentation.building.screen import Screen
from segmentation.building.story import Story


@pytest.fixture
def progress(tmp_path) -> Progress:
    return Progress.of(tmp_path / "w.duckdb")


@pytest.fixture
def story(progress) -> Story:
    return Story(Screen(), progress)


def event(name, level="info", said="", **data):
    info = {"name": name, "level": level, "msg": said, "ts": "2026-01-01T07:00:00Z"}
    return {"info": info, "data": data}


def start(name, path, index=1):
    return event(
        "LogStartLine",
        index=index,
        total=9,
        node_info={
            **{"node_name": name, "node_path": path, "resource_type": "model"},
            "unique_id": f"model.segmentation.{name}",
        },
    )


def ended(name, kind, status, message, level="error"):
    told = {"node_name": name, "path": f"tests/{name}.sql", "resource_type": kind}
    first, second = {
        "fail": ("RunResultFailure", "RunResultError"),
        "warn": ("RunResultWarning", "RunResultWarningMessage"),
    }[status]
    return [
        event(first, level, **told),
        event(second, level, msg=message),
        event("SQLCompiledPath", path=f"target/{name}.sql"),
    ]


def test_without_a_terminal_each_stage_is_one_plain_line(story, capsys):
    for name in ("raw_users", "raw_orders"):
        story.hear(start(name, f"thelook/{name}.sql"))
    story.hear(start("customer_features", "features/customer_features.sql"))
    story.hear(start("raw_products", "thelook/raw_products.sql"))
    shown = capsys.readouterr()
    assert shown.err == "Reading the raw tables\nCounting features\n"
    assert shown.out == ""


def test_what_our_macros_warn_of_is_shown_once(story, capsys):
    for _ in range(2):
        story.hear(event("JinjaLogWarning", "warn", "[WARNING]: x", msg="segments.share: 2 rows."))
    story.hear(event("SomeDeprecation", "warn", "[WARNING]: Old\nways"))
    story.hear(event("LogTestResult", "warn", "3 of 9 WARN 1 some_test"))
    assert capsys.readouterr().err == "Warning: segments.share: 2 rows.\nWarning: Old ways.\n"


def test_what_our_macros_tell_is_shown_as_it_is_however_long(story, capsys):
    sentence = "Customer model: fits version 1, because " + "there was no model yet " * 20
    story.hear(event("JinjaLogInfo", msg=sentence))
    assert capsys.readouterr().err == sentence + "\n"


def test_sentences_of_python_models_are_warnings_and_tracebacks_are_not(story, capsys):
    for line in (
        "What was published came from another warehouse.",
        "Traceback (most recent call last):",
        '  File "x.py", line 1.',
        "KeyError: 'x'.",
    ):
        story.hear(line)
    assert capsys.readouterr().err == "Warning: What was published came from another warehouse.\n"


def test_tests_that_warn_are_told_and_are_no_failure(story, capsys):
    message = "Got 1 result, configured to warn if != 0"
    for one in ended("warn_when_there_is_no_structure", "test", "warn", message, "warn"):
        story.hear(one)
    assert capsys.readouterr().err == ""
    story.tell_warnings()
    assert capsys.readouterr().err == (
        "Warning: There is no structure (tests/warn_when_there_is_no_structure.sql): 1 row; "
        "the query in target/warn_when_there_is_no_structure.sql shows it.\n"
    )


def test_failures_are_sentences_and_of_many_the_first(story):
    for number in range(8):
        message = "Got 2 results, configured to fail if != 0"
        for one in ended(f"assert_all_is_well_{number}", "test", "fail", message):
            story.hear(one)
    told = story.failures(1)
    assert len(told) == 6
    assert told[0].startswith("It does not hold that all is well 0 (tests/assert_all_is_well_0.sql")
    assert told[-1] == "3 more failures are in the log."


def test_an_error_before_the_first_model_is_its_sentence(story):
    exception = "Compilation Error in operation x (./dbt_project.yml)\n  No folder.\n  > in macro y"
    story.hear(event("MainEncounteredError", "error", exc=exception))
    story.hear(event("MainStackTrace", "error", stack_trace="Traceback …"))
    assert story.failures(2) == ["No folder."]


def test_a_circle_of_models_is_one_sentence(story):
    circle = (
        "Compilation Error\n  Found a cycle: model.shop.vip --> model.segmentation.fit_plan "
        "--> model.shop.vip"
    )
    story.hear(event("MainEncounteredError", "error", exc=circle))
    (told,) = story.failures(2)
    assert told.startswith("Models read each other in a circle (vip --> fit_plan --> vip): ")
    assert "through a source" in told


@pytest.mark.parametrize(
    ("code", "strays", "sentence"),
    [
        (2, ["Usage: dbt build", "Error: Invalid value for '--threads': 'abc'"], "Error: Invalid"),
        (1, [], "dbt ended with code 1."),
        (-9, [], "dbt was ended by SIGKILL, most likely for want of memory."),
        (-11, ["Fatal Python error"], "dbt was ended by SIGSEGV."),
    ],
)
def test_a_dbt_that_gives_no_reason_is_one_sentence(story, code, strays, sentence):
    for line in strays:
        story.hear(line)
    (told,) = story.failures(code)
    assert told.startswith(sentence)


def test_lines_that_dbt_did_not_log_are_added_to_its_log(story, tmp_path):
    story.hear("libc: out of luck")
    story.keep_strays(tmp_path / "logs" / "dbt.log")
    assert (tmp_path / "logs" / "dbt.log").read_text() == "libc: out of luck\n"


def test_how_far_publication_was_is_known(story):
    assert story.publication == "none"
    story.hear(start("publications", "publications.py"))
    assert story.publication == "begun"
    node = {"node_name": "publications", "node_status": "success"}
    story.hear(event("LogModelResult", node_info=node))
    assert story.publication == "done"


def test_verbose_shows_all_that_dbt_says_and_nothing_else(progress, capsys):
    story = Story(Screen(verbose=True), progress)
    story.hear(start("raw_users", "thelook/raw_users.sql"))
    story.hear(event("JinjaLogWarning", "warn", "\x1b[33m[WARNING]: x\x1b[0m", msg="x"))
    story.hear("a line of its own")
    assert capsys.readouterr().err == "07:00:00  \n07:00:00  [WARNING]: x\na line of its own\n"
