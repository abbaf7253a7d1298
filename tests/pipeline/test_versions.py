"""The life of a model: when a build fits, what serves, what a roll-back brings back."""

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from tests.pipeline.conftest import LIGHT
from tools.sample.files import write_sample

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("models", "python_models", "macros", "seeds", "tests/data")
BUILD = ("build", "--exclude-resource-type", "unit_test")

FIRST, BETWEEN, NEXT = "2024-06-30", "2024-08-31", "2024-12-31"
"""The dates of the story: its first data, a date that is asked for later, and the next data."""

OF_ALL_VERSIONS = {
    "segment_models": "has a row for every version fitted since",
    "segment_matches": "has rows for every version fitted since",
    "segment_agreement": "compares with the other version that was in play",
    "segmentation_quality": "has a row for every version fitted since",
}
"""The published tables that a roll-back cannot bring back, and why."""


@dataclass
class Step:
    """What one build said and left."""

    said: str
    hashes: dict[str, str]
    models: pd.DataFrame
    log: pd.DataFrame
    changes: pd.DataFrame
    agreement: pd.DataFrame
    drift: pd.DataFrame
    facts: pd.DataFrame
    planned_drift: pd.DataFrame = field(repr=False)


class Story:
    """One warehouse, built again and again; each build is kept under a name."""

    def __init__(self, project, raw_path: Path) -> None:
        self.project = project
        self.raw_path = raw_path
        self.steps: dict[str, Step] = {}

    def run(self, *arguments: str, as_of: str = FIRST, project=None, **variables):
        """Run one build of the small shop."""
        return (project or self.project).run(
            *BUILD,
            *arguments,
            raw_path=self.raw_path,
            variables=LIGHT | {"as_of": as_of} | variables,
        )

    def build(self, name: str, *arguments: str, as_of: str = FIRST, **variables) -> Step:
        """Build and keep what is there afterwards."""
        done = self.run(*arguments, as_of=as_of, **variables)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        self.steps[name] = self.look(" ".join(done.stdout.split()))
        return self.steps[name]

    def look(self, said: str) -> Step:
        """Read what the last build left."""
        table = self.project.published
        return Step(
            said,
            self.project.content_hashes(),
            table("from segment_models order by model_version"),
            self.table("model_log", "event_number"),
            self.table("segment_changes", "unit_id, as_of_date"),
            table("from segment_agreement order by unit_id, other_version"),
            table("from segment_drift where measure = 'feature' order by feature"),
            self.table("fit_facts", "model_version").set_index("model_version"),
            self.table("feature_drift", "feature"),
        )

    def table(self, name: str, key: str) -> pd.DataFrame:
        """Read a table of the warehouse."""
        columns = [row[0] for row in self.project.query(f"describe {name}")]
        return pd.DataFrame(self.project.query(f"from {name} order by {key}"), columns=columns)


@pytest.fixture(scope="module")
def story(make_project, tmp_path_factory) -> Story:
    """Return a shop of 500 users whose model has lived through every policy."""
    raw_path = tmp_path_factory.mktemp("shop")
    write_sample(500, 3, raw_path, personas=False)
    story = Story(make_project("versions"), raw_path)
    story.build("first")
    story.build("rejected", k=6, minimum_active_share=0.9)
    story.build("tried", k=6, minimum_active_share=0.9)
    story.build("refit", refit="always")
    story.build("rolled back", model_version=1, recipe="article")
    tell_of_the_next_date(story)
    tell_of_a_red_build(story, tmp_path_factory.mktemp("red"))
    story.build("after red", as_of=NEXT)
    story.build("article", as_of=NEXT, recipe="article")
    story.build("returned", "--full-refresh", as_of=NEXT)
    story.build("forgotten", "--full-refresh", as_of=NEXT, forget_models=True)
    return story


def tell_of_the_next_date(story: Story) -> None:
    story.build("aged", as_of=NEXT, max_model_age_days=60)
    story.features = story.table("customer_features", "customer_id")
    story.baseline = story.table("fit_baseline", "feature, bin")
    story.history = story.table("customer_segment_history", "customer_id, valid_from")
    story.build("same date", as_of=NEXT, max_model_age_days=60)
    story.build("earlier date", as_of=BETWEEN)


def tell_of_a_red_build(story: Story, folder: Path) -> None:
    """Fit a version that a failing test keeps from being activated."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "tests" / "data" / "assert_nothing.sql").write_text(
        "select 1 from {{ ref('customer_rfm') }}"
    )
    red = replace(story.project, root=folder)
    before = story.project.published_files()
    done = story.run(as_of=NEXT, refit="always", project=red)
    assert done.returncode != 0, done.stdout
    assert "Customer model: fits version" in done.stdout
    assert story.project.published_files() == before
    story.steps["red"] = story.look(" ".join(done.stdout.split()))


# --- when a build fits ---


def test_the_first_build_fits(story):
    step = story.steps["first"]
    assert "Customer model: fits version 1 (recipe default), because there was no model yet." in (
        step.said
    )
    assert step.log["event"].tolist() == ["fitted", "activated", "applied"]


def test_a_changed_recipe_is_a_reason_to_fit(story):
    assert "fits version 2 (recipe default), because the recipe changed" in (
        story.steps["rejected"].said
    )


def test_refit_always_fits_although_nothing_changed(story):
    step = story.steps["refit"]
    assert "fits version 3 (recipe default), because refit is set to always" in step.said
    assert step.models["status"].tolist() == ["retired", "candidate", "active"]


def test_a_model_grows_old_by_the_date_of_the_data(story):
    assert "because the model is older than 60 days" in story.steps["aged"].said
    assert "the active model still fits" in story.steps["same date"].said


def test_a_recipe_that_comes_back_brings_its_model_back(story):
    assert "because the recipe is again that of version" in story.steps["returned"].said
    models = story.steps["returned"].models
    active = models.query("status == 'active'")
    assert active["model_version"].tolist() == (
        story.steps["after red"].models.query("status == 'active'")["model_version"].tolist()
    )


# --- gates ---


def test_a_model_that_fails_its_gates_stays_a_candidate(story):
    step = story.steps["rejected"]
    assert step.models["status"].tolist() == ["active", "candidate"]
    assert "the new model stays a candidate: its smallest segment is below" in step.said
    assert "Version 1 goes on serving" in step.said
    assert "WARN" in step.said
    assert step.hashes["customer_segments"] == story.steps["first"].hashes["customer_segments"]


def test_a_new_model_and_the_active_one_are_judged_on_the_same_rows(story):
    facts = story.steps["refit"].facts
    assert np.isnan(facts["separation"][1]), "there was no active model"
    assert facts["separation"][3] == facts["active_separation"][3], "the same recipe and data"
    aged = story.steps["aged"].facts.loc[4]
    assert aged["active_separation"] < aged["separation"], "the shop has grown since version 1"


@pytest.mark.parametrize("name", ["rejected", "tried"])
def test_a_candidate_is_shown_beside_the_model_that_serves(story, name):
    agreement = story.steps[name].agreement
    assert agreement["serving_version"].unique().tolist() == [1]
    assert agreement["other_version"].unique().tolist() == [2]
    segments = story.project.published("select count(*) from customer_segments").iat[0, 0]
    assert 0 < len(agreement) <= segments
    assert agreement["other_segment_id"].nunique() == 6


def test_a_pair_that_was_rejected_is_not_tried_again(story):
    step = story.steps["tried"]
    assert "version 2 was already tried on this recipe and data, although the recipe changed" in (
        step.said
    )
    assert len(step.models) == 2


# --- rolling back ---


def test_a_roll_back_publishes_what_the_version_published_then(story):
    """Although another recipe is set."""
    first, back = story.steps["first"], story.steps["rolled back"]
    assert "applies version 1 (recipe default), because model_version is set to 1" in back.said
    comparable = first.hashes.keys() - OF_ALL_VERSIONS.keys()
    assert len(comparable) > 10
    assert {name: back.hashes[name] for name in comparable} == {
        name: first.hashes[name] for name in comparable
    }
    assert back.models["status"].tolist() == ["active", "candidate", "retired"]


def test_an_unknown_version_is_one_sentence(story):
    before = story.project.published_files()
    done = story.run(model_version=99, as_of=NEXT)
    said = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert "Setting model_version is 99, but it must be the version of a customer model" in said
    assert "Traceback" not in said
    assert story.project.published_files() == before


# --- history ---


def test_the_next_date_tells_behaviour_from_the_refit(story):
    changes = story.steps["aged"].changes
    later = changes[changes["as_of_date"].astype(str) == NEXT]
    assert set(later["cause"]) <= {"joined", "behaviour", "refit"}
    assert {"joined", "behaviour"} <= set(later["cause"])
    joined = later[later["cause"] == "joined"]
    assert joined["earlier_segment_id"].isna().all()


def test_building_a_date_again_adds_nothing(story):
    aged, again = story.steps["aged"], story.steps["same date"]
    pd.testing.assert_frame_equal(again.changes, aged.changes)
    pd.testing.assert_frame_equal(again.log, aged.log)
    assert again.hashes["customer_segment_history"] == aged.hashes["customer_segment_history"]


def test_an_earlier_date_adds_nothing_and_takes_nothing_away(story):
    before, earlier = story.steps["same date"], story.steps["earlier date"]
    pd.testing.assert_frame_equal(earlier.changes, before.changes)
    assert earlier.hashes["segment_sizes"] == before.hashes["segment_sizes"]
    assert earlier.hashes["customer_segments"] != before.hashes["customer_segments"]


def test_no_interval_of_the_history_is_empty_or_repeats_the_one_before(story):
    history = story.history
    closed = history.dropna(subset="valid_to")
    assert (closed["valid_to"] > closed["valid_from"]).all()
    before = history.groupby("customer_id")["segment_id"].shift()
    assert not (before == history["segment_id"]).any()


# --- builds that fail ---


def test_a_red_build_leaves_the_active_model_as_it_was(story):
    before, red = story.steps["earlier date"], story.steps["red"]
    pd.testing.assert_frame_equal(red.log, before.log)


def test_after_a_red_build_the_next_one_is_not_stuck(story):
    before, after = story.steps["same date"], story.steps["after red"]
    assert "the active model still fits" in after.said
    pd.testing.assert_frame_equal(after.models, before.models)
    assert after.hashes["customer_segments"] == before.hashes["customer_segments"]
    assert after.hashes["segment_matches"] == before.hashes["segment_matches"]


def test_a_version_number_left_by_a_red_build_is_fitted_whole(story):
    """The red build fitted the version that the article's model then became."""
    version = int(story.steps["article"].models["model_version"].max())
    assert story.steps["red"].said.count(f"fits version {version} ") == 1
    assert story.steps["article"].said.count(f"fits version {version} ") == 1
    registered = story.steps["article"].models.set_index("model_version")
    assert registered["k"][version] == 5


# --- what is kept ---


def test_another_recipe_starts_with_ids_of_its_own(story):
    def ids(name):
        changes = story.steps[name].changes
        return set(changes["segment_id"].dropna())

    added = ids("article") - ids("after red")
    assert len(added) == 5
    assert min(added) > max(ids("after red"))


def test_a_full_refresh_keeps_the_models_and_the_history(story):
    before, after = story.steps["article"], story.steps["returned"]
    pd.testing.assert_frame_equal(after.log.head(len(before.log)), before.log)
    assert after.changes["as_of_date"].unique().tolist() == (
        before.changes["as_of_date"].unique().tolist()
    )
    same = story.steps["after red"].hashes
    assert after.hashes["customer_segments"] == same["customer_segments"]
    assert after.hashes["customer_segment_history"] == same["customer_segment_history"]


def test_told_to_forget_a_build_starts_anew(story):
    step = story.steps["forgotten"]
    assert "fits version 1 (recipe default), because there was no model yet" in step.said
    assert step.models["model_version"].tolist() == [1]
    assert step.changes["as_of_date"].nunique() == 1


def test_a_copy_of_what_was_forgotten_stays_beside_the_log(story):
    names = story.project.query(
        "select table_name from duckdb_tables() where table_name like '%_forgotten_%' order by 1"
    )
    log, changes = (name for (name,) in names)
    before = story.steps["returned"]
    pd.testing.assert_frame_equal(story.table(log, "event_number"), before.log)
    pd.testing.assert_frame_equal(story.table(changes, "unit_id, as_of_date"), before.changes)


# --- drift ---


def test_drift_equals_the_index_computed_with_numpy(story):
    drift = story.steps["aged"].planned_drift.set_index("feature")
    rows = len(story.features)
    assert drift["model_version"].unique().tolist() == [1]
    first = story.baseline[story.baseline["model_version"] == 1]
    for feature, bins in first.groupby("feature"):
        values = story.features[feature].astype(float).to_numpy()
        regular = bins[bins["level"].isna()]
        edges = np.r_[-np.inf, regular["upper_bound"].iloc[:-1].astype(float), np.inf]
        found = np.r_[np.histogram(-values, -edges[::-1])[0][::-1], np.isnan(values).sum()] / rows
        then = bins["share"].to_numpy(dtype=float)
        p, q = np.maximum(then, 1e-4), np.maximum(found, 1e-4)
        assert drift["psi"][feature] == pytest.approx(np.sum((q - p) * np.log(q / p)), abs=1e-8)
        degrees = max(int(((p > 1e-4) | (q > 1e-4)).sum()) - 1, 1)
        chance = chi2.ppf(0.95, degrees) * (1 / bins["fitted_rows"].iloc[0] + 1 / rows)
        assert drift["chance_psi"][feature] == pytest.approx(chance, rel=0.03)


def test_recency_is_reported_and_is_no_trigger(story):
    drift = story.steps["aged"].planned_drift.set_index("feature")
    assert not drift["is_trigger"]["days_since_last_order"]
    assert drift["is_trigger"].drop("days_since_last_order").all()


def test_drift_is_published_of_the_model_that_serves(story):
    first, aged, again = (story.steps[name] for name in ("first", "aged", "same date"))
    assert first.drift["model_version"].unique().tolist() == [1]
    assert aged.drift["model_version"].unique().tolist() == [4]
    for step in (first, aged):
        assert step.drift["psi"].max() == 0, "all customers were fitted"
    pd.testing.assert_frame_equal(again.drift, aged.drift)


def test_what_was_fitted_is_neither_out_of_range_nor_unseen(story):
    drift = story.steps["article"].drift.set_index("feature")
    assert {"most_frequent_brand", "country", "age"} <= set(drift.index)
    assert (drift["current_value"] == 0).all()
