"""Answers for people: what a form asks, where its values belong and why, who somebody is.

What the app shows of predictions and of single rows; the values are those of ``segmentation
predict`` and ``segmentation similar``, which these functions call.
"""

from dataclasses import dataclass

import pandas as pd

from segmentation.features.recipe import MISSING, OTHER
from segmentation.published.contradictions import Quotient, completed, contradictions
from segmentation.published.predict import answer, answer_schema, published_values
from segmentation.published.score_values import prepare, read_number
from segmentation.published.scoring import SIZE_AND_SPREAD, FittedModel, ModelInput, load_model
from segmentation.published.served import CommandError, Published
from segmentation.published.similar import similar, similar_to_values

WHOLE_NUMBERS = ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT")
NEIGHBOURS = 5


@dataclass(frozen=True)
class FormField:
    """One feature that a form asks for.

    Attributes
    ----------
    name : str
        Column of the features.
    default : float or str or None
        The median, or the most frequent level; None if no row has a value.
    is_whole : bool
        Whether its numbers are whole.
    lowest, highest : float or None
        Of its numbers among all rows.
    follows : str
        Features that it follows from where nobody says it, in words; empty for others.
    levels : tuple of str
        What can be chosen, the most frequent first; empty for numbers.
    """

    name: str
    default: float | str | None
    is_whole: bool = False
    levels: tuple[str, ...] = ()
    lowest: float | None = None
    highest: float | None = None
    follows: str = ""

    @property
    def is_category(self) -> bool:
        """Whether values are text."""
        return bool(self.levels)


@dataclass(frozen=True, eq=False)
class Answer:
    """Where values belong.

    Attributes
    ----------
    segment_id, segment_name : int or None, str or None
        None if the values get no segment; `notes` say why.
    confidence, distance : float or None
        As `segmentation.published.scoring.Scores` has them.
    probability : float or None
        Membership probability, if the model is a mixture.
    runner_up_id, runner_up_name : int or None, str or None
    contributions : DataFrame
        feature, value (a missing number as it was filled), contribution: what speaks for the
        segment rather than the runner-up, strongest first. A mixture adds a row
        `SIZE_AND_SPREAD`, without a value.
    notes : str or None
        What was filled, pooled or ignored.
    model_version : int
    neighbours : DataFrame
        As `neighbour_columns` says; empty without a segment.
    """

    segment_id: int | None
    segment_name: str | None
    confidence: float | None
    distance: float | None
    probability: float | None
    runner_up_id: int | None
    runner_up_name: str | None
    contributions: pd.DataFrame
    notes: str | None
    model_version: int
    neighbours: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Record:
    """A published row.

    Attributes
    ----------
    key : str
    segment_id, segment_name : int, str
    confidence : float or None
    runner_up_name : str or None
    features : dict of str to object
        All columns of the features, raw.
    labels : dict of str to str
        Further names by what they are, e.g. the RFM cell; those that are published.
    history : DataFrame
        segment_id, segment_name, valid_from, valid_to, cause: earliest first.
    """

    key: str
    segment_id: int
    segment_name: str
    confidence: float | None
    runner_up_name: str | None
    features: dict[str, object]
    labels: dict[str, str]
    history: pd.DataFrame


def form_fields(published: Published) -> tuple[FormField, ...]:
    """Return what a form asks: the active model's inputs, with defaults from all rows.

    What follows from other features has no default; those are asked instead.

    Parameters
    ----------
    published : Published
        An open published file.

    Raises
    ------
    CommandError
        If the model's parameters are not published, or its algorithm is not known here.
    """
    model, types = load_model(published), published.columns(published.features)
    inputs = _asked(model.inputs, _quotients(model, types))
    numbers = [one.name for one in inputs if not one.is_category]
    medians = dict(zip(numbers, _medians(published, numbers), strict=True))
    following = _following(_quotients(model, types))
    fields = []
    for one in inputs:
        if one.is_category:
            levels = _levels(published, one.name, one.levels)
            fields.append(FormField(one.name, next(iter(levels), None), levels=levels or (OTHER,)))
            continue
        follows, is_whole = following.get(one.name, ""), types[one.name] in WHOLE_NUMBERS
        median = None if follows else _rounded(medians[one.name], is_whole)
        fields.append(
            FormField(
                one.name,
                median,
                is_whole,
                lowest=one.lowest,
                highest=one.highest,
                follows=follows,
            )
        )
    return tuple(fields)


def _quotients(model: FittedModel, types: dict[str, str]) -> tuple[Quotient, ...]:
    """Return those that can be asked for: their parts are features."""
    return tuple(one for one in model.quotients if {*one.names} <= types.keys())


def _asked(
    inputs: tuple[ModelInput, ...], quotients: tuple[Quotient, ...]
) -> tuple[ModelInput, ...]:
    """Put what quotients are made of before them."""
    known = {one.name for one in inputs}
    asked = list(inputs)
    for one in quotients:
        place = [each.name for each in asked].index(one.name)
        missing = [name for name in (one.whole, one.count) if name not in known]
        asked[place:place] = [ModelInput(name, "none", None, lowest=0.0) for name in missing]
    return tuple(asked)


def _following(quotients: tuple[Quotient, ...]) -> dict[str, str]:
    found = {}
    for one in quotients:
        found[one.name] = f"{one.whole} ÷ {one.count}"
        found[one.count] = one.otherwise
    return found


def objections(published: Published, values: dict[str, object]) -> tuple[str, ...]:
    """Return in words how a form's values contradict each other; empty where they do not.

    Parameters
    ----------
    published : Published
        An open published file.
    values : dict of str to object
        As for `predict_values`.
    """
    model = load_model(published)
    full, _ = completed(values, model.quotients, _number)
    return tuple(contradictions(full, model.rules, _number, model.quotients))


def _number(value: object) -> float:
    return read_number(value)[0]


def _medians(published: Published, names: list[str]) -> tuple:
    if not names:
        return ()
    listed = ", ".join(f"cast(median({name}) as double)" for name in names)
    return published.rows(f"select {listed} from {published.features}")[0]


def _rounded(value: float | None, is_whole: bool) -> float | None:
    if value is None or value != value:
        return None
    return round(value) if is_whole else round(value, 2)


def _levels(published: Published, name: str, known: frozenset[str]) -> tuple[str, ...]:
    rows = published.rows(
        f"select cast({name} as varchar) as level from {published.features} "
        "group by level order by count(*) desc, level"
    )
    return tuple(level for (level,) in rows if level in known - {MISSING, OTHER})


def predict_values(
    published: Published, values: dict[str, object], neighbours: int = NEIGHBOURS
) -> Answer:
    """Say which segment values belong to, why, and whose values are most like them.

    Parameters
    ----------
    published : Published
        An open published file.
    values : dict of str to object
        Values by feature; absent ones and None are missing.
    neighbours : int
        Rows most like the values, at least 1.

    Raises
    ------
    CommandError
        If the model's parameters are not published, or its algorithm is not known here.
    """
    model = load_model(published)
    return _answer(published, model, values, neighbours)


def _answer(
    published: Published, model: FittedModel, values: dict[str, object], neighbours: int
) -> Answer:
    known = frozenset(published.columns(published.features))
    schema = answer_schema(model, None, None, explain=True)
    row = answer([values], 1, model, known, schema).to_pylist()[0]
    frame = prepare([values], model, known).frame
    nearest = pd.DataFrame()
    if row["segment_id"] is not None and neighbours:
        nearest = similar_to_values(published, model, frame, neighbours).to_pandas()
    return Answer(
        segment_id=row["segment_id"],
        segment_name=row["segment_name"],
        confidence=row["confidence"],
        distance=row["distance"],
        probability=row.get("probability"),
        runner_up_id=row["runner_up_segment_id"],
        runner_up_name=row["runner_up_segment_name"],
        contributions=_contributions(row, model, frame),
        notes=row["notes"],
        model_version=row["model_version"],
        neighbours=nearest,
    )


def _contributions(row: dict, model: FittedModel, values: pd.DataFrame) -> pd.DataFrame:
    parts = {one.name: row[f"contribution_{one.name}"] for one in model.inputs}
    if model.mixture is not None:
        parts[SIZE_AND_SPREAD] = row["size_and_spread"]
    used = {one.name: _used(values[one.name].iloc[0], one) for one in model.inputs}
    frame = pd.DataFrame(
        {
            "feature": list(parts),
            "value": [used.get(name) for name in parts],
            "contribution": list(parts.values()),
        }
    ).dropna(subset="contribution")
    order = frame["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _used(value: object, one: ModelInput) -> object:
    is_filled = not one.is_category and value != value
    return one.fill_value if is_filled else value


def find_row(published: Published, identifier: str) -> Record:
    """Return what is published about one row.

    Parameters
    ----------
    published : Published
        An open published file.
    identifier : str
        Its key, as text.

    Raises
    ------
    CommandError
        If nobody has that key, or the row has no segment; the sentence says why.
    """
    found = published.rows(
        f"select segment_id, segment_name, confidence, {_runner_up(published)} "
        f"from {published.members} where {published.has_key}",
        [identifier],
    )
    if not found:
        raise CommandError(published.why_unknown(identifier))
    segment_id, segment_name, confidence, runner_up = found[0]
    names = {one.segment_id: one.name for one in published.segments()}
    features = published_values(published, identifier)
    return Record(
        key=identifier,
        segment_id=segment_id,
        segment_name=segment_name,
        confidence=None if confidence != confidence else confidence,
        runner_up_name=names.get(runner_up),
        features={name: value for name, value in features.items() if name != published.key},
        labels=_labels(published, identifier),
        history=_history(published, identifier),
    )


def _runner_up(published: Published) -> str:
    named = "runner_up_segment_id"
    return named if named in published.columns(published.members) else "null"


def _one(published: Published, table: str, identifier: str) -> dict[str, object]:
    """Return the row of a table that has the segmentation's key; empty if there is none."""
    columns = published.columns(table) if published.has(table) else {}
    if published.key not in columns:
        return {}
    rows = published.rows(f"select * from {table} where {published.has_key}", [identifier])
    return dict(zip(columns, rows[0], strict=True)) if rows else {}


def _labels(published: Published, identifier: str) -> dict[str, str]:
    wanted = {
        "RFM cell": ("customer_rfm", "rfm_cell"),
        "Typical basket": ("customer_baskets", "component_name"),
    }
    found = {
        title: _one(published, table, identifier).get(column)
        for title, (table, column) in wanted.items()
    }
    return {title: str(value) for title, value in found.items() if value is not None}


def _history(published: Published, identifier: str) -> pd.DataFrame:
    if not published.has(published.history):
        return pd.DataFrame()
    return published.frame(
        "select segment_id, segment_name, valid_from, valid_to, cause "
        f"from {published.history} where {published.has_key} "
        "order by valid_from, valid_to nulls last",
        [identifier],
    )


def explain_row(published: Published, record: Record) -> Answer:
    """Say why a published row is in its segment, without neighbours.

    Parameters
    ----------
    published : Published
        An open published file.
    record : Record
        As `find_row` returns it.
    """
    return _answer(published, load_model(published), record.features, neighbours=0)


def neighbours_of(published: Published, identifier: str, n: int = NEIGHBOURS) -> pd.DataFrame:
    """Return the row itself and the n nearest by each measure, as `similar` does."""
    return similar(published, identifier, n).to_pandas()
