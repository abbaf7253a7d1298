"""Ensures that the command lists segments by value, with the rules in three forms."""

import json
import re

import duckdb
import pytest

from segmentation.published.listing import listed, rules_sentence, stake_sentence
from segmentation.published.served import CommandError, open_published


def test_segments_are_listed_by_value_with_rule_and_what_to_do(published_shop, command):
    code, out, _ = command("segments", serving=published_shop)
    assert code == 0 and out.startswith("customer segments, by value\n\n9  </script>")
    told = [line.split(maxsplit=1) for line in out.splitlines() if re.match(r"   \S", line)]
    assert [one[0] for one in told[:9]] == [
        *("20", "what", "who", "do", "aim", "check", "stake", "tried", "name")
    ]
    assert told[2][1] == "spend at least 100" and told[3][1] == "Do & try"
    assert told[6][1].startswith("9,000 expected in the next 90 days, 9,700 if none of them had")
    assert told[7][1] == "Campaigns with it: worked (thanks, +25.0 points)."
    assert "20 customers (16.7%), 69.0% of revenue" in out
    assert out.rstrip().endswith("retype them.")


def test_the_rules_as_sql_place_every_row(published_shop, command):
    _, out, _ = command("segments", "--as", "sql", serving=published_shop)
    with duckdb.connect(str(published_shop / "segmentation.duckdb"), read_only=True) as connection:
        found = connection.sql(f"select segment_id, count(*) from ({out}) group by 1 order by 1")
        assert found.fetchall() == [(1, 60), (2, 40), (9, 20)]
    assert "-- 9 = </script><img src=x onerror=alert(2)>" in out


def test_as_json_a_rule_is_a_list_of_branches(published_shop, command):
    _, out, _ = command("segments", "--as", "json", serving=published_shop)
    one = json.loads(out)[0]
    assert (one["segment_id"], one["units"], one["revenue"]) == (9, 20, 4000.0)
    assert (one["horizon_days"], one["expected_value"], one["value_at_risk"]) == (90, 9000.0, 700.0)
    assert one["rule_json"] == [[{"feature": "total_spend", "missing": "no"}]]


def test_a_model_without_rules_says_when_there_will_be_some(published_shop, command):
    code, out, _ = command("segments", "--segmentation", "product", serving=published_shop)
    assert code == 0 and "who" not in out
    _, out, _ = command(
        "segments", "--segmentation", "product", "--as", "sql", serving=published_shop
    )
    assert out.startswith("-- This model was fitted before there were rules")


def test_a_file_without_the_table_says_to_build(changed_shop):
    folder = changed_shop("drop table segment_rules")
    with (
        open_published(folder) as published,
        pytest.raises(CommandError, match="run `segmentation build`"),
    ):
        listed(published)


@pytest.mark.parametrize(
    ("branches", "fidelity", "told"),
    [
        (4, 0.994, "4 rules of at most three conditions say it all but 0.6%: to use these"),
        (1, 1.0, "One rule of at most three conditions says it all: to use these segments in"),
        (9, 0.793, "9 rules of at most three conditions put only 79.3% of the wines into their"),
    ],
)
def test_how_far_rules_go_is_said_in_a_sentence(branches, fidelity, told):
    assert rules_sentence(branches, fidelity, "wines").startswith(told)


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        (
            (90, 400.4, 50.0, 0.8),
            "400 expected in the next 90 days, 450 if none of them had left; 80",
        ),
        ((90, 400.0, 3.9, 0.99), "400 expected in the next 90 days."),
        (
            (90, 0.0, 9.0, 0.0),
            "0 expected in the next 90 days, 9 if none of them had left; 0 % are",
        ),
        ((None, None, None, None), ""),
        ((float("nan"),) * 4, ""),
    ],
)
def test_what_is_at_stake_is_a_sentence(figures, told):
    assert stake_sentence(*figures).startswith(told) and bool(told) == bool(
        stake_sentence(*figures)
    )
