"""Ensures that segments by written rules walk the one chain beside the fitted ones."""

import json
from dataclasses import replace

import duckdb
import pytest

from segmentation.cli.main import main
from segmentation.features.written_rules import rules_of
from segmentation.published.exploring import counted_by_rules
from segmentation.published.served import open_published
from segmentation.report.page import build_page
from segmentation.scaffold.rule_file import read_rules, write_rules
from tests.pipeline.conftest import LIGHT
from tests.pipeline.test_segmentations import copy_checkout

BUILD = ("build", "--exclude-resource-type", "unit_test")
KINDS = {
    "total_spend": "number",
    "total_orders": "number",
    "days_since_last_order": "number",
    "country": "category",
}
FIRST = (
    (1, "Big spenders", "total_spend", ">=", "300"),
    (1, "Big spenders", "days_since_last_order", "<", "365"),
    (2, "Britain", "country", "=", "United Kingdom"),
    (3, "One order", "total_orders", "=", "1"),
)
THEN = (*FIRST[:2], (2, "Regulars", "total_orders", ">", "1"), (3, "Everybody else", "", "", ""))
LOOKED_AT = (
    "segments",
    "segment_names",
    "segment_profiles",
    "segment_rules",
    "cluster_report",
    "segmentation_quality",
    "segment_models",
    "segment_sizes",
    "segment_migrations",
    "segment_predictive_value",
    "predictive_value_by_group",
    "segment_suggestions",
)


def written(rows) -> tuple:
    columns = ("position", "segment_name", "feature", "operator", "value")
    return rules_of(dict(zip(columns, row, strict=True)) for row in rows)


@pytest.fixture(scope="module")
def story(make_project, tmp_path_factory):
    """Rules of one day, and other rules half a year later; `segmentation new` made the entry."""
    checkout = copy_checkout(tmp_path_factory.mktemp("ruled"))
    assert main(["new", "tiers", "--rules-of", "customer", "--project-dir", str(checkout)]) == 0
    project = replace(make_project("ruled"), root=checkout)
    for day, rows in (("2024-06-30", FIRST), (None, THEN)):
        write_rules(checkout / "seeds", "tiers", written(rows), KINDS)
        of_the_day = {"as_of": day} if day else {"extras": True}
        done = project.run(*BUILD, variables=LIGHT | of_the_day)
        assert done.returncode == 0, done.stdout
    return project


def of(story, table: str):
    return story.published(f"from {table} where segmentation = 'tiers'")


def test_everybody_is_where_the_first_rule_that_fits_puts_them(story):
    with open_published(story.serving, "customer") as published:
        expected = counted_by_rules(published, written(THEN)).set_index("segment_name")
    segments = of(story, "segments").set_index("segment_name")
    assert set(segments.index) == {"Big spenders", "Regulars", "Everybody else"}
    for name, row in segments.iterrows():
        assert row["units"] == expected.loc[name, "units"]
        assert float(row["revenue"]) == pytest.approx(expected.loc[name, "revenue"], abs=0.005)


@pytest.mark.parametrize("table", LOOKED_AT)
def test_they_stand_in_the_tables_of_all_segmentations(story, table):
    assert len(of(story, table)) > 0


def test_a_name_keeps_its_id_when_the_rules_change(story):
    names = of(story, "segment_names")
    assert of(story, "segment_models")["model_version"].tolist() == [1, 2]
    assert names.set_index("segment_name")["segment_id"].to_dict() == {
        "Big spenders": 1,
        "Regulars": 4,
        "Everybody else": 5,
    }


def test_they_have_a_history_of_their_own(story):
    moves = of(story, "segment_migrations")
    newest = moves[moves["as_of_date"] == moves["as_of_date"].max()]
    assert {"refit", "joined"} <= set(newest["cause"])
    history = story.published("from tiers_segment_history")
    assert history["valid_from"].nunique() == 2
    assert (history["valid_to"].isna().sum()) == of(story, "segments")["units"].sum()


def test_whom_no_rule_takes_is_left_out_with_the_reason(story):
    left_out = of(story, "exclusions")["reason"].unique()
    assert list(left_out) == ["no order up to the date of the data"]


def test_what_they_told_of_the_future_stands_beside_rfm_cells(story):
    judged = of(story, "segment_predictive_value")
    assert {"segments", "rfm_cells", "spend_fifths"} <= set(judged["predictor"])
    groups = of(story, "predictive_value_by_group")
    named = groups.loc[groups["predictor"] == "segments", "group_name"]
    assert set(named) <= {"Big spenders", "Regulars", "Everybody else"}


def test_the_rule_of_a_segment_finds_it_in_any_other_system(story):
    rules = of(story, "segment_rules")
    with duckdb.connect(str(story.serving / "segmentation.duckdb"), read_only=True) as served:
        for row in rules.itertuples():
            wrong = served.execute(
                f"select count(*) from customer_features inner join tiers_segments as members "
                f"using (customer_id) where ({row.rule_sql}) <> (segment_id = {row.segment_id})"
            ).fetchone()
            assert wrong == (0,)
            assert json.loads(row.rule_json)["first_match"]


def test_commands_and_report_know_them(story, capsys):
    call = ["--segmentation", "tiers", "--serving", str(story.serving)]
    assert main(["segments", *call]) == 0
    assert "Big spenders" in capsys.readouterr().out
    assert main(["audience", "--segment", "Regulars", "--out", str(story.folder / "a"), *call]) == 0
    capsys.readouterr()
    assert main(["predict", "--set", "total_spend=900", *call]) == 2
    assert "follow rules that somebody wrote" in capsys.readouterr().err
    with open_published(story.serving, "tiers") as published:
        page = build_page(published)
    assert {card.name for card in page.cards} == {"Big spenders", "Regulars", "Everybody else"}
    assert "rules that somebody wrote" in page.verdict.text


def test_a_rule_of_nothing_ends_the_build_in_a_sentence(story):
    seeds = story.root / "seeds"
    kept = read_rules(seeds)["tiers"]
    text = (seeds / "rule_segments.csv").read_text()
    (seeds / "rule_segments.csv").write_text(text.replace("total_orders", "number_of_orders"))
    wanted = (*BUILD, "--select", "+fit_k_candidates")
    done = story.run(*wanted, variables=LIGHT)
    write_rules(seeds, "tiers", kept, KINDS)
    told = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert "Rule 2 asks of 'number_of_orders', which is no feature." in told
    assert "Correct seeds/rule_segments.csv." in told
