"""A build that was stopped goes on where it was: what it had filled stands, every test runs.

A file beside the warehouse says what the build was asked for and which tables it has filled. It is
written line by line, so that it holds even if the process is killed, and removed when a build ends
well. dbt's own ``retry`` needs the results that dbt writes at its end, which a killed one never
does, and leaves out the tests that passed, without which nothing is published.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segmentation.building.checks import raw_files

CHOICES = ("--select", "--exclude", "--selector", "--models", "-s", "-m")
"""Options of a build of a part, which is not resumed."""
EVERYTHING = ("resource_type:seed", "resource_type:model", "resource_type:test")


class NothingToResumeError(Exception):
    """No build can go on; the message says why and what to do."""


@dataclass(frozen=True)
class Progress:
    """How far the last build of a warehouse came.

    Attributes
    ----------
    path : Path
        The file beside the warehouse.
    """

    path: Path

    @classmethod
    def of(cls, warehouse: Path) -> "Progress":
        """Return that of a warehouse, by whatever path it is named."""
        return cls(Path(f"{warehouse.resolve()}.progress"))

    def begin(self, arguments: list[str]) -> None:
        """Forget the build before and note what this one is asked for."""
        self.forget()
        if not any(word.partition("=")[0] in CHOICES for word in arguments):
            self._write(json.dumps(_asked(arguments)))

    def add(self, node: str) -> None:
        """Note a table that is filled."""
        if self.path.exists():
            self._write(node)

    def forget(self) -> None:
        """The build has ended well, or another one begins."""
        self.path.unlink(missing_ok=True)

    def rest(self, arguments: list[str]) -> list[str]:
        """Return dbt's options for what is left to do.

        Parameters
        ----------
        arguments : list of str
            Options that were given beside ``--resume``; those of the stopped build if none.

        Raises
        ------
        NothingToResumeError
            If no build was stopped, or what it read from or was asked for is another today.
        """
        # A process that was killed may have left a line cut short.
        lines = self.path.read_text("utf-8").split("\n")[:-1] if self.path.exists() else []
        if not lines:
            raise NothingToResumeError(
                "No stopped build of this warehouse is left to resume: build without --resume."
            )
        asked, filled = json.loads(lines[0]), sorted(set(lines[1:]))
        now = _asked(arguments or asked["arguments"])
        for name, what in (
            ("arguments", f"was run with other options ({' '.join(asked['arguments']) or 'none'})"),
            ("raw", "read other raw files, or files that have changed since"),
        ):
            if now[name] != asked[name]:
                raise NothingToResumeError(
                    f"The stopped build {what}: build without --resume, from the beginning."
                )
        # Without `empty`, a test is left out with any of its tables.
        options = [*asked["arguments"], "--indirect-selection", "empty", "--select", *EVERYTHING]
        return [*options, "--exclude", *filled] if filled else options

    def _write(self, line: str) -> None:
        # A disk that is full stops the build itself, and says so.
        with suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _asked(arguments: list[str]) -> dict[str, list]:
    """Return what decides the result of a build and is known before it: options and raw files."""
    folder = os.environ.get("SEGMENTATION_RAW_PATH", "")
    seen = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in raw_files()]
    return {"arguments": arguments, "raw": [os.path.abspath(folder), *map(list, seen)]}
