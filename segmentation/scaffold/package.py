"""The dbt package that comes with the library, and the copy of it that a project has."""

import shutil
import tomllib
from pathlib import Path

LIBRARY = Path(__file__).resolve().parents[1]
COPY = "segmentation_package"
"""The folder of a project that the package is copied to: `packages.yml` names it."""
KEPT = ("seeds/segment_overrides.csv", "seeds/rule_segments.csv")
"""Files of the copy that are the user's own: what the app and `segmentation override` wrote."""
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def copy_package(project: Path) -> Path:
    """Copy the dbt package into a project, in place of an older copy, and return the copy.

    What a user wrote into an older copy stays.

    Parameters
    ----------
    project : Path
        Folder of the project.
    """
    target, fresh = project / COPY, project / f"{COPY}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    for source, part in _parts():
        (fresh / part).parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, fresh / part, ignore=LEFT_OUT)
        else:
            shutil.copy(source, fresh / part)
    for name in KEPT:
        if (target / name).is_file():
            shutil.copy(target / name, fresh / name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return target


def _parts() -> list[tuple[Path, str]]:
    """Return what the package is made of: a path and its place in the package.

    A wheel holds it all in one folder; in a clone it stands beside the library.
    """
    installed = LIBRARY / "package"
    if installed.is_dir():
        return [(path, path.name) for path in sorted(installed.iterdir())]
    root = LIBRARY.parent
    told = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return [(root / part, part) for part in told["tool"]["segmentation"]["package"]]
