"""Ensures that who moved is told by value, and that a chart without content is a sentence."""

import pytest

from segmentation.published.served import open_published
from segmentation.report import data
from segmentation.report.colours import looks
from segmentation.report.sections_trust import history_of, over_time

LOOKS = looks([1, 2, 9])


@pytest.fixture
def shop(published_shop):
    with open_published(published_shop) as published:
        yield published


def test_who_moved_up_and_down_is_told_by_what_a_customer_of_each_segment_brought(shop):
    segments = data.segments(shop).set_index("segment_id")
    worth = segments["value"] / segments["size"]
    told = next(one for one in over_time(shop, LOOKS).charts if one.name == "migrations")
    up, down = (15, 5) if worth[1] > worth[2] else (5, 15)
    assert (
        f"{up} moved up, to a segment that brought more per customer, and {down} moved down."
        in (told.alternative)
    )


def test_without_money_nobody_moves_up(changed_shop):
    with open_published(changed_shop("update segments set revenue = null")) as published:
        charts = over_time(published, LOOKS).charts
        assert not any("moved up" in chart.alternative for chart in charts)
        assert any("changed their segment" in chart.alternative for chart in charts)


def test_drift_of_nothing_is_a_sentence_and_no_chart(shop, changed_shop):
    assert "drift" in {chart.name for chart in over_time(shop, LOOKS).charts}
    still = changed_shop("update segment_drift set psi = 0.0 where psi is not null")
    with open_published(still) as published:
        section = over_time(published, LOOKS)
    assert "drift" not in {chart.name for chart in section.charts}
    assert "Nothing in the data has moved since the model was fitted." in section.lead


def test_the_history_of_a_segment_says_who_came_and_who_went(shop):
    chart, tables = history_of(shop, 2, LOOKS)
    assert chart.alternative == "50 on 2024-01-31, 40 on 2024-02-29."
    came, went = (table.rows for _, table in tables)
    assert [title for title, _ in tables] == ["Where they came from", "Where they went"]
    assert {(row[0].partition(" ")[0], row[1], row[2]) for row in came} == {
        ("1", "behaviour", "5"),
        ("new", "joined", "5"),
    }
    assert {(row[0].partition(" ")[0], row[1], row[2]) for row in went} == {
        ("1", "behaviour", "15"),
        ("left", "left", "5"),
    }


def test_a_segment_of_one_date_has_no_history(shop):
    assert history_of(shop, 9, LOOKS) == (None, [])
