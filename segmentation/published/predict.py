"""``segmentation predict``: which segment rows belong to, from the published file alone.

Each row gets an answer or, in words, the reason why it has none; what had to be filled, pooled or
ignored on the way is told in its ``notes``.
"""

import argparse
import sys
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from segmentation.published import output, score_inputs, served
from segmentation.published.score_inputs import Damaged, InputRows, Row
from segmentation.published.score_values import clean, prepare
from segmentation.published.scoring import SIZE_AND_SPREAD, FittedModel, Scores, load_model, score
from segmentation.published.served import CommandError

DECIDING_FEATURES = 3


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
    rows: list[Row], first: int, model: FittedModel, known: frozenset[str], schema: pa.Schema
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
    """
    prepared = prepare(rows, model, known)
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


# --- the command ---


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``segmentation predict``."""
    served.add_arguments(parser)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--input", metavar="FILE", help="rows to score; - is standard input")
    source.add_argument(
        "--set",
        action="append",
        metavar="FEATURE=VALUE",
        help="score one row of values, e.g. --set total_spend=120 --set total_orders=3",
    )
    parser.add_argument("--format", choices=score_inputs.FORMATS, help="of the input")
    parser.add_argument("--delimiter", default=",", help="of a CSV input (default: a comma)")
    parser.add_argument("--output", metavar="FILE", default=output.STDOUT, help="default: stdout")
    parser.add_argument("--output-format", choices=output.FORMATS)
    output.add_force(parser)
    parser.add_argument("--explain", action="store_true", help="add every feature's contribution")


def run(arguments: argparse.Namespace) -> int:
    """Score the input and write the answers; a summary goes to standard error."""
    output.refuse_existing(arguments.output, arguments.force)
    kind = output.chosen_format(
        arguments.output, arguments.output_format, default="text" if arguments.set else "csv"
    )
    if len(arguments.delimiter) != 1:
        raise CommandError("--delimiter must be one character.")
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        model = load_model(published)
        has_features = published.has(published.features)
        columns = published.columns(published.features) if has_features else {}
    known = frozenset(columns) | {published.key}
    if arguments.set:
        inputs = _single_row(arguments.set, model, known)
    else:
        inputs = score_inputs.read_rows(arguments.input, arguments.format, arguments.delimiter)
    _refuse_without_features(inputs, model)
    key = published.key if published.key in inputs.columns else None
    schema = answer_schema(model, key, _key_type(inputs, key), arguments.explain)
    counts = {"rows": 0, "scored": 0}
    tables = _answers(inputs, model, known, schema, counts)
    output.write_tables(tables, schema, arguments.output, kind)
    if not arguments.set:
        _report(counts, inputs, model, known)
    return 0


def _answers(
    inputs: InputRows, model: FittedModel, known: frozenset[str], schema: pa.Schema, counts: dict
) -> Iterator[pa.Table]:
    for rows in score_inputs.batches(inputs.rows):
        table = answer(rows, counts["rows"] + 1, model, known, schema)
        counts["rows"] += table.num_rows
        counts["scored"] += table.num_rows - table.column("segment_id").null_count
        yield table


def _single_row(settings: list[str], model: FittedModel, known: frozenset[str]) -> InputRows:
    row: dict[str, object] = {}
    names = [one.name for one in model.inputs]
    for setting in settings:
        name, separator, value = setting.partition("=")
        name = name.strip().lower()
        if not separator:
            raise CommandError(f"--set {setting} has no value: write --set feature=value.")
        if name not in known | set(names):
            raise CommandError(f"There is no feature '{name}'. The model uses: {', '.join(names)}.")
        if name in row:
            raise CommandError(f"--set names {name} twice.")
        row[name] = value
    return InputRows(tuple(row), iter([row]), {})


def _refuse_without_features(inputs: InputRows, model: FittedModel) -> None:
    names = [one.name for one in model.inputs]
    if inputs.columns and not set(names) & set(inputs.columns):
        raise CommandError(
            f"The input has none of the model's features ({', '.join(names)}); its columns are: "
            f"{', '.join(map(clean, inputs.columns))}. Is the delimiter or the header another?"
        )


def _key_type(inputs: InputRows, key: str | None) -> pa.DataType:
    return inputs.types.get(key or "", pa.string())


def _report(
    counts: dict[str, int], inputs: InputRows, model: FittedModel, known: frozenset[str]
) -> None:
    names = {one.name for one in model.inputs}
    absent = [one.name for one in model.inputs if one.name not in inputs.columns]
    ignored = [name for name in inputs.columns if name not in known | names]
    lines = [f"Scored {counts['scored']} of {counts['rows']} rows with model {model.version}."]
    if counts["scored"] < counts["rows"]:
        lines.append("The others say in `notes` why they have no segment.")
    if absent:
        lines.append(f"Missing columns: {', '.join(absent)}.")
    if ignored:
        lines.append(f"Ignored columns: {', '.join(map(clean, ignored))}.")
    print(*lines, file=sys.stderr)
