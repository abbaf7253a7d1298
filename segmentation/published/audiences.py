"""Audiences: rows of a segment, of a rule or of a list, for another system to load.

Only what was audited and published leaves. Beside the file goes a manifest that says what it is:
counts, filters and the content hashes of the publication it was made from.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

import duckdb
import pyarrow as pa

from segmentation.published import output
from segmentation.published.served import CommandError, Published, Segment

KEY_VARIABLE = "SEGMENTATION_PSEUDONYM_KEY"
MINIMUM_KEY_LENGTH = 32
"""Characters; a shorter key could be found by trying, and with it every pseudonym undone."""
FORMATS = ("csv", "json", "parquet")
LISTED_VALUES = 10
MEMBER_COLUMNS = ("segment_id", "segment_name", "confidence", "valid_from", "model_version")


@dataclass(frozen=True)
class Filters:
    """Which of a segment's rows to export.

    Attributes
    ----------
    min_confidence : float or None
        Smallest confidence, in [0, 1].
    where : mapping of str to tuple of str
        Values allowed by feature column; a row must match every column, by any of its values.
    rule : str or None
        SQL condition of features, as `segment_rules` has them; it cannot name the key.
    ids : tuple of str or None
        Keys to choose from.
    """

    min_confidence: float | None = None
    where: Mapping[str, tuple[str, ...]] | None = None
    rule: str | None = None
    ids: tuple[str, ...] | None = None

    def as_json(self) -> dict[str, object]:
        """Return the filters for a manifest; of a list only how long it is."""
        told: dict[str, object] = {
            "min_confidence": self.min_confidence,
            "where": {column: list(values) for column, values in (self.where or {}).items()},
        }
        if self.rule is not None:
            told["rule"] = self.rule
        if self.ids is not None:
            told["listed"] = len(self.ids)
        return told


def audience(
    published: Published,
    segment: Segment | None,
    filters: Filters,
    columns: Sequence[str] = MEMBER_COLUMNS,
) -> pa.Table:
    """Return the rows that pass the filters, one per row, by key.

    Parameters
    ----------
    published : Published
        An open published file.
    segment : Segment or None
        Its rows; None for those of all segments.
    filters : Filters
    columns : sequence of str
        Of `MEMBER_COLUMNS` and the features.

    Returns
    -------
    Table
        The key and the columns. valid_from says since when the row, as of the published data, has
        been in the segment; null where no history says so.

    Raises
    ------
    CommandError
        If a filter or a column names no feature, a value has the wrong type, the rule is none, or
        nobody is left.
    """
    key = published.key
    conditions, parameters = _conditions(published, filters)
    valid_from, history = _history(published)
    if segment is not None:
        conditions.append("members.segment_id = $segment")
        parameters["segment"] = segment.segment_id
    selected = "".join(f", {_source(published, one, valid_from)}" for one in columns)
    try:
        table = published.arrow(
            f"""
            {_ruled(published, filters.rule)}
            select members.{key} {selected}
            from {published.members} as members
            inner join {published.features} as features using ({key})
            {history}
            where {" and ".join(conditions) or "true"}
            order by members.{key}
            """,
            parameters,
        )
    except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as error:
        if filters.rule is None:
            raise
        raise CommandError(
            f"--rule {filters.rule}: {str(error).splitlines()[0].rstrip('.')}. Write a condition "
            "of features, as `segmentation segments --as sql` has them."
        ) from error
    if table.num_rows == 0:
        raise CommandError(_why_empty(published, segment, filters))
    return table


def _source(published: Published, column: str, valid_from: str) -> str:
    if column == "valid_from":
        return f"{valid_from} as valid_from"
    if column in MEMBER_COLUMNS:
        return f"members.{column}"
    features = [one for one in published.columns(published.features) if one != published.key]
    if column not in features:
        raise CommandError(
            f"There is no column '{column}' to take along. There are: "
            f"{', '.join((*MEMBER_COLUMNS, *features))}."
        )
    return f"features.{column}"


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
    if filters.ids is not None:
        conditions.append(f"cast(members.{published.key} as varchar) in (select unnest($ids))")
        parameters["ids"] = list(filters.ids)
    if filters.rule is not None:
        conditions.append(f"members.{published.key} in (select chosen_key from ruled)")
    return conditions, parameters


def _ruled(published: Published, rule: str | None) -> str:
    """Return the step that finds whom a rule takes; the key has no name there to rule by."""
    if rule is None:
        return ""
    return (
        f"with ruled as (select chosen_key from (select {published.key} as chosen_key, * exclude "
        f"({published.key}) from {published.features}) where (\n{rule}\n))"
    )


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


def _why_empty(published: Published, segment: Segment | None, filters: Filters) -> str:
    if segment is None:
        return f"None of the {published.units} is chosen: nothing written."
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
    reasons += ["what the rule asks"] * (filters.rule is not None)
    reasons += ["a key of the list"] * (filters.ids is not None)
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


def manifest(
    published: Published, segment: Segment | None, filters: Filters, table: pa.Table
) -> dict:
    """Return what is written beside an audience: no clock but the publication's own."""
    size = published.rows(
        f"select count(*) from {published.members} where segment_id = ? or ? is null",
        [segment and segment.segment_id] * 2,
    )[0][0]
    tables = [published.members, published.features]
    sources = published.rows(
        "select table_name, content_hash, published_at from publications "
        f"where table_name in ({', '.join('?' * len(tables))}) order by table_name",
        tables,
    )
    return {
        "segmentation": published.segmentation,
        "segment_id": segment and segment.segment_id,
        "segment_name": segment and segment.name,
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
