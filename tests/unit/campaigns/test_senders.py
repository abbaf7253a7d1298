"""Ensures that files are what senders take, and that no cell of them is run."""

import pyarrow as pa
import pytest

from segmentation.campaigns.senders import BOM, SENDERS, Sender, content, reachable, shaped
from segmentation.published.served import CommandError

PEOPLE = pa.table(
    {
        "customer_id": [1, 2, 3],
        "segment_name": ["=1+1", "@x", "Plain"],
        "E-Mail": ["a@x.org", " ", None],
        "Mobile": ["+49 (171) 12-3", "0171 5", None],
        "Surname": ["-Ä", "\tB", "C"],
        "PostCode": ["01234", "5", "6"],
        "Shoe": [4, 5, 6],
    }
)


@pytest.mark.parametrize(
    ("sender", "columns", "key"),
    [
        (
            "klaviyo",
            ["Email", "Phone Number", "Last Name", "Zip Code", "customer_id", "segment_name",
             "Shoe"],
            "customer_id",
        ),
        (
            "braze",
            ["external_id", "email", "phone", "last_name", "segment_name", "PostCode", "Shoe"],
            "external_id",
        ),
        ("meta", ["email", "phone", "ln", "zip"], None),
        ("spreadsheet", PEOPLE.column_names, "customer_id"),
    ],
)  # fmt: skip
def test_columns_are_called_as_the_sender_calls_them(sender, columns, key):
    table, called = shaped(PEOPLE, "customer_id", SENDERS[sender])
    assert (table.column_names, called) == (columns, key)
    assert table.num_rows == 3


@pytest.mark.parametrize(("sender", "rows"), [("klaviyo", 2), ("meta", 2), ("braze", 3)])
def test_who_cannot_be_reached_is_left_out(sender, rows):
    assert reachable(PEOPLE, SENDERS[sender]).num_rows == rows


def test_without_a_way_to_reach_anybody_it_is_a_sentence():
    with pytest.raises(CommandError, match="No column is called email or phone"):
        reachable(PEOPLE.select(["customer_id"]), SENDERS["meta"])


def test_telephone_numbers_are_plain():
    table, _ = shaped(PEOPLE, "customer_id", SENDERS["klaviyo"])
    assert table.column("Phone Number").to_pylist() == ["+49171123", "01715", None]


@pytest.mark.parametrize("sender", SENDERS)
def test_no_cell_is_run_and_spreadsheets_know_the_letters(sender):
    table, _ = shaped(PEOPLE, "customer_id", SENDERS[sender])
    made = content(table, "csv", SENDERS[sender])
    assert made.startswith(BOM) == (sender == "spreadsheet")
    cells = [cell.strip('"') for line in made.decode("utf-8-sig").splitlines()
             for cell in line.split(",")]  # fmt: skip
    assert not [one for one in cells if one[:1] in "=-@\t" and one]
    assert "'-Ä" in cells and "'\tB" in cells


def test_without_a_sender_nothing_changes():
    table, key = shaped(PEOPLE, "customer_id", Sender())
    assert table.equals(PEOPLE) and key == "customer_id"
