"""Ensures that contacts are joined by key, each once, whatever their file looks like."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from segmentation.campaigns.contacts import read_contacts, read_list, with_contacts
from segmentation.published.served import CommandError

AUDIENCE = pa.table({"customer_id": [7, 8, 9], "segment_name": ["A", "A", "B"]})


@pytest.mark.parametrize("text", ["Id,mail\n7,a@x\n9,c@x\n,d@x\n", "mail;Id\na@x; 7\nc@x;9 \n"])
def test_who_has_a_contact_stays_with_it(tmp_path, text):
    path = tmp_path / "contacts.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    found = with_contacts(AUDIENCE, read_contacts(path, "id"))
    assert found.to_pylist() == [
        {"customer_id": 7, "segment_name": "A", "mail": "a@x"},
        {"customer_id": 9, "segment_name": "B", "mail": "c@x"},
    ]


def test_numbers_keep_their_zeros_and_parquet_will_do(tmp_path):
    (tmp_path / "a.csv").write_text("id,phone\n007,0171\n")
    assert read_contacts(tmp_path / "a.csv", "id").to_pylist() == [{"id": "007", "phone": "0171"}]
    pq.write_table(pa.table({"id": [7], "mail": ["a@x"]}), tmp_path / "b.parquet")
    assert with_contacts(AUDIENCE, read_contacts(tmp_path / "b.parquet", "id")).num_rows == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,mail\n7,a\n7,b\n8,c\n", "1 rows repeat a key of column id"),
        ("mail\na\n", "has no column id, only mail"),
        ("", "has no column id"),
        ("id,segment_name\n7,A\n", "have a column segment_name, and so has the audience"),
    ],
)
def test_what_cannot_be_joined_is_one_sentence_that_names_nobody(tmp_path, text, words):
    path = tmp_path / "contacts.csv"
    path.write_text(text)
    with pytest.raises(CommandError) as raised:
        with_contacts(AUDIENCE, read_contacts(path, "id"))
    assert words in str(raised.value) and "\n" not in str(raised.value)


def test_a_list_is_the_first_column(tmp_path):
    (tmp_path / "list.csv").write_text("id,x\n007,1\n8,2\n8,3\n")
    assert read_list(tmp_path / "list.csv") == ("007", "8")
    (tmp_path / "nobody.csv").write_text("id\n")
    with pytest.raises(CommandError, match="lists nobody"):
        read_list(tmp_path / "nobody.csv")
