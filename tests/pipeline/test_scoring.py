"""The published model, used outside the build: real builds of the sample by three recipes."""

import json
import os
import sqlite3
import subprocess
import sys

import duckdb
import pytest

RECIPES = ["default", "article", "mixture"]


@pytest.fixture(scope="module", params=RECIPES)
def modelled(request, built):
    """The sample, built and published by one recipe."""
    return built("sample", request.param)


@pytest.fixture(scope="module")
def published(modelled):
    with duckdb.connect() as connection:
        path = modelled.serving / "segmentation.duckdb"
        connection.execute(f"attach '{path}' as published (read_only)")
        connection.execute("use published.main")
        yield connection


def segmentation(project, *arguments, check=True):
    """Run the installed command, where there is neither a warehouse nor a project."""
    done = subprocess.run(
        [sys.executable, "-m", "segmentation.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=project.folder,
        env=os.environ | {"SEGMENTATION_SERVING": str(project.serving)},
    )
    assert not check or done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done


def segments(published):
    return published.execute(
        "select customer_id, segment_id, segment_name, runner_up_segment_id "
        "from customer_segments order by customer_id"
    ).fetchall()


def test_predict_gives_every_customer_the_published_segment(modelled, published, tmp_path):
    published.execute(f"copy customer_features to '{tmp_path}/features.csv'")
    scored = tmp_path / "scored.parquet"
    segmentation(modelled, "predict", "--input", tmp_path / "features.csv", "--output", scored)
    differences = published.execute(
        f"""
        select *
        from '{scored}' as scored
        full join customer_segments as segments
            on cast(scored.customer_id as bigint) = segments.customer_id
        where scored.segment_id is distinct from segments.segment_id
            or scored.segment_name is distinct from segments.segment_name
            or scored.runner_up_segment_id is distinct from segments.runner_up_segment_id
            or abs(scored.distance - segments.distance) > 1e-9
            or abs(scored.confidence - segments.confidence) > 1e-9
            or {_differs_in_probability(scored, published)}
        """
    ).fetchall()
    assert differences == []
    counts = published.execute(
        f"select count(*) = (select count(*) from customer_features) from '{scored}'"
    ).fetchall()
    assert counts == [(True,)]


def _differs_in_probability(scored, published):
    names = [name for name, *_ in published.execute(f"describe from '{scored}'").fetchall()]
    if "probability" not in names:
        return "segments.probability is not null"
    return "coalesce(abs(scored.probability - segments.probability), 1) > 1e-9"


def test_the_exported_statement_gives_every_customer_the_published_segment(modelled, published):
    wanted = segments(published)
    statement = segmentation(modelled, "export-sql").stdout
    assert sorted(row[:4] for row in published.execute(statement).fetchall()) == wanted


def test_the_exported_statement_runs_in_sqlite(modelled, published):
    statement = segmentation(modelled, "export-sql", "--dialect", "sqlite").stdout
    features = published.execute("from customer_features").df()
    for name in features.columns:
        if features[name].dtype == object or "datetime" in str(features[name].dtype):
            features[name] = features[name].astype(str)
    with sqlite3.connect(":memory:") as connection:
        features.to_sql("customer_features", connection, index=False)
        rows = connection.execute(statement).fetchall()
    assert sorted(row[:4] for row in rows) == segments(published)


def test_an_audience_is_its_segment(modelled, published, tmp_path):
    _, segment_id, name, _ = segments(published)[0]
    segmentation(modelled, "export", "--segment", name, "--out", tmp_path, "--format", "parquet")
    target = tmp_path / f"customer_segment_{segment_id}.parquet"
    different = published.execute(
        f"select customer_id from '{target}' except "
        f"select customer_id from customer_segments where segment_id = {segment_id}"
    ).fetchall()
    told = json.loads(target.with_suffix(".manifest.json").read_text())
    assert different == []
    assert told["rows"] == told["rows_in_segment"]
    ((wanted,),) = published.execute(
        f"select count(*) from customer_segments where segment_id = {segment_id}"
    ).fetchall()
    assert told["rows"] == wanted and all(told["source_content_hashes"].values())
