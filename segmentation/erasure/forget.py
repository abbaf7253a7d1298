"""``segmentation forget``: remove persons from warehouse, publications, audiences and campaigns.

The warehouse is replaced last. So whoever was not forgotten everywhere is still known there, and
the same command, given again, ends what was begun.
"""

import os
import sys
from pathlib import Path

import duckdb
from click import Argument, Option

from segmentation.building.checks import warehouse_problem
from segmentation.building.lock import LockedError, only_build_of
from segmentation.building.stops import NAMES, Stopped, signals_caught
from segmentation.campaigns.store import Store, campaigns_file
from segmentation.cli.options import FILE, JSON, SERVING, Arguments, warehouse
from segmentation.cli.telling import tell
from segmentation.erasure.audience_files import (
    audiences_of,
    refuse_without_secret,
    rewrite_audience,
)
from segmentation.erasure.persons import Persons, find_persons, known_ids
from segmentation.erasure.published_files import publish_without, published_ids
from segmentation.erasure.warehouse import attach, rewrite_warehouse
from segmentation.published.served import CommandError
from segmentation.published.serving_folder import DATABASE
from segmentation.report.page import REPORT, write_report

ELSEWHERE = (
    "Copies may be where this command does not look: in the raw files and source tables, backups, "
    "clients' caches, and exports elsewhere. The next build brings back whoever the source still "
    "holds, so take them out there, too."
)


PARAMETERS = [
    Option(["--id", "ids"], required=True, multiple=True, metavar="ID", help="Key of a person."),
    Argument(["more"], nargs=-1, metavar="[ID]..."),
    Option(["--segmentation"], metavar="NAME", default="customer", help="Whose keys."),
    Option(
        ["--audiences"], metavar="DIR", type=FILE, help="Folder of files that `audience` wrote."
    ),
    SERVING,
    warehouse("The build file."),
    JSON,
]


def run(arguments: Arguments) -> int:
    """Forget the persons and say where they were."""
    warehouse = arguments.warehouse
    if not warehouse.is_file():
        raise CommandError(
            f"There is no warehouse {warehouse}: name it with --warehouse, or run "
            "`segmentation build`."
        )
    try:
        with signals_caught(), only_build_of(warehouse):
            if problem := warehouse_problem(warehouse):
                raise CommandError(problem)
            return _forget(arguments)
    except LockedError as locked:
        raise CommandError(str(locked)) from None
    except Stopped as stop:
        print(
            f"segmentation forget: stopped by {NAMES[stop.number]}; every file is whole, as it was "
            "or without them: give the same command again.",
            file=sys.stderr,
        )
        return stop.exit_code


def _forget(arguments: Arguments) -> int:
    warehouse, serving = arguments.warehouse, arguments.serving
    say = _silent if arguments.json else print
    persons = _known_persons(arguments)
    manifests = audiences_of(arguments.audiences, persons) if arguments.audiences else []
    refuse_without_secret(manifests)
    audiences = {}
    for path in manifests:
        if gone := rewrite_audience(path, persons):
            audiences[str(path)] = gone
            say(f"Audience {path}: rows taken out: {gone:,}.")
    version, pages = None, []
    if (serving / DATABASE).is_file():
        version = publish_without(serving, persons)
        say(f"Published files: {serving} holds version {version} without them and none before.")
        pages = _write_reports(serving)
        for page in pages:
            say(f"Report: {page} was written anew.")
    drawn = _campaigns_of(persons, warehouse).forget(persons.ids)
    if drawn:
        say(f"Campaigns: rows taken out: {drawn:,}; how many were drawn stays as it was counted.")
    left_out = rewrite_warehouse(warehouse, persons)
    changes = left_out.pop("segment_changes", 0)
    say(
        f"Warehouse {warehouse}: rows taken out: {sum(left_out.values()):,}, of {len(left_out)} "
        f"tables; changes of segment that stay counted and name nobody: {changes:,}."
    )
    say(ELSEWHERE)
    if arguments.json:
        stated = {
            "audiences": audiences,
            "published_version": version,
            "reports": pages,
            "campaign_rows": drawn,
            "warehouse_rows": left_out,
            "changes_that_name_nobody": changes,
        }
        tell("", stated, as_json=True)
    return 0


def _silent(sentence: str) -> None:
    """Say nothing: a program reads what is told in the end."""


def _known_persons(arguments: Arguments) -> Persons:
    with duckdb.connect() as connection:
        attach(connection, arguments.warehouse, "warehouse")
        ids = tuple(dict.fromkeys([*arguments.ids, *arguments.more]))
        persons = find_persons(connection, arguments.segmentation, ids)
        known = known_ids(connection, "warehouse", persons)
    known |= _campaigns_of(persons, arguments.warehouse).known_ids(ids)
    unknown = set(ids) - known - published_ids(arguments.serving, persons)
    if unknown:
        raise CommandError(
            f"Nobody is called {', '.join(sorted(unknown))} in column {persons.key_column}, "
            "neither in the warehouse nor in what was published: nothing was changed."
        )
    return persons


def _campaigns_of(persons: Persons, warehouse: Path) -> Store:
    """Return the campaigns that may hold the persons: only customers are in any."""
    is_customers = "customer" in persons.segmentations
    return Store(campaigns_file(warehouse if is_customers else Path(os.devnull)))


def _write_reports(serving: Path) -> list[Path]:
    """Write the reports anew that lie beside the published files: their maps show persons."""
    with duckdb.connect() as connection:
        attach(connection, serving / DATABASE, "published")
        names = connection.execute(
            "select segmentation from published.main.segmentations where model_version is not null"
        ).fetchall()
    pages = {REPORT: None} | {f"{name}.html": name for (name,) in names}
    return [
        write_report(serving, segmentation=name)
        for page, name in pages.items()
        if (serving / page).is_file()
    ]
