"""Ensures that a table of one's own becomes segments, in a project that installs this package.

The library is installed from a built package too, not found in the checkout: both steps that
docs/bring-your-own-table.md names.
"""

import csv
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import yaml

from tests.pipeline.conftest import CHEAP, LIGHT, QUICK
from tests.pipeline.warm_dbt import Request, WarmDbt

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = "serving/segmentation.duckdb"
PRODUCTION = ("build", "--exclude-resource-type", "unit_test")
MEMBERS = 240
FLAGS = {"require_ref_searches_node_package_before_root": True}


@dataclass(frozen=True)
class UserProject:
    """A dbt project in a folder of its own, and the library it uses."""

    folder: Path
    library: Path
    warm: WarmDbt

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a run, in which the library is the installed one."""
        settings = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SEGMENTATION_", "DBT_"))
        }
        return settings | {
            "PYTHONPATH": str(self.library),
            "DBT_PROFILES_DIR": str(self.folder),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "DBT_USE_COLORS": "false",
            "SEGMENTATION_WAREHOUSE": str(self.folder / "warehouse.duckdb"),
            "SEGMENTATION_SERVING": str(self.folder / "serving"),
        }

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in the project."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def dbt(
        self, *arguments: str, variables: dict | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt, in a process kept warm."""
        output, errors = self.folder / "output.txt", self.folder / "errors.txt"
        code = self.warm.run(
            Request(
                list(arguments),
                variables or {},
                str(self.folder),
                self.environment | QUICK,
                str(output),
                str(errors),
            )
        )
        told = (path.read_text(encoding="utf-8") for path in (output, errors))
        return subprocess.CompletedProcess(arguments, code, *told)

    def new(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``segmentation new``."""
        return self.run(sys.executable, "-m", "segmentation.cli", "new", *arguments)

    def query(self, file: str, statement: str) -> list[tuple]:
        """Return the rows of a query on one of the project's files."""
        with duckdb.connect(str(self.folder / file), read_only=True) as connection:
            return connection.execute(statement).fetchall()


def succeed(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said, after making sure that it worked."""
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the library as pip installs it."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("library")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(
        ROOT / "segmentation", source / "segmentation", ignore=shutil.ignore_patterns("__pycache__")
    )
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *offline, str(source)]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def warm(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WarmDbt]:
    """Return a dbt that has the installed library."""
    dbt = WarmDbt(tmp_path_factory.mktemp("parsed"))
    yield dbt
    dbt.stop()


def write_members(path: Path, repeated: int = 0) -> None:
    """Two kinds of members that differ in visits and income, under keys that are texts."""
    rng = random.Random(7)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        columns = ["Member", "visits", "Annual Income (k$)", "group", "joined", "email", "region"]
        writer.writerow(columns)
        rows = [
            [
                f"M-{number:03d}",
                rng.randint(30, 60) if number % 3 else rng.randint(1, 4),
                round(rng.gauss(40 if number % 3 else 90, 4), 2),
                rng.choice(["red", "blue", ""]),
                f"2024-{1 + number % 12:02d}-11",
                f"m{number}@example.org",
                rng.choice("ABC"),
            ]
            for number in range(MEMBERS)
        ]
        writer.writerows(rows + rows[:repeated])


def write_trips(path: Path) -> None:
    """Three months of every member: the key is both columns."""
    rng = random.Random(3)
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["member", "month", "distance", "vehicle"])
        for number in range(40):
            for month in (1, 2, 3):
                distance = rng.choice([5, 9, 200, 240]) + month
                vehicle = "tram" if month == 2 else "bus"
                writer.writerow([f"M-{number:03d}", month, distance, vehicle])


WARES = """
select
    i as id,
    (['tea', 'soap', 'rope'])[1 + i % 3] as kind,
    (['small', 'big'])[1 + i // 3 % 2]::enum ('small', 'big') as size,
    i % 7 < 3 as is_stocked
from range(240) as numbers (i)
"""
"""Three categories and no number; one of them is of a type of its own."""

MEASURES = """
select
    i as id,
    20 + i % 10 + 100 * (i % 3) as price,
    1000 * (i % 2) + i % 13 as price_greatest,
    1e200 * (1 + i % 3 + (i % 5) / 10) as "Größe (cm)",
    1e-7 * (1 + i % 3 + (i % 5) / 10) as "年齢",
    i || ',5' as comma
from range(240) as numbers (i)
"""
"""Names and numbers far from the usual, and a name that ends like another's bands."""


PURCHASES = """
select
    'C-' || lpad((i % 80)::varchar, 2, '0') as buyer,
    1000 + i // 3 as receipt,
    case when i % 80 < 40 then 1 + i % 3 else 60 + i % 7 end as amount,
    (1 + i % 5) * case when i % 80 < 40 then 1e-11 else 3e-9 end as dose,
    (['', 'null', 'web', ' web ', 'shop'])[1 + (i // 80) % 5] as channel,
    date '2024-01-01' + (i // 80)::integer as bought,
    case when i // 80 = 6 then '' when i // 80 = 5 then 'gold' else 'new' end as status
from range(560) as numbers (i)
"""
"""Seven purchases of every buyer; blanks are the most frequent channel, and the last status."""


def write_export(path: Path) -> list[dict[str, str]]:
    """Write an export of a spreadsheet: semicolons, decimal commas, Latin-1, marks for nothing."""
    rng = random.Random(5)
    rows = [
        {
            "Kunde": f"{number:04d}",
            "Größe (cm)": f"{rng.gauss(150 if number % 2 else 190, 3):.1f}".replace(".", ","),
            "Umsatz": "?" if number % 23 == 0 else f"{rng.random() * 50:.2f}".replace(".", ","),
            "Region": str(1 + number % 3),
            "Aktiv": "Ja" if number % 4 else "Nein",
            "Karte": "none" if number % 17 == 0 else f"{number % 2},0",
            "Ort": rng.choice(["Köln", "Zürich", ""]),
        }
        for number in range(120)
    ]
    with path.open("w", newline="", encoding="latin-1") as stream:
        writer = csv.DictWriter(stream, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return rows


def write_project(folder: Path) -> None:
    """Write a project that brings tables, and switches the package's shop off."""
    profile = {"type": "duckdb", "path": "{{ env_var('SEGMENTATION_WAREHOUSE') }}", "threads": 2}
    no_shop = {"segmentations": {"customer": None, "product": None}}
    documents = {
        "dbt_project.yml": {"name": "mine", "profile": "mine", "flags": FLAGS, "vars": no_shop},
        "packages.yml": {"packages": [{"local": str(ROOT)}]},
        "profiles.yml": {"mine": {"target": "duckdb", "outputs": {"duckdb": profile}}},
    }
    for name, document in documents.items():
        (folder / name).write_text(yaml.safe_dump(document))
    write_members(folder / "seeds" / "members.csv")
    write_trips(folder / "seeds" / "trips.csv")
    (folder / "models").mkdir()
    for name, query in (("wares", WARES), ("measures", MEASURES), ("purchases", PURCHASES)):
        table = "{{ config(materialized='table') }}"
        (folder / "models" / f"{name}.sql").write_text(table + query)
    colours = "select id, kind as colour from {{ ref('wares') }}"
    (folder / "models" / "colours.sql").write_text(colours)
    for duplicates in ("first", "aggregate", "keep"):
        (folder / "models" / f"trips_{duplicates}.sql").write_text(
            "{{ segmentation.rows_by_key(ref('trips'), key=['member'], duplicates='"
            + duplicates
            + "', columns=[{'name': 'distance', 'type': 'double'}, "
            + "{'name': 'vehicle', 'type': 'string'}]) }}"
        )


def ask_new(project: UserProject, asked: list[tuple[str, ...]]) -> str:
    """Segment tables one by one, put entries and models together, and return what was said.

    Each is asked of the same project: dbt need not parse all of it again as long as its vars are
    the same.
    """
    path, held = project.folder / "dbt_project.yml", project.folder / "held"
    held.mkdir()
    before, entries, told = path.read_text(encoding="utf-8"), {}, ""
    for arguments in asked:
        told += succeed(project.new(*arguments))
        entries |= yaml.safe_load(path.read_text(encoding="utf-8"))["vars"]["segmentations"]
        path.write_text(before, encoding="utf-8")
        shutil.move(project.folder / "models" / arguments[0], held / arguments[0])
    document = yaml.safe_load(before)
    document["vars"]["segmentations"] |= entries
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")
    shutil.copytree(held, project.folder / "models", dirs_exist_ok=True)
    return told


@pytest.fixture(scope="module")
def segmented(
    tmp_path_factory: pytest.TempPathFactory, library: Path, warm: WarmDbt
) -> UserProject:
    """Return a project in which tables have been segmented, each by one command."""
    project = UserProject(tmp_path_factory.mktemp("mine"), library, warm)
    write_project(project.folder)
    succeed(project.dbt("deps"))
    (project.folder / "tables.txt").write_text(
        succeed(project.dbt("build", "--select", "package:mine"))
    )
    write_export(project.folder / "export.csv")
    refused = project.new("again", "--model", "trips", "--key", "member")
    (project.folder / "refused.txt").write_text(f"{refused.returncode} {refused.stderr}")
    aggregate = ("--duplicates", "aggregate", "--as-of", "bought")
    columns = ("--sum", "amount", "--count", "receipt", "--last", "status", "--ignore", "bought")
    purchases = ("buyers", "--model", "purchases", "--key", "buyer", "--unit", "buyers")
    asked = [
        ("members", "--model", "members", "--key", "Member"),
        *((name, "--model", name, "--key", "id") for name in ("colours", "wares", "measures")),
        ("export", "--file", "export.csv"),
        (*purchases, *aggregate, *columns),
        ("trip", "--model", "trips", "--key", "member,month", "--unit", "months"),
    ]
    (project.folder / "told.txt").write_text(ask_new(project, asked))
    succeed(project.dbt("build", variables=CHEAP))
    return project


def test_the_library_is_the_installed_one(segmented):
    done = segmented.run(sys.executable, "-c", "import segmentation; print(segmentation.__file__)")
    assert succeed(done).startswith(str(segmented.library))


def test_planted_groups_are_found_and_published_under_keys_that_are_texts(segmented):
    rows = segmented.query(
        PUBLISHED,
        "select members_id, segment_id from members_segments order by members_id",
    )
    assert len(rows) == MEMBERS
    rare = {segment for member, segment in rows if int(member[2:]) % 3 == 0}
    others = {segment for member, segment in rows if int(member[2:]) % 3}
    assert rare and others and not rare & others


def test_its_tables_are_asked_and_drawn_like_the_shops(segmented):
    file = str(segmented.folder / PUBLISHED)
    with duckdb.connect(file, read_only=True) as connection:
        connection.table("members_features").to_csv(str(segmented.folder / "features.csv"))
    ask = (sys.executable, "-m", "segmentation.cli")
    asked = ("--segmentation", "members", "--input", "features.csv", "--format", "csv")
    answers = list(csv.DictReader(succeed(segmented.run(*ask, "predict", *asked)).splitlines()))
    published = segmented.query(PUBLISHED, "select members_id, segment_id from members_segments")
    assert {row["members_id"]: int(row["segment_id"]) for row in answers} == dict(published)
    report = (sys.executable, "-m", "segmentation.report", "--segmentation", "members")
    assert "serving/members.html" in succeed(segmented.run(*report))
    page = (segmented.folder / "serving/members.html").read_text(encoding="utf-8")
    assert "Members segments" in page and "1970" not in page


def test_every_column_is_explained(segmented):
    told = (segmented.folder / "told.txt").read_text()
    for line in (
        "members: 240 rows, 240 different keys.",
        "Member              key       you said so",
        "group               category  2 different texts",
        "joined              left out  a date: count days",
        "email               left out  its name sounds personal",
    ):
        assert line in told
    columns = segmented.query(PUBLISHED, "describe members_features")
    assert [column[0] for column in columns] == [
        *("members_id", "visits", "annual_income_k", "members_group", "region")
    ]


def test_what_is_counted_of_a_column_reads_no_other(segmented):
    """With every column in each of hundreds, the statement took gigabytes to plan."""
    compiled = segmented.folder / "target/compiled/segmentation/models/segmentation/plan"
    text = (compiled / "feature_drift.sql").read_text(encoding="utf-8")
    income, group = (text.count(f'"{name}"') for name in ("Annual Income (k$)", "group"))
    assert (income, group) == (2, 2)


def test_a_switched_off_shop_gives_no_warning(segmented):
    assert "WARN=0" in (told := (segmented.folder / "tables.txt").read_text())
    assert "[WARNING]" not in told


def test_a_whole_build_before_anything_is_segmented_is_one_sentence(
    tmp_path: Path, library: Path, warm: WarmDbt
):
    project = UserProject(tmp_path, library, warm)
    write_project(project.folder)
    succeed(project.dbt("deps"))
    done = project.dbt("build")
    told = " ".join(done.stdout.split())
    assert done.returncode != 0
    assert "The var segmentations leaves nothing to segment. Add a table's entry to it" in told
    assert "Traceback" not in told and "START sql" not in told


@pytest.mark.parametrize(
    ("name", "given"),
    [("colours", ["colour=tea"]), ("wares", ["kind=soap", "size=big", "is_stocked=true"])],
)
def test_without_numbers_the_categories_make_the_segments(segmented, name, given):
    told = (segmented.folder / "told.txt").read_text()
    assert told.count("There is no number, so the categories make the segments.") == 2
    of_name = f"where segmentation = '{name}'"
    feature = given[0].split("=")[0]
    reported = f"select value from cluster_report {of_name} and feature = '{feature}'"
    assert {value for (value,) in segmented.query(PUBLISHED, reported)} == {"tea", "soap", "rope"}
    assert segmented.query(PUBLISHED, f"from segment_profiles {of_name}") == []

    commands = (sys.executable, "-m", "segmentation.cli")
    asked = [option for value in given for option in ("--set", value)]
    predict = (*commands, "predict", "--segmentation", name, "--output-format", "csv", *asked)
    (answer,) = csv.DictReader(succeed(segmented.run(*predict)).splitlines())
    alike = " and ".join(value.replace("=", " = '") + "'" for value in given)
    found = (
        f"select distinct segment_id from {name}_segments "
        f"inner join {name}_features using ({name}_id) where {alike}"
    )
    assert segmented.query(PUBLISHED, found) == [(int(answer["segment_id"]),)]

    exported = succeed(segmented.run(*commands, "export-sql", "--segmentation", name))
    with duckdb.connect(str(segmented.folder / PUBLISHED), read_only=True) as connection:
        rows = connection.sql(exported).project(f"{name}_id, segment_id").order("1").fetchall()
    published = f"select {name}_id, segment_id from {name}_segments order by 1"
    assert rows == segmented.query(PUBLISHED, published)

    report = (sys.executable, "-m", "segmentation.report", "--segmentation", name)
    assert f"serving/{name}.html" in succeed(segmented.run(*report))


def test_numbers_of_any_size_and_columns_of_any_name_have_bands(segmented):
    reported = "select value from cluster_report where segmentation = 'measures' and feature = "
    bands = {
        name: {value for (value,) in segmented.query(PUBLISHED, f"{reported}'{name}'")}
        for name in ("price", "groesse_cm", "column_5")
    }
    assert bands["price"] == {"0–50", "100–150", "200–250"}
    assert {"1e200–1.5e200", "3e200–3.5e200"} <= bands["groesse_cm"]
    assert {"1e-7–1.5e-7", "3e-7–3.5e-7"} <= bands["column_5"]


def test_a_column_keeps_its_name_in_words(segmented):
    told = (segmented.folder / "told.txt").read_text()
    assert "; called groesse_cm" in told and "; called column_5" in told
    assert "comma           number    0.5 to 239.5" in told
    names = segmented.query(PUBLISHED, "select string_agg(segment_name) from measures_segments")
    assert "Größe (cm)" in names[0][0] or "年齢" in names[0][0]


def test_keys_of_two_columns_are_joined(segmented):
    keys = segmented.query(PUBLISHED, "select trip_id from trip_segments order by trip_id limit 2")
    assert keys == [("M-000|,1",), ("M-000|,2",)]
    reported = "select sum(units) from cluster_report where segmentation = 'trip'"
    assert segmented.query(PUBLISHED, reported)[0][0] > 0
    told = "select unit, units from segmentations where segmentation = 'trip'"
    assert segmented.query(PUBLISHED, told) == [("months", 120)]


def test_duplicates_become_what_the_model_says(segmented):
    lines = segmented.query("warehouse.duckdb", "select * from trips order by all")
    mine = [line for line in lines if line[0] == "M-007"]
    first = "select * from trips_first where member = 'M-007'"
    least = min(mine, key=lambda line: (line[2], line[3]))
    assert segmented.query("warehouse.duckdb", first) == [least]
    mean = sum(line[2] for line in mine) / 3
    aggregate = "select * from trips_aggregate where member = 'M-007'"
    assert segmented.query("warehouse.duckdb", aggregate) == [
        ("M-007", 3, pytest.approx(mean), "bus")
    ]
    kept = segmented.query("warehouse.duckdb", "select row_number from trips_keep order by all")
    assert kept == [(number,) for number in range(1, 121)]


def test_rows_of_a_key_are_added_up_counted_or_the_last_one_counts(segmented):
    with duckdb.connect() as connection:
        bought = connection.sql(PURCHASES).df()
    by_buyer = bought.groupby("buyer")
    named = bought[bought["channel"].str.strip().isin(["web", "shop"])]
    features = segmented.query(
        PUBLISHED,
        "select buyers_id, receipt, amount, dose, row_count, channel, status "
        "from buyers_features order by 1",
    )
    assert [row[:3] for row in features] == [
        (buyer, rows["receipt"].nunique(), float(rows["amount"].sum())) for buyer, rows in by_buyer
    ]
    means = by_buyer["dose"].mean()
    assert [row[3] for row in features] == [pytest.approx(one, rel=1e-13, abs=0) for one in means]
    assert {row[4:] for row in features} == {(7, "web", "gold")}
    assert set(named["channel"].str.strip()) == {"web", "shop"}
    told = (segmented.folder / "told.txt").read_text()
    for line in ("receipt    number    how many different", "amount     number    the sum"):
        assert line in told
    assert "status     category  the last: 2 different texts, 80 missing" in told


def test_a_file_is_taken_as_it_is_and_without_a_key(segmented):
    told = (segmented.folder / "told.txt").read_text()
    for line in (
        "export_rows: 120 rows, without a key: they are numbered.",
        "Kunde       left out  an identifier: numbers that begin with zeros",
        "114 of 120 values are numbers, the others count as missing ('?' in 6)",
        "Region      category  a code with 3 different values (--numbers Region if it measures)",
        "112 of 120 values are numbers, the others count as missing ('none' in 8)",
    ):
        assert line in told
    read = "select count(*), count(umsatz), min(groesse_cm), max(ort) from export_features"
    ((rows, known, least, place),) = segmented.query(PUBLISHED, read)
    assert (rows, known, place) == (120, 114, "Zürich") and 130 < least < 160
    cards = segmented.query(PUBLISHED, "select karte, count(*) from export_features group by all")
    assert sorted(cards) == [("(missing)", 8), ("0.0", 56), ("1.0", 56)]
    ask = (sys.executable, "-m", "segmentation.cli", "predict", "--segmentation", "export")
    done = segmented.run(*ask, "--input", "export.csv")
    scored = [int(row["segment_id"]) for row in csv.DictReader(succeed(done).splitlines())]
    assert "Values missing: umsatz in 6 of 120 rows." in done.stderr
    counted = segmented.query(
        PUBLISHED, "select segment_id, count(*) from export_segments group by all order by all"
    )
    assert sorted(Counter(scored).items()) == counted


def test_nothing_is_written_twice(segmented):
    def written() -> dict[Path, int]:
        files = [segmented.folder / "dbt_project.yml", *(segmented.folder / "models").rglob("*")]
        return {path: path.stat().st_mtime_ns for path in files}

    before = written()
    done = segmented.new("members", "--model", "members", "--key", "Member")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has an entry `members` under vars: segmentations: already, and nothing was" in (
        done.stderr
    )
    assert written() == before
    stray = segmented.folder / "models" / "twice" / "_twice_segments.yml"
    stray.parent.mkdir()
    stray.touch()
    before = written()
    done = segmented.new("twice", "--model", "is_not_asked_for", "--key", "Member")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "_twice_segments.yml exists, and nothing was written" in done.stderr
    assert written() == before
    shutil.rmtree(stray.parent)


def test_a_segmentation_is_an_entry_and_two_files(segmented):
    project = yaml.safe_load((segmented.folder / "dbt_project.yml").read_text(encoding="utf-8"))
    names = ["members", "colours", "wares", "measures", "export", "buyers", "trip"]
    assert list(project["vars"]["segmentations"]) == ["customer", "product", *names]
    for name in names:
        files = {path.name for path in (segmented.folder / "models" / name).iterdir()}
        reading = {f"{name}_rows.sql"} if name == "export" else set()
        assert files == {f"{name}_segments.sql", f"_{name}_segments.yml"} | reading


def test_duplicate_keys_are_named_with_their_count(segmented):
    told = (segmented.folder / "refused.txt").read_text()
    assert told.startswith("2 ")
    assert (
        "Column member of trips has only 40 different values in 120 rows (M-000 stands in 3)"
    ) in told


def test_publication_waits_for_the_tests_of_its_tables(segmented):
    file = segmented.folder / PUBLISHED
    before = file.stat().st_mtime_ns
    done = segmented.dbt("run", "--select", "publications")
    assert done.returncode != 0
    assert "Nothing was published and the published files are as before" in done.stdout
    assert file.stat().st_mtime_ns == before


HASHES = (
    "select table_name, content_hash from publications where ends_with(table_name, '_segments')"
)


def test_building_again_applies_the_model_and_duplicates_leave_it_out_or_stop_it(segmented):
    before = segmented.query(PUBLISHED, HASHES)
    assert len(before) == 7
    told = succeed(segmented.dbt(*PRODUCTION, variables=CHEAP))
    assert "Members model: applies version 1" in told
    assert segmented.query(PUBLISHED, HASHES) == before

    write_members(segmented.folder / "seeds" / "members.csv", repeated=5)
    sentence = "Column Member of members is the key, but has only 240 different values in 245 rows"
    told = " ".join(succeed(segmented.dbt(*PRODUCTION, variables=CHEAP)).split())
    assert f"The segmentation 'members' is left out of this build: {sentence}" in told
    assert segmented.query(PUBLISHED, HASHES) == before
    stale = segmented.query(PUBLISHED, "select segmentation from segmentations where is_stale")
    assert stale == [("members",)]

    path = segmented.folder / "dbt_project.yml"
    project = yaml.safe_load(path.read_text(encoding="utf-8"))
    project["vars"]["segmentations"]["members"]["on_failure"] = "stop"
    path.write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")
    published = (segmented.folder / PUBLISHED).stat().st_mtime_ns
    stopped = segmented.dbt(*PRODUCTION, variables=CHEAP)
    assert stopped.returncode != 0
    assert sentence in " ".join(stopped.stdout.split())
    assert (segmented.folder / PUBLISHED).stat().st_mtime_ns == published


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory, library: Path, warm: WarmDbt) -> UserProject:
    """Return a copy of this project itself, with a table in its seeds."""
    project = UserProject(tmp_path_factory.mktemp("copied") / "project", library, warm)
    folders = ("models", "python_models", "macros", "seeds", "snapshots", "analyses")
    for name in (*folders, "tests/data"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, project.folder / name)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, project.folder)
    write_members(project.folder / "seeds" / "members.csv")
    return project


def test_in_this_project_the_shop_and_a_table_are_published_together(copied: UserProject):
    succeed(copied.dbt("seed", "--select", "members"))
    succeed(copied.new("club", "--model", "members", "--key", "member", "--unit", "people"))
    assert (copied.folder / "models/club/club_segments.sql").is_file()
    succeed(copied.dbt(*PRODUCTION, variables=LIGHT))
    shop, club = (
        copied.query(PUBLISHED, f"select count(*) from {name}_segments")[0][0]
        for name in ("customer", "club")
    )
    assert shop > 1000 and club == MEMBERS


def test_the_stand_in_has_the_columns_of_the_real_tables(
    tmp_path: Path, shared_data: Callable[[str], Path]
):
    stand_in = ROOT / "integration_tests" / "stand_in.py"
    subprocess.run([sys.executable, str(stand_in), "--out", str(tmp_path)], check=True)
    for name in (
        "wholesale/wholesale",
        "customers_24k/customers",
        "vehicle_sales/sales_data_sample",
    ):
        folder, file = name.split("/")
        real, made = (
            (place / f"{file}.csv").read_text(encoding="cp437").splitlines()[0].split(",")
            for place in (shared_data(folder), tmp_path / folder)
        )
        assert set(made) <= set(real), name
