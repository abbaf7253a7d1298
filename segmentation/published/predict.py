"""``segmentation predict``: which segment rows belong to, from the published file alone.

Each row gets an answer or, in words, the reason why it has none; what had to be filled, pooled or
ignored on the way is told in its ``notes``.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import pyarrow as pa
from click import Choice, Option, Path

from segmentation.cli.options import PUBLISHED, Arguments, output_options
from segmentation.features.recipe import OTHER
from segmentation.published import output, score_inputs, served
from segmentation.published.headers import Headers, headers_of, renamed
from segmentation.published.score_inputs import Damaged, InputRows, Row
from segmentation.published.score_values import Tally, clean, decimal_mark, prepare
from segmentation.published.scoring import SIZE_AND_SPREAD, FittedModel, Scores, load_model, score
from segmentation.published.served import CommandError, Published

DECIDING_FEATURES = 3
ALL_SCORED, SOME_NOT_SCORED, HARDLY_KNOWN = 0, 1, 3
"""Exit codes of an answer; 2 is that of none."""
HARDLY, ENOUGH_ROWS = 0.9, 5
"""From this share of values never seen, in so many rows, the input is at fault, not its rows."""
SHOWN_VALUES = 3


def answer_schema(
    model: FittedModel, key: str | None, key_type: pa.DataType, explain: bool
) -> pa.Schema:
    """Return names and types of the columns of the answer."""
    is_mixture = model.mixture is not None
    columns = [("row", pa.int64())] + ([(key, key_type)] if key else [])
    columns += [
        ("segment_id", pa.int64()),
        ("segment_name", pa.string()),
        ("confidence", pa.float64()),
        *[("probability", pa.float64())] * is_mixture,
        ("runner_up_segment_id", pa.int64()),
        ("runner_up_segment_name", pa.string()),
        ("distance", pa.float64()),
        ("decided_by", pa.string()),
    ]
    if explain:
        columns.append(("gap", pa.float64()))
        columns += [(f"contribution_{one.name}", pa.float64()) for one in model.inputs]
        columns += [("size_and_spread", pa.float64())] * is_mixture
    return pa.schema([*columns, ("notes", pa.string()), ("model_version", pa.int64())])


def answer(
    rows: list[Row],
    first: int,
    model: FittedModel,
    known: frozenset[str],
    schema: pa.Schema,
    *,
    decimal: str = ".",
    tally: Tally | None = None,
) -> pa.Table:
    """Score rows; return one row of `schema` for each, in the same order.

    Parameters
    ----------
    rows : list of n rows
    first : int
        Number of the first row in the whole input, from 1.
    model : FittedModel
    known : frozenset of str
        Columns that are ignored without a remark.
    schema : Schema
        As `answer_schema` returns it.
    decimal : str
        What stands before the fraction in texts: a point or a comma.
    tally : Tally, optional
        Where what is unusual is counted.
    """
    prepared = prepare(rows, model, known, decimal)
    if tally is not None:
        tally.add(prepared.tally)
    scores = score(prepared.frame, model)
    for number, problems in enumerate(prepared.problems):
        if scores.nearest[number] < 0 and not problems:
            problems.append("a value is too large to be placed")
    scored = np.array([not problems for problems in prepared.problems], dtype=bool)
    columns = _columns(scores, scored, model) | {
        "row": range(first, first + len(rows)),
        "notes": [_told(*pair) for pair in zip(prepared.problems, prepared.notes, strict=True)],
        "model_version": [model.version] * len(rows),
    }
    if schema.names[1] not in columns:
        columns[schema.names[1]] = _keys(rows, schema.names[1], schema.types[1])
    arrays = [pa.array(columns[name], schema.field(name).type) for name in schema.names]
    return pa.Table.from_arrays(arrays, schema=schema)


def _columns(scores: Scores, scored: np.ndarray, model: FittedModel) -> dict[str, list]:
    ids = [int(number) for number in model.segment_ids]
    nearest = [ids[one] if ok else None for one, ok in zip(scores.nearest, scored, strict=True)]
    second = [
        ids[one] if ok and one >= 0 else None
        for one, ok in zip(scores.runner_up, scored, strict=True)
    ]

    def told(values: np.ndarray) -> list[float | None]:
        return _nulls(np.where(scored, values, np.nan))

    names = [one.name for one in model.inputs]
    parts = {name: scores.contributions[:, number] for number, name in enumerate(names)}
    named = {f"contribution_{name}": told(part) for name, part in parts.items()}
    if model.mixture is not None:
        parts[SIZE_AND_SPREAD] = scores.size_and_spread
    table = np.where(scored[:, None], np.column_stack(list(parts.values())), np.nan)
    return named | {
        "segment_id": nearest,
        "segment_name": [model.names.get(one) for one in nearest],
        "confidence": told(scores.confidence),
        "probability": told(scores.probability),
        "runner_up_segment_id": second,
        "runner_up_segment_name": [model.names.get(one) for one in second],
        "distance": told(scores.distance),
        "decided_by": _decided_by(table, list(parts)),
        "gap": _nulls(table.sum(axis=1)),
        "size_and_spread": told(scores.size_and_spread),
    }


def _nulls(values: np.ndarray) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]


def _decided_by(parts: np.ndarray, names: list[str]) -> list[str | None]:
    order = np.lexsort((np.broadcast_to(names, parts.shape), -np.abs(parts)), axis=1)
    return [
        None
        if np.isnan(row).any()
        else ", ".join(f"{names[one]} {row[one]:+.3g}" for one in first[:DECIDING_FEATURES])
        for row, first in zip(parts, order, strict=True)
    ]


def _told(problems: list[str], notes: list[str]) -> str | None:
    if problems:
        missing = [text.removeprefix("no value for ") for text in problems if _is_missing(text)]
        others = [text for text in problems if not _is_missing(text)]
        gathered = [f"no value for {', '.join(missing)}"] if missing else []
        notes = [f"not scored: {', and '.join(others + gathered)}", *notes]
    return clean("; ".join(notes)) if notes else None


def _is_missing(problem: str) -> bool:
    return problem.startswith("no value for ")


def _keys(rows: list[Row], key: str, key_type: pa.DataType) -> list:
    given = [None if isinstance(row, Damaged) else row.get(key) for row in rows]
    if key_type != pa.string():
        return given
    return [None if value is None else clean(str(value)) for value in given]


def published_values(published: Published, identifier: str) -> dict[str, object]:
    """Return the published features of one row, by name; empty where there are none.

    Parameters
    ----------
    published : Published
        An open published file.
    identifier : str
        Its key, as text.
    """
    if not published.has(published.features):
        return {}
    names = list(published.columns(published.features))
    if published.key not in names:
        return {}
    rows = published.rows(
        f"select * from {published.features} where {published.has_key}", [identifier]
    )
    return dict(zip(names, rows[0], strict=True)) if rows else {}


# --- the command ---


PARAMETERS = [
    Option(["--input"], metavar="FILE", type=Path(), help="Rows to score; - is standard input."),
    Option(["--id", "identifier"], metavar="ID", help="Key of a published row."),
    Option(
        ["--set"],
        multiple=True,
        metavar="FEATURE=VALUE",
        help="Score one row of values: --set total_spend=120 --set total_orders=3.",
    ),
    Option(["--format"], type=Choice(score_inputs.FORMATS), help="Of the input."),
    Option(["--delimiter"], help="Of a CSV input.  [default: as its header says]"),
    Option(["--decimal"], type=Choice([".", ","]), help="[default: as its numbers say]"),
    Option(["--encoding"], help="Of a CSV or JSON input.  [default: as its bytes say]"),
    Option(
        ["--allow-missing"],
        is_flag=True,
        help="Score with the model's fill values where a whole column is missing.",
    ),
    Option(["--explain"], is_flag=True, help="Add every feature's contribution."),
    *output_options(),
    *PUBLISHED,
]
ONE_OF = ("--input", "--id", "--set")


def run(arguments: Arguments) -> int:
    """Score the input and write the answers; a summary goes to standard error.

    Returns
    -------
    int
        0 if every row has a segment, 1 if some have none, 3 if hardly any value of a category was
        known to the model.
    """
    output.refuse_existing(arguments.output, arguments.force)
    kind = output.chosen_format(
        arguments.output, arguments.output_format, default="csv" if arguments.input else "text"
    )
    if arguments.delimiter is not None and len(arguments.delimiter) != 1:
        raise CommandError("--delimiter must be one character.")
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        model = load_model(published)
        headers = headers_of(published, frozenset(one.name for one in model.inputs))
        inputs = _inputs(arguments, published, model, headers)
    _refuse_without_features(inputs, model)
    if arguments.input and not arguments.allow_missing:
        _refuse_missing_columns(inputs, model)
    run_of = _Run(inputs, model, headers, arguments.decimal, arguments.allow_missing)
    key = headers.key if headers.key in inputs.columns else None
    schema = answer_schema(model, key, inputs.types.get(key or "", pa.string()), arguments.explain)
    tables = run_of.tables(schema)
    if arguments.set:
        tables = _refuse_without_segment(list(tables))
    output.write_tables(iter(tables), schema, arguments.output, kind)
    if arguments.input:
        print(*run_of.told(), file=sys.stderr)
    return run_of.code()


def _refuse_without_segment(tables: list[pa.Table]) -> list[pa.Table]:
    """Refuse a row told by ``--set`` that has no segment: somebody mistyped it."""
    for row in (row for table in tables for row in table.to_pylist()):
        if row["segment_id"] is None:
            raise CommandError(f"The row has no segment: {row['notes']}.")
    return tables


def _inputs(
    arguments: Arguments, published: Published, model: FittedModel, headers: Headers
) -> InputRows:
    if arguments.set:
        return _single_row(arguments.set, model, headers)
    if arguments.identifier is not None:
        return _published_row(published, arguments.identifier)
    read = score_inputs.read_rows(
        arguments.input, arguments.format, arguments.delimiter, arguments.encoding
    )
    return renamed(read, headers)


def _published_row(published: Published, identifier: str) -> InputRows:
    found = published.rows(
        f"select segment_id from {published.members} where {published.has_key}", [identifier]
    )
    row = published_values(published, identifier)
    if not found or not row:
        raise CommandError(published.why_unknown(identifier))
    row[published.key] = identifier
    return InputRows(tuple(row), iter([row]), {})


@dataclass(eq=False)
class _Run:
    """One run of the command: its rows, and what is counted while they are answered."""

    inputs: InputRows
    model: FittedModel
    headers: Headers
    decimal: str | None
    allows_missing: bool
    rows: int = 0
    scored: int = 0
    tally: Tally = field(default_factory=Tally)

    def tables(self, schema: pa.Schema) -> Iterator[pa.Table]:
        """Return the answers; what concerns the whole input is refused before the first."""
        tables = self._answers(schema)
        first = next(tables, None)
        return iter(()) if first is None else chain([first], tables)

    def _answers(self, schema: pa.Schema) -> Iterator[pa.Table]:
        for rows in score_inputs.batches(self.inputs.rows):
            if not self.rows:
                self.decimal = self.decimal or decimal_mark(rows, self.model)
            table = answer(
                rows, self.rows + 1, self.model, self.headers.unremarkable, schema,
                decimal=self.decimal, tally=self.tally,
            )  # fmt: skip
            if not self.rows and not self.allows_missing:
                self._refuse_unreadable(rows)
            self.rows += table.num_rows
            self.scored += table.num_rows - table.column("segment_id").null_count
            yield table

    def _refuse_unreadable(self, rows: list[Row]) -> None:
        """Refuse a column without a single value; of one row alone that says nothing."""
        whole = [row for row in rows if not isinstance(row, Damaged)]
        names = [one.name for one in self.model.inputs if not self.tally.read[one.name]]
        if len(whole) < 2 or not names:
            return
        shown = {str(row.get(names[0])) for row in whole[:SHOWN_VALUES]} - {"None", ""}
        example = f" ({names[0]} is {', '.join(sorted(map(clean, shown)))})" if shown else ""
        raise CommandError(
            f"No value of {', '.join(names)} can be read in {len(whole):,} rows{example}: mend "
            "the column, or let the model fill it with --allow-missing."
        )

    def code(self) -> int:
        """Return the exit code."""
        if any(self._is_hardly_known(name) for name in self.tally.unseen):
            return HARDLY_KNOWN
        return SOME_NOT_SCORED if self.scored < self.rows else ALL_SCORED

    def _is_hardly_known(self, name: str) -> bool:
        if any(one.name == name and OTHER in one.levels for one in self.model.inputs):
            return False  # What the fit pooled was seen by it.
        read, unseen = self.tally.read[name], self.tally.unseen[name].total()
        return read >= ENOUGH_ROWS and unseen >= HARDLY * read

    def told(self) -> list[str]:
        """Return the summary, in sentences."""
        absent = [one.name for one in self.model.inputs if one.name not in self.inputs.columns]
        used = self.headers.unremarkable
        ignored = [name for name in self.inputs.columns if name not in used]
        lines = [f"Scored {self.scored} of {self.rows} rows with model {self.model.version}."]
        if self.scored < self.rows:
            lines.append("The others say in `notes` why they have no segment.")
        if absent:
            lines.append(f"Missing columns: {', '.join(absent)}.")
        filled = {name: n for name, n in self.tally.filled.items() if n and name not in absent}
        if filled:
            counted = ", ".join(f"{name} in {n:,}" for name, n in filled.items())
            lines.append(f"Values missing: {counted} of {self.rows:,} rows.")
        lines += [self._unseen(name) for name in self.tally.unseen]
        if contradictory := self.tally.contradictory["rows"]:
            lines.append(f"{contradictory:,} rows contradict themselves, as their notes say.")
        if ignored:
            lines.append(f"Ignored columns: {', '.join(map(clean, ignored))}.")
        return [*lines, *self.inputs.remarks]

    def _unseen(self, name: str) -> str:
        values = self.tally.unseen[name]
        shown = [f"'{value[:40]}'" for value, _ in values.most_common(SHOWN_VALUES)]
        more = ", …" if len(values) > len(shown) else ""
        sentence = (
            f"{name} has a value not seen at fit time in {values.total():,} of "
            f"{self.tally.read[name]:,} rows ({', '.join(shown)}{more})"
        )
        if self._is_hardly_known(name):
            return f"{sentence}: is that column right?"
        return f"{sentence}."


def _single_row(settings: Sequence[str], model: FittedModel, headers: Headers) -> InputRows:
    row: dict[str, object] = {}
    names = [one.name for one in model.inputs]
    for setting in settings:
        header, separator, value = setting.partition("=")
        name = headers.feature(header)
        if not separator:
            raise CommandError(f"--set {setting} has no value: write --set feature=value.")
        if name not in headers.known:
            raise CommandError(f"There is no feature '{name}'. The model uses: {', '.join(names)}.")
        if name in row:
            raise CommandError(f"--set names {name} twice.")
        row[name] = value
    return InputRows(tuple(row), iter([row]), {})


def _refuse_without_features(inputs: InputRows, model: FittedModel) -> None:
    names = [one.name for one in model.inputs]
    wholes = {one.whole for one in model.quotients}
    if inputs.columns and not (set(names) | wholes) & set(inputs.columns):
        raise CommandError(
            f"The input has none of the model's features ({', '.join(names)}); its columns are: "
            f"{', '.join(map(clean, inputs.columns))}. Is the delimiter or the header another?"
        )


def _refuse_missing_columns(inputs: InputRows, model: FittedModel) -> None:
    told = set(inputs.columns)
    for one in model.quotients:
        if told & {one.name, one.whole} and told & {one.count, one.otherwise}:
            told |= {one.name, one.count}
    absent = [one.name for one in model.inputs if one.name not in told]
    if absent and inputs.columns:
        raise CommandError(
            f"The input has no column {', '.join(absent)}; its columns are: "
            f"{', '.join(map(clean, inputs.columns))}. Add what is missing, or let the model fill "
            "it with --allow-missing."
        )
