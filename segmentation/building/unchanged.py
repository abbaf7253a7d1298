"""Whether a build would only make again what the last one made.

What decides a build's result is known before it: its options and settings, the project's files, the
versions of what runs it, raw files and campaigns. ``--if-changed`` takes a hash of all of it, kept
in a file beside the warehouse. Reading the raw files for that costs a scan of them and no more.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import segmentation
from segmentation.building.checks import raw_files
from segmentation.campaigns.store import campaigns_file
from segmentation.features.baseline import library_versions
from segmentation.published.served import CommandError
from segmentation.published.serving_folder import DATABASE
from segmentation.scaffold.project_file import PACKAGE, project_settings

PROJECT = (
    "dbt_project.yml",
    "profiles.yml",
    "models",
    "python_models",
    "macros",
    "seeds",
    "tests/data",
)
"""What of this project's folder decides a build."""
RUN_BY = ("dbt-core", "dbt-duckdb")
"""What runs a build, besides the libraries of a fit."""


@dataclass(frozen=True)
class LastBuild:
    """What the last build that was asked ``--if-changed`` was made of.

    Attributes
    ----------
    path : Path
        The file beside the warehouse: a hash of what the build was made of, and the publication.
    warehouse, serving : Path
    """

    path: Path
    warehouse: Path
    serving: Path

    @classmethod
    def of(cls, warehouse: Path, serving: Path) -> "LastBuild":
        """Return that of a warehouse, by whatever path it is named."""
        return cls(Path(f"{warehouse.resolve()}.built"), warehouse, serving)

    def is_of(self, made: str) -> bool:
        """Whether the last build was made of the same, and what it published still stands."""
        if not self.path.exists() or not self.warehouse.exists():
            return False
        return self.path.read_text("utf-8") == f"{made} {self._publication()}"

    def keep(self, made: str) -> None:
        """Note what a build that has ended well was made of."""
        self.path.write_text(f"{made} {self._publication()}", "utf-8")

    def _publication(self) -> str:
        published = self.serving / DATABASE
        if not published.exists():
            return "none"
        seen = published.stat()
        return f"{published.resolve()} {seen.st_size} {seen.st_mtime_ns}"


def made_of(arguments: list[str], warehouse: Path, project: Path) -> str:
    """Return a hash of everything that decides a build's result.

    Parameters
    ----------
    arguments : list of str
        Options of ``dbt build``.
    warehouse : Path
        Campaigns lie beside it.
    project : Path
        Folder of dbt_project.yml.

    Raises
    ------
    CommandError
        If the project is another one than this, whose models may read anything, or there is none.
    """
    name = project_settings(project).get("name")
    if name != PACKAGE:
        raise CommandError(
            f"--if-changed knows of raw files and of this project's own, and the models of {name} "
            "may read from elsewhere: build without it."
        )
    settings = {key: value for key, value in os.environ.items() if key.startswith("SEGMENTATION_")}
    versions = [library_versions(), *map(metadata.version, RUN_BY)]
    digest = hashlib.blake2b(repr((arguments, sorted(settings.items()), versions)).encode())
    for path in _files(warehouse, project):
        digest.update(str(path).encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, hashlib.blake2b).digest())
    return digest.hexdigest()


def _files(warehouse: Path, project: Path) -> Iterator[Path]:
    for place in [*(project / name for name in PROJECT), Path(segmentation.__file__).parent]:
        found = sorted(place.rglob("*")) if place.is_dir() else [place]
        yield from (path for path in found if path.is_file() and path.suffix != ".pyc")
    yield from (path for path in [*raw_files(), campaigns_file(warehouse)] if path.is_file())
