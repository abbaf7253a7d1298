"""Ensures that the metrics of docs/semantic-layer.md are what the SQL beside them says."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "semantic-layer.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"```sh\n(mf query .+?)```\s*```\n(.+?)```.*?```sql\n(.+?)```", PAGE, flags=re.DOTALL
)
MF = Path(sys.executable).with_name("mf")


@pytest.fixture(scope="module")
def metrics_project(whole_sample, tmp_path_factory):
    """A folder that `mf` takes for the built project, since it only looks in ./target."""
    folder = tmp_path_factory.mktemp("metrics")
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, folder)
    (folder / "target").mkdir()
    shutil.copy(whole_sample.folder / "target" / "semantic_manifest.json", folder / "target")
    shutil.copy(whole_sample.warehouse, folder)
    return folder


def query_metrics(command: str, project: Path) -> str:
    arguments = shlex.split(command.replace("\\\n", " "))
    done = subprocess.run(
        [str(MF), *arguments[1:], "--quiet"],
        cwd=project,
        env=os.environ
        | {
            "DBT_PROFILES_DIR": str(project),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "SEGMENTATION_WAREHOUSE": str(warehouse_of(project)),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def warehouse_of(project: Path) -> Path:
    return project / "segmentation.duckdb"


def read_table(printed: str) -> list[list[str]]:
    """Return the cells below the header; a line of dashes says where the columns are."""
    header, rule, *lines = printed.strip("\n").splitlines()
    columns = [match.span() for match in re.finditer("-+", rule)]
    return [[line[start:end].strip() for start, end in columns] for line in (header, *lines)][1:]


def assert_same(cell: str, value: object) -> None:
    if isinstance(value, date):
        assert cell.removesuffix("T00:00:00") == value.isoformat().removesuffix("T00:00:00")
    elif isinstance(value, str):
        assert cell == value
    else:
        # Where there is nothing to add up, `mf` shows 0 or nothing.
        assert float(cell or 0) == pytest.approx(float(value or 0), abs=6e-4, rel=1e-6)


def test_the_page_has_examples():
    assert len(EXAMPLES) == PAGE.count("```sh\nmf query") == 6


@pytest.mark.parametrize(("command", "output", "query"), EXAMPLES)
def test_metrics_are_as_shown_and_equal_the_sql_beside_them(
    metrics_project, command, output, query
):
    printed = query_metrics(command, metrics_project)
    assert [line.rstrip() for line in printed.strip().splitlines()] == output.strip().splitlines()
    with duckdb.connect(str(warehouse_of(metrics_project)), read_only=True) as connection:
        expected = connection.execute(query).fetchall()
    found = read_table(printed)
    assert len(found) == len(expected) > 1
    for row, wanted in zip(found, expected, strict=True):
        for cell, value in zip(row, wanted, strict=True):
            assert_same(cell, value)
