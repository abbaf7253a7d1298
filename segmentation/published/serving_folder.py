"""The folder that BI reads: whole versions side by side, and one pointer to the one that counts.

::

    serving/
      segmentation.duckdb      -> current/segmentation.duckdb
      parquet                  -> current/parquet
      current                  -> versions/42
      manifest.json            the same names as text, and whose publication it is
      versions/40, 41, 42      segmentation.duckdb and parquet/<table>.parquet, read-only
      segmentation.duckdb.wal  -> nowhere: no client can leave a log there

A version is written under a hidden name, made durable, named, and only then pointed to. So whoever
resolves the pointer once reads one publication, and a publisher that dies leaves nothing that
counts. A client that holds an old version open for writing leaves its log beside that version, or,
up to DuckDB 1.4, nowhere: these look for a log beside the path they were given.

Where there are no symlinks, the files that the links would name are copies, replaced one by one;
one consistent set is found through the manifest.
"""

import errno
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE = "segmentation.duckdb"
PARQUET = "parquet"
CURRENT = "current"
MANIFEST = "manifest.json"
VERSIONS = "versions"
LAST = "publications"
"""The table whose Parquet file is copied last, where files are copied."""
NOWHERE = "no-log/is-kept-here"
ROOM_LEFT = 16 * 2**20
"""Bytes to leave free: a full disk stops more than publications."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other build writes to a folder; a killed one holds no lock."""
    import fcntl  # Not on Windows, where what is published can still be read.

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def next_version(folder: Path, warehouse: str, kept: int) -> Iterator[Path]:
    """Give an empty folder; once the block has filled it, publish it as the next version.

    If the block fails, or what follows it, nothing new is left and what was published stands.

    Parameters
    ----------
    folder : Path
        Where BI reads; the caller is alone in it and has called `make_ready`.
    warehouse : str
        The id of the warehouse that publishes.
    kept : int
        How many versions stay, this one among them.

    Yields
    ------
    Path
        A folder for ``segmentation.duckdb`` and ``parquet/<table>.parquet``.
    """
    number = current_version(folder) + 1
    unfinished = folder / VERSIONS / ".unfinished"
    try:
        (unfinished / PARQUET).mkdir(parents=True)
        yield unfinished
        _open_as(folder, unfinished)
        _make_durable(unfinished)
        os.rename(unfinished, folder / VERSIONS / str(number))
        _prepare_manifest(folder, number, warehouse)
        _sync(folder / VERSIONS)
        _switch(folder, number)
        _prune(folder, number, kept)
    finally:
        clear(folder)


def make_ready(folder: Path, needed: int) -> None:
    """Remove what dead publishers left, and raise an OSError if nothing can be published.

    Parameters
    ----------
    folder : Path
        Where BI reads; the caller is alone in it.
    needed : int
        Bytes that the publication is expected to take.
    """
    refuse_what_is_not_ours(folder)
    clear(folder)
    _refuse_without_room(folder, needed)


def refuse_what_is_not_ours(folder: Path) -> None:
    """Raise an OSError if a file that nobody published stands where a link or file belongs.

    Parameters
    ----------
    folder : Path
        Where BI reads.
    """
    ours = {".duckdb", ".wal", ".parquet", ".tmp"}
    places = [folder / name for name in (CURRENT, DATABASE, PARQUET)]
    places += [path for path in _children(folder / VERSIONS) if not path.name.startswith(".")]
    found = [path for place in places if not place.is_symlink() for path in _files(place)]
    strange = [path for path in found if path.suffix not in ours]
    if (folder / MANIFEST).exists() and not current_version(folder):
        strange.append(folder / MANIFEST)
    if strange:
        raise FileExistsError(errno.EEXIST, "what nobody published is in the way", str(strange[0]))


def clear(folder: Path) -> None:
    """Remove what publications left that failed, were killed, or were made by version 0.1."""
    current = current_version(folder)
    for path in _children(folder / VERSIONS):
        if path.name.startswith(".") or (path.name.isdigit() and int(path.name) > current):
            _remove(path)
    for name in (f"{DATABASE}.tmp", f"{DATABASE}.tmp.wal"):
        _remove(folder / name)


def remove_unfinished(folder: str | Path) -> None:
    """Remove what a publication that was killed left; one that runs is waited for.

    Parameters
    ----------
    folder : path
        Where BI reads.
    """
    folder = Path(folder)
    if folder.is_dir():
        with alone_in(folder):
            clear(folder)


def current_version(folder: Path) -> int:
    """Return the number of the version that counts, 0 before the first."""
    pointer = folder / CURRENT
    if pointer.is_symlink() and (found := re.fullmatch(rf"{VERSIONS}/(\d+)", os.readlink(pointer))):
        return int(found[1])
    told = read_manifest(folder).get("version")
    return told if isinstance(told, int) else 0


def read_manifest(folder: Path) -> dict:
    """Return what the manifest says, nothing if there is none that can be read."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def publisher(folder: Path) -> str | None:
    """Return the id of the warehouse that published what counts, None if nobody said."""
    return read_manifest(folder).get("warehouse")


def replaced_another(folder: str | Path) -> str | None:
    """Return one sentence if the last publication replaced another warehouse's, else None.

    Parameters
    ----------
    folder : path
        Where BI reads.
    """
    told = read_manifest(Path(folder))
    replaced = told.get("replaced_warehouse")
    if replaced is None:
        return None
    return (
        f"What was published in {folder} came from another warehouse ({replaced}), which this one "
        f"({told['warehouse']}) replaced: name another folder with SEGMENTATION_SERVING if both "
        f"are to publish; the earlier files are kept in {Path(folder) / VERSIONS}."
    )


def _refuse_without_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + ROOM_LEFT:
        raise OSError(
            errno.ENOSPC,
            f"a publication takes about {_megabytes(needed + ROOM_LEFT)} and its disk has "
            f"{_megabytes(free)} free, so nothing was written",
            str(folder),
        )


def _megabytes(size: int) -> str:
    return f"{size / 10**6:,.0f} MB"


def _open_as(folder: Path, version: Path) -> None:
    """Let those read a version who can read the folder, however the build's files are made."""
    mode = folder.stat().st_mode
    folder.joinpath(VERSIONS).chmod(mode & 0o777)
    version.chmod(mode & 0o777)
    for path in version.rglob("*"):
        path.chmod(mode & (0o777 if path.is_dir() else 0o666))


def _make_durable(version: Path) -> None:
    """Bring every file of a version to the disk, read-only, then the folders that name them."""
    for path in sorted(version.rglob("*"), reverse=True):
        if path.is_file():
            path.chmod(path.stat().st_mode & ~0o222)
        _sync(path)
    _sync(version)


def _switch(folder: Path, number: int) -> None:
    """Let the one pointer name a version; the links through it are made once."""
    links = {
        f"{DATABASE}.wal": NOWHERE,
        CURRENT: f"{VERSIONS}/{number}",
        DATABASE: f"{CURRENT}/{DATABASE}",
        PARQUET: f"{CURRENT}/{PARQUET}",
    }
    if _has_symlinks(folder / VERSIONS):
        for name, target in links.items():
            _point(folder / name, target)
    else:
        _copy_out(folder, folder / VERSIONS / str(number))
    os.replace(folder / VERSIONS / ".manifest", folder / MANIFEST)
    _sync(folder)


def _has_symlinks(versions: Path) -> bool:
    trial = versions / ".trial"
    try:
        trial.symlink_to(NOWHERE)
    except OSError:
        return False
    trial.unlink()
    return True


def _point(link: Path, target: str) -> None:
    if link.is_symlink() and os.readlink(link) == target:
        return
    versions = link.parent / VERSIONS
    fresh = versions / ".link"
    fresh.symlink_to(target)
    if link.is_dir() and not link.is_symlink():
        os.rename(link, versions / f".{link.name}")  # Files of version 0.1, or a copied folder.
    os.replace(fresh, link)


def _copy_out(folder: Path, version: Path) -> None:
    # A log left by a client of the old file would change the new one. `publications` comes last:
    # who reads its hashes knows that the others are in place.
    parquet = folder / PARQUET
    parquet.mkdir(exist_ok=True)
    parquet.chmod((version / PARQUET).stat().st_mode & 0o777)
    _remove(folder / f"{DATABASE}.wal")
    _copy(version / DATABASE, folder / DATABASE, folder / VERSIONS)
    files = sorted((version / PARQUET).iterdir(), key=lambda path: (path.stem == LAST, path))
    for path in files:
        _copy(path, parquet / path.name, folder / VERSIONS)
    for path in set(parquet.iterdir()) - {parquet / path.name for path in files}:
        path.unlink()
    _sync(parquet)


def _copy(source: Path, target: Path, versions: Path) -> None:
    fresh = versions / ".copy"
    shutil.copy(source, fresh)
    _sync(fresh)
    os.replace(fresh, target)


def _prepare_manifest(folder: Path, number: int, warehouse: str) -> None:
    version, replaced = f"{VERSIONS}/{number}", publisher(folder)
    tables = sorted(path.stem for path in (folder / version / PARQUET).iterdir())
    told = {
        "version": number,
        "database": f"{version}/{DATABASE}",
        "parquet": {name: f"{version}/{PARQUET}/{name}.parquet" for name in tables},
        "warehouse": warehouse,
        "replaced_warehouse": None if replaced == warehouse else replaced,
    }
    fresh = folder / VERSIONS / ".manifest"
    fresh.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    fresh.chmod(folder.stat().st_mode & 0o666)
    _sync(fresh)


def _prune(folder: Path, number: int, kept: int) -> None:
    for path in _children(folder / VERSIONS):
        if path.name.isdigit() and int(path.name) <= number - kept:
            os.rename(path, path.with_name(f".{path.name}"))  # Whole, or not there.


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _files(place: Path) -> list[Path]:
    return [path for path in (place, *place.rglob("*")) if path.is_file()]


def _remove(path: Path) -> None:
    """Remove a file or a folder; what cannot be removed stops the publication that needs it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
