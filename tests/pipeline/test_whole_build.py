"""Ensures that plain `dbt build` in a fresh folder does everything, dbt's unit tests included."""

import json

import pytest


@pytest.fixture(scope="module")
def plainly_built(make_project, light):
    project = make_project("plain")
    done = project.run("build", variables=light)
    assert done.returncode == 0, done.stdout
    return project


def test_unit_tests_need_no_table_of_an_earlier_build(plainly_built):
    path = plainly_built.folder / "target" / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    found = {result["status"] for result in results if result["unique_id"].startswith("unit_test.")}
    assert found == {"pass"}
    assert plainly_built.content_hashes()


def test_what_is_appended_to_may_be_run_alone_and_adds_nothing(plainly_built, light):
    rows = "select * exclude (recorded_at) from customer_model_log order by event_number"
    logged = plainly_built.query(rows)
    done = plainly_built.run("run", "--select", "customer_model_log", variables=light)
    assert done.returncode == 0, done.stdout
    assert plainly_built.query(rows) == logged
