"""Ensures that results are told alike on the command line, in the build and beside suggestions."""

import json

import duckdb
import pytest

from segmentation.building.summary import summary
from segmentation.campaigns.results import results, summaries, tried
from segmentation.published.served import open_published


def test_every_campaign_is_told_with_its_figures(published_shop, command):
    code, out, _ = command("lift", serving=published_shop)
    assert code == 0 and out.splitlines()[:7] == [
        "a_list  (running, 0 of 30 days from 2024-02-01)",
        "   to     a list: 40 treated, 10 controls",
        "   worth  Too early to say.",
        "",
        "thanks  (running, 29 of 30 days from 2024-02-01)",
        "   to     segment 9, </script><img src=x onerror=alert(2)>: 40 treated, 10 controls",
        "   worth  +25.0 points <b>",
    ]
    rows = [line.split() for line in out.splitlines()[7:]]
    assert rows[0] == ["treated", "controls", "difference", "interval"]
    assert rows[1] == ["buying", "75.0", "%", "50.0", "%", "+25.0", "+5.0", "to", "+45.0"]
    assert rows[3] == ["spend", "20.75", "20.50", "+0.25", "+0.05", "to", "+0.45"]
    _, out, _ = command("lift", "--campaign", "thanks", "--json", serving=published_shop)
    (only,) = {one["campaign"] for one in json.loads(out)}
    assert only == "thanks"
    code, _, err = command("lift", "--campaign", "nobody", serving=published_shop)
    assert code == 2 and "only: a_list, thanks" in err


def test_of_other_units_and_without_campaigns_there_is_nothing(published_shop, changed_shop):
    with open_published(published_shop, "product") as published:
        assert results(published).empty and tried(published) == {}
    with open_published(changed_shop("delete from campaign_results")) as published:
        assert summaries(published).empty and tried(published) == {}


def test_campaigns_of_one_suggestion_are_told_together(changed_shop):
    more = """
        insert into campaign_results by name
        select * replace ('{name}' as campaign, '{verdict}' as verdict)
        from campaign_results where campaign = 'thanks'
    """
    folder = changed_shop(
        more.format(name="b", verdict="none"), more.format(name="c", verdict="less")
    )
    with open_published(folder) as published:
        assert tried(published) == {
            "Kind <9>": "Campaigns with it: worked (thanks, +25.0 points), did harm (c, +25.0 "
            "points), no effect seen (b)."
        }


@pytest.mark.parametrize("count", [1, 5])
def test_a_build_tells_up_to_three_that_run_first(published_shop, changed_shop, count):
    folder = changed_shop(*(
        f"insert into campaign_results by name select * replace ('d{one}' as campaign, "
        "'complete' as status) from campaign_results where campaign = 'a_list'"
        for one in range(count)
    ))  # fmt: skip
    with duckdb.connect(str(folder / "segmentation.duckdb"), read_only=True) as connection:
        told = connection.execute("select count(distinct campaign) from campaign_results")
        assert told.fetchall() == [(count + 2,)]
    lines = [one for one in summary(folder).splitlines() if one.startswith("Campaign ")]
    assert lines == [
        "Campaign a_list: Too early to say.",
        "Campaign thanks: +25.0 points <b>",
        "Campaign d0: Too early to say.",
    ]
    assert (f"{count - 1} more: `segmentation lift`." in summary(folder)) == (count > 1)
