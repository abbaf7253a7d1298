"""Ensures that readers are switched to whole, durable versions, and that nothing else is left."""

import json
import os
import resource
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest

from segmentation.building.checks import serving_problem
from segmentation.building.summary import summary
from segmentation.published import serving_folder
from segmentation.published.publishing import PublicTable, Segmented, _room_needed, publish
from segmentation.published.serving_folder import DATABASE, current_version, read_manifest

ROOT = Path(__file__).resolve().parents[3]
TOLD = {"customer": Segmented("customer", 1, date(2024, 12, 31), is_stale=False)}
TABLES = {
    "segmentations": PublicTable("select * from segmentations", ("segmentation",)),
    "units": PublicTable("select * from units", ("id",), "customer"),
}


@pytest.fixture
def build(tmp_path):
    """A build file of the test's own."""
    with open_build(tmp_path / "build.duckdb") as connection:
        yield connection


def open_build(path: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(path))
    connection.execute(
        "create table segmentations as select 'customer' as segmentation, 1 as model_version, "
        "date '2024-12-31' as as_of_date, 3 as units, false as is_stale"
    )
    return connection


@pytest.fixture
def serving(tmp_path) -> Path:
    return tmp_path / "serving"


def publish_number(build, folder: Path, number: int, **options) -> None:
    build.execute(f"create or replace table units as select i as id, {number} as number "
                  "from range(2000) as t(i)")  # fmt: skip
    publish(build, TABLES, TOLD, folder, **options)


def number_in(path: Path | str) -> int:
    """Return the number that a file's every row holds."""
    with duckdb.connect() as connection:
        source = f"'{path}'"
        if str(path).endswith(".duckdb"):
            connection.execute(f"attach '{path}' as served (read_only)")
            source = "served.units"
        ((lowest, highest, rows),) = connection.execute(
            f"select min(number), max(number), count(*) from {source}"
        ).fetchall()
    assert (lowest, rows) == (highest, 2000)
    return highest


def numbers_in(serving: Path) -> tuple[int, ...]:
    """Return what each road to the published files leads to."""
    manifest = read_manifest(serving)
    paths = (DATABASE, "parquet/units.parquet", manifest["database"], manifest["parquet"]["units"])
    return tuple(number_in(serving / path) for path in paths)


def versions(serving: Path) -> list[str]:
    return sorted(path.name for path in (serving / "versions").iterdir())


# --- who may read ---


@pytest.mark.parametrize("links", [True, False], ids=["links", "copies"])
@pytest.mark.parametrize(("mode", "read"), [(0o755, 0o444), (0o750, 0o440), (0o700, 0o400)])
def test_who_can_read_the_folder_can_read_what_a_private_build_publishes(
    build, serving, monkeypatch, mode, read, links
):
    serving.mkdir()
    serving.chmod(mode)
    if not links:
        monkeypatch.setattr(serving_folder, "_has_symlinks", lambda _: False)
    before = os.umask(0o077)
    try:
        publish_number(build, serving, 1)
    finally:
        os.umask(before)
    paths = [path for path in serving.rglob("*") if not path.is_symlink()]
    folders = [path for path in paths if path.is_dir()]
    files = [path for path in paths if path.is_file() and path.name != "manifest.json"]
    assert len(folders) >= 3 and len(files) >= 4
    assert {path.stat().st_mode & 0o777 for path in folders} == {mode}
    assert {path.stat().st_mode & 0o777 for path in files} == {read}
    assert (serving / "manifest.json").stat().st_mode & 0o777 == mode & 0o666


# --- the pointer ---


def test_every_road_leads_to_the_same_version(build, serving):
    for number in (1, 2, 3):
        publish_number(build, serving, number)
        assert numbers_in(serving) == (number,) * 4
    assert {path.name for path in serving.iterdir()} == {
        DATABASE,
        f"{DATABASE}.wal",
        "current",
        "manifest.json",
        "parquet",
        "versions",
    }
    assert os.readlink(serving / "current") == "versions/3"


def test_whoever_resolves_the_pointer_once_reads_one_publication(build, serving):
    publish_number(build, serving, 1)
    resolved = (serving / "current").resolve()
    publish_number(build, serving, 2)
    assert number_in(resolved / DATABASE) == number_in(resolved / "parquet/units.parquet") == 1


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_the_last_versions_stay_and_no_others(build, serving, kept):
    for number in range(1, 6):
        publish_number(build, serving, number, kept=kept)
    assert versions(serving) == [str(number) for number in range(6 - kept, 6)]


def test_the_folder_may_be_moved(build, serving, tmp_path):
    publish_number(build, serving, 1)
    serving.rename(tmp_path / "elsewhere")
    publish_number(build, tmp_path / "elsewhere", 2)
    assert numbers_in(tmp_path / "elsewhere") == (2,) * 4


def test_two_folders_with_the_same_publications_name_them_alike(build, tmp_path):
    for folder in ("one", "other"):
        publish_number(build, tmp_path / folder, 1)
    one, other = (tmp_path / folder for folder in ("one", "other"))
    assert (one / "manifest.json").read_bytes() == (other / "manifest.json").read_bytes()
    parquet = "parquet/units.parquet"
    assert (one / parquet).read_bytes() == (other / parquet).read_bytes()


# --- the order of things ---


class Recorder:
    """Notes every call that orders what is on the disk, with paths as in the serving folder."""

    def __init__(self, monkeypatch, serving: Path):
        self.serving, self.calls = serving, []
        for name in ("replace", "rename", "fsync"):
            monkeypatch.setattr(os, name, self.noted(name, getattr(os, name)))

    def noted(self, name, function):
        def call(*arguments):
            paths = [os.readlink(f"/proc/self/fd/{one}") if isinstance(one, int) else str(one)
                     for one in arguments]  # fmt: skip
            self.calls.append((name, *(os.path.relpath(path, self.serving) for path in paths)))
            return function(*arguments)

        return call

    def at(self, *call: str) -> int:
        assert self.calls.count(call) == 1, (call, self.calls)
        return self.calls.index(call)


FILES = (DATABASE, *(f"parquet/{name}.parquet" for name in ("publications", *TABLES)))


@pytest.fixture
def recorder(build, serving, monkeypatch) -> Recorder:
    """Publish a second time and return what was done to the disk."""
    publish_number(build, serving, 1)
    recorded = Recorder(monkeypatch, serving)
    publish_number(build, serving, 2, kept=1)
    return recorded


def test_every_file_is_on_the_disk_before_its_version_has_a_name(recorder):
    """Else a power cut after the switch leaves readers with a pointer to empty files."""
    named = recorder.at("rename", "versions/.unfinished", "versions/2")
    for path in (*FILES, "parquet"):
        assert recorder.at("fsync", f"versions/.unfinished/{path}") < named
    assert recorder.at("fsync", "versions/.unfinished") < named


def test_the_version_is_on_the_disk_before_the_pointer_names_it(recorder):
    """Else the pointer may survive a power cut that its version does not."""
    named = recorder.at("rename", "versions/.unfinished", "versions/2")
    synced = recorder.at("fsync", "versions")
    switched = recorder.at("replace", "versions/.link", "current")
    assert named < synced < switched


def test_the_manifest_is_switched_last_and_then_all_of_it_is_on_the_disk(recorder):
    """Who reads the manifest finds its version, whenever the publisher died."""
    prepared = recorder.at("fsync", "versions/.manifest")
    switched = recorder.at("replace", "versions/.link", "current")
    told = recorder.at("replace", "versions/.manifest", "manifest.json")
    durable = recorder.at("fsync", ".")
    removed = recorder.at("rename", "versions/1", "versions/.1")
    assert prepared < switched < told < durable < removed


def test_a_publication_that_fails_after_naming_its_version_leaves_none(build, serving, monkeypatch):
    publish_number(build, serving, 1)
    monkeypatch.setattr(serving_folder, "_switch", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="cannot be written"):
        publish_number(build, serving, 2)
    assert versions(serving) == ["1"] and numbers_in(serving) == (1,) * 4


# --- what older publishers, copies and strangers left ---


def test_files_of_a_version_without_a_pointer_are_replaced_by_links(build, serving):
    (serving / "parquet").mkdir(parents=True)
    for name in ("units.parquet", "gone.parquet", "units.parquet.tmp"):
        (serving / "parquet" / name).write_bytes(b"old")
    for name in (DATABASE, f"{DATABASE}.wal", f"{DATABASE}.tmp", f"{DATABASE}.tmp.wal"):
        (serving / name).write_bytes(b"old")
    publish_number(build, serving, 1)
    assert numbers_in(serving) == (1,) * 4
    assert not (serving / "parquet/gone.parquet").exists()
    assert not list(serving.glob("*.tmp*")) and versions(serving) == ["1"]


def test_a_copy_that_followed_the_links_is_published_into(build, serving, tmp_path):
    publish_number(build, serving, 1)
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-rL", serving, copy], check=False, capture_output=True)
    assert (copy / "current").is_dir() and not (copy / "current").is_symlink()
    publish_number(build, copy, 2)
    assert numbers_in(copy) == (2,) * 4 and versions(copy) == ["1", "2"]


STRANGE = ["parquet", "parquet/notes.txt", "current", "manifest.json", "versions/2024/notes.txt"]


@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_nobody_published_is_refused_and_kept(build, serving, name):
    path = serving / name
    path.parent.mkdir(parents=True)
    path.write_text('{"version": "1.0"}')
    with pytest.raises(OSError, match=f"what nobody published is in the way: {path}"):
        publish_number(build, serving, 1)
    assert path.read_text() == '{"version": "1.0"}'
    assert f"what nobody published is in the way: {path}" in serving_problem(serving)


@pytest.mark.parametrize("through", ["itself", "a link"])
def test_the_warehouse_is_never_replaced_by_its_publication(tmp_path, through):
    serving = tmp_path / "serving"
    serving.mkdir()
    warehouse = serving / DATABASE
    if through == "a link":
        warehouse.symlink_to(tmp_path / "elsewhere.duckdb")
    with open_build(warehouse) as build:
        with pytest.raises(ValueError, match="share a place"):
            publish_number(build, serving, 1)
        assert build.execute("select count(*) from units").fetchall() == [(2000,)]
    assert [path.name for path in serving.iterdir()] == [DATABASE]


def test_what_a_killed_publisher_left_is_removed_and_never_counts(build, serving):
    publish_number(build, serving, 1)
    for name in (".unfinished/parquet", "2/parquet", "17"):
        (serving / "versions" / name).mkdir(parents=True)
    (serving / "versions/2" / DATABASE).write_bytes(b"whole, but never pointed to")
    (serving / "versions/.link").symlink_to("versions/2")
    assert numbers_in(serving) == (1,) * 4
    publish_number(build, serving, 2)
    assert numbers_in(serving) == (2,) * 4 and versions(serving) == ["1", "2"]


# --- a client that writes ---

WRITER = """
import os, sys, duckdb
client = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
try:
    client.execute("delete from units where id < 100")
except duckdb.Error as error:
    print(error)
else:
    print("written")
sys.stdout.flush()
os._exit(0)
"""


def test_a_client_that_writes_to_an_old_handle_changes_no_later_publication(build, serving):
    publish_number(build, serving, 1)
    # Root may write what is read-only: the versions' own names must hold.
    for path in (serving / "versions/1").rglob("*"):
        path.chmod(0o777)
    client = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(serving / DATABASE)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert client.stdout.readline() == "open\n"
    publish_number(build, serving, 2)
    said, _ = client.communicate("go\n")
    assert said == "written\n" and (serving / "versions/1" / f"{DATABASE}.wal").exists()
    assert numbers_in(serving) == (2,) * 4
    publish_number(build, serving, 3)
    assert numbers_in(serving) == (3,) * 4


def test_no_log_can_be_made_beside_the_name_that_clients_know(build, serving):
    """Up to DuckDB 1.4 a client looks for a log beside the path it was given, link or not."""
    publish_number(build, serving, 1)
    log = serving / f"{DATABASE}.wal"
    with pytest.raises(FileNotFoundError):
        log.read_bytes()
    with pytest.raises(FileNotFoundError):
        log.write_bytes(b"a log")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_can_read_and_not_write(build, tmp_path):
    script = (
        "import os, sys, duckdb; os.setuid(65534)\n"
        "print(duckdb.connect(sys.argv[1], read_only=True).sql('from units').count('*'))\n"
        "duckdb.connect(sys.argv[1])"
    )
    with tmp_path_of_everybody() as folder:
        publish_number(build, folder, 1)
        done = subprocess.run(
            [sys.executable, "-c", script, str(folder / DATABASE)], capture_output=True, text=True
        )
    assert "2000" in done.stdout and "Permission denied" in done.stderr


class tmp_path_of_everybody:  # noqa: N801
    """A folder that every user may enter; pytest's are its user's own."""

    def __enter__(self) -> Path:
        import tempfile

        self.folder = tempfile.TemporaryDirectory(prefix="serving")
        os.chmod(self.folder.name, 0o755)
        return Path(self.folder.name)

    def __exit__(self, *_) -> None:
        self.folder.cleanup()


# --- no symlinks ---


@pytest.fixture
def without_symlinks(monkeypatch):
    """A file system that knows none, such as FAT."""

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "symlink", refuse)


def test_without_symlinks_the_files_are_copies_and_the_manifest_names_one_set(
    build, serving, without_symlinks
):
    for number in (1, 2, 3, 4):
        publish_number(build, serving, number)
        assert numbers_in(serving) == (number,) * 4
    assert versions(serving) == ["2", "3", "4"]
    assert not any(path.is_symlink() for path in serving.rglob("*"))
    assert current_version(serving) == 4


def test_without_symlinks_a_table_no_longer_published_goes(build, serving, without_symlinks):
    publish_number(build, serving, 1)
    (serving / "parquet" / "gone.parquet").write_bytes(b"old")
    publish_number(build, serving, 2)
    assert not (serving / "parquet/gone.parquet").exists()


def test_without_symlinks_publications_comes_last_and_the_manifest_after_it(
    build, serving, without_symlinks, monkeypatch
):
    """Who reads the hashes of `publications` knows that the other files are in place."""
    publish_number(build, serving, 1)
    (serving / f"{DATABASE}.wal").write_bytes(b"left by a client of the old file")
    recorded = Recorder(monkeypatch, serving)
    publish_number(build, serving, 2)
    replaced = [call[2] for call in recorded.calls if call[0] == "replace"]
    assert replaced == [
        DATABASE,
        "parquet/segmentations.parquet",
        "parquet/units.parquet",
        "parquet/publications.parquet",
        "manifest.json",
    ]
    before = [recorded.calls[n - 1] for n, call in enumerate(recorded.calls) if call[0] == "replace"
              and call[1] == "versions/.copy"]  # fmt: skip
    assert before == [("fsync", "versions/.copy")] * 4
    assert not (serving / f"{DATABASE}.wal").exists()


# --- the disk ---


def test_a_disk_without_room_is_told_before_anything_is_written(build, serving, monkeypatch):
    publish_number(build, serving, 1)
    before = sorted(path for path in serving.rglob("*"))
    build.execute(
        "create or replace table units as select i as id, 1 as number from range(10000000) t(i)"
    )
    usage = serving_folder.shutil.disk_usage(serving)._replace(free=100 * 10**6)
    monkeypatch.setattr(serving_folder.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError) as refused:
        publish(build, TABLES, TOLD, serving)
    assert str(refused.value) == (
        f"The serving folder {serving} cannot be written (a publication takes about 177 MB and its "
        f"disk has 100 MB free, so nothing was written: {serving}): mend it, or name another with "
        "SEGMENTATION_SERVING."
    )
    assert sorted(path for path in serving.rglob("*")) == before


def test_the_room_that_is_asked_for_is_about_what_is_taken(build, serving):
    """Too little would fill the disk first; far too much would refuse what fits."""
    build.execute(
        "create table units as select i as id, i % 7 as number, random() as spend, "
        "'category ' || i % 40 as name, date '2024-01-01' + (i % 900)::int as day "
        "from range(300000) as t(i)"
    )
    needed = _room_needed(build.cursor(), TABLES)
    publish(build, TABLES, TOLD, serving)
    taken = sum(path.stat().st_size for path in (serving / "current").resolve().rglob("*"))
    assert taken < needed < 3 * taken


LIMITED = """
import resource, sys
from tests.unit.published.test_serving_folder import open_build, publish_number
build = open_build(sys.argv[2] + ".duckdb")
build.execute("create table units as select 1 as id, 1 as number")
build.execute("checkpoint")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), int(sys.argv[3])))
from pathlib import Path
from segmentation.published.publishing import publish
from tests.unit.published.test_serving_folder import TABLES, TOLD
rows = "select i as id, 2 as number, md5(i::varchar) as name from range(100000) as t(i)"
tables = TABLES | {"wide": TABLES["units"].__class__(rows, ("id",), "customer")}
publish(build, tables, TOLD, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("share", [0.02, 0.2, 0.4, 0.6, 0.8])
def test_a_file_that_cannot_grow_publishes_nothing_and_leaves_nothing(
    build, serving, tmp_path, share
):
    """The limit on a file's size stands for a full disk, at five points of the publication."""
    publish_number(build, serving, 1)
    before = {path: path.is_file() and path.read_bytes() for path in serving.rglob("*")}
    whole = limited(tmp_path / "whole", tmp_path / "a", resource.RLIM_INFINITY)
    assert whole.returncode == 0, whole.stderr
    size = (tmp_path / "whole" / "versions" / "1" / DATABASE).stat().st_size
    done = limited(serving, tmp_path / "b", int(size * share))
    assert done.returncode == 1
    told = done.stderr.splitlines()[-1]
    assert f"The serving folder {serving} cannot be written (" in told and "too large" in told
    assert {path: path.is_file() and path.read_bytes() for path in serving.rglob("*")} == before


def limited(serving: Path, build: Path, size: int) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", LIMITED, str(serving), str(build), str(size)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


# --- two warehouses ---


def test_another_warehouse_that_publishes_here_is_told(build, serving, tmp_path, capsys):
    publish_number(build, serving, 1)
    publish_number(build, serving, 2)
    assert capsys.readouterr().err == ""
    mine = read_manifest(serving)["warehouse"]
    with open_build(tmp_path / "other.duckdb") as other:
        publish_number(other, serving, 3)
        told = capsys.readouterr().err
        theirs = read_manifest(serving)["warehouse"]
        publish_number(other, serving, 4)
        assert capsys.readouterr().err == ""
    assert told == (
        f"What was published in {serving} came from another warehouse ({mine}), which this one "
        f"({theirs}) replaced: name another folder with SEGMENTATION_SERVING if both are to "
        f"publish; the earlier files are kept in {serving}/versions.\n"
    )
    assert mine != theirs and str(tmp_path) not in mine + theirs


def test_the_summary_of_a_build_says_it_too(build, serving, tmp_path, monkeypatch):
    publish_number(build, serving, 1)
    monkeypatch.setattr(
        "segmentation.building.summary.replaced_another", lambda folder: f"told of {folder}"
    )
    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        for statement in (
            "create table publications as select 1",
            "create table segmentations as select 'customer' as segmentation, 'customers' as unit, "
            "false as is_stale, '' as reason, 1 as model_version",
            "create table segmentation_quality as select 'customer' as segmentation, "
            "1 as model_version, 'So.' as verdict, null::varchar as prediction",
            "create table segments as select 'customer' as segmentation, 1 as segment_id, "
            "'All' as segment_name, 1 as units, 1.0 as share, null::double as revenue, "
            "null::double as revenue_share, null::varchar as name_objection",
            "create table segment_rules as select 'customer' as segmentation, 1 as segment_id, "
            "null::varchar as rule, null::bigint as branches, null::double as fidelity",
            "create table segment_suggestions as select 'customer' as segmentation, "
            "1 as segment_id, null::varchar as suggestion, null::bigint as horizon_days, "
            "null::double as expected_value, null::double as value_at_risk, "
            "null::double as probability_active",
        ):
            connection.execute(statement)
    assert f"told of {tmp_path}" in summary(tmp_path)


def test_nothing_is_carried_over_from_another_warehouse(build, serving, tmp_path):
    publish_number(build, serving, 1)
    with open_build(tmp_path / "other.duckdb") as other:
        other.execute("update segmentations set model_version = null, is_stale = true")
        other.execute("create table units as select 1 as id, 2 as number where false")
        publish(other, TABLES, {"customer": Segmented("customer", None, date(2025, 1, 1), True)},
                serving)  # fmt: skip
    rows = duckdb.sql(f"select count(*) from '{serving}/parquet/units.parquet'").fetchall()
    assert rows == [(0,)]


def test_a_manifest_is_plain_text_that_any_program_reads(build, serving):
    publish_number(build, serving, 1)
    told = json.loads((serving / "manifest.json").read_text())
    assert told["version"] == 1 and told["database"] == f"versions/1/{DATABASE}"
    assert set(told["parquet"]) == {"publications", *TABLES}
