"""Ensures that `segmentation new` and `build` segment a table of Spark's as they do DuckDB's."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
ROWS = 600
ON_SPARK = """
import sys
from dbt.adapters.sparksession.session import SparkSessionCredentials, session_for
session = session_for(SparkSessionCredentials(schema="market", warehouse=sys.argv[1]))
session.sql("create schema market")
session.read.parquet(sys.argv[2]).write.saveAsTable("market.visitors")
"""


def visitors() -> pd.DataFrame:
    """Three kinds of visitors; every fiftieth tells no age."""
    rng = np.random.default_rng(7)
    kind = np.arange(ROWS) % 3
    age = rng.normal(30 + 15 * kind, 4).round()
    return pd.DataFrame(
        {
            "visitor": np.arange(1, ROWS + 1),
            "age": np.where(np.arange(ROWS) % 50, age, np.nan),
            "visits": rng.poisson(3 + 8 * (kind == 1)),
            "spend": (rng.gamma(2, 10, ROWS) * (1 + 3 * (kind == 2))).round(2),
            "city": rng.choice(["Köln", "Zürich", "Graz"], ROWS),
        }
    )


def write_project(folder: Path) -> None:
    """Write a project that reads a table of its warehouse, whichever engine holds that."""
    ours = yaml.safe_load((ROOT / "profiles.yml").read_text())["segmentation"]
    documents = {
        "dbt_project.yml": {
            "name": "mine",
            "profile": "mine",
            "flags": {"send_anonymous_usage_stats": False},
            "vars": {"segmentations": {"customer": None, "product": None}, "extras": False},
        },
        "packages.yml": {"packages": [{"local": str(ROOT)}]},
        "profiles.yml": {"mine": ours},
        "models/sources.yml": {
            "sources": [{"name": "market", "tables": [{"name": "visitors"}]}],
        },
    }
    (folder / "models").mkdir(parents=True)
    for name, document in documents.items():
        (folder / name).write_text(yaml.safe_dump(document))
    (folder / "models" / "market_visitors.sql").write_text(
        "select * from {{ source('market', 'visitors') }}\n"
    )


@pytest.fixture(scope="module")
def served(fast, tmp_path_factory) -> dict[str, Path]:
    """The same table segmented by the same commands on both engines: where each published."""
    folder = tmp_path_factory.mktemp("any")
    visitors().to_parquet(folder / "visitors.parquet")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create schema market")
        connection.execute(f"create table market.visitors as from '{folder / 'visitors.parquet'}'")
    lake, raw = str(folder / "lake"), str(folder / "visitors.parquet")
    subprocess.run([sys.executable, "-c", ON_SPARK, lake, raw], cwd=ROOT, check=True)
    published = {}
    for target in ("duckdb", "spark"):
        project = folder / target
        write_project(project)
        settings = {
            "DBT_TARGET": target,
            "SEGMENTATION_WAREHOUSE": str(folder / "warehouse.duckdb"),
            "SEGMENTATION_SPARK_WAREHOUSE": lake,
            "SEGMENTATION_SERVING": str(project / "serving"),
        }
        new = ("new", "visitor", "--model", "market_visitors", "--key", "visitor")
        for command in (
            ("dbt", "deps"),
            ("dbt", "run", "--select", "market_visitors"),
            ("segmentation", *new),
            ("segmentation", "build"),
        ):
            done = subprocess.run(
                [str(Path(sys.executable).with_name(command[0])), *command[1:]],
                cwd=project,
                env=os.environ | settings,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, (command, done.stdout[-5000:] + done.stderr[-2000:])
        published[target] = project / "serving" / "segmentation.duckdb"
    return published


def test_a_table_of_sparks_has_the_segments_of_duckdbs(served):
    with duckdb.connect() as connection:
        for name, file in served.items():
            connection.execute(f"attach '{file}' as {name} (read_only)")
        units, segments, different = connection.execute(
            """
            select count(*), count(distinct a.segment_id), count(*) filter (where not coalesce(
                a.segment_id = b.segment_id and a.segment_name = b.segment_name
                and abs(a.distance - b.distance) <= 1e-9, false))
            from duckdb.main.visitor_segments as a
            full join spark.main.visitor_segments as b using (visitor_id)
            """
        ).fetchone()
    assert (units, different) == (ROWS, 0)
    assert segments > 1
