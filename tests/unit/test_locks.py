"""Ensures that what is pinned installs on the oldest Python that the package admits."""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PINNED = re.compile(r"^([\w.-]+)==(\S+) \\$", re.MULTILINE)


def oldest_python() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['requires-python'].removeprefix('>=')}.0"


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_every_pinned_package_admits_the_oldest_python(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = dict(PINNED.findall(text))
    assert len(pinned) == text.count("==") > 30
    told = {canonicalize_name(one.name): one.metadata for one in distributions()}
    if any(told.get(package, {}).get("Version") != version for package, version in pinned.items()):
        pytest.skip("other versions are installed than those of the lock")
    needed = {package: SpecifierSet(told[package].get("Requires-Python", "")) for package in pinned}
    oldest = oldest_python()
    refusing = [package for package, one in needed.items() if oldest not in one]
    assert not refusing, f"{oldest} cannot install {refusing}"


def test_no_lock_names_an_address():
    for path in ROOT.glob("requirements*.lock"):
        assert "://" not in path.read_text(encoding="utf-8"), path.name
