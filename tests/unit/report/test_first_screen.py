"""Ensures that the first screen says what its tables say, and nothing where they say nothing."""

from datetime import timedelta

import pytest

from segmentation.published.served import open_published
from segmentation.report import data, first_screen
from segmentation.report.page import build_page


@pytest.fixture
def brief(changed_shop):
    """Return a function: the sentences of a shop that was changed, by what they are about."""

    def of(*changes: str) -> dict[str, str]:
        with open_published(changed_shop(*changes)) as published:
            return dict(build_page(published).brief)

    return of


def test_the_fewest_segments_that_bring_half_of_the_revenue_are_named(brief):
    told = brief()["Where the money is."]
    assert told.startswith("17 % of the customers bring 69 % of the revenue: “</script>")


@pytest.mark.parametrize("share", ["null", "0"])
def test_without_revenue_nothing_is_said_of_it(brief, share):
    assert "Where the money is." not in brief(f"update segments set revenue_share = {share}")


def test_first_comes_the_segment_that_is_expected_to_bring_most(brief):
    assert "Do & try 9,000 expected in the next 90 days" in brief()["What to do first."]


def test_without_a_forecast_first_comes_the_most_valuable(brief):
    told = brief("update segment_suggestions set expected_value = null")["What to do first."]
    assert told == "“</script><img src=x onerror=alert(2)>”: Do & try"


def test_who_is_left_out_is_counted_by_reason(brief):
    assert brief()["Who is left out."] == "2 customers: no order; 1 customer: <i>left</i> out."


def test_moves_since_the_date_before_are_told(brief):
    assert brief()["What changed."] == (
        "Since the date before 2024-02-29: 20 customers changed segment, 25 joined, 5 left."
    )


def test_of_a_first_date_no_moves_are_told(brief):
    assert "What changed." not in brief(
        "delete from segment_migrations where as_of_date < date '2024-02-29'"
    )


@pytest.mark.parametrize(("days", "is_old"), [(60, False), (61, True)])
def test_data_that_were_old_when_published_are_said_to_be(published_shop, days, is_old):
    with open_published(published_shop) as published:
        found = data.overview(published)
        moved = found.as_of_date + timedelta(days=days)
        found = type(found)(
            **{
                **vars(found),
                "published_at": found.published_at.replace(
                    year=moved.year, month=moved.month, day=moved.day
                ),
            }
        )
        segments = data.segments(published)
        cards = build_page(published).cards
        told = dict(first_screen.told(published, found, segments, cards))
    assert ("Old data." in told) == is_old
