"""Publish the tables of a segmentation that `segmentation new` wrote."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from segmentation.frames import bounded_frame
from segmentation.publishing import PublicTable, publish

KEYS = {
    "cluster_report": ("segment_id", "feature", "rank"),
    "segment_profiles": ("segment_id", "feature"),
    "segment_models": ("model_version",),
    "scaling": ("position", "level"),
    "pca": ("component", "position"),
    "k_candidates": ("k",),
    "centroids": ("segment_id", "component"),
    "segment_names": ("segment_id",),
}
"""Unique keys by kind of table; those of other kinds begin with the segmentation's own key."""
MORE_OF_KEY = {"segment_history": ("valid_from",)}
OF_VERSION = frozenset(
    {"components", "scaling", "pca", "k_candidates", "centroids", "segment_names"}
)
"""Kinds with rows of every model version, of which those of the serving one are published."""


def publish_table(
    session: Any,
    segmentation: str,
    folder: str | Path,
    serving_model: Any,
    relations: Mapping[str, Any],
) -> pd.DataFrame:
    """Publish ``<segmentation>.duckdb``, and Parquet files beside it.

    Parameters
    ----------
    session : DuckDB connection
        Open on the build file.
    segmentation : str
        Prefix of the tables; their key is ``<segmentation>_id``.
    folder : path
        Where BI reads.
    serving_model : DuckDB relation or DataFrame
        One row with the ``model_version`` that serves.
    relations : mapping of str to DuckDB relation
        The tables by kind: ``segments`` is published as ``<segmentation>_segments``.

    Returns
    -------
    DataFrame
        One row per table: see `segmentation.publishing.publish`.
    """
    version = int(bounded_frame(serving_model)["model_version"].iloc[0])
    tables = {
        f"{segmentation}_{kind}": PublicTable(
            relation.sql_query(),
            KEYS.get(kind, (f"{segmentation}_id", *MORE_OF_KEY.get(kind, ()))),
            version if kind in OF_VERSION else None,
        )
        for kind, relation in relations.items()
    }
    return publish(session, tables, folder, version, name=segmentation)
