"""``segmentation similar``: the rows most like one row, by two measures.

*Cosine* compares directions in component space: the same mix, whatever its size. *Distance* is
Euclidean over the scaled features: the same values. Both are brute force over the published file.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.features.recipe import MISSING
from segmentation.features.scaling import apply_scaling
from segmentation.published import output, served
from segmentation.published.scoring import FittedModel, load_model
from segmentation.published.served import CommandError, Published
from segmentation.published.sql_export import filled_number, literal, standardised, transformed

MEASURES = ("cosine", "distance")
KEYED = ("customer", "product")
"""Segmentations with an option for their key; the first is the default."""
# A zero vector has no direction: its cosine is NaN, which would sort as the largest number.
COSINE = "nullif(list_cosine_similarity(components.components, $components::double[]), 'nan')"
UNSEEN = "\0"
"""Stands for every level that the model does not know; no text that was read can be it."""


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
    components = (apply_scaling(features, model.scaling) - model.means) @ model.loadings
    return _nearest(published, model, Target(None, components[0].tolist(), features), n, by)


def _nearest(published: Published, model: FittedModel, target: Target, n: int, by: str) -> pa.Table:
    published.connection.register("level_gaps", _level_gaps(model, target))
    statement = f"""
        with found as ({_found(published, model, target, n, by)}),
        measured as ({_measured(published, model, target)})
        {_ranked(published, model)}
    """
    parameters = {"target": target.key, "components": target.components}
    return published.connection.sql(statement, params=parameters).to_arrow_table()


def _target(published: Published, identifier: str, model: FittedModel) -> Target:
    key, is_target = published.key, published.has_key
    found = published.rows(
        f"select {key}, components from {published.table('components')} "
        f"where {is_target} and model_version = ?",
        [identifier, model.version],
    )
    if not found:
        raise CommandError(why_unknown(published, identifier))
    names = ", ".join(one.name for one in model.inputs)
    frame = published.connection.execute(
        f"select {names} from {published.table('features')} where {is_target}", [identifier]
    ).df()
    for one in model.inputs:
        if one.is_category:
            frame[one.name] = frame[one.name].astype(object).fillna(MISSING).astype(str)
        else:
            frame[one.name] = frame[one.name].astype(float)
    return Target(*found[0], frame)


def why_unknown(published: Published, identifier: str) -> str:
    """Say why a key has no segment: left out, with the reason, or nobody's."""
    what = f"{published.segmentation} {identifier}"
    if published.has("exclusions"):
        reasons = published.rows(
            f"select reason from {published.table('exclusions')} where {published.has_key}",
            [identifier],
        )
        if reasons:
            return f"The {what} has no segment to compare: {reasons[0][0]}."
    return f"There is no {what} in {published.path}."


def _level_gaps(model: FittedModel, target: Target) -> pd.DataFrame:
    """Return, per category and level, the squared scaled distance to the target's level."""
    tables = [pd.DataFrame({"feature": [""], "level": [""], "gap": [0.0]})]
    for one in model.inputs:
        if one.is_category:
            levels = sorted(one.levels | {MISSING, UNSEEN})
            scaling = model.scaling[model.scaling["feature"] == one.name]
            places = apply_scaling(pd.DataFrame({one.name: levels}, dtype=object), scaling)
            gaps = np.square(places - apply_scaling(target.features, scaling)).sum(axis=1)
            tables.append(pd.DataFrame({"feature": one.name, "level": levels, "gap": gaps}))
    return pd.concat(tables, ignore_index=True)


# --- the query: find the nearest by each measure alone, then both measures of those found ---


def _found(published: Published, model: FittedModel, target: Target, n: int, by: str) -> str:
    key = published.key
    orders = {
        "cosine": f"from {_components(published)} where components.model_version = "
        f"{model.version} and {key} is distinct from $target order by {COSINE} desc nulls last",
        "distance": f"from {_features(published, model)} where {key} is distinct from $target "
        f"order by {_scaled_distance(model, target)} nulls last",
    }
    nearest = [
        f"(select '{measure}', {key} {orders[measure]}, {key} limit {n})"
        for measure in MEASURES
        if by in (measure, "both")
    ]
    return " union all ".join([f"select 'itself' as measure, $target as {key}", *nearest])


def _measured(published: Published, model: FittedModel, target: Target) -> str:
    key = published.key
    raw = ", ".join(f"features.{one.name}" for one in model.inputs)
    return f"""
        select
            features.{key},
            {COSINE} as cosine_similarity,
            {_scaled_distance(model, target)} as scaled_distance,
            {raw}
        from {_features(published, model, f"where {key} in (select {key} from found)")}
        inner join {_components(published)} using ({key})
        where components.model_version = {model.version}
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
            segments.segment_id,
            segments.segment_name,
            {raw}
        from found
        inner join measured using ({key})
        inner join {published.table("segments")} as segments using ({key})
        order by found.measure <> 'itself', found.measure, rank
    """


def _components(published: Published) -> str:
    return f"{published.table('components')} as components"


def _features(published: Published, model: FittedModel, condition: str = "") -> str:
    rows = f"(select * from {published.table('features')} {condition})"
    joins = "".join(_level_join(one.name) for one in model.inputs if one.is_category)
    return f"{rows} as features {joins}"


def _level_join(name: str) -> str:
    gaps, level = f"{name}_gap", f"coalesce(cast(features.{name} as varchar), '{MISSING}')"
    known = f"select level from level_gaps where feature = '{name}'"
    return f"""
        left join level_gaps as {gaps}
            on {gaps}.feature = '{name}'
            and {gaps}.level = case when {level} in ({known}) then {level} else chr(0) end
    """


def _scaled_distance(model: FittedModel, target: Target) -> str:
    squares = []
    for one in model.inputs:
        if one.is_category:
            squares.append(f"{one.name}_gap.gap")
            continue
        rows = model.scaling[model.scaling["feature"] == one.name]
        value = filled_number(one, f"cast(features.{one.name} as double)")
        scaled = standardised(transformed(one, value), rows)
        there = apply_scaling(target.features, rows).item()
        # A product costs a fraction of what a power does; DuckDB evaluates the gap once.
        gap = f"({scaled} - {literal(there)})"
        squares.append(f"{gap} * {gap}")
    # A category's gap is NaN where the level is missing and the model fills nothing.
    return f"nullif(sqrt({' + '.join(squares)}), 'nan')"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``segmentation similar``."""
    served.add_arguments(parser)
    parser.set_defaults(segmentation=None)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--id", metavar="ID", dest="identifier", help="key of the row to compare with")
    for name in KEYED:
        who.add_argument(f"--{name}-id", metavar="ID", help=f"the same, with --segmentation {name}")
    parser.add_argument("-n", type=int, default=5, help="neighbours per measure (default: 5)")
    parser.add_argument("--by", choices=[*MEASURES, "both"], default="both")
    parser.add_argument("--output", metavar="FILE", default=output.STDOUT, help="default: stdout")
    parser.add_argument("--output-format", choices=output.FORMATS)
    parser.add_argument("--overwrite", action="store_true", help="replace the output file")


def run(arguments: argparse.Namespace) -> int:
    """Print the most similar rows."""
    output.refuse_existing(arguments.output, arguments.overwrite)
    kind = output.chosen_format(arguments.output, arguments.output_format, default="text")
    if arguments.n < 1:
        raise CommandError("-n must be at least 1.")
    segmentation, identifier = _who(arguments)
    with served.open_published(arguments.serving, segmentation) as published:
        table = similar(published, identifier, arguments.n, arguments.by)
    output.write_tables(iter([table]), table.schema, arguments.output, kind)
    return 0


def _who(arguments: argparse.Namespace) -> tuple[str, str]:
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
    return asked or KEYED[0], arguments.identifier
