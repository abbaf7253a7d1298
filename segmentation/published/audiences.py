"""``segmentation export``: a segment's rows as a file that another system can load.

Only what was audited and published leaves. Beside the file goes a manifest that says what it is:
counts, filters and the content hashes of the publication it was made from.
"""

import argparse
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa

from segmentation.published import output, served
from segmentation.published.served import CommandError, Published, Segment

KEY_VARIABLE = "SEGMENTATION_PSEUDONYM_KEY"
MINIMUM_KEY_LENGTH = 32
"""Characters; a shorter key could be found by trying, and with it every pseudonym undone."""
FORMATS = ("csv", "json", "parquet")
LISTED_VALUES = 10


@dataclass(frozen=True)
class Filters:
    """Which of a segment's rows to export.

    Attributes
    ----------
    min_confidence : float or None
        Smallest confidence, in [0, 1].
    where : mapping of str to tuple of str
        Values allowed by feature column; a row must match every column, by any of its values.
    """

    min_confidence: float | None = None
    where: Mapping[str, tuple[str, ...]] | None = None

    def as_json(self) -> dict[str, object]:
        """Return the filters for a manifest."""
        return {
            "min_confidence": self.min_confidence,
            "where": {column: list(values) for column, values in (self.where or {}).items()},
        }


def audience(published: Published, segment: Segment, filters: Filters) -> pa.Table:
    """Return a segment's rows that pass the filters, one per row, by key.

    Parameters
    ----------
    published : Published
        An open published file.
    segment : Segment
    filters : Filters

    Returns
    -------
    Table
        Columns: the key, segment_id, segment_name, confidence, valid_from (since when the row, as
        of the published data, has been in the segment; null where no history says so),
        model_version.

    Raises
    ------
    CommandError
        If a filter names no feature, a value of the wrong type, or leaves nobody.
    """
    key = published.key
    conditions, parameters = _conditions(published, filters)
    valid_from, history = _history(published)
    table = published.arrow(
        f"""
        select
            members.{key}, members.segment_id, members.segment_name,
            members.confidence, {valid_from} as valid_from, members.model_version
        from {published.members} as members
        inner join {published.features} as features using ({key})
        {history}
        where members.segment_id = $segment {"".join(f" and {one}" for one in conditions)}
        order by members.{key}
        """,
        {"segment": segment.segment_id, **parameters},
    )
    if table.num_rows == 0:
        raise CommandError(_why_empty(published, segment, filters))
    return table


def _history(published: Published) -> tuple[str, str]:
    if not published.has(published.history):
        return "cast(null as date)", ""
    key, as_of = published.key, f"date '{published.as_of_date}'"
    return "history.valid_from", (
        f"left join {published.history} as history "
        f"on members.{key} = history.{key} and members.segment_id = history.segment_id "
        f"and history.valid_from <= {as_of} and coalesce(history.valid_to > {as_of}, true)"
    )


def _conditions(published: Published, filters: Filters) -> tuple[list[str], dict[str, object]]:
    conditions, parameters = [], {}
    if filters.min_confidence is not None:
        conditions.append("members.confidence >= $min_confidence")
        parameters["min_confidence"] = filters.min_confidence
    types = published.columns(published.features)
    for number, (column, values) in enumerate((filters.where or {}).items()):
        if column not in types:
            raise CommandError(
                f"There is no feature '{column}' to filter by. The features are: "
                f"{', '.join(name for name in types if name != published.key)}."
            )
        alternatives = []
        for place, value in enumerate(values):
            name = f"value_{number}_{place}"
            if not _is_exact(published, column, types[column], value):
                alternatives.append("false")
                continue
            parameters[name] = value
            alternatives.append(f"features.{column} = cast(${name} as {types[column]})")
        conditions.append(f"({' or '.join(alternatives)})")
    return conditions, parameters


def _is_exact(published: Published, column: str, data_type: str, value: str) -> bool:
    """Return whether a column of the type can hold the value: no whole number is 30.5."""
    ((found, moment),) = published.rows(
        f"select try_cast($1 as {data_type}), try_cast($1 as timestamp)", [value]
    )
    if found is None:
        raise CommandError(f"--where {column}={value}: {column} is of type {data_type}.")
    if type(found) is date:
        return moment in (None, datetime.combine(found, time()))
    if type(found) not in (int, Decimal):
        return True
    try:
        return Decimal(value) == found
    except InvalidOperation:
        return False


def _why_empty(published: Published, segment: Segment, filters: Filters) -> str:
    reasons = [f"confidence of at least {filters.min_confidence}"] * (
        filters.min_confidence is not None
    )
    for column, values in (filters.where or {}).items():
        found = published.rows(
            f"select cast({column} as varchar) from {published.features} "
            f"inner join {published.members} using ({published.key}) "
            f"where segment_id = ? group by {column} order by count(*) desc, {column} limit ?",
            [segment.segment_id, LISTED_VALUES],
        )
        listed = ", ".join(str(value) for (value,) in found)
        reasons.append(f"{column} = {' or '.join(values)} (most frequent there: {listed})")
    condition = f" has {' and '.join(reasons)}" if reasons else ""
    return f"Nobody in segment {segment.segment_id}, {segment.name},{condition}: nothing written."


def pseudonym_key(environment: Mapping[str, str]) -> bytes:
    """Return the key for pseudonyms.

    Parameters
    ----------
    environment : mapping
        Environment variables.

    Raises
    ------
    CommandError
        If there is none, it is shorter than `MINIMUM_KEY_LENGTH`, or it is no UTF-8.
    """
    text = environment.get(KEY_VARIABLE, "")
    try:
        key = text.encode()
    except UnicodeEncodeError:
        raise CommandError(
            f"{KEY_VARIABLE} holds bytes that are no UTF-8: write the secret in letters and digits."
        ) from None
    if len(text) < MINIMUM_KEY_LENGTH:
        state = f"has {len(text)} characters" if text else "is not set"
        raise CommandError(
            f"{KEY_VARIABLE} {state}: --pseudonymise needs a secret of at least "
            f"{MINIMUM_KEY_LENGTH} characters there."
        )
    return key


def pseudonym(key: bytes, identifier: object) -> str:
    """Return HMAC-SHA-256 of an id's text (RFC 2104) as 64 hexadecimal digits.

    Examples
    --------
    >>> pseudonym(b"key", 42) == pseudonym(b"key", "42")
    True
    """
    return hmac.new(key, str(identifier).encode(), hashlib.sha256).hexdigest()


def pseudonymised(table: pa.Table, key_column: str, key: bytes) -> pa.Table:
    """Replace the first column, the ids, by pseudonyms, and sort by them.

    The order of the ids would otherwise tell who is who.
    """
    names = [pseudonym(key, one) for one in table.column(key_column).to_pylist()]
    name = f"{key_column.removesuffix('_id')}_pseudonym"
    return table.set_column(0, name, pa.array(names, pa.string())).sort_by(name)


def content(table: pa.Table, kind: str) -> bytes:
    """Return the content of an audience's file; its CSV holds nothing that a spreadsheet runs.

    Parameters
    ----------
    table : Table
    kind : str
        ``csv``, ``json`` or ``parquet``.
    """
    return output.as_bytes(output.harmless(table) if kind == "csv" else table, kind)


def manifest(published: Published, segment: Segment, filters: Filters, table: pa.Table) -> dict:
    """Return what is written beside an audience: no clock but the publication's own."""
    size = published.rows(
        f"select count(*) from {published.members} where segment_id = ?",
        [segment.segment_id],
    )[0][0]
    tables = [published.members, published.features]
    sources = published.rows(
        "select table_name, content_hash, published_at from publications "
        f"where table_name in ({', '.join('?' * len(tables))}) order by table_name",
        tables,
    )
    return {
        "segmentation": published.segmentation,
        "segment_id": segment.segment_id,
        "segment_name": segment.name,
        "model_version": published.model_version(),
        "rows": table.num_rows,
        "rows_in_segment": size,
        "rows_left_out_by_filters": size - table.num_rows,
        "filters": filters.as_json(),
        "columns": table.column_names,
        "is_pseudonymised": table.column_names[0] != published.key,
        "published_at": max((at for *_, at in sources), default=None),
        "source_content_hashes": {name: content_hash for name, content_hash, _ in sources},
    }


# --- the command ---


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``segmentation export``."""
    served.add_arguments(parser)
    parser.add_argument(
        "--segment", required=True, metavar="NAME|ID", help="part of a name will do"
    )
    parser.add_argument("--format", choices=FORMATS, default="csv")
    parser.add_argument("--out", required=True, metavar="DIR", help="made if it is missing")
    parser.add_argument("--min-confidence", type=float, metavar="X", help="from 0 to 1")
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="COLUMN=VALUE",
        help="the same column twice: either value; different columns: all of them",
    )
    parser.add_argument(
        "--pseudonymise", action="store_true", help=f"ids become HMACs with ${KEY_VARIABLE}"
    )
    output.add_force(parser, "an earlier export")


def run(arguments: argparse.Namespace) -> int:
    """Write the audience and its manifest; print where."""
    filters = _filters(arguments)
    key = pseudonym_key(os.environ) if arguments.pseudonymise else None
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        segment = published.find_segment(arguments.segment)
        table = audience(published, segment, filters)
        if key:
            table = pseudonymised(table, published.key, key)
        told = manifest(published, segment, filters, table)
    folder = _folder(arguments.out)
    target = folder / f"{published.segmentation}_segment_{segment.segment_id}.{arguments.format}"
    beside = target.with_suffix(".manifest.json")
    others = [target.with_suffix(f".{kind}") for kind in FORMATS if kind != arguments.format]
    for path in (target, beside, *others):
        output.refuse_existing(path, arguments.force)
    with output.opened(str(target), binary=True, private=True) as stream:
        stream.write(content(table, arguments.format))
    for path in others:
        path.unlink(missing_ok=True)
    told |= {"file": target.name, "sha256": hashlib.sha256(target.read_bytes()).hexdigest()}
    with output.opened(str(beside), private=True) as stream:
        stream.write(json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n")
    print(
        f"{told['rows']:,} of {told['rows_in_segment']:,} in segment {segment.segment_id}, "
        f"{segment.name}: {target} and {beside.name}"
    )
    return 0


def _filters(arguments: argparse.Namespace) -> Filters:
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
    return Filters(least, where)


def _folder(name: str) -> Path:
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise CommandError(f"--out {folder} is a file: name a folder.") from None
    return folder
