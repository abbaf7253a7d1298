"""Puts the dbt package into the wheel; all else stands in pyproject.toml."""

import shutil
import tomllib
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithDbtPackage(build_py):
    """Copies the folders that dbt reads to ``segmentation/package``, where `init` finds them."""

    def run(self) -> None:
        """Copy the library, then the package; an install that only links to it needs no copy."""
        super().run()
        if self.editable_mode:
            return
        told = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
        for part in told["tool"]["segmentation"]["package"]:
            source, target = Path(part), Path(self.build_lib, "segmentation", "package", part)
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, dirs_exist_ok=True)
            else:
                shutil.copy(source, target)


setup(cmdclass={"build_py": WithDbtPackage})
