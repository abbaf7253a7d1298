"""Run real dbt builds, each in a folder of its own, beside the checkout."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import duckdb
import pandas as pd
import pytest

from segmentation.building.dbt import DBT
from segmentation.published.publishing import DATABASE
from tests.pipeline.warm_dbt import Request, Running, WarmDbt

ROOT = Path(__file__).resolve().parents[2]
SHARED_DATA = ROOT.parent / "shared" / "data"

TINY_SHOP = {
    "users.csv": (
        "id,age,gender,country,traffic_source,created_at\n"
        "1,34,F,Namibia,Search,2023-01-01 08:00:00 UTC\n"
        "2,51,M,Brasil,Email,2023-01-02 08:00:00 UTC\n"
        "3,,F,NA,Search,2023-01-03 08:00:00 UTC\n"
    ),
    "orders.csv": (
        "order_id,user_id,status,created_at\n"
        "10,1,Complete,2023-02-01 12:00:00 UTC\n"
        "11,2,Returned,2023-02-02 12:00:00 UTC\n"
    ),
    "order_items.csv": (
        "id,order_id,product_id,inventory_item_id,status,created_at,sale_price\n"
        "100,10,7,,Complete,2023-02-01 12:00:00 UTC,20.00\n"
        "101,11,8,,Returned,2023-02-02 12:00:00 UTC,5.50\n"
    ),
    "products.csv": (
        "id,cost,category,name,brand,retail_price,department\n"
        '7,9.5,Swim,"Board shorts, long",Reef,20.00,Men\n'
        "8,2.25,Socks,Sock,Falke,6.00,Women\n"
    ),
}


QUICK = {"DBT_LOG_LEVEL_FILE": "none", "DBT_WRITE_JSON": "false"}
"""What dbt may leave out where a test reads neither its log nor its artifacts."""

ALONE = {"SEGMENTATION_THREADS": "1"}
"""Two test processes share two cores: a second thread of dbt in each would only wait. Builds in
processes of their own have two threads, those of `test_determinism` four."""

CHEAP = {"extras": False, "basket_max_components": 2, "bootstraps": 2}
"""Variables of a build without what is expensive."""
LIGHT = CHEAP | {"products": False}
"""The same without products: most tests need neither."""

RECIPES = {
    "mixed": {
        "features": [
            {"name": "total_spend", "transform": "log1p"},
            {"name": "age"},
            {"name": "gender"},
            {"name": "most_frequent_category"},
        ],
        "max_levels": 8,
        "components": 3,
        "k": 4,
        "k_max": 4,
        "bootstraps": 2,
        "max_fit_rows": 400,
    },
    "mixture": {"extends": "mixed", "algorithm": "gaussian_mixture"},
}
"""Recipes of a user's own: `mixed` has FAMD categories and a fit to a part of the customers,
`mixture` the same with Gaussians in place of centroids."""


@dataclass(frozen=True)
class Project:
    """The checkout, built into a folder of its own.

    Attributes
    ----------
    folder : Path
        Holds the warehouse, the served files, the target and the logs.
    dbt : WarmDbt
        Runs dbt.
    root : Path
        The dbt project: the checkout, or a copy that a test has changed.
    """

    folder: Path
    dbt: WarmDbt
    root: Path = ROOT

    @property
    def warehouse(self) -> Path:
        """The DuckDB file dbt builds."""
        return self.folder / "segmentation.duckdb"

    @property
    def serving(self) -> Path:
        """The folder the published files go to."""
        return self.folder / "serving"

    def run(
        self,
        *arguments: str,
        raw_path: Path | None = None,
        variables: dict | None = None,
        environment: dict[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt in the project and capture what a user would see, in a process kept warm.

        Parameters
        ----------
        *arguments : str
            dbt's command and options, such as ``"build", "--select", "+shop"``.
        raw_path : Path, optional
            Folder with the raw files; None is the embedded sample.
        variables : dict, optional
            Passed as ``--vars``.
        environment : dict, optional
            Further environment variables.

        Returns
        -------
        subprocess.CompletedProcess
            With ``returncode`` and, as text, ``stdout`` (dbt reports there) and ``stderr``.
        """
        output, errors = self.folder / "output.txt", self.folder / "errors.txt"
        settings = self.environment(raw_path) | QUICK | ALONE | (environment or {})
        code = self.dbt.run(self._request(arguments, variables, settings, output, errors))
        told = (path.read_text(encoding="utf-8") for path in (output, errors))
        return subprocess.CompletedProcess(arguments, code, *told)

    def run_plainly(
        self, *arguments: str, variables: dict | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt on the embedded sample as a user does, in a process of its own."""
        return subprocess.run(
            self._command(arguments, variables),
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    @contextmanager
    def running(
        self, *arguments: str, variables: dict | None = None
    ) -> Iterator[tuple[Running, IO[str]]]:
        """Start dbt on the embedded sample, with two threads, and yield it and what it prints.

        At the end of the block, however it ends, the run is read to its end and waited for.
        """
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        request = self._request(arguments, variables, self.environment() | QUICK, pipe, pipe)
        begun = self.dbt.start(request)
        with pipe.open(encoding="utf-8") as printed:
            try:
                yield begun, printed
            finally:
                printed.read()
                begun.wait()
        pipe.unlink()

    def environment(self, raw_path: Path | None = None) -> dict[str, str]:
        """Return the environment of a build into this folder."""
        settings = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SEGMENTATION_", "DBT_"))
        }
        settings |= {
            "DBT_PROFILES_DIR": str(self.root),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "SEGMENTATION_WAREHOUSE": str(self.warehouse),
            "SEGMENTATION_SERVING": str(self.serving),
        }
        if raw_path is not None:
            settings["SEGMENTATION_RAW_PATH"] = str(raw_path)
        return settings

    def build(self, *arguments: str, **options) -> subprocess.CompletedProcess[str]:
        """Run ``dbt build`` without unit tests and fail the test with dbt's output if it fails.

        With a selection, only the data tests run whose every parent is selected.
        """
        scope = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
        done = self.run("build", *scope, *arguments, **options)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def query(self, statement: str) -> list[tuple]:
        """Return the rows of one SQL statement on the warehouse, which is opened read-only."""
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(statement).fetchall()

    def published(self, statement: str) -> pd.DataFrame:
        """Return the rows of one SQL statement on the published file."""
        with duckdb.connect(str(self.serving / DATABASE), read_only=True) as connection:
            return connection.execute(statement).df()

    def content_hashes(self) -> dict[str, str]:
        """Return the content hash of each published table."""
        frame = self.published("select table_name, content_hash from publications")
        return dict(zip(frame["table_name"], frame["content_hash"], strict=True))

    def published_files(self) -> dict[str, str]:
        """Return a digest of each file that readers open; temporary ones are not theirs."""
        return {
            str(path.relative_to(self.serving)): hashlib.md5(path.read_bytes()).hexdigest()
            for path in sorted(self.serving.rglob("*"))
            if path.is_file() and ".tmp" not in path.name
        }

    def copy_to(self, folder: Path, root: Path | None = None) -> "Project":
        """Copy the warehouse and the published files, for a test that changes them."""
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Project(folder, self.dbt, root or self.root)

    def _request(
        self,
        arguments: tuple[str, ...],
        variables: dict | None,
        environment: dict[str, str],
        output: Path,
        errors: Path,
    ) -> Request:
        return Request(
            arguments=self._arguments(arguments),
            variables=variables or {},
            folder=str(self.root),
            environment=environment,
            output=str(output),
            errors=str(errors),
        )

    def _command(self, arguments: tuple[str, ...], variables: dict | None) -> list[str]:
        given = ["--vars", json.dumps(variables)] if variables else []
        return [*DBT, *self._arguments(arguments), *given]

    def _arguments(self, arguments: tuple[str, ...]) -> list[str]:
        paths = ["--target-path", str(self.folder / "target")]
        paths += ["--log-path", str(self.folder / "logs")]
        return ["--no-use-colors", *arguments, *paths]


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all test processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def dbt(shared_folder: Path) -> Iterator[WarmDbt]:
    """Return the dbt of this test process, which starts once and parses once."""
    warm = WarmDbt(shared_folder / "parsed")
    yield warm
    warm.stop()


@pytest.fixture(scope="session")
def make_project(
    tmp_path_factory: pytest.TempPathFactory, dbt: WarmDbt
) -> Callable[[str], Project]:
    """Make a project by name, for fixtures whose build several tests share."""
    return lambda name: Project(tmp_path_factory.mktemp(name), dbt)


@pytest.fixture
def project(tmp_path: Path, dbt: WarmDbt) -> Project:
    """Return a project of the test's own."""
    return Project(tmp_path, dbt)


@pytest.fixture(scope="session")
def write_shop() -> Callable[..., Path]:
    """Write the tiny shop: three users, two orders, each file replaceable or left out.

    ``write_shop(folder, {"orders.csv": "order_id,…"})`` replaces a file; None leaves it out.
    """

    def write(folder: Path, replaced: dict[str, str | None] | None = None) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        for name, text in (TINY_SHOP | (replaced or {})).items():
            if text is not None:
                (folder / name).write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a folder of the real data, or skip the test with the reason."""

    def find(name: str) -> Path:
        folder = SHARED_DATA / name
        if not folder.is_dir():
            pytest.skip(f"the real data is not here: ../shared/data/{name} is missing")
        return folder

    return find


@pytest.fixture(scope="session")
def once(shared_folder: Path, dbt: WarmDbt) -> Callable[..., Project]:
    """Make a project by name with a function, once for all test processes of this run."""

    def project(name: str, make: Callable[[Project], None]) -> Project:
        folder = shared_folder / "built" / name
        folder.mkdir(parents=True, exist_ok=True)
        made, done = Project(folder, dbt), folder / "done"
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make(made)
                done.touch()
        return made

    return project


@pytest.fixture(scope="session")
def built(
    once: Callable[..., Project], shared_data: Callable[[str], Path]
) -> Callable[..., Project]:
    """Build and publish a shop with a recipe; each is built once, so tests must not change it.

    ``built("sample", "article")``; a shop is "sample" or a folder of the real data. Test processes
    that run side by side share the builds.
    """

    def build(shop: str = "sample", recipe: str = "default") -> Project:
        raw_path = None if shop == "sample" else shared_data(shop)
        variables = {"recipe": recipe, "recipes": RECIPES} | LIGHT
        return once(
            f"{shop}_{recipe}",
            lambda project: project.build(raw_path=raw_path, variables=variables),
        )

    return cache(build)


@pytest.fixture(scope="session")
def sample(built) -> Project:
    """The embedded sample, built and published with the default recipe."""
    return built()


@pytest.fixture(scope="session")
def whole_sample(once) -> Project:
    """The embedded sample as plain `dbt build` leaves it, the unit tests included."""
    return once("whole_sample", build_plainly)


def build_plainly(project: Project) -> None:
    """Run ``dbt build`` in a fresh folder, in a process of its own and without an option."""
    done = project.run_plainly("build")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def light() -> dict[str, bool]:
    """Return the variables of a build without products and what is expensive."""
    return LIGHT


@pytest.fixture(scope="session")
def recipes() -> dict[str, dict]:
    """Return the recipes of a user's own that `built` knows besides default and article."""
    return RECIPES
