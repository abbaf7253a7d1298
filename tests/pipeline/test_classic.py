"""Ensures that the recipe and the features of version 0.1 still give its segments."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml

from tests.pipeline.conftest import LIGHT, ROOT, SHARED_DATA

CLASSIC = ROOT / "tests" / "fixtures" / "classic"
GOLDEN = SHARED_DATA.parent / "golden"
SELECTED = ("--select", "+customer_segments", "--exclude-resource-type", "test")
SEGMENTS = {"sample": 7, "thelook": 4}
COMPONENTS = {"sample": 3, "thelook": 4}
"""What the rules of 0.1 took; those of now take others."""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """Copy the dbt project, and let customers be segmented by the features of 0.1."""
    folder = tmp_path_factory.mktemp("classic")
    for name in ("models", "python_models", "macros", "seeds", "tests/data"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, folder)
    for path in (CLASSIC / "customer_features_classic.sql", CLASSIC / "_classic__models.yml"):
        shutil.copy(path, folder / "models" / "features")
    reader = folder / "models" / "segmentation" / "apply" / "customer_segments.sql"
    text = reader.read_text(encoding="utf-8")
    assert "ref('customer_features')" in text
    reader.write_text(text.replace("'customer_features'", "'customer_features_classic'"))
    return folder


@pytest.fixture(scope="module")
def segments(make_project, checkout, shared_data) -> Callable[[str], pd.DataFrame]:
    """Segment the customers of a shop as version 0.1 did; each shop is built once."""

    @cache
    def build(shop: str) -> pd.DataFrame:
        raw_path = None if shop == "sample" else shared_data(shop)
        variables = yaml.safe_load((CLASSIC / "vars.yml").read_text(encoding="utf-8"))
        project = replace(make_project(f"classic_{shop}"), root=checkout)
        variables |= LIGHT | {"k": SEGMENTS[shop], "components": COMPONENTS[shop]}
        project.build(*SELECTED, raw_path=raw_path, variables=variables)
        rows = project.query("from customer_segments order by customer_id")
        columns = [name for (name, *_) in project.query("describe customer_segments")]
        return pd.DataFrame(rows, columns=columns)

    return build


def described(segments: pd.DataFrame) -> list[dict]:
    """Return each segment's customers and sums of distances and clarity; names are others now."""
    table = segments.groupby("segment_id").agg(
        customers=("customer_id", "size"),
        first_customer=("customer_id", "min"),
        sum_of_ids=("customer_id", "sum"),
        runners_up=("runner_up_segment_id", "sum"),
        distance=("distance", "sum"),
        confidence=("confidence", "sum"),
    )
    return table.reset_index().to_dict("records")


def test_the_sample_has_the_segments_of_version_0_1(segments):
    expected = json.loads((CLASSIC / "sample_segments.json").read_text(encoding="utf-8"))
    assert described(segments("sample")) == [pytest.approx(row, abs=1e-3) for row in expected]


@pytest.mark.parametrize("shop", SEGMENTS)
def test_every_customer_has_the_segment_of_version_0_1(segments, shop):
    path = GOLDEN / f"{shop}.customers.parquet"
    if not path.exists():
        pytest.skip("the segments of version 0.1 are not here: ../shared/golden is missing")
    found = segments(shop).set_index("customer_id")
    golden = pd.read_parquet(path).set_index("customer_id").sort_index()
    for column in ("segment_id", "runner_up_segment_id"):
        assert found[column].tolist() == golden[column].tolist()
    assert found["distance"].tolist() == pytest.approx(golden["distance"].tolist(), abs=2e-6)
    assert found["confidence"].tolist() == pytest.approx(golden["margin"].tolist(), abs=2e-6)
