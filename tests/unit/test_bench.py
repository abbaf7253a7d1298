"""Ensures that the benchmark tells of several runs and sizes what follows from their figures."""

import pytest

from benchmarks.builds import Measured
from benchmarks.cases import Case, growth, median_of
from benchmarks.pipeline import busy_seconds


def case(seconds: float, notebook: float, users: int = 1000, **found) -> Case:
    costs = {
        "notebook": Measured(notebook, notebook, 1.0, ""),
        "build": Measured(seconds, 2 * seconds, seconds / 10, ""),
    }
    return Case(users, costs, {"fit": seconds / 2}, [("fit_clusters", seconds / 4)], **found)


def test_each_cost_is_the_median_and_stages_are_those_of_the_median_build():
    found = median_of([case(30, 5, scanned=7.0), case(10, 6), case(20, 4)])
    assert (found.costs["build"].seconds, found.costs["notebook"].seconds) == (20, 5)
    assert (found.stages, found.slowest) == ({"fit": 10}, [("fit_clusters", 5)])
    assert found.scanned == 7.0
    assert found.figures["build ÷ notebook"] == 4


def test_of_two_the_quicker_is_taken():
    assert median_of([case(30, 5), case(10, 6)]).costs["build"].seconds == 10


def test_growth_is_the_exponent_of_time_in_users():
    found = growth(case(10, 5), case(1000, 5, users=100_000))
    assert found == {"fit": pytest.approx(1), "whole": pytest.approx(1)}
    assert growth(case(10, 5), case(100, 5, users=100_000))["whole"] == pytest.approx(0.5)


def test_what_runs_at_the_same_time_is_busy_once():
    def node(start: int, end: int) -> dict:
        times = [f"2025-01-01T00:00:{moment:02d}+00:00" for moment in (start, end)]
        return {"timing": [{"started_at": times[0], "completed_at": times[1]}]}

    assert busy_seconds([node(0, 10), node(5, 12), node(20, 21), {"timing": []}]) == 13
