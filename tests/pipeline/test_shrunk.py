"""Ensures that an export which lost a part ends in a sentence, and that nothing is forgotten."""

import csv
import re
from itertools import product
from pathlib import Path

import duckdb
import pytest

from tests.pipeline.conftest import CHEAP
from tools.sample.files import TABLES, write_sample

BUILD = ("build", "--exclude-resource-type", "unit_test")
GUARD = ("run", "--select", "+unit_counts")
"""What looks at the data before anything is fitted."""
WORST = 0.3
"""The default of `stop_shrunk`."""
REFUSALS = re.compile(
    r"\.csv is an empty file|\.csv has no rows|\.csv cannot be read: line \d+ is faulty"
    r"|The (number|sum) of [a-z ]+ fell by \d+ % since the last publication, from \d+ to \d+\."
    r"|Only \d+ of \d+ rows of (orders|order_items) were kept, with \d+ % of the money"
)
SOAK_CUTS = ((50, "bytes"), (15, "rows"), (90, "rows"))
"""Cuts that `make soak` alone makes."""
CUTS = [
    pytest.param(*cut, marks=[pytest.mark.soak] if cut[:2] in SOAK_CUTS else [])
    for cut in product((0, 15, 50, 90), ("bytes", "rows"), TABLES)
]
MUST_STOP = {
    (share, "rows", table) for share in (0, 15, 50) for table in ("users", "orders", "order_items")
}
LOGS = ("model_log", "segment_changes", "fit_segments", "published_volumes", "shop_first_orders")


def cut(path: Path, share: int, unit: str) -> bytes:
    """Return the first per cent of a CSV file's bytes, or of its rows with the header."""
    whole = path.read_bytes()
    if unit == "bytes":
        return whole[: len(whole) * share // 100]
    header, *rows = whole.splitlines(keepends=True)
    return b"".join([header, *rows[: len(rows) * share // 100]])


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> Path:
    """Return the whole export of a shop of 400 users."""
    folder = tmp_path_factory.mktemp("whole")
    write_sample(400, 5, folder, personas=False)
    return folder


@pytest.fixture(scope="module")
def built_shop(make_project, raw):
    """Return the shop, built once of its whole export."""
    project = make_project("shrunk")
    done = project.run(*BUILD, raw_path=raw, variables=CHEAP)
    assert done.returncode == 0, done.stdout
    return project


def kept(project) -> dict[str, list[tuple]]:
    """Return all that earlier builds left in the warehouse."""
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        return {name: connection.execute(f"from {name} order by all").fetchall() for name in LOGS}


def lessened(raw: Path, folder: Path, table: str, share: int, unit: str) -> Path:
    """Write the export with one table cut."""
    folder.mkdir(exist_ok=True)
    for path in raw.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    name = f"{table}.csv"
    (folder / name).write_bytes(cut(raw / name, share, unit))
    return folder


def smaller(raw: Path, folder: Path, share: int) -> Path:
    """Write the export of the first users alone, with all that is theirs."""
    folder.mkdir()
    for path in raw.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "users.csv").write_bytes(cut(raw / "users.csv", share, "rows"))
    with (folder / "users.csv").open(encoding="utf-8", newline="") as stream:
        known = {row["id"] for row in csv.DictReader(stream)}
    for name in ("orders.csv", "order_items.csv"):
        with (raw / name).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            of_user = header.index("user_id")
            csv.writer(stream).writerows([header, *(r for r in rows if r[of_user] in known)])
    return folder


@pytest.mark.parametrize(("share", "unit", "table"), CUTS)
def test_a_part_of_an_export_is_refused_or_lacks_little(
    built_shop, raw, tmp_path, share, unit, table
):
    before = kept(built_shop)
    folder = lessened(raw, tmp_path / "raw", table, share, unit)
    done = built_shop.run(*GUARD, raw_path=folder, variables=CHEAP)
    said = " ".join(done.stdout.split())
    assert "Traceback" not in said
    assert kept(built_shop) == before
    if done.returncode:
        assert REFUSALS.search(said), said
    else:
        assert (share, unit, table) not in MUST_STOP
        assert built_shop.query("select max(fall) from volumes")[0][0] <= WORST


def test_between_two_good_builds_a_bad_one_changes_nothing(built_shop, raw, tmp_path):
    before, published = kept(built_shop), built_shop.published_files()
    folder = smaller(raw, tmp_path / "raw", 15)
    done = built_shop.run(*BUILD, raw_path=folder, variables=CHEAP)
    assert done.returncode != 0
    assert (
        "The number of customers fell by 85 % since the last publication, from 400 to 60. Bring "
        "the whole data; if they are right, let them pass once with --vars '{accept_shrunk: 2024-"
    ) in " ".join(done.stdout.split())
    assert "START python" not in done.stdout
    assert kept(built_shop) == before
    assert built_shop.published_files() == published
    hashes = built_shop.content_hashes()
    built_shop.build(raw_path=raw, variables=CHEAP)
    assert kept(built_shop) == before
    assert built_shop.content_hashes() == hashes


def test_data_that_are_rightly_smaller_pass_once(built_shop, raw, tmp_path):
    project = built_shop.copy_to(tmp_path / "copy")
    folder = smaller(raw, tmp_path / "raw", 50)
    refused = project.run(*GUARD, raw_path=folder, variables=CHEAP)
    date = re.search(r"accept_shrunk: ([0-9-]+)", refused.stdout)[1]
    fall = re.search(r"fell by \d+ % since", " ".join(refused.stdout.split()))[0]
    before = kept(project)
    wrong = CHEAP | {"accept_shrunk": "2020-01-01"}
    assert project.run(*GUARD, raw_path=folder, variables=wrong).returncode != 0
    done = project.build(raw_path=folder, variables=CHEAP | {"accept_shrunk": date})
    assert fall in " ".join(done.stdout.split())
    after = kept(project)
    assert set(before["model_log"]) <= set(after["model_log"])
    assert set(before["fit_segments"]) <= set(after["fit_segments"])
    again = project.run(*GUARD, raw_path=folder, variables=CHEAP)
    assert again.returncode == 0, again.stdout
    assert "fell by" not in again.stdout


def test_another_shop_is_another_shop_only_when_told_so(built_shop, tmp_path):
    project = built_shop.copy_to(tmp_path / "copy")
    folder = tmp_path / "other"
    write_sample(400, 6, folder, personas=False)
    before = kept(project)
    refused = project.run(*BUILD, raw_path=folder, variables=CHEAP)
    assert refused.returncode != 0
    assert "The data look like another shop's: of the " in " ".join(refused.stdout.split())
    assert kept(project) == before

    told = CHEAP | {"new_shop": True}
    done = project.build(raw_path=folder, variables=told)
    assert "The setting new_shop is true: of the " in " ".join(done.stdout.split())
    for name in ("model_log", "segment_changes"):
        forgotten = project.query(
            f"select table_name from duckdb_tables() where table_name like '{name}_forgotten_%'"
        )
        assert len(forgotten) == 1
        assert project.query(f"from {forgotten[0][0]} order by all") == before[name]
        assert not set(project.query(f"from {name}")) & set(before[name])
    after = kept(project)
    again = project.run(*GUARD, raw_path=folder, variables=told)
    assert again.returncode == 0, again.stdout
    assert "but the shop is the one of before" in " ".join(again.stdout.split())
    assert kept(project) == after
