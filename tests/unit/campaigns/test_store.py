"""Ensures that campaigns are kept for their owner only, whole, and forgotten when asked."""

from datetime import date

import duckdb
import pyarrow as pa
import pytest

from segmentation.campaigns.store import ASSIGNMENTS, Campaign, Store, campaigns_file
from segmentation.published.served import CommandError

SPRING = Campaign("spring", 2, "Name", "Kind", 7, date(2024, 3, 1), 30, 2000, 2, 1)


def drawn(name: str, *ids: str) -> pa.Table:
    columns = [[name] * len(ids), list(ids), [1] * len(ids), [True] + [False] * (len(ids) - 1)]
    return pa.table(dict(zip(ASSIGNMENTS.names, columns, strict=True)), ASSIGNMENTS)


@pytest.fixture
def store(tmp_path) -> Store:
    found = Store(campaigns_file(tmp_path / "build" / "w.duckdb"))
    assert found.campaigns() == [] and found.known_ids(("a",)) == frozenset()
    found.add(SPRING, drawn("spring", "M-007xyz", "M-008xyz", "M-009xyz"))
    return found


def test_the_file_lies_beside_the_warehouse_for_its_owner_only(store, tmp_path):
    assert store.path == tmp_path / "build" / "w.campaigns.duckdb"
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in store.path.parent.iterdir()] == [store.path.name]
    with duckdb.connect(str(store.path), read_only=True) as connection:
        schemas = connection.execute("select distinct schema_name from duckdb_tables()").fetchall()
    assert schemas == [("campaigns",)]


def test_what_was_written_is_read_again(store):
    assert store.campaigns() == [SPRING] and store.find("spring") == SPRING
    assert store.assignments("spring") == drawn("spring", "M-007xyz", "M-008xyz", "M-009xyz")
    store.add(Campaign(**{**vars(SPRING), "campaign": "a", "kind": None}), drawn("a", "M-007xyz"))
    assert [one.campaign for one in store.campaigns()] == ["a", "spring"]


def test_a_name_is_taken_once(store):
    with pytest.raises(CommandError, match="There is a campaign spring"):
        store.add(SPRING, drawn("spring", "x"))
    assert store.assignments("spring").num_rows == 3


def test_a_campaign_is_closed_once_and_deleted(store):
    store.close("spring", date(2024, 3, 9))
    assert store.find("spring").closed_on == date(2024, 3, 9)
    with pytest.raises(CommandError, match="was closed on 2024-03-09"):
        store.close("spring", date(2024, 3, 10))
    store.delete("spring")
    assert store.campaigns() == [] and b"M-007xyz" not in store.path.read_bytes()
    with pytest.raises(CommandError, match="There is no campaign spring in"):
        store.delete("spring")


def test_who_is_forgotten_is_in_no_byte(store):
    assert b"M-007xyz" in store.path.read_bytes()
    assert store.known_ids(("M-007xyz", "nobody")) == {"M-007xyz"}
    assert store.forget(("M-007xyz", "nobody")) == 1
    assert b"M-007xyz" not in store.path.read_bytes()
    assert store.assignments("spring").column("customer_id").to_pylist() == ["M-008xyz", "M-009xyz"]
    assert store.find("spring") == SPRING
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.forget(("M-007xyz",)) == 0


def test_what_a_killed_writer_left_goes_with_the_next(store):
    left = store.path.with_name(f".{store.path.name}.killed")
    left.mkdir()
    (left / store.path.name).write_bytes(b"M-007xyz")
    assert store.forget(("M-007xyz",)) == 1
    assert [path.name for path in store.path.parent.iterdir()] == [store.path.name]


def test_a_build_that_reads_is_not_in_the_way_of_one_that_writes(store):
    with duckdb.connect(str(store.path), read_only=True) as reader:
        store.delete("spring")
        assert reader.execute("select count(*) from campaigns.assignments").fetchall() == [(3,)]
