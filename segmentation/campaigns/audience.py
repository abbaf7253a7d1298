"""``segmentation audience``: who is to be sent something, as a file for the sender.

Only what was audited and published leaves, with the user's own contacts. Beside the file goes a
manifest that says what it is: counts, filters and the content hashes of the publication it was made
from. With ``--campaign`` some are left out by lot, so that the next builds can say what it was
worth.
"""

import hashlib
import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from click import Choice, Option

from segmentation.campaigns import drawing, senders
from segmentation.campaigns.contacts import read_contacts, read_list, with_contacts
from segmentation.campaigns.drawing import Plan
from segmentation.campaigns.senders import SENDERS, Sender
from segmentation.campaigns.store import Store, campaigns_file
from segmentation.cli.options import FILE, JSON, PUBLISHED, Arguments, force
from segmentation.cli.telling import tell
from segmentation.published import output, served
from segmentation.published.audiences import (
    FORMATS,
    KEY_VARIABLE,
    MEMBER_COLUMNS,
    Filters,
    audience,
    manifest,
    pseudonym_key,
    pseudonymised,
)
from segmentation.published.served import CommandError, Published, Segment

PARAMETERS = [
    Option(["--segment"], metavar="NAME|ID", help="Part of a name will do."),
    Option(["--rule"], metavar="SQL", help="A condition of features, like rule_sql."),
    Option(["--list"], metavar="FILE", type=FILE, help="Keys: the first column of a CSV."),
    Option(["--min-confidence"], type=float, metavar="X", help="From 0 to 1."),
    Option(
        ["--where"],
        multiple=True,
        metavar="COLUMN=VALUE",
        help="The same column twice: either value; different columns: all of them.",
    ),
    Option(["--columns"], metavar="A,B,…", help="What to take along, features too."),
    Option(["--contacts"], metavar="FILE", type=FILE, help="CSV or Parquet, joined."),
    Option(["--contact-key"], metavar="COLUMN", help="Its keys.  [default: as here]"),
    Option(["--for", "sender"], type=Choice(SENDERS), help="Whose columns it gets."),
    Option(["--format"], type=Choice(FORMATS), default="csv", help="Of the file."),
    Option(["--out"], required=True, metavar="DIR", type=FILE, help="Made if it is missing."),
    Option(["--pseudonymise"], is_flag=True, help=f"Ids become HMACs with ${KEY_VARIABLE}."),
    force("an earlier audience"),
    *drawing.PARAMETERS,
    JSON,
    *PUBLISHED,
]


def run(arguments: Arguments) -> int:
    """Write the audience and its manifest; print where, and what a campaign can show."""
    asked = _Asked.of(arguments)
    key = pseudonym_key(os.environ) if arguments.pseudonymise else None
    contacts = None
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        segment = _segment(published, arguments)
        if arguments.contacts:
            contacts = read_contacts(arguments.contacts, arguments.contact_key or published.key)
        draw = drawing.begin(asked.plan, published, segment, asked.store, asked.selects)
        if draw and draw.is_repeated:
            asked = replace(asked, filters=replace(asked.filters, ids=draw.treated_ids))
        chosen = audience(published, segment, asked.filters, asked.columns)
        table = with_contacts(chosen, contacts) if contacts else chosen
        table = senders.reachable(table, asked.sender)
        if not table.num_rows:
            raise CommandError("None of them has a contact: nothing written.")
        counts = {"rows_without_contact": chosen.num_rows - table.num_rows} if contacts else {}
        _refuse_existing(asked.target(published, segment), arguments)
        if draw:
            table = draw.of(table)
            counts |= draw.counts
        told = (
            manifest(published, segment, asked.filters, chosen) | {"rows": table.num_rows} | counts
        )
    text = _write(table, told, asked, published, segment, key)
    lines = draw.lines if draw else []
    tell("\n".join([text, *lines]), told | {"notes": lines}, arguments.json)
    return 0


@dataclass(frozen=True)
class _Asked:
    """What the options say.

    Attributes
    ----------
    filters : Filters
    columns : tuple of str
    sender : Sender
    kind : str
        The format.
    folder : Path
    plan : Plan or None
        Of a campaign.
    store : Store
    selects : bool
        Whether anybody is chosen.
    """

    filters: Filters
    columns: tuple[str, ...]
    sender: Sender
    kind: str
    folder: Path
    plan: Plan | None
    store: Store
    selects: bool

    @classmethod
    def of(cls, arguments: Arguments) -> "_Asked":
        chosen = (arguments.segment, arguments.rule, arguments.list)
        selects = any(one is not None for one in chosen)
        plan = drawing.plan_of(arguments)
        if not selects and plan is None:
            raise CommandError("Say whom: --segment, --rule or --list.")
        if arguments.pseudonymise and (arguments.contacts or plan):
            raise CommandError(
                "--pseudonymise hides who they are; --contacts and --campaign need to know."
            )
        if arguments.sender and arguments.format != "csv":
            raise CommandError(f"--for {arguments.sender} writes CSV: leave out --format.")
        return cls(
            _filters(arguments),
            _columns(arguments),
            SENDERS[arguments.sender] if arguments.sender else Sender(),
            arguments.format,
            arguments.out,
            plan,
            Store(campaigns_file(arguments.warehouse)),
            selects,
        )

    def target(self, published: Published, segment: Segment | None) -> Path:
        """Return the file to write."""
        stem = f"{published.segmentation}_segment_{segment.segment_id}" if segment else None
        stem = stem or f"{published.segmentation}_{'rule' if self.filters.rule else 'list'}"
        return self.folder / f"{self.plan.name if self.plan else stem}.{self.kind}"


def _columns(arguments: Arguments) -> tuple[str, ...]:
    if arguments.columns is not None:
        named = [one.strip().lower() for one in arguments.columns.split(",")]
        return tuple(dict.fromkeys(filter(None, named)))
    is_sent = arguments.sender not in (None, "spreadsheet")
    return ("segment_name",) if is_sent else MEMBER_COLUMNS


def _filters(arguments: Arguments) -> Filters:
    least = arguments.min_confidence
    if least is not None and not 0 <= least <= 1:
        raise CommandError(f"--min-confidence {least} is not between 0 and 1.")
    where: dict[str, tuple[str, ...]] = {}
    for condition in arguments.where:
        column, separator, value = condition.partition("=")
        column = column.strip().lower()
        if not separator or not re.fullmatch(r"\w+", column):
            raise CommandError(f"--where {condition}: write it as column=value.")
        where[column] = (*where.get(column, ()), value)
    ids = read_list(arguments.list) if arguments.list else None
    return Filters(least, where, arguments.rule, ids)


def _segment(published: Published, arguments: Arguments) -> Segment | None:
    return None if arguments.segment is None else published.find_segment(arguments.segment)


def _refuse_existing(target: Path, arguments: Arguments) -> None:
    if target.parent.exists() and not target.parent.is_dir():
        raise CommandError(f"--out {target.parent} is a file: name a folder.")
    if target.parent.is_dir():
        for path in (target, target.with_suffix(".manifest.json"), *_others(target)):
            output.refuse_existing(path, arguments.force)


def _others(target: Path) -> list[Path]:
    return [target.with_suffix(f".{kind}") for kind in FORMATS if f".{kind}" != target.suffix]


def _write(
    table: pa.Table,
    told: dict,
    asked: _Asked,
    published: Published,
    segment: Segment | None,
    key: bytes | None,
) -> str:
    """Write the file, then its manifest, for their owner only; return where they are."""
    target = asked.target(published, segment)
    beside = target.with_suffix(".manifest.json")
    if key:
        table = pseudonymised(table, published.key, key)
    shaped, called = senders.shaped(table, table.column_names[0], asked.sender)
    target.parent.mkdir(parents=True, exist_ok=True)
    made = senders.content(shaped, asked.kind, asked.sender)
    with output.opened(str(target), binary=True, private=True) as stream:
        stream.write(made)
    for path in _others(target):
        path.unlink(missing_ok=True)
    told |= {
        "columns": shaped.column_names,
        "is_pseudonymised": key is not None,
        "file": target.name,
        "sha256": hashlib.sha256(made).hexdigest(),
    }
    if called != shaped.column_names[0]:
        # Else the key is first, as a forgetting expects it.
        told["key"] = called
    with output.opened(str(beside), private=True) as stream:
        stream.write(json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n")
    where = f"segment {segment.segment_id}, {segment.name}" if segment else "all segments"
    told["path"] = target
    return f"{told['rows']:,} of {told['rows_in_segment']:,} in {where}: {target} and {beside.name}"
