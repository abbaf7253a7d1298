"""What dbt asks of the adapter beyond dbt-spark: translation, Python models, tables in place."""

import linecache
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dbt.adapters.base import PythonJobHelper
from dbt.adapters.base.impl import ConstraintSupport
from dbt.adapters.base.meta import available
from dbt.adapters.spark.column import SparkColumn
from dbt.adapters.spark.impl import SparkAdapter
from dbt.adapters.sparksession import files, tables
from dbt.adapters.sparksession.session import SparkSessionConnectionManager, session_for
from dbt.adapters.sparksession.transpiling import (
    FIXTURE,
    WORTH_KEEPING,
    WORTH_KEEPING_OF_FEW_ROWS,
    duckdb_type,
    parts_read_often,
    spark_sql,
    spark_type,
)
from dbt_common.contracts.constraints import ConstraintType
from dbt_common.exceptions import DbtRuntimeError


class SessionPythonJob(PythonJobHelper):
    """Runs a Python model in this process, which holds the session."""

    def __init__(self, parsed_model: dict, credential: Any) -> None:
        self.name = f"{parsed_model['schema']}.{parsed_model['alias']}"
        self.credential = credential

    def submit(self, compiled_code: str) -> None:
        """Run the model and write its table."""
        # A traceback shows the model's lines.
        place = f"<dbt python model {self.name}>"
        lines = compiled_code.splitlines(keepends=True)
        linecache.cache[place] = (len(compiled_code), None, lines, place)
        space = {"__name__": "dbt_model", "spark": session_for(self.credential)}
        try:
            exec(compile(compiled_code, place, "exec"), space)
        except Exception as error:
            raise DbtRuntimeError(
                f"Python model {self.name} failed: {error}\n{traceback.format_exc()}"
            ) from error


@dataclass
class SparkSessionColumn(SparkColumn):
    """A column whose name is quoted as DuckDB does, for it is translated afterwards."""

    @property
    def quoted(self) -> str:
        """The name in DuckDB's quotes."""
        return f'"{self.column}"'


class SparkSessionAdapter(SparkAdapter):
    """dbt-spark on a session of its own."""

    ConnectionManager = SparkSessionConnectionManager
    CONSTRAINT_SUPPORT = SparkAdapter.CONSTRAINT_SUPPORT | {
        ConstraintType.not_null: ConstraintSupport.ENFORCED
    }

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._kept: dict[str, list[str]] = {}
        self._plans: dict[str, dict[str, str]] = {}

    @property
    def default_python_submission_method(self) -> str:
        """In this process."""
        return "session"

    @property
    def python_submission_helpers(self) -> dict[str, Callable]:
        """The one way to run a Python model."""
        return {"session": SessionPythonJob}

    def quote(self, identifier: str) -> str:
        """Quote a name as DuckDB does, for it is translated afterwards."""
        return f'"{identifier}"'

    def get_columns_in_relation(self, relation: Any) -> list[SparkSessionColumn]:
        """Describe the columns of a relation."""
        return [
            SparkSessionColumn(**vars(one)) for one in super().get_columns_in_relation(relation)
        ]

    def list_relations_without_caching(self, schema_relation: Any) -> list:
        """List what is there, after a table of an ended build was put in its place."""
        tables.recover(self._session(), schema_relation.schema)
        return super().list_relations_without_caching(schema_relation)

    def _session(self) -> Any:
        return session_for(self.config.credentials)

    @available
    def spark_sql(self, query: str, table: str = "") -> str:
        """Return a query of the project as Spark reads it.

        Parameters
        ----------
        query : str
        table : str
            That it makes: files are read by DuckDB, and stored under this name.
        """
        if files.are_read_by(query):
            return files.as_parquet(query, self.config.credentials.warehouse, table)
        return spark_sql(query)

    @available
    def planned(self, query: str, relation: Any) -> str:
        """Plan a query once, and return a short one of the same rows, for its columns and the run.

        What the query reads often is computed now.

        Parameters
        ----------
        query : str
        relation : Relation
            That it makes: the plan stays until this is in its place, or dropped.
        """
        plans = self._plans.setdefault(relation.identifier, {})
        if files.are_read_by(query) or query in plans.values():
            return query
        if query not in plans:
            view = f"{relation.identifier}__planned_{len(plans)}"
            rows = self._session().sql(spark_sql(self._with_parts_kept(query, relation)))
            rows.createOrReplaceTempView(view)
            plans[query] = f"select * from {view}"
        return plans[query]

    def _with_parts_kept(self, query: str, relation: Any) -> str:
        """Compute what a query reads often, and return the query that reads what was computed."""
        least = WORTH_KEEPING_OF_FEW_ROWS if FIXTURE in query else WORTH_KEEPING
        parts, rest = parts_read_often(query, relation.identifier, least)
        for name, part in parts:
            tables.keep(self._session(), relation.schema, name, spark_sql(part))
        self._kept.setdefault(relation.identifier, []).extend(name for name, _ in parts)
        return rest

    @available
    def duckdb_type(self, name: str) -> str:
        """Return a type, as Spark told it, in the words of the project's SQL."""
        return duckdb_type(name)

    @available
    def drop_building(self, relation: Any) -> None:
        """Drop what an ended build left where a table is to be written."""
        tables.drop(self._session(), _name(relation))

    @available
    def put_in_place(self, relation: Any) -> None:
        """Let the table written beside another one replace it."""
        self._let_go(relation)
        tables.put_in_place(self._session(), _name(relation))

    @available
    def drop_relation(self, relation: Any) -> None:
        """Drop a relation, and what was kept for it."""
        self._let_go(relation)
        super().drop_relation(relation)

    def _let_go(self, relation: Any) -> None:
        for short in self._plans.pop(relation.identifier, {}).values():
            self._session().catalog.dropTempView(short.removeprefix("select * from "))
        for name in self._kept.pop(relation.identifier, []):
            tables.let_go(self._session(), relation.schema, name)

    @available
    def add_rows(self, relation: Any, new: Any, keys: list[str] | str) -> None:
        """Add the rows of another table; those that were there under one of its keys go."""
        self._let_go(relation)
        asked = [keys] if isinstance(keys, str) else keys
        tables.add_rows(self._session(), _name(relation), _name(new), asked)

    @available
    def write_seed(self, relation: Any, agate_table: Any, types: dict[str, str]) -> None:
        """Write a seed: every value as it stands in the file, cast to the type of its column."""
        import pyarrow as pa

        from segmentation.features.frames import spark_frame

        session, names = self._session(), agate_table.column_names
        texts = pa.table(
            {
                name: pa.array([_text(row[name]) for row in agate_table.rows], pa.string())
                for name in names
            }
        )
        casts = [
            f"cast(`{name}` as {spark_type(types.get(name) or kind)}) as `{name}`"
            for name, kind in zip(names, self._kinds(agate_table), strict=True)
        ]
        building = _name(relation) + tables.BUILDING
        tables.drop(session, building)
        spark_frame(session, texts).selectExpr(*casts).write.saveAsTable(building)
        tables.put_in_place(session, _name(relation))

    def _kinds(self, agate_table: Any) -> list[str]:
        return [self.convert_type(agate_table, place) for place in range(len(agate_table.columns))]


def _name(relation: Any) -> str:
    return f"{relation.schema}.{relation.identifier}"


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
