"""Ensures that an audience is whom the options say, and that a campaign is drawn once."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from segmentation.campaigns.store import Store, campaigns_file
from segmentation.erasure.audience_files import audiences_of, refuse_without_secret
from segmentation.erasure.persons import Persons
from segmentation.published.served import CommandError


@pytest.fixture
def ask(command, tmp_path, monkeypatch):
    """Ask for an audience; return the code, what was said and the rows of the file."""
    monkeypatch.setenv("SEGMENTATION_WAREHOUSE", str(tmp_path / "w.duckdb"))

    def asked(*arguments: str, name: str = "customer_segment_20"):
        code, out, err = command("audience", *arguments, "--out", tmp_path / "out")
        path = tmp_path / "out" / f"{name}.csv"
        rows = []
        if path.exists():
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.reader(stream))
        return code, out + err, rows

    return asked


def store(tmp_path: Path) -> Store:
    return Store(campaigns_file(tmp_path / "w.duckdb"))


def features(published_folder, condition: str) -> list[str]:
    path = published_folder() / "segmentation.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute(
            f"select customer_id from customer_features join customer_segments using (customer_id) "
            f"where {condition} order by 1"
        ).fetchall()
    return [str(one) for (one,) in rows]


def test_a_rule_takes_whom_it_says_with_the_columns_that_are_asked_for(ask, published_folder):
    code, _, (header, *rows) = ask(
        "--rule", "total_orders >= 2 or country = 'China'", "--columns", "country,segment_id",
        name="customer_rule",
    )  # fmt: skip
    assert code == 0 and header == ["customer_id", "country", "segment_id"]
    assert [row[0] for row in rows] == features(
        published_folder, "total_orders >= 2 or country = 'China'"
    )


def test_a_list_and_a_segment_take_who_is_in_both(ask, published_folder, tmp_path):
    members = features(published_folder, "segment_id = 20")
    (tmp_path / "list.csv").write_text("id\n" + "\n".join([*members[:3], "nobody"]))
    code, said, (_, *rows) = ask("--segment", "20", "--list", str(tmp_path / "list.csv"))
    assert code == 0 and [row[0] for row in rows] == members[:3]
    told = json.loads((tmp_path / "out" / "customer_segment_20.manifest.json").read_text())
    assert told["filters"] == {"min_confidence": None, "where": {}, "listed": 4}
    assert f"3 of {len(members)} in segment 20" in said


def test_a_campaign_is_drawn_once_and_then_the_same(ask, published_folder, tmp_path):
    code, said, (_, *rows) = ask("--rule", "true", "--campaign", "a", "--control", "25%", name="a")
    assert code == 0 and "150 get it, 50 do not" in said
    drawn = store(tmp_path).assignments("a").to_pylist()
    treated = {one["customer_id"] for one in drawn if not one["is_control"]}
    assert {row[0] for row in rows} == treated and len(drawn) == 200
    assert store(tmp_path).find("a").starts_on.isoformat() == "2023-07-01"
    assert ask("--campaign", "a")[0] == 2
    code, said, (_, *again) = ask("--campaign", "a", "--force", name="a")
    assert code == 0 and again == rows and "was drawn before" in said
    for more in (["--segment", "20"], ["--control", "20%"], ["--detect", "5"]):
        code, said, _ = ask("--campaign", "a", *more, "--force")
        assert code == 2 and "was drawn already" in said


def test_detect_leaves_out_as_few_as_it_takes(ask, tmp_path):
    code, said, _ = ask("--rule", "true", "--campaign", "b", "--detect", "25 points", name="b")
    found = store(tmp_path).find("b")
    assert code == 0 and "none is forecast, so half is taken" in said
    assert 10 <= found.controls < 60 and found.control_parts == found.controls * 50


def test_without_a_place_for_the_file_no_campaign_is_drawn(ask, tmp_path):
    assert ask("--rule", "true", "--campaign", "a", "--control", "25%")[0] == 0
    store(tmp_path).delete("a")
    code, said, _ = ask("--rule", "true", "--campaign", "a", "--control", "25%")
    assert code == 2 and "exists" in said and store(tmp_path).campaigns() == []


def test_a_file_without_keys_must_go_before_anybody_is_forgotten(ask, tmp_path):
    (tmp_path / "contacts.csv").write_text(
        "customer_id,mail\n" + "".join(f"{3 * one},m{one}@x\n" for one in range(1, 201))
    )
    contacts = ("--contacts", str(tmp_path / "contacts.csv"))
    assert ask("--segment", "20", *contacts, "--for", "meta")[2][0] == ["email"]
    persons = Persons(("3",), "customer", "customer_id", ("customer",), frozenset(), {})
    with pytest.raises(CommandError, match="holds contacts without keys"):
        refuse_without_secret(audiences_of(tmp_path / "out", persons))
    assert ask("--segment", "20", *contacts, "--for", "braze", "--force")[0] == 0
    refuse_without_secret(audiences_of(tmp_path / "out", persons))
