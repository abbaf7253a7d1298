"""Ensures that what a build starts is dbt itself, under its name, wherever it is started."""

import subprocess

from segmentation.building.dbt import DBT


def test_it_is_dbt_even_beside_a_file_of_that_name(tmp_path):
    (tmp_path / "dbt.py").write_text("raise SystemExit('the file of a project')")
    done = subprocess.run([*DBT, "build", "--no"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: dbt build ")
