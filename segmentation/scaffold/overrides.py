"""``segmentation override``: what people call a segment, or do with it, from the next build on.

Written into a seed of the dbt project, with who, when and why; never into the published file. The
app writes it too, by the same functions.
"""

import getpass
from dataclasses import asdict, astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from click import Argument, Option

from segmentation.cli.options import JSON, PUBLISHED, Arguments
from segmentation.cli.telling import tell
from segmentation.published import served
from segmentation.published.served import CommandError
from segmentation.scaffold.seeds import FOLDER, read_seed, seeds_folder, write_seed

FILE = "segment_overrides.csv"
LONGEST = {"segment_name": 80, "suggestion": 600, "reason": 300, "changed_by": 80}


@dataclass(frozen=True)
class Override:
    """What one segment is called, or what to do with it, and who said so.

    Attributes
    ----------
    segmentation, segment_id : str, int
    segment_name, suggestion : str
        Empty for what stays as the build makes it.
    reason, changed_by, changed_on : str
        Why, who and when.
    """

    segmentation: str
    segment_id: int
    segment_name: str = ""
    suggestion: str = ""
    reason: str = ""
    changed_by: str = ""
    changed_on: str = ""


COLUMNS = tuple(one.name for one in fields(Override))


def read_overrides(folder: Path) -> list[Override]:
    """Return all rows of the file.

    Raises
    ------
    CommandError
        If it is missing, has other columns, or a row is none.
    """
    rows = read_seed(folder / FILE, COLUMNS, whole="segment_id")
    return [Override(**row | {"segment_id": int(row["segment_id"])}) for row in rows]


def override(folder: Path, change: Override, names: dict[int, str]) -> Override:
    """Write a change into the file, in place of an earlier one of the same segment.

    A change without name and suggestion takes the earlier one out.

    Parameters
    ----------
    folder : Path
        Of the seeds.
    change : Override
        Without a date it is of today.
    names : dict of int to str
        What the segments of that segmentation are called, by id.

    Raises
    ------
    CommandError
        If the segment is none, its name is another's, a text is too long, or no reason is given.
    """
    dated = change.changed_on or datetime.now(UTC).date().isoformat()
    texts = {name: " ".join(getattr(change, name).split()) for name in LONGEST}
    change = Override(change.segmentation, change.segment_id, **texts, changed_on=dated)
    rows = read_overrides(folder)
    _refuse(change, rows, names)
    kept = [one for one in rows if _key(one) != _key(change)]
    if change.segment_name or change.suggestion:
        kept.append(change)
    write_seed(folder / FILE, COLUMNS, map(astuple, sorted(kept, key=_key)))
    return change


def _key(one: Override) -> tuple[str, int]:
    return one.segmentation, one.segment_id


def _refuse(change: Override, rows: list[Override], names: dict[int, str]) -> None:
    if change.segment_id not in names:
        raise CommandError(
            f"There is no segment {change.segment_id} of {change.segmentation}: there are "
            f"{', '.join(map(str, sorted(names)))}."
        )
    called = names | {
        one.segment_id: one.segment_name
        for one in rows
        if one.segmentation == change.segmentation and one.segment_name
    }
    same = [
        one
        for one, name in called.items()
        if one != change.segment_id and name.casefold() == change.segment_name.casefold()
    ]
    if change.segment_name and same:
        raise CommandError(
            f"Segment {same[0]} is called '{change.segment_name}' already: choose another name."
        )
    for name, most in LONGEST.items():
        if len(getattr(change, name)) > most:
            what = name.replace("_", " ")
            raise CommandError(f"The {what} has more than {most} characters: shorten it.")
    if not change.reason:
        raise CommandError("Say why, for whoever asks later: the reason is empty.")


def pending(
    folder: Path, segmentation: str, segment: int, name: str, suggestion: str
) -> Override | None:
    """Return the change of a segment that the next build will make; None if it is as it says.

    Parameters
    ----------
    folder : Path
        Of the seeds.
    segmentation : str
    segment : int
    name, suggestion : str
        As they are published.
    """
    for one in read_overrides(folder):
        is_new = one.segment_name not in ("", name) or one.suggestion not in ("", suggestion)
        if _key(one) == (segmentation, segment) and is_new:
            return one
    return None


PARAMETERS = [
    Argument(["segment"]),
    Option(["--name"], help="What to call it; '' gives it back its own name."),
    Option(["--suggestion"], help="What to do with it; '' gives it back the rule's."),
    Option(["--because"], metavar="REASON", default="", help="Why, for who asks later."),
    Option(["--by"], default=getpass.getuser, show_default="you", help="Who says so."),
    Option(
        ["--seeds"],
        metavar="DIR",
        help=f"Folder of the project's seeds.  [default: ${FOLDER}, seeds]",
    ),
    JSON,
    *PUBLISHED,
]
"""SEGMENT is its id, its name, or a part of that."""


def run(arguments: Arguments) -> int:
    """Write the change and say when it holds."""
    if arguments.name is None and arguments.suggestion is None:
        raise CommandError("Nothing is changed: give --name or --suggestion.")
    folder = seeds_folder(FILE, arguments.seeds)
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        segment = published.find_segment(arguments.segment)
        names = {one.segment_id: one.name for one in published.segments()}
        of = published.segmentation
    known = {_key(one): one for one in read_overrides(folder)}
    earlier = known.get((of, segment.segment_id), Override(of, segment.segment_id))
    given = {"segment_name": arguments.name, "suggestion": arguments.suggestion}
    texts = {name: getattr(earlier, name) if text is None else text for name, text in given.items()}
    signed = {"reason": arguments.because, "changed_by": arguments.by}
    change = override(folder, Override(of, segment.segment_id, **texts, **signed), names)
    said = f"Written into {folder / FILE}: the next build reads it."
    tell(said, asdict(change), arguments.json)
    return 0
