"""``segmentation similar``: the rows most like one row, by two measures.

*Cosine* compares directions in component space: the same mix, whatever its size. *Distance* is
Euclidean over the scaled features: the same values. Both are brute force over the published file.
"""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from click import Choice, IntRange, Option

from segmentation.cli.options import PUBLISHED, Arguments, output_options
from segmentation.features.recipe import MISSING
from segmentation.published import output, served
from segmentation.published.scoring import FittedModel, load_model
from segmentation.published.served import CommandError, Published
from segmentation.published.sql_export import literal, named, scaling_steps

MEASURES = ("cosine", "distance")
KEYED = ("customer", "product")
"""Segmentations with an option for their key; the first is the default."""
# A zero vector has no direction: its cosine is NaN, which would sort as the largest number.
COSINE = "nullif(list_cosine_similarity(members.components, $components::double[]), 'nan')"


@dataclass(frozen=True)
class Target:
    """The row to compare with.

    Attributes
    ----------
    key : object
        Its key, in the type of the key column; None for values that are nobody's.
    components : list of d floats
    features : DataFrame of 1 row
        The model's inputs, as `segmentation.published.scoring.score` wants them.
    """

    key: object
    components: list[float]
    features: pd.DataFrame


def similar(published: Published, identifier: str, n: int, by: str = "both") -> pa.Table:
    """Find the n rows nearest to one row.

    Parameters
    ----------
    published : Published
        An open published file.
    identifier : str
        The row's key, as text.
    n : int
        Neighbours per measure, at least 1.
    by : str
        ``cosine``, ``distance`` or ``both``.

    Returns
    -------
    Table
        The row itself (rank 0), then n rows per measure by rank: measure, rank, the key,
        cosine_similarity in [-1, 1], scaled_distance, segment_id, segment_name and the raw values
        of the model's features. Ties go to the smaller key.

    Raises
    ------
    CommandError
        If nobody has that key, or the row has no segment.
    """
    model = load_model(published)
    return _nearest(published, model, _target(published, identifier, model), n, by)


def similar_to_values(
    published: Published, model: FittedModel, features: pd.DataFrame, n: int, by: str = "distance"
) -> pa.Table:
    """Find the n rows nearest to values that need not be anybody's.

    Parameters
    ----------
    published : Published
        An open published file.
    model : FittedModel
        Its active model.
    features : DataFrame of 1 row
        The model's inputs, as `segmentation.published.scoring.score` wants them, without a missing
        value that the model does not fill.
    n : int
        Neighbours per measure, at least 1.
    by : str
        ``cosine``, ``distance`` or ``both``.

    Returns
    -------
    Table
        As `similar` returns it, without the row of rank 0.
    """
    target = Target(None, model.components(features)[0].tolist(), features)
    return _nearest(published, model, target, n, by)


def _target(published: Published, identifier: str, model: FittedModel) -> Target:
    found = published.rows(
        f"select {published.key}, components from {published.members} where {published.has_key}",
        [identifier],
    )
    if not found:
        raise CommandError(published.why_unknown(identifier))
    names = ", ".join(one.name for one in model.inputs)
    frame = published.frame(
        f"select {names} from {published.features} where {published.has_key}", [identifier]
    )
    for one in model.inputs:
        if one.is_category:
            frame[one.name] = frame[one.name].astype(object).fillna(MISSING).astype(str)
        else:
            frame[one.name] = frame[one.name].astype(float)
    return Target(*found[0], frame)


# --- the query: find the nearest by each measure alone, then both measures of those found ---


def _nearest(published: Published, model: FittedModel, target: Target, n: int, by: str) -> pa.Table:
    table = named(f"published.main.{published.features}")
    # Streamed: kept, the scaled values of all rows would be the largest thing in memory.
    steps = scaling_steps(model, table, named(published.key), is_clean=True)
    scaling = ", ".join(f"{name} as not materialized ({body})" for name, body in steps)
    statement = f"""
        with {scaling},
        found as ({_found(published, model, target, n, by)}),
        measured as ({_measured(published, model, target)})
        {_ranked(published, model)}
    """
    parameters = {"target": target.key, "components": target.components}
    return published.arrow(statement, parameters)


def _found(published: Published, model: FittedModel, target: Target, n: int, by: str) -> str:
    key = published.key
    rows = {
        "cosine": f"from {published.members} as members",
        "distance": "from scaled",
    }
    order = {
        "cosine": f"{COSINE} desc nulls last",
        "distance": f"{_scaled_distance(model, target)} nulls last",
    }
    nearest = [
        f"(select '{measure}', {key} {rows[measure]} where {key} is distinct from $target "
        f"order by {order[measure]}, {key} limit {n})"
        for measure in MEASURES
        if by in (measure, "both")
    ]
    return " union all ".join([f"select 'itself' as measure, $target as {key}", *nearest])


def _measured(published: Published, model: FittedModel, target: Target) -> str:
    key = published.key
    raw = ", ".join(f"features.{one.name}" for one in model.inputs)
    return f"""
        select
            {key},
            {COSINE} as cosine_similarity,
            {_scaled_distance(model, target)} as scaled_distance,
            members.segment_id,
            members.segment_name,
            {raw}
        from {published.members} as members
        inner join {published.features} as features using ({key})
        inner join scaled using ({key})
        where {key} in (select {key} from found)
    """


def _ranked(published: Published, model: FittedModel) -> str:
    key = published.key
    raw = ", ".join(f"measured.{one.name}" for one in model.inputs)
    return f"""
        select
            found.measure,
            row_number() over (
                partition by found.measure
                order by
                    case found.measure
                        when 'cosine' then -cosine_similarity else scaled_distance
                    end,
                    {key}
            ) - cast(found.measure = 'itself' as bigint) as rank,
            {key},
            cosine_similarity,
            scaled_distance,
            measured.segment_id,
            measured.segment_name,
            {raw}
        from found
        inner join measured using ({key})
        order by found.measure <> 'itself', found.measure, rank
    """


def _scaled_distance(model: FittedModel, target: Target) -> str:
    positions = sorted(model.scaling["position"].unique())
    there = model.scaled(target.features)[0]
    gaps = [
        f"(scaled.scaled_{position} - {literal(value)})"
        for position, value in zip(positions, there, strict=True)
    ]
    # A product costs a fraction of what a power does; DuckDB evaluates the gap once.
    return f"sqrt({' + '.join(f'{gap} * {gap}' for gap in gaps)})"


PARAMETERS = [
    Option(["--id", "identifier"], metavar="ID", help="Key of the row to compare with."),
    *(
        Option([f"--{name}-id"], metavar="ID", help=f"The same, of --segmentation {name}.")
        for name in KEYED
    ),
    Option(["-n"], type=IntRange(min=1), default=5, help="Neighbours per measure."),
    Option(["--by"], type=Choice([*MEASURES, "both"]), default="both", help="The measure."),
    *output_options(),
    *PUBLISHED,
]
ONE_OF = ("--id", *(f"--{name}-id" for name in KEYED))


def run(arguments: Arguments) -> int:
    """Print the most similar rows."""
    output.refuse_existing(arguments.output, arguments.force)
    kind = output.chosen_format(arguments.output, arguments.output_format, default="text")
    segmentation, identifier = _who(arguments)
    with served.open_published(arguments.serving, segmentation) as published:
        table = similar(published, identifier, arguments.n, arguments.by)
    output.write_tables(iter([table]), table.schema, arguments.output, kind)
    return 0


def _who(arguments: Arguments) -> tuple[str | None, str]:
    """Return the segmentation and the key asked for; `--product-id` says both."""
    asked = arguments.segmentation
    for name in KEYED:
        identifier = getattr(arguments, f"{name}_id")
        if identifier is None:
            continue
        if asked not in (None, name):
            raise CommandError(
                f"--{name}-id {identifier} is not a key of the segmentation {asked}: "
                f"write --id {identifier}, or leave out --segmentation {asked}."
            )
        return name, identifier
    return asked, arguments.identifier
