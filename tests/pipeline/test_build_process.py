"""`python -m segmentation.build` as a process: a signal, a race and a failure leave nothing behind.

Builds here are of a sample that was built before, so that they are short, and so that there is a
publication that must stay as it is.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EARLY, LATE = "Reading the project", "Publishing"
"""Before dbt has read anything, and as late as can be; a build that goes on is stopped between."""
SOAK_POINTS = 10
CODES = {signal.SIGINT: (130, "Ctrl-C"), signal.SIGTERM: (143, "SIGTERM")}


class Builds:
    """Builds of a project by the command, seen as a user sees them."""

    def __init__(self, project, light, beside: Path | None = None):
        self.project = project
        self.beside = beside or project.folder
        self.scratch = self.beside / "scratch"
        self.scratch.mkdir()
        self.variables = json.dumps(light)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a build and leave it running, what it says in one pipe."""
        beside = self.beside
        options = ["--target-path", str(beside / "target"), "--log-path", str(beside / "logs")]
        options += ["--vars", self.variables, *arguments]
        return subprocess.Popen(
            [sys.executable, "-m", "segmentation.build", *options],
            cwd=self.project.root,
            env=self.project.environment()
            | {"TMPDIR": str(self.scratch), "DBT_WRITE_JSON": "false"}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # A test that runs in the background of a shell ignores Ctrl-C; a user's build does not.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, list[str]]:
        """Build and return the exit code and the lines."""
        process = self.start(*arguments, **environment)
        told, _ = process.communicate()
        return process.returncode, told.splitlines()

    def stop(self, is_time, number: signal.Signals, *arguments: str) -> tuple[int, list[str]]:
        """Build until a line is the one, send a signal and return exit code and further lines."""
        process = self.start(*arguments)
        for line in process.stdout:
            if is_time(line.rstrip()):
                process.send_signal(number)
                break
        told, _ = process.communicate()
        return process.returncode, told.splitlines()

    def stop_after(self, share: float, number: signal.Signals) -> tuple[int, list[str]]:
        """Send a signal once dbt has begun a share of its nodes; none is before the first."""
        process = self.start("--verbose")
        for line in process.stdout:
            begun = re.search(r" (\d+) of (\d+) START ", line)
            if not share or (begun and int(begun[1]) >= share * int(begun[2])):
                process.send_signal(number)
                break
        told, _ = process.communicate()
        return process.returncode, told.splitlines()

    def processes(self) -> list[str]:
        """Return the commands of every process that has to do with this project."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if f"SEGMENTATION_WAREHOUSE={self.project.warehouse}" in (
                    path / "environ"
                ).read_bytes().decode(errors="replace").split("\0"):
                    found.append((path / "cmdline").read_text())
            except OSError:  # It has ended, or is somebody else's.
                continue
        return found

    def assert_nothing_is_left(self, but: str | None = None) -> None:
        """Ensure that no process, no temporary file and no lock is left of a build."""
        assert self.processes() == []
        assert list(self.scratch.iterdir()) == []
        left = [*self.project.serving.rglob("*.tmp*"), *self.project.folder.glob("*.duckdb.*")]
        # How far a stopped build came, and what the last one was made of, are kept.
        names = [path.name for path in left if path.suffix not in (".progress", ".built")]
        assert [name for name in names if name != but] == []


@pytest.fixture(scope="module")
def builds(sample, light, tmp_path_factory) -> Builds:
    """The built sample in files of its own."""
    return Builds(sample.copy_to(tmp_path_factory.mktemp("process")), light)


# --- little memory ---


def assert_failed(builds, before, told) -> list[str]:
    """Ensure that a build failed, lost and left nothing; return its sentences."""
    code, lines = told
    assert code == 1, lines
    assert not any("Traceback" in line for line in lines)
    assert lines[-1].startswith("Nothing was published, and the published files are as before.")
    # DuckDB's log, which it cannot bring into the warehouse while the disk is full.
    builds.assert_nothing_is_left(but=f"{builds.project.warehouse.name}.wal")
    assert builds.project.published_files() == before
    return [line for line in lines[:-1] if " failed: " in line]


def test_too_little_memory_is_one_sentence(builds):
    """The warehouse is whole: the tests below build from it."""
    before = builds.project.published_files()
    told = assert_failed(builds, before, builds.run(SEGMENTATION_MEMORY_LIMIT="12MB"))
    assert told
    for sentence in told:
        assert re.search(r" failed: memory ran out \(.* used\): .* SEGMENTATION_MEMORY", sentence)
        assert sentence.count(". ") == 0


# --- signals ---


def assert_stopped(builds, before, number, told) -> None:
    code, lines = told
    expected, name = CODES[number]
    assert code == expected, lines
    assert lines[-1].startswith(f"The build was stopped by {name}: "), lines
    assert not any("Traceback" in line for line in lines)
    builds.assert_nothing_is_left()
    if "nothing was published" in lines[-1]:
        assert builds.project.published_files() == before


def test_a_stopped_build_ends_at_once_and_the_next_one_is_whole(builds, sample):
    before = builds.project.published_files()
    for stage in (EARLY, LATE):
        told = builds.stop(stage.__eq__, signal.SIGINT)
        assert_stopped(builds, before, signal.SIGINT, told)
        assert ("nothing was published" in told[1][-1]) or stage == LATE
        assert builds.project.content_hashes() == sample.content_hashes()
    code, lines = builds.run("--if-changed")
    assert code == 0, lines
    assert builds.project.content_hashes() == sample.content_hashes()
    builds.assert_nothing_is_left()
    assert "\x1b" not in "\n".join(lines)
    assert lines[0] == "Reading the project"
    assert any(line.startswith("Published ") for line in lines)
    published = builds.project.published_files()
    told = "Nothing has changed since the last build: what it published stands."
    assert builds.run("--if-changed") == (0, [told])
    assert builds.project.published_files() == published


@pytest.mark.soak
@pytest.mark.parametrize("number", CODES, ids=lambda number: number.name)
@pytest.mark.parametrize("point", range(SOAK_POINTS))
def test_a_build_can_be_stopped_at_any_point(builds, sample, point, number):
    before = builds.project.published_files()
    told = builds.stop_after(point / SOAK_POINTS, number)
    assert_stopped(builds, before, number, told)
    assert builds.project.content_hashes() == sample.content_hashes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_nothing_goes_on_when_the_build_itself_is_killed(builds):
    before = builds.project.published_files()
    code, _ = builds.stop("Planning".__eq__, signal.SIGKILL)
    assert code == -signal.SIGKILL
    deadline = time.monotonic() + 30
    while builds.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert builds.processes() == []
    assert builds.project.published_files() == before
    code, lines = builds.run("--select", "rfm_cells")
    assert code == 0, lines
    shutil.rmtree(builds.scratch)  # Whoever is killed tidies nothing up.
    builds.scratch.mkdir()
    builds.assert_nothing_is_left()


# --- going on ---


def test_a_stopped_build_goes_on_where_it_was_again_and_again(builds, sample):
    before = builds.project.published_files()
    told = builds.stop("Fitting models".__eq__, signal.SIGTERM)
    assert_stopped(builds, before, signal.SIGTERM, told)
    assert "nothing was published" in told[1][-1]
    assert builds.project.content_hashes() == sample.content_hashes()
    code, _ = builds.stop("Describing the segments".__eq__, signal.SIGKILL, "--resume")
    assert code == -signal.SIGKILL
    assert builds.project.published_files() == before
    told_code, lines = builds.run("--resume", "--verbose")
    assert told_code == 0, lines
    told = "\n".join(lines)
    assert "model main.customer_features " not in told
    assert "customer_features_keeps_its_rules" in told
    assert re.search(r"model main\.publications \.", told)
    assert builds.project.content_hashes() == sample.content_hashes()
    code, lines = builds.run("--resume")
    assert (code, lines[-1].startswith("No stopped build of this warehouse")) == (1, True)
    shutil.rmtree(builds.scratch)  # Whoever is killed tidies nothing up.
    builds.scratch.mkdir()


# --- little room ---


@pytest.fixture
def small_disk(tmp_path):
    """A disk whose size can be set, where the system lets this user have one."""

    def resize(megabytes: int, *, again: bool = True) -> Path:
        options = f"{'remount,' if again else ''}size={megabytes}m"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", tmp_path], check=True)
        return tmp_path

    try:
        resize(1000, again=False)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    yield resize
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


@pytest.mark.soak
def test_a_full_disk_is_one_sentence_wherever_it_fills(sample, light, small_disk, tmp_path_factory):
    project = sample.copy_to(small_disk(1000) / "shop")
    builds = Builds(project, light, tmp_path_factory.mktemp("beside"))
    before = builds.project.published_files()
    files = [path for path in small_disk(1000).rglob("*") if path.is_file()]
    taken = sum(path.stat().st_size for path in files) // 1_000_000 + 1
    refused = set()
    for room in range(1, 40, 5):
        small_disk(taken + room)
        told = builds.run()
        if told[0] == 0:
            break
        for sentence in assert_failed(builds, before, told):
            assert re.search("No space left|free, so nothing was written", sentence), sentence
            refused.add(sentence.split(" failed: ")[0])
    small_disk(1000)
    assert builds.run()[0] == 0
    assert len(refused) > 1, "the disk filled at one point only"
    assert builds.project.content_hashes() == sample.content_hashes()
    builds.assert_nothing_is_left()


# --- two builds ---


def race(builds, apart: float) -> None:
    """Start two builds, so many seconds apart; ensure that one is refused and the other whole."""
    first = builds.start("--select", "rfm_cells")
    time.sleep(apart)
    if first.poll() is not None:
        pytest.skip(f"the first build was done within {apart} seconds")
    second = builds.start("--select", "rfm_cells")
    told = {process.pid: process.communicate()[0] for process in (first, second)}
    refused, done = sorted((first, second), key=lambda process: -process.returncode)
    assert (refused.returncode, done.returncode) == (1, 0), told
    assert told[refused.pid].startswith(f"The warehouse {builds.project.warehouse} is being built")
    assert told[refused.pid].count("\n") == 1
    assert f"(PID {done.pid})" in told[refused.pid]
    builds.assert_nothing_is_left()


def test_of_two_builds_one_waits_for_nothing_and_says_whose_turn_it_is(builds):
    race(builds, 0)


@pytest.mark.soak
@pytest.mark.parametrize("start", range(20))
def test_of_two_builds_at_any_distance_one_is_refused(builds, start):
    race(builds, start / 5)


# --- failures ---


def test_a_folder_that_is_missing_is_one_sentence_and_the_place_of_the_log(builds):
    before = builds.project.published_files()
    code, lines = builds.run(SEGMENTATION_RAW_PATH="/nowhere/at/all")
    assert code == 2
    assert lines[-2].startswith("The folder /nowhere/at/all that SEGMENTATION_RAW_PATH names is")
    log = builds.project.folder / "logs" / "dbt.log"
    assert lines[-1] == (
        f"Nothing was published, and the published files are as before. The whole log is in {log}."
    )
    assert "/nowhere/at/all" in log.read_text()
    assert builds.project.published_files() == before
    builds.assert_nothing_is_left()


@pytest.fixture(scope="module")
def broken(builds, tmp_path_factory) -> Builds:
    """The same in a checkout with a Python model that raises and a data test that fails."""
    root = tmp_path_factory.mktemp("broken")
    for name in ("models", "python_models", "macros", "seeds", "tests/data"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, root / name)
    path = root / "python_models" / "fit_baseline.py"
    text = path.read_text()
    assert "    return " in text
    path.write_text(text.replace("    return ", "    raise ValueError('Bring rows.')\n    return "))
    (root / "tests/data/assert_no_cell_has_a_name.sql").write_text(
        "select * from {{ ref('rfm_cells') }}"
    )
    folder = tmp_path_factory.mktemp("broken_process")
    shutil.rmtree(builds.scratch)
    project = builds.project.copy_to(folder, root)
    builds.scratch.mkdir()
    return Builds(project, json.loads(builds.variables))


def test_a_failing_test_and_a_failing_model_are_a_sentence_each(broken):
    before = broken.project.published_files()
    code, lines = broken.run("--select", "fit_baseline", "assert_no_cell_has_a_name")
    assert code == 1
    test, model, log = lines[-3:]
    assert test.startswith(
        "It does not hold that no cell has a name (tests/data/assert_no_cell_has_a_name.sql): 11 "
        "rows; the query in "
    )
    assert model == "The model fit_baseline (python_models/fit_baseline.py) failed: Bring rows."
    assert log.startswith("Nothing was published")
    assert not any("Traceback" in line or "\x1b" in line for line in lines)
    assert broken.project.published_files() == before
    broken.assert_nothing_is_left()


def test_verbose_shows_what_dbt_says(broken):
    code, lines = broken.run("--verbose", "--select", "rfm_cells", "--indirect-selection", "empty")
    assert code == 0, lines
    assert any(line.endswith("Running with dbt=1.12.0") for line in lines)
    assert any("1 of 1 OK loaded seed file main.rfm_cells" in line for line in lines)


# --- a warehouse that dbt must not take ---


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Rfm_Cells.duckdb", "is called like the table rfm_cells in it"),
        ("serving/segmentation.duckdb", "is a published file, which a build would overwrite"),
    ],
)
def test_plain_dbt_refuses_a_warehouse_that_is_something_else(builds, name, sentence):
    project, path = builds.project, builds.project.folder / name
    before = project.published_files()
    done = project.run(
        *("build", "--select", "rfm_cells"), environment={"SEGMENTATION_WAREHOUSE": str(path)}
    )
    assert done.returncode != 0
    assert sentence in " ".join(done.stdout.split())
    assert project.published_files() == before
