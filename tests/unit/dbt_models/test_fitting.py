"""Ensures that a fit's figures say how well old and new segments separate the same rows."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_score

from segmentation.dbt_models import fitting, schemas
from tests.recipes import DEFAULTS

ROWS = 240
GROUPS = np.repeat([0, 1, 2], [120, 80, 40])


def plan(is_fit: bool = True) -> pd.DataFrame:
    recipe = DEFAULTS | {"name": "mine", "features": [{"name": "spend", "kind": "number"}]}
    row = {"is_fit": is_fit, "is_matched": True, "model_version": 4, "match_floor": 0.5}
    return pd.DataFrame([row | {"recipe": json.dumps(recipe), "rows_available": ROWS}])


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """Three groups that the new model finds and of which the active one took two for one."""
    rng = np.random.default_rng(1)
    points = np.array([[0, 0], [9, 0], [0, 9]])[GROUPS] + rng.normal(size=(ROWS, 2))
    return pd.DataFrame(
        {
            "sample_rank": rng.permutation(ROWS) + 1,
            "customer_id": np.arange(ROWS) + 100,
            "components": list(points),
            "segment_id": np.array([5, 2, 9])[GROUPS],
            "active_segment_id": np.array([3.0, 3.0, 8.0])[GROUPS],
        }
    )


def facts(planned: pd.DataFrame, sample: pd.DataFrame | None) -> pd.DataFrame:
    """Fit the figures; centroids and components of the model are of no matter here."""
    clusters = pd.DataFrame(
        {
            "model_version": 4,
            "cluster": [1, 1, 2, 2],
            "component": [1, 2, 1, 2],
            "centroid": [0.0, 0.0, 9.0, 9.0],
            "axis_loadings": None,
            "log_constant": np.nan,
        }
    )
    pca = pd.DataFrame(
        {"model_version": 4, "component": [1, 2], "explained_variance_ratio": [0.7, 0.2]}
    )
    key = {"key": "customer_id"}
    return fitting.fit_facts_table(planned, sample, clusters, pca, sample, **key).to_pandas()


def separations(sample: pd.DataFrame) -> list[float]:
    return facts(plan(), sample)[["separation", "active_separation"]].iloc[0].tolist()


def test_both_models_are_judged_on_the_same_rows(sample):
    points = np.stack(sample["components"])
    new, active = (silhouette_score(points, sample[name]) for name in sample.columns[3:])
    assert separations(sample) == pytest.approx([new, active], abs=1e-12)
    assert new > active + 0.05


def test_rows_that_the_active_model_left_out_are_left_out_of_both(sample):
    known = sample["sample_rank"] <= 150
    left_out = sample.assign(active_segment_id=sample["active_segment_id"].where(known))
    assert separations(left_out) == separations(sample[known])


def test_no_more_rows_are_judged_than_the_bound(sample, monkeypatch):
    monkeypatch.setattr(fitting, "SEPARATION_ROWS", 90)
    assert separations(sample) == separations(sample[sample["sample_rank"] <= 90])


@pytest.mark.parametrize("active", [np.nan, 3.0], ids=["no active model", "a single segment"])
def test_what_cannot_be_compared_has_no_figure(sample, active):
    assert np.isnan(separations(sample.assign(active_segment_id=active))).all()


def test_a_build_that_fits_nothing_has_no_figures():
    found = facts(plan(is_fit=False), None)
    assert found.empty
    assert found.columns.tolist() == schemas.FACTS.names
