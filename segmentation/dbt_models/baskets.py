"""The bodies of the Python models of typical baskets: two fits, and the weighing of all rows."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.dbt_models import schemas
from segmentation.features.frames import bounded_frame, row_batches

CHUNK_ROWS = 50_000
"""Rows weighed at once: some tens of megabytes, whatever the number of customers."""


@dataclass(frozen=True)
class BasketPlan:
    """What this build does about the typical baskets: one row of ``basket_plan``."""

    is_fit: bool
    model_version: int
    customer_model_version: int
    settings_hash: str
    settings: dict

    @classmethod
    def read(cls, relation: Any) -> "BasketPlan":
        """Read the plan from the one row of its table."""
        row = bounded_frame(relation).iloc[0]
        return cls(
            bool(row["is_fit"]),
            int(row["model_version"]),
            int(row["customer_model_version"]),
            str(row["settings_hash"]),
            json.loads(row["settings"]),
        )


def fit_basket_count_table(plan_relation: Any, sample: Any) -> pa.Table:
    """One row per number of typical baskets tried, one of them selected."""

    def fit(plan: BasketPlan) -> pd.DataFrame:
        from segmentation.baskets.baskets import basket_candidates

        matrix, categories = basket_matrix(bounded_frame(sample))
        if not categories:
            return pd.DataFrame(columns=schemas.BASKET_CANDIDATES.names)
        return basket_candidates(
            matrix,
            categories,
            seed=plan.settings["seed"],
            components=plan.settings["components"],
            max_components=plan.settings["max_components"],
        )

    return _versioned_table(plan_relation, schemas.BASKET_CANDIDATES, fit)


def fit_basket_components_table(plan_relation: Any, sample: Any, candidates: Any) -> pa.Table:
    """One row per typical basket and category, the basket of the largest total weight first."""

    def fit(plan: BasketPlan) -> pd.DataFrame:
        from segmentation.baskets.baskets import fit_components, mixed_rows, name_components

        matrix, categories = basket_matrix(bounded_frame(sample))
        if not categories:
            return pd.DataFrame(columns=schemas.BASKET_COMPONENTS.names)
        tried = bounded_frame(candidates).query("model_version == @plan.model_version")
        number = int(tried.loc[tried["is_selected"], "components"].iloc[0])
        shapes, _ = fit_components(matrix, categories, number, seed=plan.settings["seed"])
        names = name_components(shapes, categories)
        return pd.DataFrame(
            {
                "component": np.repeat(np.arange(1, len(shapes) + 1), len(categories)),
                "component_name": np.repeat(names, len(categories)),
                "category": np.tile(categories, len(shapes)),
                "weight": shapes.ravel(),
                "fitted_rows": len(mixed_rows(matrix)),
                "customer_model_version": plan.customer_model_version,
                "settings_hash": plan.settings_hash,
            }
        )

    return _versioned_table(plan_relation, schemas.BASKET_COMPONENTS, fit)


def fit_basket_pairs_table(plan_relation: Any, sample: Any) -> pa.Table:
    """One row per pair of categories bought together by more customers than chance explains."""

    def fit(plan: BasketPlan) -> pd.DataFrame:
        from segmentation.baskets.pairs import basket_pairs

        matrix, categories = basket_matrix(bounded_frame(sample))
        several = int((np.count_nonzero(matrix, axis=1) > 1).sum())
        if not several:
            return pd.DataFrame(columns=schemas.BASKET_PAIRS.names)
        return basket_pairs(matrix, categories).assign(customers=several)

    return _versioned_table(plan_relation, schemas.BASKET_PAIRS, fit)


def basket_matrix(sample: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Spread sampled shares over a matrix, rows by rank and categories by name.

    A shop whose items have no category has no rows here, and no typical baskets.

    Parameters
    ----------
    sample : DataFrame
        sample_rank, category and share.

    Returns
    -------
    matrix : ndarray of shape (rows, categories)
    categories : list of str
    """
    ordered = sample.sort_values(["sample_rank", "category", "share"])
    wide = ordered.pivot_table(
        index="sample_rank", columns="category", values="share", aggfunc="sum", fill_value=0.0
    )
    return wide.to_numpy(), [str(name) for name in wide.columns]


def weigh_baskets(
    session: Any, vectors: Any, plan_relation: Any, components: Any, *, key: str
) -> pa.RecordBatchReader:
    """Weigh the typical baskets of every row, chunk by chunk in constant memory.

    Parameters
    ----------
    session : DuckDB connection or SparkSession
    vectors : relation
        The key with places (from 1) and shares, two lists of equal length.
    plan_relation, components : relation
        Which version to apply, and the typical baskets of all versions.
    key : str
        Name of the key column.

    Returns
    -------
    RecordBatchReader
        The key, component (the strongest, from 1) and weights, a list.
    """
    shapes = _shapes(bounded_frame(components), BasketPlan.read(plan_relation).model_version)
    reader = row_batches(session, vectors, CHUNK_ROWS)
    schema = pa.schema(
        [reader.schema.field(key), ("component", pa.int64()), ("weights", pa.list_(pa.float64()))]
    )
    return pa.RecordBatchReader.from_batches(schema, _weighed(reader, shapes, schema))


def _shapes(components: pd.DataFrame, version: int) -> np.ndarray:
    serving = components[components["model_version"] == version]
    wide = serving.pivot(index="component", columns="category", values="weight")
    # by Unicode code points, as SQL numbers the places
    return wide.reindex(columns=sorted(wide.columns)).to_numpy()


def _weighed(
    reader: pa.RecordBatchReader, shapes: np.ndarray, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    from segmentation.baskets.baskets import basket_weights, strongest_component

    for batch in reader:
        weights = basket_weights(_dense(batch, shapes.shape[1]), shapes)
        offsets = np.arange(0, weights.size + 1, weights.shape[1], dtype=np.int32)
        lists = pa.ListArray.from_arrays(offsets, weights.ravel())
        strongest = pa.array(strongest_component(weights), type=pa.int64())
        columns = [batch.column(schema.names[0]), strongest, lists]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _dense(batch: pa.RecordBatch, columns: int) -> np.ndarray:
    places, shares = batch.column("places"), batch.column("shares")
    matrix = np.zeros((batch.num_rows, columns))
    lengths = np.diff(places.offsets.to_numpy())
    rows = np.repeat(np.arange(batch.num_rows), lengths)
    matrix[rows, places.flatten().to_numpy() - 1] = shares.flatten().to_numpy()
    return matrix


def _versioned_table(
    plan_relation: Any, schema: pa.Schema, fit: Callable[[BasketPlan], pd.DataFrame]
) -> pa.Table:
    plan = BasketPlan.read(plan_relation)
    if not plan.is_fit:
        return schema.empty_table()
    frame = fit(plan).assign(model_version=plan.model_version)
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
