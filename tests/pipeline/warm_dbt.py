"""A dbt that starts once: every run is a fork of a process that has imported and parsed already.

Importing dbt and scikit-learn takes four seconds of processor time, and parsing the project eight
for every new `--vars`. This server does both once. Forks share nothing that they change, so a run
prints, writes and returns what a `dbt` of its own would. What else they are spared is in
`quick_dbt`.

It reads one request a line, as JSON, and answers twice: with the number of the process that runs,
and with its exit code.
"""

import fcntl
import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import IO

READ_BY_THE_PARSER = (
    "forget_models",
    "key_types",
    "products",
    "publishable_columns",
    "segmentations",
    "shop_",
    "stability_",
)
"""Beginnings of the vars that change the parsed project; all others are read when a node runs."""
PROJECT = "models", "python_models", "macros", "seeds", "tests/data"
WHAT_RUNS_IMPORT = (
    "dbt.cli.main",
    "dbt.adapters.duckdb",
    "dbt.task.build",
    "pandas",
    "pyarrow",
    "sklearn.cluster",
)
PARSED = "partial_parse.msgpack"
ELSEWHERE = "/elsewhere"
"""Stands for folders while a project is parsed that several builds share."""


@dataclass(frozen=True)
class Request:
    """One run of dbt.

    Attributes
    ----------
    arguments : list of str
        What follows `dbt` on the command line, but for `--vars`.
    variables : dict
        The vars.
    folder : str
        The dbt project, where dbt runs.
    environment : dict
        The whole environment.
    output, errors : str
        Files for what dbt prints.
    """

    arguments: list[str]
    variables: dict
    folder: str
    environment: dict[str, str]
    output: str
    errors: str

    @property
    def read(self) -> str:
        """What the parser reads besides the files of the project."""
        structural = {
            name: given
            for name, given in self.variables.items()
            if name.startswith(READ_BY_THE_PARSER)
        }
        is_raw = "SEGMENTATION_RAW_PATH" in self.environment
        database = Path(self.environment.get("SEGMENTATION_WAREHOUSE", "")).stem
        return json.dumps([self.folder, is_raw, structural, database], sort_keys=True)

    @property
    def read_elsewhere(self) -> str:
        """What the parser reads of a copy of the project as well."""
        project = Path(self.folder, "dbt_project.yml").read_text(encoding="utf-8")
        return json.dumps([project, *json.loads(self.read)[1:]], sort_keys=True)


@dataclass(frozen=True)
class Running:
    """A run of dbt that has begun.

    Attributes
    ----------
    pid : int
        The number of its process.
    answers : file of text
        Where its exit code will be.
    """

    pid: int
    answers: IO[str]

    def wait(self) -> int:
        """Wait for its end and return its exit code: minus the number of the signal, if killed."""
        return int(self.answers.readline())


class WarmDbt:
    """The client of a server of its own, which starts with the first run.

    Parameters
    ----------
    parsed : Path
        The folder for parsed projects; several servers may share it.
    """

    def __init__(self, parsed: Path) -> None:
        self._parsed = parsed
        self._server: subprocess.Popen[str] | None = None

    def run(self, request: Request) -> int:
        """Run dbt and return its exit code."""
        return self.start(request).wait()

    def start(self, request: Request) -> Running:
        """Begin to run dbt; wait for its end before the next run."""
        if self._server is None:
            self._server = subprocess.Popen(
                [sys.executable, __file__, str(self._parsed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=request.folder,
                env=request.environment,
                text=True,
            )
        self._server.stdin.write(json.dumps(asdict(request)) + "\n")
        self._server.stdin.flush()
        return Running(int(self._server.stdout.readline()), self._server.stdout)

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.stdin.close()
            self._server.wait(30)
            self._server.stdout.close()


# --- the server ---


@contextmanager
def surroundings(request: Request, **replaced: str) -> Iterator[None]:
    """Be where a run wants to be, for a while.

    dbt's static parser keeps threads, which a fork does not have and would wait for: it is off.
    """
    before, folder = dict(os.environ), os.getcwd()
    os.environ.clear()
    os.environ.update(request.environment | replaced | {"DBT_STATIC_PARSER": "false"})
    os.chdir(request.folder)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(folder)


def digest(text: str) -> str:
    """Return a name for a text."""
    return hashlib.md5(text.encode()).hexdigest()


def parse(request: Request, parsed: Path):
    """Parse the project for a request, or read what another server has parsed.

    Of a copy of a project dbt parses the files alone that are others than in what it has parsed.
    """
    from dbt.cli.main import dbtRunner

    folder = parsed / digest(request.read)
    folder.mkdir(parents=True, exist_ok=True)
    command = ["--quiet", "--no-write-json", "parse"]
    command += ["--vars", json.dumps(json.loads(request.read)[2])]
    command += ["--target-path", str(folder), "--log-path", str(folder)]
    places = {"SEGMENTATION_SERVING": ELSEWHERE}
    if "SEGMENTATION_RAW_PATH" in request.environment:
        places["SEGMENTATION_RAW_PATH"] = ELSEWHERE
    with (folder / "lock").open("w") as lock, surroundings(request, **places):
        fcntl.flock(lock, fcntl.LOCK_EX)
        own, others = folder / PARSED, parsed / f"{digest(request.read_elsewhere)}.{PARSED}"
        if others.exists() and not own.exists():
            shutil.copy(others, own)
        result = dbtRunner().invoke(command).result
        if own.exists() and not others.exists():
            whole = folder / f"whole_{PARSED}"
            shutil.copy(own, whole)
            whole.replace(others)
        return result


def files_of(project: str) -> list[tuple[str, int, int]]:
    """Return the files that dbt parses, with when they changed and their sizes."""
    files = [path for name in PROJECT for path in (Path(project) / name).rglob("*")]
    files += Path(project).glob("*.yml")
    stats = [(str(path), path.stat()) for path in files if path.is_file()]
    return sorted((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def run(request: Request, manifest) -> int:
    """Run dbt in this process, which is a fork, and return its exit code."""
    from dbt.cli.main import dbtRunner

    gc.disable()  # What a run leaves behind ends with its process.
    for descriptor, path in ((1, request.output), (2, request.errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
    arguments = request.arguments
    if request.variables:
        arguments = [*arguments, "--vars", json.dumps(request.variables)]
    with surroundings(request):
        if manifest is not None:
            move_in(manifest, request.environment["SEGMENTATION_SERVING"])
        done = dbtRunner(manifest).invoke(arguments)
    if done.exception is not None:
        return getattr(done.exception, "exit_code", 2)
    return 0 if done.success else 1


def leave_comments_out(manifest) -> None:
    """Write no comments on tables and columns, which takes a sixth of all statements of a build."""
    for node in manifest.nodes.values():
        if hasattr(node.config, "persist_docs"):
            node.config.persist_docs = {}


def move_in(manifest, serving: str) -> None:
    """Put the folder of this run where the parser put its stand-in."""
    for node in manifest.nodes.values():
        for name, value in node.config.meta.items():
            if value == ELSEWHERE:
                node.config.meta[name] = serving


def serve(parsed: Path) -> None:
    """Answer requests until there are no more."""
    from quick_dbt import quicken  # The server is a script: this folder is where it imports from.

    for name in WHAT_RUNS_IMPORT:
        import_module(name)
    quicken(parsed / "templates")
    manifests: dict[str, tuple] = {}
    answers = os.fdopen(os.dup(1), "w")
    # What the parser says of a broken project, the fork will say again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        request = Request(**json.loads(line))
        files, manifest = files_of(request.folder), None
        if "deps" not in request.arguments:
            if manifests.get(request.read, ((), None))[0] != files:
                manifest = parse(request, parsed)
                if manifest is not None:
                    leave_comments_out(manifest)
                manifests[request.read] = files, manifest
                gc.freeze()
            manifest = manifests[request.read][1]
        child = os.fork()
        if child == 0:
            code = 3
            try:
                code = run(request, manifest)
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(child, file=answers, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=answers, flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
