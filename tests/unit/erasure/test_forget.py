"""Ensures that whoever is forgotten is in no byte of any file, and that every count stays."""

import os
import re
import signal
from datetime import date
from pathlib import Path

import duckdb
import pytest

from segmentation.building.lock import only_build_of
from segmentation.cli.main import main
from segmentation.erasure import forget
from segmentation.published.publishing import PublicTable, Segmented, publish
from segmentation.published.serving_folder import read_manifest

GONE, STAYS, NAMESAKE = "M-007xyz", "M-008xyz", "nM-007xyz"

WAREHOUSE = f"""
create table segmentations as select * from (values
    ('member', 'members', 'member_id', 'member_features', 'member_segments',
        'member_segment_history', 1, date '2024-12-31', 3, false, ''),
    ('ware', 'wares', 'id', 'wares', 'ware_segments',
        'ware_segment_history', 1, date '2024-12-31', 1, false, '')
) as t(segmentation, unit, key_column, features_table, segments_table, history_table,
    model_version, as_of_date, units, is_stale, reason);
create table policies as select * from (values
    ('member', 'members', '["Member No"]'), ('ware', 'wares', '["id"]')
) as t(segmentation, table_name, key_columns);
create table members as select unnest(['{GONE}', '{STAYS}', '{NAMESAKE}']) as "Member No", 5 as age;
create table wares as select '{GONE}' as id;
create schema extra;
create table extra.visits as select * from (values ('{GONE}', 1), ('{STAYS}', 2), (null, 3))
    as t(member_id, visit);
create table member_segments (member_id varchar not null, segment_id bigint, confidence double);
insert into member_segments
    select "Member No", 1, 0.5 from members order by 1;
create table exclusions as select * from (values
    ('member', '{GONE}', 1), ('ware', '{GONE}', 2)) as t(segmentation, unit_id, reason);
create table segment_changes (
    segmentation varchar not null, unit_id varchar not null, as_of_date date, segment_id bigint);
insert into segment_changes values
    ('member', '{GONE}', date '2024-01-01', 1), ('member', '{GONE}', date '2024-02-01', 2),
    ('member', '{STAYS}', date '2024-01-01', 1), ('ware', '{GONE}', date '2024-01-01', 1);
create view member_count as select count(*) as members from members;
comment on column member_segments.segment_id is 'Which.';
"""
TABLES = {
    "segmentations": PublicTable("select * from segmentations", ("segmentation",)),
    "member_segments": PublicTable("select * from member_segments", ("member_id",), "member"),
    "exclusions": PublicTable("select * from exclusions", ("segmentation", "unit_id")),
}
BUILT = {"member": Segmented("member", 1, date(2024, 12, 31), is_stale=False)}


@pytest.fixture
def shop(tmp_path, monkeypatch) -> Path:
    """A folder with a warehouse, three publications of it, and what is not ours beside them."""
    warehouse, serving = tmp_path / "build" / "w.duckdb", tmp_path / "serving"
    warehouse.parent.mkdir()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(WAREHOUSE)
        for _ in range(3):
            publish(connection, TABLES, BUILT, serving)
    monkeypatch.setenv("SEGMENTATION_WAREHOUSE", str(warehouse))
    monkeypatch.setenv("SEGMENTATION_SERVING", str(serving))
    return tmp_path


def told(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["forget", "--segmentation", "member", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def rows(path: Path, statement: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(statement).fetchall()


def files_with(folder: Path, name: str) -> set[str]:
    """Return the files in whose bytes a name stands, and not as a part of its namesake."""
    found = re.compile(rb"(?<!n)" + re.escape(name.encode()))
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and found.search(path.read_bytes())
    }


def without_the_ware(shop: Path) -> None:
    """Drop what is of another segmentation and called alike."""
    with duckdb.connect(str(shop / "build/w.duckdb")) as connection:
        for table in ("exclusions", "segment_changes"):
            connection.execute(f"delete from {table} where segmentation = 'ware'")
        connection.execute("delete from wares")
        publish(connection, TABLES, BUILT, shop / "serving", kept=4)


def test_no_byte_of_any_file_holds_who_is_forgotten(shop, capsys):
    without_the_ware(shop)
    before = files_with(shop, GONE)
    assert "build/w.duckdb" in before
    assert len([path for path in before if path.startswith("serving/versions")]) >= 4
    assert told(capsys, "--id", GONE)[0] == 0
    assert files_with(shop, GONE) == set()
    assert {"build/w.duckdb", "serving/versions/5/segmentation.duckdb"} <= files_with(shop, STAYS)
    assert [path.name for path in (shop / "serving/versions").iterdir()] == ["5"]


def test_everybody_else_stays_under_the_same_rows(shop, capsys):
    code, out, err = told(capsys, "--id", GONE)
    warehouse = shop / "build/w.duckdb"
    assert (code, err) == (0, "")
    assert rows(warehouse, 'select "Member No" from members') == [(STAYS,), (NAMESAKE,)]
    assert rows(warehouse, "from extra.visits") == [(STAYS, 2), (None, 3)]
    assert rows(warehouse, "from wares") == [(GONE,)]
    assert rows(warehouse, "from exclusions") == [("ware", GONE, 2)]
    assert rows(warehouse, "from member_count") == [(2,)]
    assert "rows taken out: 4, of 4 tables" in out


def test_changes_of_segment_stay_counted_and_name_nobody(shop, capsys):
    told(capsys, "--id", GONE)
    assert rows(shop / "build/w.duckdb", "from segment_changes order by all") == [
        ("member", STAYS, date(2024, 1, 1), 1),
        ("member", None, date(2024, 1, 1), 1),
        ("member", None, date(2024, 2, 1), 2),
        ("ware", GONE, date(2024, 1, 1), 1),
    ]


def test_the_publication_says_what_is_left(shop, capsys):
    published = shop / "serving/segmentation.duckdb"
    query = "select table_name, rows, content_hash from publications order by table_name"
    before = {name: told for name, *told in rows(published, query)}
    told(capsys, "--id", GONE)
    after = {name: told for name, *told in rows(published, query)}
    assert {name: told[0] for name, told in after.items()} == {
        "exclusions": 1,
        "member_segments": 2,
        "segmentations": 2,
    }
    assert after["segmentations"] == before["segmentations"]
    assert after["member_segments"][1] != before["member_segments"][1]
    with duckdb.connect(str(shop / "build/w.duckdb")) as connection:
        publish(connection, TABLES, BUILT, shop / "serving")
    assert {name: told for name, *told in rows(published, query)} == after


def test_the_publication_is_like_any_other(shop, capsys):
    folder = shop / "serving"
    owner = read_manifest(folder)["warehouse"]
    told(capsys, "--id", GONE)
    manifest = read_manifest(folder)
    assert (manifest["warehouse"], manifest["replaced_warehouse"]) == (owner, None)
    parquet = folder / "parquet/member_segments.parquet"
    assert duckdb.sql(f"select member_id from '{parquet}'").fetchall() == [(STAYS,), (NAMESAKE,)]
    database = folder / "segmentation.duckdb"
    assert not os.stat(database).st_mode & 0o222
    comments = "select comment from duckdb_columns() where comment is not null"
    assert rows(database, comments) == rows(shop / "build/w.duckdb", comments) == [("Which.",)]


def test_the_warehouse_keeps_its_rules_and_its_mode(shop, capsys):
    warehouse = shop / "build/w.duckdb"
    warehouse.chmod(0o600)
    told(capsys, "--id", GONE)
    assert warehouse.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in warehouse.parent.iterdir()] == ["w.duckdb"]
    with duckdb.connect(str(warehouse)) as connection:
        with pytest.raises(duckdb.ConstraintException):
            connection.execute("insert into member_segments values (null, 1, 1)")
        connection.execute("insert into segment_changes values ('member', null, null, null)")


def test_several_are_forgotten_at_once(shop, capsys):
    assert told(capsys, "--id", GONE, STAYS)[0] == 0
    assert rows(shop / "build/w.duckdb", 'select "Member No" from members') == [(NAMESAKE,)]


def test_a_link_leads_to_the_warehouse(shop, capsys, monkeypatch):
    link = shop / "link.duckdb"
    link.symlink_to(shop / "build/w.duckdb")
    monkeypatch.setenv("SEGMENTATION_WAREHOUSE", str(link))
    assert told(capsys, "--id", GONE)[0] == 0
    assert link.is_symlink() and rows(link, "select count(*) from members") == [(2,)]


def test_who_is_left_in_an_earlier_publication_only_is_known(shop, capsys):
    with duckdb.connect(str(shop / "build/w.duckdb")) as connection:
        for table in ("members", "extra.visits", "member_segments", "segment_changes"):
            connection.execute(f"delete from {table}")
        connection.execute("delete from exclusions where segmentation = 'member'")
        publish(connection, TABLES, BUILT, shop / "serving")
    assert told(capsys, "--id", GONE)[0] == 0
    assert not [path for path in files_with(shop, GONE) if "/versions/4/" in path]
    assert told(capsys, "--id", GONE)[0] == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--id", GONE, "nobody"], "Nobody is called nobody in column member_id"),
        (["--id", GONE, "--audiences", "nowhere"], "--audiences nowhere is no folder"),
        (["--id", GONE, "--warehouse", "nowhere"], "There is no warehouse nowhere"),
        (["--id", GONE, "--segmentation", "seller"], "no segmentation 'seller', only member, ware"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(shop, capsys, arguments, sentence):
    before = {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    code, out, err = told(capsys, *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("segmentation forget: ") and sentence in err
    assert {path: path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before


def test_a_warehouse_that_was_never_built_is_one_sentence(shop, capsys, monkeypatch):
    empty = shop / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    code, _, err = told(capsys, "--id", GONE, "--warehouse", empty)
    assert (code, err.count("\n")) == (2, 1) and "build it with this version first" in err


def test_no_build_runs_meanwhile(shop, capsys, monkeypatch):
    with only_build_of(shop / "build/w.duckdb"):
        code, _, err = told(capsys, "--id", GONE)
    assert code == 2 and "is being built by another process" in err
    assert "build/w.duckdb" in files_with(shop, GONE)


@pytest.mark.parametrize("step", ["publish_without", "rewrite_warehouse", "attach"])
def test_a_signal_leaves_whole_files_and_the_same_command_ends_it(shop, capsys, monkeypatch, step):
    without_the_ware(shop)
    done = getattr(forget, step)

    def stopped(*arguments):
        if step == "publish_without":
            done(*arguments)
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("the signal came too late")

    monkeypatch.setattr(forget, step, stopped)
    code, _, err = told(capsys, "--id", GONE)
    assert code == 128 + signal.SIGTERM
    assert err.startswith("segmentation forget: stopped by SIGTERM") and err.count("\n") == 1
    assert rows(shop / "build/w.duckdb", "select count(*) from members") == [(3,)]
    assert rows(shop / "serving/segmentation.duckdb", "select count(*) from exclusions")
    monkeypatch.setattr(forget, step, done)
    assert told(capsys, "--id", GONE)[0] == 0
    assert files_with(shop, GONE) == set()


def test_a_copy_that_fails_leaves_the_warehouse(shop, capsys):
    with duckdb.connect(str(shop / "build/w.duckdb")) as connection:
        connection.execute("create table sums (a int, b int generated always as (a + 1))")
        connection.execute("insert into sums (a) values (1)")
    code, _, err = told(capsys, "--id", GONE)
    assert (code, err.count("\n")) == (2, 1)
    assert [path.name for path in (shop / "build").iterdir()] == ["w.duckdb"]
    assert rows(shop / "build/w.duckdb", "select count(*) from members") == [(3,)]


def test_the_source_and_other_copies_are_spoken_of(shop, capsys):
    _, out, _ = told(capsys, "--id", GONE)
    assert "raw files" in out and "backups" in out
    assert "The next build brings back whoever the source still holds" in out
