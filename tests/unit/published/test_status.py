"""Ensures that `status` says what is published, how fresh and how trusted it is."""

import json
from datetime import date

import pytest

from segmentation.published.served import open_published
from segmentation.published.status import stated, text_of


def state(folder, today: date) -> dict:
    with open_published(folder) as published:
        return stated(published, today)


def test_every_segmentation_is_told_with_size_age_verdict_and_who_has_none(published_shop):
    status = state(published_shop, date(2025, 1, 30))
    one = status["segmentations"][0]
    assert (one["segmentation"], one["units"], one["segments"]) == ("customer", 120, 3)
    assert one["age_days"] == (date(2025, 1, 30) - date.fromisoformat(one["as_of_date"])).days
    told = " ".join(text_of(status).split())
    assert f"120 customers in 3 segments of model {one['model_version']}, data of" in told
    for sentence in filter(None, (one["verdict"], one["prediction"])):
        assert sentence in told
    assert one["left_out"] and all(
        f"{units:,} {reason}" in told for reason, units in one["left_out"].items()
    )


def test_it_fits_a_terminal_of_80_columns(published_shop):
    assert max(map(len, text_of(state(published_shop, date(2025, 1, 30))).splitlines()[1:])) <= 80


@pytest.mark.parametrize(("days", "is_old"), [(60, False), (61, True)])
def test_old_data_are_said_to_be_old(published_shop, days, is_old):
    day = date.fromisoformat(
        state(published_shop, date(2025, 1, 1))["segmentations"][0]["as_of_date"]
    )
    told = text_of(state(published_shop, date.fromordinal(day.toordinal() + days)))
    assert ("The data are more than 60 days old" in told.split("product:")[0]) == is_old


def test_what_a_build_left_out_is_said_with_the_reason(changed_shop):
    folder = changed_shop(
        "update segmentations set is_stale = true, reason = 'There are too few.' "
        "where segmentation = 'customer'"
    )
    told = " ".join(text_of(state(folder, date(2025, 1, 30))).split())
    assert "The last build left them out, what was published before stands: There are too" in told


def test_json_is_the_same_for_programs(published_shop, command):
    code, out, _ = command("status", "--json", serving=published_shop)
    assert code == 0
    assert json.loads(out)["segmentations"][0]["segmentation"] == "customer"
