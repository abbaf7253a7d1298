"""``segmentation export-sql``: the active model as one plain SQL statement.

All parameters are literals, and only arithmetic, CASE, LN, ABS, SIGN, LOWER and TRIM are used, so
a warehouse without lists, Python or this project can place its own rows. Distances are squared: a
square root would change no answer. A mixture's segments are ranked by log density, which needs no
exponential.
"""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd
from click import Choice, Option

from segmentation.cli.options import OUTPUT, PUBLISHED, Arguments, force
from segmentation.features.recipe import MISSING, OTHER
from segmentation.published import output, served
from segmentation.published.score_mixture import Mixture
from segmentation.published.scoring import FittedModel, ModelInput, load_model, shrunk_by
from segmentation.published.served import CommandError
from segmentation.published.spellings import spellings_of

RELATION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*){0,2}", re.ASCII)
COLUMN = re.compile(r"[A-Za-z_]\w*", re.ASCII)
TERMS_PER_LINE = 3
LARGEST = float(np.finfo(float).max)
LARGEST_SCALED = 1e300
LARGEST_ROOT = 1e153
"""Its square is finite, and so is the sum of as many as there can be components."""


ONCE = ("duckdb", "postgres", "sqlite")
"""Dialects in which a CTE has to be told to be computed once. Without it PostgreSQL and SQLite copy
each step's expressions into the next, which makes them grow by a factor a step: 200 rows with five
features took two minutes."""
TRIED = (*ONCE, "spark")
"""Dialects whose statements tests run; the others are what sqlglot makes of them."""
DIALECTS = (*TRIED, "bigquery", "databricks", "redshift", "snowflake", "trino")


def named(name: str) -> str:
    """Return a name, or names with dots between, quoted: it may be a word of the language."""
    return ".".join(f'"{part}"' for part in name.split("."))


def quoted(value: str) -> str:
    """Return a text as a string literal."""
    return "'" + value.replace("'", "''") + "'"


def in_dialect(statement: str, dialect: str) -> str:
    """Return a statement as another database writes it.

    Parameters
    ----------
    statement : str
        For DuckDB, and in what PostgreSQL shares with it.
    dialect : str
        One of `DIALECTS`.

    Notes
    -----
    Names mean what they would without marks: in PostgreSQL those in lower case, in Snowflake those
    in upper case. SQLite would take an unknown name in double marks for a text.
    """
    if dialect == "duckdb":
        return statement
    import sqlglot
    from sqlglot import expressions

    writer = sqlglot.Dialect.get_or_raise(dialect)
    tree = sqlglot.parse_one(statement, read="postgres")
    for name in tree.find_all(expressions.Identifier):
        name.set("quoted", False)
        writer.normalize_identifier(name)
        name.set("quoted", True)
    for step in tree.find_all(expressions.CTE):
        step.set("materialized", dialect in ONCE or None)
    if dialect == "sqlite":
        writer.IDENTIFIER_START = writer.IDENTIFIER_END = "`"
    return f"{tree.sql(dialect=writer, pretty=True)};\n"


def model_statement(model: FittedModel, *, table: str, key: str, dialect: str = "duckdb") -> str:
    """Return a SELECT that places every row of a feature table.

    Parameters
    ----------
    model : FittedModel
    table : str
        Name of a table with the key and the model's feature columns.
    key : str
        Its unique column.
    dialect : str
        One of `DIALECTS`.

    Returns
    -------
    str
        One statement, whose columns are the key, segment_id, segment_name, runner_up_segment_id,
        squared_distance, runner_up_squared_distance, for a mixture log_density and
        runner_up_log_density, and model_version. Rows with a missing value that the model does
        not fill are left out, as they are from the segments, and so are those with a value that
        is infinite or too large for a finite distance. NaN is a missing value.

    Raises
    ------
    CommandError
        If the table, the key or a feature is not a plain SQL name.
    """
    _refuse_names(table, key, model.inputs)
    key = named(key)
    steps = _steps(model, named(table), key)
    if table.lower() in dict(steps):
        raise CommandError(
            f"--table {table} is the name of a step of the statement: write it with its schema."
        )
    ctes = ",\n\n".join(f"{name} as materialized (\n{body}\n)" for name, body in steps)
    return in_dialect(f"with {ctes}\n\n{_answer(model, key)};\n", dialect)


def _steps(model: FittedModel, table: str, key: str) -> list[tuple[str, str]]:
    """Return names and bodies of the common table expressions."""
    scaling = scaling_steps(model, table, key)
    components, measures = _component_columns(model), _distance_columns(model)
    near = _have_squares(name for name, _ in components)
    ranking, score, ranked_from = [], "distance", "distances"
    if model.mixture is not None:
        deviations = _deviation_columns(model.centroids, model.mixture)
        likely = _have_squares(name for name, _ in deviations)
        measures += deviations
        ranking = [("scores", _select("*", _score_columns(model.mixture), "distances", likely))]
        score, ranked_from = "score", "scores"
    k = len(model.segment_ids)
    return [
        *scaling,
        ("components", _select(key, components, "scaled")),
        ("distances", _select(key, measures, "components", near)),
        *ranking,
        ("placed", _select("*", [("nearest", _nearest(k, score))], ranked_from)),
        ("ranked", _select("*", [("runner_up", _second(k, score))], "placed")),
    ]


def scaling_steps(
    model: FittedModel, table: str, key: str, *, is_clean: bool = False
) -> list[tuple[str, str]]:
    """Return names and bodies of the common table expressions that encode and standardise.

    Parameters
    ----------
    model : FittedModel
    table, key : str
        The feature table and its unique column, quoted.

    Returns
    -------
    list of tuple of str
        The last is ``scaled``, with the key and a column ``scaled_<position>`` per encoded column:
        null where a value is missing that the model does not fill. Rows with an infinite number,
        or one too large to be scaled, are left out.
    """
    filled = _filled_columns(model, is_clean)
    return [
        ("typed", _select(key, _typed_columns(model), table)),
        ("filled", _select(key, filled, "typed", [] if is_clean else [_has_value(model)])),
        (
            "scaled",
            _select(key, _scaled_columns(model), "filled", _finite(model)),
        ),
    ]


def _refuse_names(table: str, key: str, inputs: Iterable[ModelInput]) -> None:
    if not RELATION.fullmatch(table):
        raise CommandError(
            f"--table '{table}' is not a plain name such as shop.customer_features: rename it or "
            "make a view."
        )
    for name in (key, *(one.name for one in inputs)):
        if not COLUMN.fullmatch(name):
            raise CommandError(f"The column '{name}' is not a plain SQL name: rename it.")


def _select(
    key: str, columns: list[tuple[str, str]], source: str, conditions: Iterable[str] = ()
) -> str:
    listed = [f"        {key}", *(f"        {value} as {name}" for name, value in columns)]
    where = "\n        and ".join(conditions)
    where = f"\n    where {where}" if where else ""
    return "    select\n" + ",\n".join(listed) + f"\n    from {source}{where}"


def literal(value: float) -> str:
    """Return a float as a literal that every database reads as the same double."""
    text = repr(float(value))
    text = text if "e" in text else f"{text}e0"
    return f"({text})" if value < 0 else text


def _typed_columns(model: FittedModel) -> list[tuple[str, str]]:
    names = {named(one.name): one.is_category for one in model.inputs}
    return [
        (name, f"cast({name} as {'varchar' if is_category else 'double precision'})")
        for name, is_category in names.items()
    ]


def _filled_columns(model: FittedModel, is_clean: bool) -> list[tuple[str, str]]:
    counts = shrunk_by(model.scaling)
    counted = {position: _count(named(name)) for position, name in counts.items()}
    owners = model.scaling.drop_duplicates("position").set_index("position")["feature"]
    counted_features = {owners[position]: count for position, count in counted.items()}
    columns = []
    for one in model.inputs:
        name = named(one.name)
        if not one.is_category:
            number = name
            if one.name in counted_features:  # of nothing there is no average, however absurd
                number = f"case when {counted_features[one.name]} > 0e0 then {name} end"
            columns.append((name, _filled_number(one, number)))
        elif is_clean:
            columns.append((name, f"coalesce({name}, {quoted(MISSING)})"))
        else:
            columns.append((name, _level(one, name)))
    return columns + [(f"count_of_{position}", count) for position, count in counted.items()]


def _count(number: str) -> str:
    """Return the SQL of a count, none where it is missing."""
    return f"case when {number} > 0e0 and -{number} < 0e0 then {number} else 0e0 end"


def _has_value(model: FittedModel) -> str:
    """Return what must hold for a row to be more than fill values."""
    conditions = []
    for one in model.inputs:
        name = named(one.name)
        if one.is_category:
            # Null is neither in the list nor out of it.
            marks = _listed([*sorted(one.missing_words), MISSING])
            conditions.append(f"lower(trim({name})) not in ({marks})")
        else:
            conditions.append(f"{_known_number(name)} is not null")
    return f"({_any(conditions)})"


def _any(conditions: list[str]) -> str:
    return "\n            or ".join(conditions)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(quoted, words))


def _level(one: ModelInput, text: str) -> str:
    """Return the SQL of the level that a text stands for, as `predict` reads it."""
    trimmed = f"trim({text})"
    missing = f"lower({trimmed}) in ({_listed(sorted(one.missing_words))})"
    cases = [f"when {text} is null or {missing} then {quoted(MISSING)}"]
    if one.by_meaning:
        cases.append(f"when {trimmed} in ({_listed(sorted(one.levels))}) then {trimmed}")
    for meaning, level in one.by_meaning.items():
        words = _listed(spellings_of(meaning))
        cases.append(f"when lower({trimmed}) in ({words}) then {quoted(level)}")
    return (
        "case"
        + "".join(f"\n            {case}" for case in cases)
        + (f"\n            else {trimmed}\n        end")
    )


def _known_number(number: str) -> str:
    """Return the SQL of a double, null where it is NaN."""
    # Databases that have NaN put it above every number, whatever its sign.
    return f"case when {number} > 0e0 and -{number} > 0e0 then null else {number} end"


def _filled_number(one: ModelInput, number: str) -> str:
    """Return the SQL of a double with the model's fill value for null and NaN."""
    known = _known_number(number)
    return known if one.fill_value is None else f"coalesce({known}, {literal(one.fill_value)})"


def _finite(model: FittedModel) -> list[str]:
    """Return what must hold for scaled numbers to be finite: PostgreSQL stops where one is not."""
    limits = {one.name: LARGEST for one in model.inputs if not one.is_category}
    for one in model.inputs:
        if one.transform == "none":
            scale = model.scaling.loc[model.scaling["feature"] == one.name, "scale"].iloc[0]
            limits[one.name] = min(LARGEST_SCALED * float(scale), LARGEST / 2)
    return [f"abs({named(name)}) <= {literal(limit)}" for name, limit in limits.items()]


def _have_squares(columns: Iterable[str]) -> list[str]:
    """Return what must hold for the sum of the columns' squares to be finite."""
    return [f"abs({name}) <= {literal(LARGEST_ROOT)}" for name in columns]


def _transformed(row: pd.Series, value: str) -> str:
    """Return the SQL of a filled number after the model's transform, and shrunk."""
    unit = row.get("unit")
    if unit is not None and not pd.isna(unit) and unit != 1:
        value = f"({value} / {literal(unit)})"
    if row["transform"] == "log1p":
        value = f"sign({value}) * ln(1e0 + abs({value}))"
    if pd.isna(row.get("prior_count", np.nan)):
        return value
    mean, count = literal(row["prior_mean"]), f"count_of_{row['position']}"
    share = f"({count} / ({count} + {literal(row['prior_count'])}))"
    return f"({mean} + ({value} - {mean}) * {share})"


def _scaled_columns(model: FittedModel) -> list[tuple[str, str]]:
    by_name = {one.name: one for one in model.inputs}
    columns = []
    for position, rows in model.scaling.groupby("position", sort=True):
        one = by_name[rows["feature"].iloc[0]]
        value = _transformed(rows.iloc[0], named(one.name))
        if one.is_category:
            # Literals alone would be exact decimals in PostgreSQL, which round otherwise.
            value = f"cast({_encoded(one, rows)} as double precision)"
        columns.append((f"scaled_{position}", _standardised(value, rows)))
    return columns


def _standardised(value: str, rows: pd.DataFrame) -> str:
    """Return the SQL of a value centred, scaled and weighted as the first of its rows says."""
    center, scale, weight = (rows[name].iloc[0] for name in ("center", "scale", "weight"))
    weighted = "" if weight == 1 else f" * {literal(weight)}"
    return f"({value} - {literal(center)}) / {literal(scale)}{weighted}"


def _encoded(one: ModelInput, rows: pd.DataFrame) -> str:
    missing = "null" if one.fill_value is None else literal(one.fill_value)
    name = named(one.name)
    if one.transform == "label":
        codes = {MISSING: missing} | {
            level: literal(code) for level, code in zip(rows["level"], rows["code"], strict=True)
        }
        cases = "".join(
            f"\n            when {quoted(level)} then {code}" for level, code in codes.items()
        )
        center = literal(rows["center"].iloc[0])
        return f"case {name}{cases}\n            else {center}\n        end"
    level = rows["level"].iloc[0]
    cases = "" if level == MISSING else f" when {quoted(MISSING)} then {missing}"
    if level != OTHER:
        return f"case {name} when {quoted(level)} then 1e0{cases} else 0e0 end"
    others = "".join(
        f" when {quoted(known)} then 0e0" for known in sorted(one.levels - {OTHER, MISSING})
    )
    return f"case {name}{cases}{others} else 1e0 end"


def _sum(terms: Iterable[str]) -> str:
    terms = list(terms)
    lines = [
        " + ".join(terms[at : at + TERMS_PER_LINE]) for at in range(0, len(terms), TERMS_PER_LINE)
    ]
    return "\n            + ".join(lines)


def _component_columns(model: FittedModel) -> list[tuple[str, str]]:
    positions = sorted(model.scaling["position"].unique())
    shifts = model.means @ model.loadings
    columns = []
    for number, (loadings, shift) in enumerate(zip(model.loadings.T, shifts, strict=True), 1):
        terms = [
            f"scaled_{position} * {literal(loading)}"
            for position, loading in zip(positions, loadings, strict=True)
        ]
        columns.append((f"component_{number}", f"{_sum(terms)}\n            - {literal(shift)}"))
    return columns


def _distance_columns(model: FittedModel) -> list[tuple[str, str]]:
    columns = []
    for number, centroid in enumerate(model.centroids, 1):
        gaps = [f"(component_{n} - {literal(value)})" for n, value in enumerate(centroid, 1)]
        columns.append((f"distance_{number}", _sum(f"{gap} * {gap}" for gap in gaps)))
    return columns


def _deviation_columns(means: np.ndarray, mixture: Mixture) -> list[tuple[str, str]]:
    """Return the deviation from each mean along each axis, in standard deviations."""
    columns = []
    for number, (mean, axes) in enumerate(zip(means, mixture.axes, strict=True), 1):
        for place, (axis, shift) in enumerate(zip(axes.T, mean @ axes, strict=True), 1):
            terms = [
                f"component_{n} * {literal(value)}" for n, value in enumerate(axis, 1) if value
            ]
            columns.append(
                (f"deviation_{number}_{place}", f"{_sum(terms)}\n            - {literal(shift)}")
            )
    return columns


def _score_columns(mixture: Mixture) -> list[tuple[str, str]]:
    """Return minus the log density under each Gaussian: the lowest is the nearest."""
    columns = []
    for number, constant in enumerate(mixture.log_constants, 1):
        deviations = [f"deviation_{number}_{n}" for n in range(1, mixture.axes.shape[1] + 1)]
        squares = _sum(f"{one} * {one}" for one in deviations)
        columns.append((f"score_{number}", f"({squares}) / 2e0\n            - {literal(constant)}"))
    return columns


def _nearest(k: int, score: str) -> str:
    # Of equally near segments the smaller id comes first, as everywhere.
    return _first_case(
        (
            [f"{score}_{one} <= {score}_{other}" for other in range(1, k + 1) if other > one],
            str(one),
        )
        for one in range(1, k + 1)
    )


def _second(k: int, score: str) -> str:
    return _first_case(
        (
            [f"nearest <> {one}"]
            + [
                f"(nearest = {other} or {score}_{one} <= {score}_{other})"
                for other in range(1, k + 1)
                if other > one
            ],
            str(one),
        )
        for one in range(1, k + 1)
    )


def _first_case(branches: Iterable[tuple[list[str], str]]) -> str:
    # Earlier branches have failed: whatever came before this one is farther than a later one.
    cases = "".join(
        f"\n            when {' and '.join(conditions) or '1 = 1'} then {value}"
        for conditions, value in branches
    )
    return f"case{cases}\n        end"


def _answer(model: FittedModel, key: str) -> str:
    ids = [int(one) for one in model.segment_ids]
    names = [quoted(model.names[one]) for one in ids]
    distances = [f"distance_{number}" for number in range(1, len(ids) + 1)]
    columns = {
        "segment_id": _pick("nearest", ids),
        "segment_name": _pick("nearest", names),
        "runner_up_segment_id": _pick("runner_up", ids),
        "squared_distance": _pick("nearest", distances),
        "runner_up_squared_distance": _pick("runner_up", distances),
    }
    if model.mixture is not None:
        log_densities = [f"-score_{number}" for number in range(1, len(ids) + 1)]
        columns["log_density"] = _pick("nearest", log_densities)
        columns["runner_up_log_density"] = _pick("runner_up", log_densities)
    columns["model_version"] = str(model.version)
    listed = ",\n".join(f"    {value} as {name}" for name, value in columns.items())
    return f"select\n    {key},\n{listed}\nfrom ranked"


def _pick(column: str, values: Iterable[object]) -> str:
    cases = "".join(f"\n        when {n} then {value}" for n, value in enumerate(values, 1))
    return f"case {column}{cases}\n    end"


PARAMETERS = [
    Option(
        ["--dialect"],
        type=Choice(DIALECTS),
        metavar="NAME",
        default="duckdb",
        help=f"Whose SQL it is: {', '.join(DIALECTS)}.",
    ),
    Option(["--table"], help="Table with the feature columns.  [default: as published]"),
    Option(["--key"], help="Its key column.  [default: as published]"),
    OUTPUT,
    force(),
    *PUBLISHED,
]


def run(arguments: Arguments) -> int:
    """Print the statement, or write it to a file."""
    output.refuse_existing(arguments.output, arguments.force)
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        table, key = arguments.table, arguments.key
        statement = model_statement(
            load_model(published),
            table=published.features if table is None else table,
            key=published.key if key is None else key,
            dialect=arguments.dialect,
        )
    with output.opened(arguments.output) as stream:
        stream.write(statement)
    return 0
