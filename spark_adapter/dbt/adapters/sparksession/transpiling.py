"""The project's SQL, which is DuckDB's, as Spark reads it.

sqlglot translates; what it leaves as it is although Spark means another thing by it is in `RULES`,
one function each. Every rule has a test that asks both engines for the same value. A construct
that would be translated with a loss is refused rather than translated.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

INTEGERS = (exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT, exp.DType.TINYINT)
"""Types that DuckDB casts a fraction to by rounding, and Spark by cutting it off."""
NESTED = (exp.DType.LIST, exp.DType.ARRAY, exp.DType.STRUCT)
WHOLE = (exp.Count, exp.CountIf, exp.Floor, exp.Ceil, exp.RowNumber, exp.Null, exp.Literal)
"""What is whole already."""
WORTH_KEEPING = 10
"""Reads of tables that are saved by computing a part of a query once."""
WORTH_KEEPING_OF_FEW_ROWS = 50
"""The same where every table has a few rows, so that only planning costs."""
FIXTURE = "__dbt__cte__"
"""How dbt's names of what a unit test gives begin."""
CLOCK = {"%Y": "yyyy", "%m": "M", "%d": "d", "%I": "h", "%M": "m", "%S": "s", "%p": "a"}
"""DuckDB's marks in formats of time and Java's."""


class UntranslatableError(ValueError):
    """A construct that means something on DuckDB that no text of Spark's says."""


def _written(text: str, **parts: exp.Expression) -> exp.Expression:
    """Return the expression that a text of Spark's says, with its `:name`s replaced."""
    return exp.replace_placeholders(_template(text), **parts)


@lru_cache(maxsize=512)
def _template(text: str) -> exp.Expression:
    return sqlglot.parse_one(text, read=ProjectSpark)


def _quotient(node: exp.Div) -> exp.Expression:
    # DuckDB divides as doubles; Spark divides decimals as decimals of few places.
    part, whole = exp.cast(node.this, "double"), node.expression
    number = whole.unnest()
    while isinstance(number, exp.Cast):
        number = number.this.unnest()
    if isinstance(number, exp.Nullif) or (number.is_number and float(number.name) != 0):
        return exp.Div(this=part, expression=whole, typed=False)
    # By nothing it gives infinity, or NaN where nothing is divided; Spark gives an error.
    return _written(
        "coalesce(try_divide(:part, :whole), :part * if(:whole = 0, double('Infinity'), null))",
        part=part,
        whole=whole,
    )


def _mean(node: exp.Avg) -> exp.Expression:
    return exp.Avg(this=exp.cast(node.this, "double"))


def _median(node: exp.Median) -> exp.Expression:
    _refuse_filter(node)
    # Between two decimals DuckDB takes the lower decimal in the middle, Spark the double.
    return _written(
        "if(typeof(max(:x)) like 'decimal%', "
        "floor(round(median(:x) * power(10.0D, :scale), 1)) / power(10.0D, :scale), median(:x))",
        x=node.this,
        scale=_written(
            "try_cast(regexp_extract(typeof(max(:x)), ',([0-9]+)', 1) as int)", x=node.this
        ),
    )


def _rounded(node: exp.Round) -> exp.Expression:
    # DuckDB rounds a double's product with a power of ten, Spark the double's shortest text.
    if _is_decimal(node.this):
        return node
    places = node.args.get("decimals") or exp.Literal.number(0)
    return _written(
        "if(typeof(:x) like 'decimal%', round(:x, :places), "
        "round(cast(:x as double) * power(10.0D, :places)) / power(10.0D, :places))",
        x=node.this,
        places=places,
    )


def _is_decimal(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and node.to.is_type("decimal")


def _cast(node: exp.Cast) -> exp.Expression:
    if node.to.is_type(*NESTED) and node.this.is_string:
        return _value(node)
    if node.to.is_type("timestamptz"):
        return _with_seconds(node)
    if node.to.is_type("int128"):
        return exp.cast(node.this, "decimal(38, 0)")
    if not node.to.is_type(*INTEGERS) or isinstance(node.this, WHOLE):
        return node
    # A text is cast as it is: a key may be longer than a double is exact.
    cast = "try_cast" if isinstance(node, exp.TryCast) else "cast"
    number = node.to.sql("spark")
    return _written(
        f"case when typeof(:x) in ('double', 'float') "
        f"then {cast}(rint({cast}(:x as double)) as {number}) "
        f"when typeof(:x) like 'decimal%' then {cast}(round(:y) as {number}) "
        f"else {cast}(:x as {number}) end",
        x=node.this,
        y=_written(f"{cast}(:x as decimal(38, 6))", x=node.this),
    )


def _with_seconds(node: exp.Cast) -> exp.Expression:
    # Spark reads no zone behind hours and minutes alone.
    minutes = exp.Literal.string("^([0-9-]+[ T][0-9]{1,2}:[0-9]{2})(?![:0-9])")
    text = exp.Anonymous(
        this="regexp_replace",
        expressions=[exp.cast(node.this, "string"), minutes, exp.Literal.string("$1:00")],
    )
    node.set("this", text)
    return node


def _value(node: exp.Cast) -> exp.Expression:
    # DuckDB reads lists and structs from text, in a form of its own; Spark reads none.
    import duckdb

    ((value,),) = duckdb.execute(f"select {node.sql(ProjectDuckDB)}").fetchall()
    return exp.cast(_literal(value), node.to)


def _literal(value: object) -> exp.Expression:
    if isinstance(value, dict):
        parts = [exp.alias_(_literal(part), name) for name, part in value.items()]
        return exp.Struct(expressions=parts)
    if isinstance(value, list):
        return exp.Array(expressions=[_literal(one) for one in value])
    return exp.Null() if value is None else exp.Literal.string(str(value))


def _refuse_filter(node: exp.Expression) -> None:
    if isinstance(node.parent, exp.Filter):
        raise UntranslatableError("a filter of a median or a list has no translation for Spark")


def _collected(node: exp.ArrayAgg) -> exp.Expression:
    _refuse_filter(node)
    # collect_list has no order and skips nulls: structs are collected, sorted, and read again.
    keys, value = [], node.this
    if isinstance(value, exp.Order):
        for ordered in value.expressions:
            if ordered.args.get("desc"):
                raise UntranslatableError("list(… order by … desc) has no translation for Spark")
            keys.append(ordered.this)
        value = value.this
    named = [exp.alias_(key, f"key_{place}") for place, key in enumerate(keys)]
    pairs = exp.ArrayAgg(this=exp.Struct(expressions=[*named, exp.alias_(value, "element")]))
    if keys:
        pairs = exp.func("array_sort", pairs)
    return _written("nullif(transform(:pairs, p -> p.element), array())", pairs=pairs)


def _dot_product(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return _sum(_written("zip_with(:a, :b, (x, y) -> x * y)", a=left, b=right))


def _distance(node: exp.EuclideanDistance) -> exp.Expression:
    squares = "zip_with(:a, :b, (x, y) -> (x - y) * (x - y))"
    return exp.Sqrt(this=_sum(_written(squares, a=node.this, b=node.expression)))


def _sum(elements: exp.Expression) -> exp.Expression:
    return _written(
        "aggregate(:v, cast(null as double), "
        "(total, x) -> coalesce(total + cast(x as double), total, cast(x as double)))",
        v=elements,
    )


def _hash(*values: exp.Expression) -> exp.Expression:
    # Spark's hash skips what is missing: a row is hashed as one text, different for different rows.
    texts = [
        _written("coalesce(replace(cast(:x as string), '|', '|.'), '|-')", x=value)
        for value in values
    ]
    row = exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string("|,"), *texts])
    return exp.Anonymous(this="xxhash64", expressions=[row])


def _parsed_time(text: exp.Expression, formats: exp.Expression) -> exp.Expression:
    asked = formats.expressions if isinstance(formats, exp.Array) else [formats]
    tried = [
        _written(f"try_to_timestamp(:x, '{re.sub('%.', lambda m: CLOCK[m[0]], one.name)}')", x=text)
        for one in asked
    ]
    return exp.cast(exp.Coalesce(this=tried[0], expressions=tried[1:]), "timestamp_ntz")


FUNCTIONS: dict[str, Callable[..., exp.Expression]] = {
    "HASH": _hash,
    "LIST_DOT_PRODUCT": _dot_product,
    "LIST_SUM": _sum,
    "TRY_STRPTIME": _parsed_time,
}
"""Functions that sqlglot does not know."""


def _function(node: exp.Anonymous) -> exp.Expression:
    rule = FUNCTIONS.get(str(node.this).upper())
    return rule(*node.expressions) if rule else node


def _matched(node: exp.RegexpFullMatch) -> exp.Expression:
    whole = exp.Concat(
        expressions=[exp.Literal.string("\\A(?:"), node.expression, exp.Literal.string(")\\z")]
    )
    pattern = node.expression
    if pattern.is_string:
        whole = exp.Literal.string(f"\\A(?:{pattern.name})\\z")
    return exp.RegexpLike(this=node.this, expression=whole)


def _replaced(node: exp.RegexpReplace) -> exp.Expression:
    # DuckDB replaces the first match, without 'g'; groups are \\1 there, and $1 in Java.
    if not node.expression.is_string:
        raise UntranslatableError("regexp_replace needs a pattern that is a literal")
    pattern, every = node.expression.name, "g" in node.text("modifiers")
    if not every:
        pattern = f"\\A((?s:.*?))({pattern})"

    def java(literal: exp.Expression) -> exp.Expression:
        if not (isinstance(literal, exp.Literal) and literal.is_string):
            return literal
        text = literal.name.replace("$", "\\$")
        text = re.sub(r"\\(\d)", lambda m: f"${{{int(m[1]) + 2 * (not every)}}}", text)
        text = re.sub(r"\$\{(\d+)\}", r"$\1", text)
        return exp.Literal.string(text if every else f"$1{text}")

    return exp.Anonymous(
        this="regexp_replace",
        expressions=[
            node.this,
            exp.Literal.string(pattern),
            _map_results(node.args["replacement"], java),
        ],
    )


def _map_results(
    node: exp.Expression, change: Callable[[exp.Expression], exp.Expression]
) -> exp.Expression:
    """Change the texts that an expression may give: its own, or those of a CASE."""
    if isinstance(node, exp.Case):
        branches = [
            exp.If(this=one.this, true=_map_results(one.args["true"], change))
            for one in node.args["ifs"]
        ]
        other = node.args.get("default")
        return exp.Case(this=node.this, ifs=branches, default=other and _map_results(other, change))
    if not node.is_string:
        raise UntranslatableError("regexp_replace needs replacements that are literals")
    return change(node)


def _joined(node: exp.Concat) -> exp.Expression:
    # DuckDB's concat skips what is missing and takes any type, as concat_ws does.
    return exp.Anonymous(this="concat_ws", expressions=[exp.Literal.string(""), *node.expressions])


def _type_name(node: exp.Typeof) -> exp.Expression:
    name = exp.Anonymous(this="typeof", expressions=[node.this])
    return _written(
        "upper(replace(replace(:name, 'timestamp_ntz', 'timestamp'), 'string', 'varchar'))",
        name=name,
    )


def _at_zone(node: exp.AtTimeZone) -> exp.Expression:
    if node.args["zone"].name != "UTC":
        raise UntranslatableError("only `at time zone 'UTC'` is translated for Spark")
    return exp.cast(node.this, "timestamp_ntz")


def _element(node: exp.Bracket) -> exp.Expression:
    # Beyond the end DuckDB gives null, and Spark an error.
    (place,) = node.expressions
    if place.is_string:  # a field of a struct
        return node
    return exp.Anonymous(this="try_element_at", expressions=[node.this, exp.cast(place, "int")])


def _extracted(node: exp.RegexpExtract) -> exp.Expression:
    # With a list of names DuckDB gives a struct of the groups.
    names = node.args.get("group")
    if not isinstance(names, exp.Array):
        group = names or exp.Literal.number(0)
        return exp.Anonymous(this="regexp_extract", expressions=[node.this, node.expression, group])
    groups = [
        exp.alias_(
            exp.Anonymous(
                this="regexp_extract",
                expressions=[node.this.copy(), node.expression.copy(), exp.Literal.number(place)],
            ),
            name.name,
        )
        for place, name in enumerate(names.expressions, start=1)
    ]
    return exp.Struct(expressions=groups)


def _days(node: exp.DateDiff) -> exp.Expression:
    # DuckDB counts boundaries; Spark counts whole spans, the same only between whole days.
    unit = str(node.args.get("unit") or "day").lower()
    if unit != "day":
        raise UntranslatableError(f"date_diff of {unit}s has no translation for Spark")
    return _written(
        "cast(datediff(cast(:end as date), cast(:start as date)) as bigint)",
        end=node.this,
        start=node.expression,
    )


def _plain_cte(node: exp.CTE) -> exp.CTE:
    # Spark decides by itself what it keeps.
    node.set("materialized", None)
    return node


RULES: dict[type[exp.Expression], Callable[..., exp.Expression]] = {
    exp.Anonymous: _function,
    exp.ArrayAgg: _collected,
    exp.AtTimeZone: _at_zone,
    exp.Avg: _mean,
    exp.Bracket: _element,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.CTE: _plain_cte,
    exp.Concat: _joined,
    exp.DateDiff: _days,
    exp.Div: _quotient,
    exp.EuclideanDistance: _distance,
    exp.Median: _median,
    exp.RegexpExtract: _extracted,
    exp.RegexpFullMatch: _matched,
    exp.RegexpReplace: _replaced,
    exp.Round: _rounded,
    exp.Typeof: _type_name,
}


class ProjectDuckDB(DuckDB):
    """DuckDB's dialect; what stands in brackets stays as it is written, counted from 1."""

    INDEX_OFFSET = 0


class ProjectSpark(Spark):
    """Spark's dialect, whose CTEs may stand within CTEs and hide one another, as DuckDB's do."""

    class Generator(SparkGenerator):
        """Writes nested CTEs where they stand."""

        EXPRESSIONS_WITHOUT_NESTED_CTES: ClassVar[set] = set()
        TYPE_MAPPING: ClassVar[dict] = SparkGenerator.TYPE_MAPPING | {
            exp.DType.TIMESTAMPTZ: "TIMESTAMP_LTZ"
        }


@lru_cache(maxsize=512)
def spark_sql(text: str) -> str:
    """Return a query of the project as Spark reads it.

    Parameters
    ----------
    text : str
        One query in DuckDB's SQL.

    Raises
    ------
    UntranslatableError
        If it cannot be said on Spark.
    """
    try:
        tree = sqlglot.parse_one(text, read=ProjectDuckDB)
    except sqlglot.errors.SqlglotError as error:
        raise UntranslatableError(f"This query cannot be read: {error}") from error
    if FIXTURE in text:
        _compute_fixtures(tree)
    for node in reversed(list(tree.walk(bfs=True))):
        rule = RULES.get(type(node))
        if rule is None:
            continue
        changed = rule(node)
        if changed is not node:
            node.replace(changed) if node.parent else None
            tree = changed if node is tree else tree
    return tree.sql(ProjectSpark, unsupported_level=sqlglot.ErrorLevel.RAISE)


def _compute_fixtures(tree: exp.Expression) -> None:
    """Let DuckDB compute the rows that a unit test gives: they may be any of its queries."""
    for cte in tree.find_all(exp.CTE):
        read = [one for one in cte.this.find_all(exp.Table) if isinstance(one.this, exp.Identifier)]
        if cte.alias.startswith(FIXTURE) and not read:
            cte.set("this", _computed(cte.this.sql(ProjectDuckDB)))


def _computed(query: str) -> exp.Expression:
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        found = connection.sql(query)
        types = [exp.DataType.build(str(one), dialect=ProjectDuckDB) for one in found.types]
        names, rows = found.columns, found.select("columns(*)::varchar").fetchall()
    rows_or_one = rows or [[None] * len(names)]
    values = exp.Values(
        expressions=[
            exp.Tuple(
                expressions=[
                    exp.cast(_literal(one), kind.copy())
                    for one, kind in zip(row, types, strict=True)
                ]
            )
            for row in rows_or_one
        ],
        alias=exp.TableAlias(
            this=exp.to_identifier("given"),
            columns=[exp.to_identifier(name, quoted=True) for name in names],
        ),
    )
    query = exp.select("*").from_(values)
    return query if rows else query.limit(0)


def parts_read_often(
    text: str, prefix: str, least: int = WORTH_KEEPING
) -> tuple[list[tuple[str, str]], str]:
    """Take out of a query what it would compute again and again.

    Spark writes a CTE into each place that reads it, which DuckDB does once for all.

    Parameters
    ----------
    text : str
        One query in DuckDB's SQL.
    prefix : str
        Of the names of the parts.
    least : int
        Reads of tables that a part must save.

    Returns
    -------
    parts : list of (str, str)
        Name and query of every part, in DuckDB's SQL, each to be kept under its name before the
        next is run.
    rest : str
        The query that reads them.
    """
    tree = sqlglot.parse_one(text, read=ProjectDuckDB)
    _raise_inner(tree)
    above = tree.args.get("with_")
    ctes = above.expressions if above else []
    scans, parts = {}, []
    for place, cte in enumerate(ctes):
        reads = max(1, sum(scans.get(name, 1) for name in _read_by(cte.this)))
        times = sum(_read_by(one).count(cte.alias) for one in (*ctes[place + 1 :], _bare(tree)))
        scans[cte.alias] = reads
        if _is_import(cte.this) or (times - 1) * reads < least:
            continue
        name = f"{prefix}__{cte.alias}"
        parts.append((name, _only(exp.select("*").from_(cte.alias), ctes[: place + 1], above)))
        cte.set("this", exp.select("*").from_(name))
        scans[cte.alias] = 1
    return parts, _only(_bare(tree), ctes, above) if parts else text


def _raise_inner(tree: exp.Expression) -> None:
    """Put CTEs of a CTE before it, under names of their own."""
    above = tree.args.get("with_")
    raised = []
    for cte in above.expressions if above else []:
        inner = cte.this.args.get("with_")
        names = [one.alias for one in cte.this.find_all(exp.CTE)]
        # A name that stands for two things, or for itself, stays where it is.
        if inner and len(set(names)) == len(names) and not inner.args.get("recursive"):
            known: set[str] = set()
            for one in inner.expressions:
                _rename(one.this, known, cte.alias)
                known.add(one.alias)
            cte.this.set("with_", None)
            _rename(cte.this, known, cte.alias)
            for one in inner.expressions:
                one.args["alias"].set("this", exp.to_identifier(f"{cte.alias}__{one.alias}"))
            raised.extend(inner.expressions)
        raised.append(cte)
    if above:
        above.set("expressions", raised)


def _rename(query: exp.Expression, names: set[str], prefix: str) -> None:
    for table in query.find_all(exp.Table):
        if table.name in names and not table.db:
            known_as = exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
            table.set("alias", known_as)
            table.set("this", exp.to_identifier(f"{prefix}__{table.name}"))


def _bare(query: exp.Expression) -> exp.Expression:
    """Return a query without its CTEs."""
    bare = query.copy()
    bare.set("with_", None)
    return bare


def _only(query: exp.Expression, ctes: list[exp.CTE], above: exp.With) -> str:
    """Write a query with those of the CTEs that it reads, be it through others."""
    wanted, read = [], set(_read_by(query))
    for cte in reversed(ctes):
        if cte.alias in read:
            wanted.insert(0, cte.copy())
            read.update(_read_by(cte.this))
    if wanted:
        query.set("with_", exp.With(expressions=wanted, recursive=above.args.get("recursive")))
    return query.sql(ProjectDuckDB)


def _read_by(query: exp.Expression) -> list[str]:
    """Return the names of the tables that a query reads, a name as often as it stands there."""
    return [table.name for table in query.find_all(exp.Table)]


def _is_import(query: exp.Expression) -> bool:
    """Say whether a CTE only names a table, and columns of it."""
    parts = {name for name, value in query.args.items() if value}
    is_plain = all(isinstance(one, (exp.Star, exp.Column)) for one in query.expressions)
    return is_plain and "from_" in parts and parts <= {"expressions", "from_", "kind"}


def spark_type(name: str) -> str:
    """Return the name that Spark has for a type of DuckDB's."""
    return exp.DataType.build(name, dialect=ProjectDuckDB).sql(ProjectSpark)


def duckdb_type(name: str) -> str:
    """Return the name that DuckDB has for a type of Spark's."""
    return exp.DataType.build(name, dialect=ProjectSpark).sql(ProjectDuckDB)
