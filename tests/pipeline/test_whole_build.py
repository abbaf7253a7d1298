"""Ensures that plain `dbt build` in a fresh folder does everything, dbt's unit tests included."""

import json

import duckdb
import pytest

from tools.sample.files import write_sample


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write a small shop, once in each format of raw files; return its folder."""

    def write(file_format: str):
        folder = tmp_path_factory.mktemp(file_format)
        write_sample(400, 5, folder, file_format, personas=False)
        return folder

    return write


def test_parquet_files_know_the_types_of_their_columns(written):
    for path in written("parquet").glob("*.parquet"):
        columns = duckdb.sql(f"describe from '{path}'").fetchall()
        types = {name: kind.split("(")[0] for name, kind, *_ in columns}
        for name, known in types.items():
            if name.endswith("_at"):
                assert known == "TIMESTAMP", (path.name, name)
            elif name in ("id", "order_id", "user_id", "product_id", "age", "sale_price", "cost"):
                assert known in ("BIGINT", "DOUBLE", "DECIMAL"), (path.name, name)


def test_unit_tests_need_no_table_of_an_earlier_build(whole_sample):
    path = whole_sample.folder / "target" / "run_results.json"
    results = json.loads(path.read_text(encoding="utf-8"))["results"]
    found = [result["status"] for result in results if result["unique_id"].startswith("unit_test.")]
    assert set(found) == {"pass"}
    assert len(found) > 100
    assert whole_sample.content_hashes()


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_unit_tests_of_what_reads_raw_files_need_no_table_either(project, written, file_format):
    """Whether files know the types of their columns or not; the shop's contract hides it."""
    select = [f"path:models/{folder}" for folder in ("thelook", "shop", "quality")]
    select += ["status_meanings", "+data_quality"]
    scope = ("--indirect-selection", "cautious", "--select", *select)
    done = project.run("build", *scope, raw_path=written(file_format))
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("START unit_test") >= 10


def test_what_is_appended_to_may_be_run_alone_and_adds_nothing(whole_sample, tmp_path):
    project = whole_sample.copy_to(tmp_path / "copy")
    rows = "select * exclude (recorded_at) from model_log order by segmentation, event_number"
    logged = project.query(rows)
    done = project.run("run", "--select", "model_log")
    assert done.returncode == 0, done.stdout
    assert {name for name, *_ in logged} == {"customer", "product"}
    assert project.query(rows) == logged
