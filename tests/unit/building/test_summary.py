"""Ensures that a build ends with what was published and what to think of it."""

from pathlib import Path

import duckdb
import pytest

from segmentation.building.summary import summary
from segmentation.published.publishing import DATABASE


def published(folder: Path, *changes: str) -> Path:
    """Publish four customers and two products, changed by statements, and return the folder."""
    with duckdb.connect(str(folder / DATABASE)) as connection:
        for statement in (*PUBLISHED, *changes):
            connection.execute(statement)
    return folder


PUBLISHED = (
    "create table publications as select 1 from range(13)",
    "create table segmentations as select * from (values "
    "('product', 'products', 1, false, 'new'), ('customer', 'customers', 2, false, 'new')"
    ") as t(segmentation, unit, model_version, is_stale, reason)",
    "create table segments as select *, null as name_objection from (values "
    "('customer', 1, 'Big', 3, 0.75, 20.0, 0.2), "
    "('customer', 2, 'Small and lapsed', 1, 0.25, 80.0, 0.8), "
    "('product', 1, 'Dear', 2, 1.0, null, null)"
    ") as t(segmentation, segment_id, segment_name, units, share, revenue, revenue_share)",
    "create table segment_rules as select *, 1 as branches, 0.953 as fidelity from (values "
    "('customer', 1, 'orders at least 2'), ('customer', 2, 'orders 1')"
    ") as t(segmentation, segment_id, rule)",
    "create table segment_suggestions as select * from (values "
    "('customer', 1, 'Thank them.', 90, 1234.5, 67.8, 0.995), "
    "('customer', 2, 'Write once.', null, null, null, null), "
    "('product', 1, 'Show it.', null, null, null, null)"
    ") as t(segmentation, segment_id, suggestion, horizon_days, expected_value, value_at_risk, "
    "probability_active)",
    "create table segmentation_quality as select * from (values "
    "('customer', 1, 'Structure: then.', 'Then.'), ('customer', 3, 'Later.', null), "
    "('customer', 2, 'No structure: slices of one cloud.', 'The 20% brought 63%.'), "
    "('product', 1, 'Structure: two.', null)"
    ") as t(segmentation, model_version, verdict, prediction)",
)


def test_the_summary_names_the_files_and_every_segment_with_its_share(tmp_path):
    text = summary(published(tmp_path))
    assert f"Published 13 tables: {tmp_path / DATABASE} and {tmp_path / 'parquet'}/" in text
    assert [" ".join(line.split()) for line in text.splitlines() if line.startswith("  ")] == [
        "id segment, by value customers share revenue share",
        "2 Small and lapsed 1 25.0% 80 80.0%",
        "if orders 1",
        "Write once.",
        "1 Big 3 75.0% 20 20.0%",
        "if orders at least 2",
        "Thank them.",
        "At stake: 1,234 expected in the next 90 days, 1,302 if none of them had",
        "left; over 99 % are likely still customers.",
        "in another system, retype them.",
        "id segment products share",
        "1 Dear 2 100.0%",
        "Show it.",
    ]


def test_the_summary_fits_80_columns_whatever_a_segment_is_called(tmp_path):
    change = "update segments set segment_name = repeat('a long name of a segment ', 6)"
    lines = summary(published(tmp_path, change)).splitlines()
    shown = [line for line in lines if str(tmp_path) not in line]
    assert max(map(len, shown)) <= 80
    assert sum("a long name of a segment" in line for line in lines) > 6


def test_the_summary_says_how_far_rules_say_it_all(tmp_path):
    lines = summary(published(tmp_path)).splitlines()
    told = "2 rules of at most three conditions say it all but 4.7%: to use these segments"
    assert sum(line.startswith(told) for line in lines) == 1


def test_a_name_that_is_no_longer_true_is_told(tmp_path):
    change = "update segments set name_objection = '\"lapsed\" is true of 9 %' where segment_id = 2"
    text = summary(
        published(tmp_path, "alter table segments alter name_objection type varchar", change)
    )
    assert 'The name of segment 2 is no longer true: "lapsed" is true of 9 %. Set' in text


def test_the_summary_says_what_changed_since_last_time_and_who_was_left_out(tmp_path):
    text = summary(
        published(
            tmp_path,
            "create table segment_migrations as select * from (values "
            "('customer', date '2024-01-31', null, 1, 4), "
            "('customer', date '2024-02-29', 1, 1, 2), ('customer', date '2024-02-29', 1, 2, 1), "
            "('customer', date '2024-02-29', null, 2, 3), "
            "('product', date '2024-02-29', null, 1, 2)"
            ") as t(segmentation, as_of_date, from_segment_id, to_segment_id, units)",
            "create table exclusions as select 'customer' as segmentation, 'no order' as reason",
        )
    )
    assert "before 2024-02-29: 1 customers changed segment, 3 joined, 0 left." in text
    assert "products changed segment" not in text
    assert "Without a segment: 1 no order." in text


def test_the_summary_repeats_the_verdict_of_the_version_that_serves(tmp_path):
    lines = summary(published(tmp_path)).splitlines()
    assert "No structure: slices of one cloud." in lines and "Structure: two." in lines
    assert not {"Structure: then.", "Later."} & set(lines)


def test_the_summary_says_what_the_segments_foretold_below_their_verdict(tmp_path):
    lines = [line for line in summary(published(tmp_path)).splitlines() if line]
    assert lines[lines.index("The 20% brought 63%.") - 1] == "No structure: slices of one cloud."
    assert "Then." not in lines


def test_without_a_verdict_the_summary_has_the_segments_all_the_same(tmp_path):
    text = summary(published(tmp_path, "delete from segmentation_quality"))
    assert "Big" in text and "Dear" in text and "None" not in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("select 1", "what was published before stands: Only 7 are left."),
        ("delete from segments where segmentation = 'product'", "none are published: Only 7 are"),
    ],
)
def test_the_summary_names_what_the_build_left_out_and_why(tmp_path, change, words):
    left_out = (
        "update segmentations set is_stale = true, reason = 'Only 7 are left.' "
        "where segmentation = 'product'"
    )
    text = summary(published(tmp_path, left_out, change))
    assert f"This build left out the products, {words}" in text
    assert "left out the customers" not in text


def test_a_long_verdict_is_broken_and_indented(tmp_path):
    verdict = "No structure: " + "slices of one cloud " * 9
    change = f"update segmentation_quality set verdict = '{verdict}' where model_version = 2"
    lines = summary(published(tmp_path, change)).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("No structure"))
    assert max(map(len, lines[start : start + 2])) <= 100
    assert lines[start + 1].startswith("  slices") or lines[start + 1].startswith("  of")
