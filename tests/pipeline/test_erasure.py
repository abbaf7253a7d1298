"""Ensures that a forgotten person is in no file, and that history adds up in the builds after."""

import csv
import math
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from segmentation.scaffold.files import segmentation_files
from tests.pipeline.test_segmentations import copy_checkout
from tools.sample.files import write_sample

FIRST, NEXT = "2024-06-30", "2024-12-31"
MEMBER = "M-007xyz"
ENTRY = {
    "table": "members",
    "key": "Member",
    "unit": "members",
    "columns": [{"name": "rating", "type": "double"}, {"name": "sales", "type": "double"}],
    "recipe": {"features": [{"name": "rating"}, {"name": "sales"}], "k_max": 4, "bootstraps": 2},
}
ONLY_MEMBERS = {"segmentations": {"customer": None, "product": None, "member": ENTRY}}
KEYS = {"users.csv": "id", "orders.csv": "user_id", "order_items.csv": "user_id"}
KEY_COLUMNS = ("customer_id", "user_id", "order_user_id")


def command(project, *arguments: str) -> str:
    """Run a command of `segmentation` on a project and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "segmentation.cli", *arguments],
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tables_with(database: Path, customer: int) -> list[str]:
    """Return the tables of a file, raw ones included, in which a customer stands."""
    found = []
    with duckdb.connect(str(database), read_only=True) as connection:
        columns = connection.execute(
            "select table_name, column_name, list_contains(list(column_name) over (partition by "
            "table_name), 'segmentation') from duckdb_columns() where not internal"
        ).fetchall()
        for table, column, is_shared in columns:
            shared = " and segmentation = 'customer'" if is_shared and column == "unit_id" else ""
            is_users = column == "id" and table.endswith("_users")
            if column in KEY_COLUMNS or is_users or shared:
                found += connection.execute(
                    f"select '{table}' from {table} where cast({column} as varchar) = ? {shared}",
                    [str(customer)],
                ).fetchall()
    return [table for (table,) in found]


def copy_raw(source: Path, target: Path, without: set[int]) -> Path:
    """Copy a shop's raw files without the rows of some users."""
    shutil.copytree(source, target)
    for name, key in KEYS.items():
        with (source / name).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        place = header.index(key)
        with (target / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(
                [header, *(row for row in rows if row[place] not in set(map(str, without)))]
            )
    return target


# --- customers, under numbers ---


@pytest.fixture(scope="module")
def raw_path(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_sample(500, 3, folder, personas=False)
    return folder


@pytest.fixture(scope="module")
def build(raw_path, light) -> Callable:
    """Build the shop up to a date, all tests of data included."""

    def build_at(project, as_of: str, raw: Path = raw_path) -> None:
        project.build(raw_path=raw, variables=light | {"as_of": as_of})

    return build_at


@pytest.fixture(scope="module")
def forgotten(make_project, build) -> tuple:
    """A shop of one date, of which two customers were forgotten, and what it was like before."""
    project = make_project("erasure")
    build(project, FIRST)
    query = "select customer_id from customer_segments order by hash(customer_id) limit 2"
    gone = {one for (one,) in project.query(query)}
    assert all(len(tables_with(project.warehouse, one)) > 15 for one in gone)
    before = project.published("from segment_sizes"), project.published("from segments")
    command(project, "forget", "--id", *map(str, sorted(gone)))
    return project, gone, before


def test_a_customer_is_in_no_table(forgotten):
    project, gone, _ = forgotten
    for one in gone:
        assert tables_with(project.warehouse, one) == []
        assert tables_with(project.serving / "segmentation.duckdb", one) == []


def test_what_was_counted_stays_counted(forgotten):
    project, _, (sizes, segments) = forgotten
    assert project.published("from segment_sizes").equals(sizes)
    assert project.published("from segments").equals(segments)


@pytest.fixture(scope="module")
def later(forgotten, build, raw_path, tmp_path_factory) -> tuple:
    """The same shop at the next date, in whose source they are forgotten too; built twice."""
    first, gone, before = forgotten
    project = first.copy_to(tmp_path_factory.mktemp("later"))
    raw = copy_raw(raw_path, tmp_path_factory.mktemp("raw") / "without", gone)
    told = []
    for _ in range(2):
        build(project, NEXT, raw)
        told.append(
            [
                project.published(f"from {table} order by all")
                for table in ("segment_sizes", "segment_migrations", "customer_segment_history")
            ]
        )
    return project, gone, before[0], told


def test_the_next_build_counts_them_as_leavers(later):
    project, gone, _, _ = later
    left = project.published(
        f"select sum(units) as units from segment_migrations where to_segment_id is null "
        f"and as_of_date = date '{NEXT}'"
    )
    assert left["units"].item() == len(gone)
    assert all(tables_with(project.warehouse, one) == [] for one in gone)


def test_the_past_keeps_its_sizes(later):
    project, _, sizes, _ = later
    past = project.published(
        f"from segment_sizes where as_of_date = date '{FIRST}' order by segment_id"
    )
    columns = ["segment_id", "units", "share"]
    expected = sizes.sort_values("segment_id").reset_index(drop=True)
    assert past[columns].equals(expected[columns])


def test_the_same_date_built_again_says_the_same(later):
    *_, (once, twice) = later
    assert all(one.equals(other) for one, other in zip(once, twice, strict=True))


def test_a_source_that_still_holds_them_brings_them_back(forgotten, build, tmp_path):
    first, gone, _ = forgotten
    project = first.copy_to(tmp_path / "back")
    build(project, NEXT)
    for one in gone:
        assert project.query(
            f"select valid_from::varchar from customer_segment_history where customer_id = {one}"
        ) == [(NEXT,)]


# --- a table of one's own, under texts ---


def write_members(folder: Path) -> None:
    rng, lines = random.Random(5), ["Member,rating,sales"]
    for number in range(120):
        rating, sales = ((1.5, 9), (3, 4), (4.5, 6))[number % 3]
        values = f"{rng.gauss(rating, 0.2):.2f},{math.exp(rng.gauss(sales, 0.3)):.2f}"
        lines.append(f"M-{number:03d}xyz,{values}")
    (folder / "seeds" / "members.csv").write_text("\n".join(lines) + "\n")
    for name, text in segmentation_files("member", "members", ("Member",), "string").items():
        (folder / "models" / name).write_text(text)


def files_with(member: str, *places: Path) -> list[str]:
    files = [path for place in places for path in (place, *place.rglob("*")) if path.is_file()]
    return [str(path) for path in files if member.encode() in path.read_bytes()]


def cells_with(member: str, database: Path) -> list[str]:
    """Return the tables that hold a text in any cell: files may have compressed it."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() order by all").fetchall()
        return [
            name
            for (name,) in names
            if connection.execute(
                f"select true from {name} as listed where cast(listed as varchar) like ? limit 1",
                [f"%{member}%"],
            ).fetchall()
        ]


def test_no_byte_and_no_cell_holds_a_member(make_project, tmp_path_factory):
    checkout = copy_checkout(tmp_path_factory.mktemp("members"))
    write_members(checkout)
    project = replace(make_project("members"), root=checkout)
    for _ in range(2):
        project.build(variables=ONLY_MEMBERS)
    query = f"select segment_id from member_segments where member_id = '{MEMBER}'"
    ((segment,),) = project.query(query)
    asked = ("export", "--segmentation", "member", "--segment", str(segment), "--out")
    audiences = project.folder / "audiences"
    command(project, *asked, str(audiences))
    subprocess.run(
        [sys.executable, "-m", "segmentation.report", "--segmentation", "member"],
        env=project.environment(),
        check=True,
        capture_output=True,
    )
    places = (project.warehouse, Path(f"{project.warehouse}.tmp"), project.serving, audiences)
    before = files_with(MEMBER, *places)
    assert str(audiences / f"member_segment_{segment}.csv") in before
    databases = (project.warehouse, project.serving / "segmentation.duckdb")
    assert all(len(cells_with(MEMBER, database)) >= 3 for database in databases)
    told = ("--segmentation", "member", "--audiences", str(audiences))
    command(project, "forget", "--id", MEMBER, *told)
    assert files_with(MEMBER, *places) == []
    assert all(cells_with(MEMBER, database) == [] for database in databases)
    assert all(len(cells_with("M-010xyz", database)) >= 3 for database in databases)
    assert len(list((project.serving / "versions").iterdir())) == 1
    changes = "select count(*) from segment_changes where unit_id is null"
    assert project.query(changes) == [(1,)]
