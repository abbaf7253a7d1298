"""``segmentation init``: a folder that `segmentation build` builds, for who has no clone."""

import re
import shlex
from pathlib import Path
from string import Template

from click import Argument, Option

from segmentation.cli.options import FILE, FOLDER, Arguments
from segmentation.cli.telling import wrapped
from segmentation.published.served import CommandError
from segmentation.scaffold.columns import snake_case
from segmentation.scaffold.package import COPY, copy_package
from segmentation.scaffold.project_file import PACKAGE

PROJECT = Template("""\
# The segments of a shop: `segmentation build` makes and publishes them.
name: $name
version: "1.0.0"
profile: $name

clean-targets: ["target", "logs", "dbt_packages"]

flags:
  # The package reads models of this project, where vars name them.
  require_ref_searches_node_package_before_root: true
  send_anonymous_usage_stats: false
""")
PACKAGES = f"packages:\n  - local: {COPY}\n"
PROFILES = Template("""\
# The warehouse is one DuckDB file; nobody but a build writes to it.
$name:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('SEGMENTATION_WAREHOUSE', 'warehouse/segmentation.duckdb') }}"
      threads: "{{ env_var('SEGMENTATION_THREADS', '2') | as_number }}"
      config_options:
        memory_limit: "{{ env_var('SEGMENTATION_MEMORY_LIMIT', '50%') }}"
      settings:
        TimeZone: UTC
""")
IGNORED = "dbt_packages/\nlogs/\npackage-lock.yml\nserving/\ntarget/\nwarehouse/\n.user.yml\n"
README = Template("""\
# Customer segments

    $build
    segmentation status
    segmentation segments
    segmentation app

The first command builds and publishes, the others say what is published and how far to trust it;
the last opens it in a browser. `segmentation docs` writes what every table and column is.
The published file is `serving/segmentation.duckdb`, the report `serving/report.html`.

- Without `--raw` the build is of a made-up shop. `--raw FOLDER` takes `users`, `orders`,
  `order_items` and `products`, each as `.csv` or `.parquet`.
- `segmentation new NAME --file FILE` segments any table.
- `$copy` is a copy of the dbt package. After an upgrade of the library,
  `segmentation init --update` brings it up to date; nothing else is touched.
""")


PARAMETERS = [
    Argument(["folder"], type=FILE, default="."),
    Option(["--name"], help="Of the dbt project.  [default: the folder's]"),
    Option(
        ["--raw"],
        metavar="DIR",
        type=FOLDER,
        help="Folder of your shop's tables.  [default: a made-up shop]",
    ),
    Option(["--update"], is_flag=True, help="Only bring the copy of the package up to date."),
]


def run(arguments: Arguments) -> int:
    """Write the project and say what to do next."""
    folder = arguments.folder
    if arguments.update:
        _refuse_to_update(folder)
        print(f"{copy_package(folder)} is up to date.")
        return 0
    name = _name(arguments.name, folder)
    raw = _raw(arguments.raw, folder)
    files = _files(name, raw)
    _refuse_to_overwrite(folder, files)
    folder.mkdir(parents=True, exist_ok=True)
    copy_package(folder)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    print(wrapped(f"Wrote {', '.join(files)} and {COPY} in the folder {folder}."))
    here = "" if folder.resolve() == Path.cwd() else f"cd {shlex.quote(str(folder))} && "
    print(f"Next: {here}{_build(raw)}")
    return 0


def _files(name: str, raw: str | None) -> dict[str, str]:
    return {
        "dbt_project.yml": PROJECT.substitute(name=name),
        "packages.yml": PACKAGES,
        "profiles.yml": PROFILES.safe_substitute(name=name),
        ".gitignore": IGNORED,
        "README.md": README.substitute(build=_build(raw), copy=COPY),
    }


def _build(raw: str | None) -> str:
    return f"segmentation build --raw {shlex.quote(raw)}" if raw else "segmentation build"


def _name(given: str | None, folder: Path) -> str:
    name = given if given is not None else snake_case(folder.resolve().name) or "shop"
    if given is None and name == PACKAGE:
        name = "my_segmentation"
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or name == PACKAGE:
        raise CommandError(
            f"--name {name} cannot be the name of a dbt project beside the package "
            f"{PACKAGE}: use another, of small letters, digits and underscores."
        )
    return name


def _raw(given: Path | None, folder: Path) -> str | None:
    """Return the folder of the tables as the project sees it."""
    if given is None:
        return None
    try:
        return str(given.resolve().relative_to(folder.resolve()))
    except ValueError:
        return str(given.resolve())


def _refuse_to_overwrite(folder: Path, files: dict[str, str]) -> None:
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{folder} is a file: name a folder for the project.")
    there = [name for name in (*files, COPY) if (folder / name).exists()]
    if "dbt_project.yml" in there:
        raise CommandError(
            f"{folder.resolve()} is a dbt project already: segment a table of it with "
            "`segmentation new`, bring its copy of the package up to date with "
            "`segmentation init --update`, or name another folder."
        )
    if there:
        raise CommandError(
            f"{folder.resolve()} has {', '.join(there)} already, which would be lost: name another "
            "folder."
        )


def _refuse_to_update(folder: Path) -> None:
    if not (folder / COPY).is_dir():
        raise CommandError(
            f"{folder.resolve()} has no {COPY} to bring up to date: run this in a folder that "
            "`segmentation init` made."
        )
