"""A build may die at any point: the next one completes, and readers never see half of anything.

The build that dies fits a second version for a new date. Whatever it left, the build after it must
end where an undisturbed one ends: the same log of events, the same content hashes.
"""

import os
import random
import signal
import time

import duckdb
import pytest

from tests.pipeline.conftest import LIGHT

BUILD = ("build", "--exclude-resource-type", "unit_test")
SMALL = LIGHT | {"k_max": 4}
BEFORE = SMALL | {"as_of": "2024-06-30"}
AFTER = SMALL | {"as_of": "2024-12-31", "max_model_age_days": 30}

NODES = ("fit_loadings", "model_log", "publications")
"""One between two fits, one on each side of the activation: the second is the last of all."""
SOAK_NODES = (*NODES, "fit_segments", "customer_segments", "segment_changes")
SOAK_POINTS = 50

FITTED = ("scaling", "loadings", "k_candidates", "clusters", "segments", "baseline", "facts")
TIMES = {"published_at", "fitted_at", "recorded_at"}


@pytest.fixture(scope="module")
def before(make_project):
    """Return a project with one version, at the first date."""
    project = make_project("before")
    project.build(variables=BEFORE)
    return project


@pytest.fixture(scope="module")
def after(before, tmp_path_factory):
    """Return the project as an undisturbed build of the next date leaves it."""
    project = before.copy_to(tmp_path_factory.mktemp("after"))
    project.build(variables=AFTER)
    assert len(log(project)) == 6
    return project


def log(project) -> list[tuple]:
    """Return the events of the models without their times."""
    return project.query("select * exclude (recorded_at) from model_log order by event_number")


def die(project, is_time) -> list[str]:
    """Start the build and kill it at the first line that is the time; return the lines so far."""
    lines = []
    with project.running(*BUILD, variables=AFTER) as (begun, printed):
        for line in printed:
            lines.append(line)
            if is_time(line, len(lines)):
                os.kill(begun.pid, signal.SIGKILL)
                break
    return lines


def starts(node: str):
    """Return whether dbt says that it starts on a node."""
    return lambda line, _: (
        "START" in line and line.split("[RUN]")[0].rstrip(" .").endswith(f".{node}")
    )


# --- what holds whenever a build died ---


def same_rows(one: str, other: str) -> bool:
    """Whether two Parquet files hold the same rows, times left out."""
    with duckdb.connect() as connection:
        names = [row[0] for row in connection.execute(f"describe from '{one}'").fetchall()]
        columns = ", ".join(f'"{name}"' for name in names if name not in TIMES)
        sides = [f"(select {columns} from '{path}')" for path in (one, other)]
        try:
            found = connection.execute(
                f"from ({sides[0]} except all {sides[1]}) union all "
                f"from ({sides[1]} except all {sides[0]})"
            ).fetchall()
        except duckdb.BinderException:
            return False
    return not found


def assert_published_files_are_whole(project, before, after) -> None:
    assert project.content_hashes() in (before.content_hashes(), after.content_hashes())
    for table in project.content_hashes():
        rows = project.published(f"select count(*) from {table}").iat[0, 0]
        told = project.published(f"select rows from publications where table_name = '{table}'")
        assert rows == told.iat[0, 0], table
    new = {
        path.stem: tuple(
            same_rows(str(path), str(side.serving / "parquet" / path.name))
            for side in (after, before)
        )
        for path in sorted((project.serving / "parquet").glob("*.parquet"))
    }
    assert new.keys() == project.content_hashes().keys() | {"publications"}
    assert any(all(side) for side in zip(*new.values(), strict=True)), new


def assert_one_whole_model_is_active(project) -> None:
    ((version,),) = project.query(
        "select model_version from model_log where event = 'activated' "
        "qualify row_number() over (order by event_number desc) = 1"
    )
    for table in FITTED:
        found = project.query(f"select count(*) from fit_{table} where model_version = {version}")
        assert found[0][0] > 0, table
    assert project.query(
        f"select count(distinct cluster) = any_value(selected.k) from fit_clusters "
        f"inner join fit_k_candidates as selected using (model_version) "
        f"where selected.is_selected and model_version = {version}"
    ) == [(True,)]


def assert_the_next_build_ends_where_it_should(project, after) -> None:
    project.build(variables=AFTER)
    assert log(project) == log(after)
    assert project.content_hashes() == after.content_hashes()
    for table in FITTED:
        statement = f"from fit_{table} order by all"
        assert project.query(statement) == after.query(statement), table
    left = [path.name for path in project.serving.iterdir()]
    assert sorted(left) == sorted(path.name for path in after.serving.iterdir())
    assert all(path.name.isdigit() for path in (project.serving / "versions").iterdir())


def assert_readers_miss_nothing(project, before, after) -> None:
    assert_published_files_are_whole(project, before, after)
    assert_one_whole_model_is_active(project)


# --- builds that die ---


def kill_at(node: str, project, before, after) -> None:
    lines = die(project, starts(node))
    assert starts(node)(lines[-1], 0), "the build ended before it came to the node"
    assert_readers_miss_nothing(project, before, after)


def test_builds_killed_one_after_the_other_are_made_good_by_the_next(before, after, tmp_path):
    """Each goes on from what those before it left, up to its own end."""
    project = before.copy_to(tmp_path / "killed")
    for node in NODES:
        kill_at(node, project, before, after)
    assert_the_next_build_ends_where_it_should(project, after)


@pytest.mark.soak
@pytest.mark.parametrize("node", SOAK_NODES)
def test_a_build_killed_at_a_node_is_made_good_by_the_next(node, before, after, tmp_path):
    project = before.copy_to(tmp_path / "killed")
    kill_at(node, project, before, after)
    assert_the_next_build_ends_where_it_should(project, after)


@pytest.fixture(scope="module")
def whole_output(before, tmp_path_factory) -> int:
    """Return how many lines an undisturbed build writes."""
    project = before.copy_to(tmp_path_factory.mktemp("whole"))
    return len(die(project, lambda line, number: False))


@pytest.mark.soak
@pytest.mark.parametrize("point", range(SOAK_POINTS))
def test_a_build_killed_anywhere_is_made_good_by_the_next(
    point, before, after, whole_output, tmp_path
):
    moment = random.Random(point)
    last = round((point + moment.random()) * whole_output / SOAK_POINTS)
    project = before.copy_to(tmp_path / "killed")

    def is_time(line: str, number: int) -> bool:
        if number < last:
            return False
        time.sleep(moment.random() * 0.3)
        return True

    die(project, is_time)
    assert_readers_miss_nothing(project, before, after)
    assert_the_next_build_ends_where_it_should(project, after)
