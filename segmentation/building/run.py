"""A build from its first check to its last sentence."""

import os
import re
from pathlib import Path

from segmentation.building.checks import (
    memory_problem,
    raw_files,
    serving_problem,
    settings_problem,
    threads_problem,
    unopened,
    warehouse_problem,
)
from segmentation.building.dbt import end, log_folder, project_folder, running_dbt, told
from segmentation.building.lock import LockedError, only_build_of
from segmentation.building.resume import NothingToResumeError, Progress
from segmentation.building.screen import Screen
from segmentation.building.stops import Stopped
from segmentation.building.story import Story
from segmentation.building.summary import report, summary
from segmentation.building.unchanged import LastBuild, made_of
from segmentation.published.places import shared_place_problem
from segmentation.published.served import CommandError
from segmentation.published.serving_folder import DATABASE, remove_unfinished

LARGE = 500_000_000
"""Bytes of raw files, as some three million customers have in Parquet."""
RESULTS = {
    "none": "nothing was published, and the published files are as before.",
    "begun": "publication had begun, and readers have the last one or this one, whole.",
    "done": "what it had published stands.",
}
"""What a build that was stopped or failed leaves, by how far its publication was."""

OURS = ("--if-changed", "--resume", "--verbose")
"""Options of a build that are not dbt's."""
ASKED_WRONGLY = 2
"""Exit code of what no other state of files would let pass."""


def run(arguments: list[str]) -> int:
    """Build and tell; return the exit code.

    Parameters
    ----------
    arguments : list of str
        Options of ``dbt build``, and those of `OURS`.
    """
    ours = {one for one in arguments if one in OURS}
    arguments = [one for one in arguments if one not in OURS]
    screen = Screen("--verbose" in ours)
    warehouse = Path(os.environ.get("SEGMENTATION_WAREHOUSE", "warehouse/segmentation.duckdb"))
    serving = Path(os.environ.get("SEGMENTATION_SERVING", "serving"))
    problem = (
        settings_problem(arguments)
        or threads_problem()
        or memory_problem()
        or shared_place_problem(warehouse, serving)
    )
    if problem:
        return _refused(screen, problem, ASKED_WRONGLY)
    try:
        with only_build_of(warehouse):
            problem = warehouse_problem(warehouse) or serving_problem(serving)
            if problem:
                return _refused(screen, problem)
            return _run_asked(arguments, ours, screen, warehouse, serving)
    except (LockedError, NothingToResumeError, CommandError) as refused:
        return _refused(screen, str(refused))
    except OSError as error:
        return _refused(screen, unopened(warehouse, str(error)))


def _run_asked(
    arguments: list[str], ours: set[str], screen: Screen, warehouse: Path, serving: Path
) -> int:
    """Build what is asked for, unless the last build was made of the same and that is enough."""
    last, made = LastBuild.of(warehouse, serving), None
    if "--if-changed" in ours:
        made = made_of(arguments, warehouse, project_folder(arguments))
        if last.is_of(made):
            print("Nothing has changed since the last build: what it published stands.", flush=True)
            return 0
    _share_memory()
    progress = Progress.of(warehouse)
    if "--resume" in ours:
        arguments = progress.rest(arguments)
    else:
        progress.begin(arguments)
    code = _build(arguments, Story(screen, progress), warehouse, serving)
    if made and code == 0:
        last.keep(made)
    return code


def _share_memory() -> None:
    """Let dbt run one model at a time where raw files are large, unless the user says otherwise.

    DuckDB uses all cores for one statement; two at once would only share the memory.
    """
    if sum(path.stat().st_size for path in raw_files()) > LARGE:
        os.environ.setdefault("SEGMENTATION_THREADS", "1")


def _refused(screen: Screen, problem: str, code: int = 1) -> int:
    screen.fail(problem)
    return code


def _build(arguments: list[str], story: Story, warehouse: Path, serving: Path) -> int:
    screen, log = story.screen, log_folder(arguments) / "dbt.log"
    try:
        code = _run_dbt(arguments, story, log)
        if code == 0:
            story.progress.forget()
            _tell_result(story, serving)
            return 0
        failures = story.failures(code)
    except OSError as error:
        code, failures = 1, [_unwritten(error)]
    except BaseException as ended:
        if isinstance(ended, Stopped):
            ended.result = RESULTS[story.publication]
            if story.publication == "none":
                ended.result += " Go on with `segmentation build --resume`."
        _tidy(warehouse, serving)
        raise
    _tidy(warehouse, serving)
    for sentence in failures:
        screen.fail(_mended(sentence, warehouse))
    result = RESULTS[story.publication]
    screen.say(f"{result[0].upper()}{result[1:]} The whole log is in {log}.")
    return code if code > 0 else 128 - code


def _unwritten(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"The build failed: {error.strerror}{where}. Mend that and build again."


def _run_dbt(arguments: list[str], story: Story, log: Path) -> int:
    """Run dbt to its end and return its exit code."""
    options = [*arguments, "--log-path", str(log.parent)]
    with running_dbt(options) as process:
        try:
            with story.screen as screen:
                screen.stage("Reading the project")
                for line in told(process):
                    story.hear(line)
            return process.wait()
        finally:
            end(process)
            # What it told last says how far it came.
            for line in told(process):
                story.hear(line)
            story.keep_strays(log)


def _tell_result(story: Story, serving: Path) -> None:
    story.tell_warnings()
    if (serving / DATABASE).exists():
        print(summary(serving), flush=True)
        story.screen.stage("Writing the report")
        print(report(serving), flush=True)


def _mended(sentence: str, warehouse: Path) -> str:
    """Return the sentence; what DuckDB says of a lock or of memory becomes ours."""
    if "lock is held in" in sentence:
        return unopened(warehouse, sentence)
    failed, out_of_memory, told = sentence.partition(" Out of Memory Error: ")
    if out_of_memory:
        used = re.search(r"\(([^()]* used)\)", told)
        amount = f" ({used[1]})" if used else ""
        return (
            f"{failed} memory ran out{amount}: let the build have more with "
            "SEGMENTATION_MEMORY_LIMIT, or fewer threads with SEGMENTATION_THREADS, and go on with "
            "`segmentation build --resume`."
        )
    return sentence


def _tidy(warehouse: Path, serving: Path) -> None:
    """Remove what a dbt that ended early left beside the warehouse and the published files."""
    warehouse_problem(warehouse)
    remove_unfinished(serving)
