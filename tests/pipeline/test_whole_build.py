"""Ensures that plain `dbt build` in a fresh folder does everything, dbt's unit tests included."""

import json


def test_unit_tests_need_no_table_of_an_earlier_build(project, light):
    done = project.run("build", variables=light)
    assert done.returncode == 0, done.stdout
    results = json.loads((project.folder / "target" / "run_results.json").read_text())["results"]
    found = {result["status"] for result in results if result["unique_id"].startswith("unit_test.")}
    assert found == {"pass"}
    assert project.content_hashes()
