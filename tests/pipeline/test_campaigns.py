"""Ensures that a stranger's script works: an audience, a month, and what it was worth."""

import csv
import json
import random
import re
import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from segmentation.campaigns.store import Store, campaigns_file
from segmentation.report.page import write_report
from tests.pipeline.test_erasure import command
from tools.sample.files import write_sample

FIRST, NEXT = "2024-11-30", "2024-12-31"
MARK = "zq7xcontact"
"""In every contact, and nowhere else."""
BOUGHT = 0.5
"""Share of the treated who buy because of the campaign."""


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def add(path: Path, rows: list[dict[str, object]]) -> None:
    """Append rows to a raw file, empty where they say nothing."""
    header = read(path)[0]
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([[one.get(name, "") for name in header] for one in rows])


def sell(raw: Path, customers: list[str]) -> None:
    """Let customers buy once in the month of the campaign, as the source would tell it."""
    orders, items = [], []
    product = read(raw / "products.csv")[1][0]
    for number, customer in enumerate(customers):
        told = {"status": "Complete", "created_at": "2024-12-10 12:00:00 UTC", "user_id": customer}
        order, item = f"9{number:06}", f"8{number:06}"
        orders.append(told | {"order_id": order, "num_of_item": 1})
        items.append(told | {"id": item, "order_id": order, "product_id": product,
                             "sale_price": "20.00"})  # fmt: skip
    add(raw / "orders.csv", orders)
    add(raw / "order_items.csv", items)


@pytest.fixture(scope="module")
def script(make_project, light, tmp_path_factory):
    """The script: build, audience, a month in which half of the treated buy, build."""
    project, raw = make_project("campaigns"), tmp_path_factory.mktemp("month") / "raw"
    write_sample(400, 3, raw, personas=False)
    project.build(raw_path=raw, variables=light | {"as_of": FIRST})
    ids = [str(one) for one in project.published("from customer_features")["customer_id"]]
    # Not in the folder of the project, all of whose bytes are searched.
    folder = tmp_path_factory.mktemp("senders")
    with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [["customer_id", "E-mail", "mobile"]]
            + [[one, f"{MARK}{one}@example.org", "+49 (171) 123"] for one in ids[5:]]
        )
    told = command(project, "audience", "--rule", "total_orders >= 1", "--campaign", "thanks",
                   "--control", "30%", "--contacts", str(folder / "contacts.csv"),
                   "--for", "klaviyo", "--out", str(folder))  # fmt: skip
    sent = [row[2] for row in read(folder / "thanks.csv")[1:]]
    random.seed(7)
    sell(raw, random.sample(sorted(sent), round(BOUGHT * len(sent))))
    project.build(raw_path=raw, variables=light | {"as_of": NEXT})
    return project, folder, told, sent


def figures(project) -> dict[str, dict]:
    frame = project.published("from campaign_results where campaign = 'thanks'")
    return {one["measure"]: one for one in frame.to_dict("records")}


def test_the_command_says_what_the_size_can_show(script):
    _, _, told, sent = script
    found = re.search(r"Campaign thanks: (\d+) get it, (\d+) do not\.", told)
    treated, controls = map(int, found.groups())
    assert treated == len(sent) and abs(controls - 0.3 * (treated + controls)) < 1
    assert "Orders count for 30 days from 2024-12-01." in told
    assert "a difference in buying of" in told and "none is forecast" in told


def test_the_file_is_as_the_sender_wants_it_and_only_the_treated_are_in_it(script):
    project, folder, _, sent = script
    header, *rows = read(folder / "thanks.csv")
    assert header == ["Email", "Phone Number", "customer_id", "segment_name"]
    assert rows[0][0] == f"{MARK}{rows[0][2]}@example.org" and rows[0][1] == "+49171123"
    drawn = Store(campaigns_file(project.warehouse)).assignments("thanks").to_pylist()
    assert {one["customer_id"] for one in drawn if not one["is_control"]} == set(sent)
    manifest = json.loads((folder / "thanks.manifest.json").read_text())
    assert manifest["rows_without_contact"] == 5 and manifest["treated"] == len(sent)
    for path in (folder / "thanks.csv", folder / "thanks.manifest.json"):
        assert path.stat().st_mode & 0o777 == 0o600


def test_the_figures_are_those_of_the_shop_counted_anew(script):
    project, _, _, sent = script
    drawn = Store(campaigns_file(project.warehouse)).assignments("thanks").to_pylist()
    controls = [one["customer_id"] for one in drawn if one["is_control"]]
    found = figures(project)
    for ids, mean in ((sent, "treated_mean"), (controls, "control_mean")):
        listed = ", ".join(f"'{one}'" for one in ids)
        ((buyers, orders, spend),) = project.query(
            f"""
            select count(distinct orders.customer_id), count(distinct orders.order_id),
                sum(sale_price)
            from shop_orders as orders
            inner join shop_order_items as items using (order_id)
            where cast(orders.ordered_at as date) between '2024-12-01' and '2024-12-30'
                and not items.is_cancelled and not items.is_returned
                and cast(orders.customer_id as varchar) in ({listed})
            """
        )
        assert found["buying"][mean] == pytest.approx(buyers / len(ids))
        assert found["orders"][mean] == pytest.approx(orders / len(ids))
        assert found["spend"][mean] == pytest.approx(float(spend) / len(ids))


def test_the_planted_effect_is_found(script):
    project, _, _, _ = script
    buying = figures(project)["buying"]
    assert (buying["status"], buying["days"], buying["verdict"]) == ("complete", 30, "more")
    assert buying["measured_to"].date() == date(2024, 12, 30)
    left = 1 - buying["control_mean"]
    assert buying["low"] < BOUGHT * left < buying["high"]
    told = command(project, "lift", "--campaign", "thanks")
    assert buying["sentence"] in " ".join(told.split())
    figures_told = r"\+\d+\.\d points \(\d+\.\d to \d+\.\d\): about \d+ more orders, [\d,]+ in"
    assert re.match(figures_told, buying["sentence"])
    page = report_of(project)
    assert "Did it work?" in page and buying["sentence"] in page


def report_of(project) -> str:
    return write_report(project.serving).read_text(encoding="utf-8")


def test_no_contact_and_no_group_is_in_any_file_but_the_owners(script):
    project, _, _, _ = script
    report_of(project)
    searched = [path for path in project.folder.rglob("*") if path.is_file()]
    assert {"report.html", "campaign_results.parquet", "dbt.log"} & {path.name for path in searched}
    assert [path for path in searched if MARK.encode() in path.read_bytes()] == []
    kept = campaigns_file(project.warehouse)
    for path in (project.warehouse, project.serving / "segmentation.duckdb", kept):
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute(
                "select table_name, column_name from duckdb_columns() where not internal "
                "and data_type = 'VARCHAR'"
            ).fetchall()
            named = {
                table
                for table, column in names
                if connection.execute(
                    f'select 1 from {"campaigns." if path == kept else ""}"{table}" '
                    f"where \"{column}\" = 'thanks' or contains(\"{column}\", '{MARK}') limit 1"
                ).fetchall()
            }
            columns = connection.execute(
                "select table_name from duckdb_columns() where column_name = 'is_control'"
            ).fetchall()
        if path == kept:
            assert columns == [("assignments",)] and path.stat().st_mode & 0o777 == 0o600
        else:
            # A group has the name of its campaign: where that stands alone there are no customers.
            assert named <= {"campaign_results", "measure_campaigns"} and columns == []


def test_the_same_customers_are_sent_the_same_again(script, tmp_path):
    project, _, _, sent = script
    told = command(project, "audience", "--campaign", "thanks", "--out", str(tmp_path))
    assert "was drawn before: its groups are as they were." in told
    assert sorted(row[0] for row in read(tmp_path / "thanks.csv")[1:]) == sorted(sent)


def test_who_is_forgotten_is_in_no_group_and_in_no_file_of_contacts(script, tmp_path):
    first, folder, _, sent = script
    project = first.copy_to(tmp_path / "copy")
    shutil.copytree(folder, tmp_path / "senders")
    told = command(project, "forget", "--id", sent[0], "--audiences", str(tmp_path / "senders"))
    assert "Campaigns: rows taken out: 1;" in told
    store = Store(campaigns_file(project.warehouse))
    assert sent[0] not in store.assignments("thanks").column("customer_id").to_pylist()
    assert [row[2] for row in read(tmp_path / "senders" / "thanks.csv")[1:]] == sent[1:]
    assert store.find("thanks").treated == len(sent)


def test_a_campaign_is_listed_closed_and_deleted(script, tmp_path):
    project = script[0].copy_to(tmp_path)
    assert command(project, "campaigns").startswith("thanks  from 2024-12-01 to 2024-12-30, a list")
    command(project, "campaigns", "--close", "thanks")
    assert "closed on 2024-12-31" in command(project, "campaigns")
    command(project, "campaigns", "--delete", "thanks")
    assert "There are no campaigns" in command(project, "campaigns")
