"""Ensures that plain `dbt build` in a fresh folder does everything, dbt's unit tests included."""

import json

import duckdb
import pytest

from tools.sample.files import write_sample

WITHOUT_EXTRAS = {"extras": False}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a small shop, once in each format of raw files; return its folder."""

    def write(file_format: str):
        folder = tmp_path_factory.mktemp(file_format)
        write_sample(400, 5, folder, file_format, personas=False)
        return folder

    return write


@pytest.fixture(scope="module", params=["seeds", "csv", "parquet"])
def plainly_built(request, make_project, written):
    """The first build in a fresh folder: of seeds, of texts, or of files that know their types."""
    project = make_project(f"plain_{request.param}")
    raw_path = None if request.param == "seeds" else written(request.param)
    done = project.run("build", raw_path=raw_path, variables=WITHOUT_EXTRAS)
    assert done.returncode == 0, done.stdout
    return project, raw_path


def test_parquet_files_know_the_types_of_their_columns(written):
    for path in written("parquet").glob("*.parquet"):
        columns = duckdb.sql(f"describe from '{path}'").fetchall()
        types = {name: kind.split("(")[0] for name, kind, *_ in columns}
        for name, known in types.items():
            if name.endswith("_at"):
                assert known == "TIMESTAMP", (path.name, name)
            elif name in ("id", "order_id", "user_id", "product_id", "age", "sale_price", "cost"):
                assert known in ("BIGINT", "DOUBLE", "DECIMAL"), (path.name, name)


def test_unit_tests_need_no_table_of_an_earlier_build(plainly_built):
    project, _ = plainly_built
    path = project.folder / "target" / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    found = [result["status"] for result in results if result["unique_id"].startswith("unit_test.")]
    assert set(found) == {"pass"}
    assert len(found) > 100
    assert project.content_hashes()


def test_what_is_appended_to_may_be_run_alone_and_adds_nothing(plainly_built):
    project, raw_path = plainly_built
    rows = "select * exclude (recorded_at) from model_log order by segmentation, event_number"
    logged = project.query(rows)
    select = ("--select", "model_log")
    done = project.run("run", *select, raw_path=raw_path, variables=WITHOUT_EXTRAS)
    assert done.returncode == 0, done.stdout
    assert {name for name, *_ in logged} == {"customer", "product"}
    assert project.query(rows) == logged
