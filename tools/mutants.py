"""``python -m tools.mutants``: break important code on purpose; each time a test must fail.

The list is ``tools/mutants.toml``: what is broken, in which file, which text becomes which, and the
test that says why it matters. It works on a copy of the checkout.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("mutants.toml")
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "target", "logs", "serving", "site", "warehouse", "*.duckdb", "__pycache__"
)
PYTEST = (sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-q", "-x")
DBT = "dbt:"
WAREHOUSE = Path("warehouse") / "segmentation.duckdb"


@dataclass(frozen=True)
class Mutant:
    """One change that a test must notice.

    Attributes
    ----------
    name : str
        What is broken, in words.
    file : str
        The file it is broken in.
    old, new : str
        A text that stands in the file once, and what takes its place.
    test : str
        What pytest runs: a file, a test, or several with blanks between; or ``dbt:`` and the name
        of a unit test of dbt, which runs in a warehouse built once from the sample.
    """

    name: str
    file: str
    old: str
    new: str
    test: str


def read_mutants(path: Path = LIST) -> list[Mutant]:
    """Return the mutants of a list, in its order."""
    return [Mutant(**row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]]


def survives(mutant: Mutant, checkout: Path) -> bool:
    """Return whether the mutant's tests pass on a checkout that is broken for as long as they run.

    Raises
    ------
    ValueError
        If the text to change does not stand in the file exactly once.
    """
    path = checkout / mutant.file
    text = path.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise ValueError(
            f"Mutant '{mutant.name}': its old text stands {text.count(mutant.old)} times in "
            f"{mutant.file}, not once. Correct it in tools/mutants.toml."
        )
    try:
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        return passes(mutant.test, checkout)
    finally:
        path.write_text(text, encoding="utf-8")


def passes(tests: str, checkout: Path) -> bool:
    """Return whether tests of a checkout pass; raise a ValueError if none of them runs."""
    if tests.startswith(DBT):
        return _passes_in_dbt(tests.removeprefix(DBT), checkout)
    done = _run(checkout, *PYTEST, *tests.split())
    if done.returncode not in (0, 1):
        raise ValueError(f"pytest could not run {tests}: {done.stdout}{done.stderr}")
    return done.returncode == 0


def _passes_in_dbt(test: str, checkout: Path) -> bool:
    if not (checkout / WAREHOUSE).exists():
        built = _run(checkout, sys.executable, "-B", "-m", "segmentation.build")
        if built.returncode:
            raise ValueError(f"The sample could not be built: {built.stdout}{built.stderr}")
    dbt = str(Path(sys.executable).with_name("dbt"))
    done = _run(checkout, dbt, "--no-use-colors", "test", "--select", test)
    result = re.search(r"1 of 1 (PASS|FAIL) ", done.stdout)
    if result is None:
        raise ValueError(f"dbt could not run {test}: {done.stdout}{done.stderr}")
    return result[1] == "PASS"


def _run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith("SEGMENTATION")
    }
    return subprocess.run(
        command,
        cwd=checkout,
        env=ours | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )


def main(arguments: list[str] | None = None) -> int:
    """Try the mutants whose name contains a text and say what became of each; 1 if one lives."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="try those whose name contains this")
    wanted = parser.parse_args(arguments).name
    mutants = [one for one in read_mutants() if wanted in one.name]
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder) / "checkout"
        shutil.copytree(ROOT, checkout, ignore=LEFT_OUT)
        for tests in sorted({one.test for one in mutants}):
            if not passes(tests, checkout):
                print(f"Without any mutant {tests} fails: mend it first.", file=sys.stderr)
                return 1
        alive = [one for one in mutants if _told(one, survives(one, checkout))]
    print(f"{len(mutants) - len(alive)} of {len(mutants)} mutants were noticed.")
    return 1 if alive or not mutants else 0


def _told(mutant: Mutant, alive: bool) -> bool:
    print(f"{'ALIVE  ' if alive else 'noticed'} {mutant.name}", flush=True)
    return alive


if __name__ == "__main__":
    sys.exit(main())
