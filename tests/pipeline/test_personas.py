"""Ensures that a recipe of all behaviour finds the personas planted in a generated shop."""

import pytest

from benchmarks.builds import Build
from benchmarks.personas import measure_personas
from tests.pipeline.conftest import Project


@pytest.fixture(scope="module")
def recovery(tmp_path_factory, dbt):
    def build(folder, raw_path, variables):
        Project(folder, dbt).build(raw_path=raw_path, variables=variables)
        return Build(folder, measured=None)

    return measure_personas(tmp_path_factory.mktemp("personas"), 20_000, seed=1, build=build)


def test_personas_are_visible_in_behaviour(recovery):
    assert recovery.customers > 15_000
    assert recovery.personas >= 4
    assert recovery.ceiling >= 0.8


def test_most_of_what_could_be_found_is_found(recovery):
    assert recovery.ratio >= 0.7
