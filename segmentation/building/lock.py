"""One build of a warehouse at a time, from its first second to its last."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(Exception):
    """Another build holds the warehouse."""


@contextmanager
def only_build_of(warehouse: Path) -> Iterator[None]:
    """Hold the lock of a warehouse: a file beside it, which is locked and removed at the end.

    The operating system unlocks the file of a process that is killed; the next build takes it.

    Parameters
    ----------
    warehouse : Path
        The DuckDB build file, by whatever path: the lock lies beside the file it leads to.

    Raises
    ------
    LockedError
        If another build holds it; the sentence names the process.
    OSError
        If its folder cannot be written.
    """
    path = Path(f"{warehouse.resolve()}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _taken(path, warehouse)
    try:
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _taken(path: Path, warehouse: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.exists(path) and os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return descriptor
            # Its holder removed the file between the two steps: it locks nothing any more.
            os.close(descriptor)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode()
            os.close(descriptor)
            raise LockedError(
                f"The warehouse {warehouse} is being built by another process"
                f"{f' (PID {holder})' if holder else ''}: wait until it has ended, or name another "
                "file with SEGMENTATION_WAREHOUSE."
            ) from None
