"""What the Python models read: the plan of a build and the bounded rows of a fit.

Every fit looks at all segmentations that take part in a build, one after the other. A segmentation
is one row of ``fit_plan``; its units are rows of ``fit_rows``, numbers and categories as two lists.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from segmentation.diagnosis.wording import Column
from segmentation.features.frames import bounded_frame, rows_of, spread_lists
from segmentation.features.recipe import Recipe
from segmentation.features.written_rules import WrittenRule, rules_of

WRITTEN = "rules"
"""In place of an algorithm: the segments follow the seed ``rule_segments``."""


@dataclass(frozen=True)
class Plan:
    """What this build does about the model of one segmentation: a row of ``fit_plan``.

    Attributes
    ----------
    segmentation, unit, table_name : str
        Its name, what its rows are called, e.g. ``customer`` and ``customers``, and their table.
    is_fit, makes_extras : bool
        Whether a model is fitted, and whether the expensive extras are made for one.
    explore : bool
        Whether alternatives, comparison, map and correlations belong to the extras.
    is_matched : bool
        Whether the active model has the same recipe, so that its ids are continued.
    model_version : int
    active_version : int or None
        The version that served before; None before the first.
    recipe : Recipe
    columns : tuple of (str, str)
        Name and kind (``number`` or ``category``) of every feature, in the order of the lists.
    match_floor : float
        Jaccard similarity from which a cluster continues a segment.
    rows_available, rows_judged : int
        Units there are, and how many of the fitted ones the expensive figures look at.
    described : tuple of Column
        The features as words need them.
    """

    segmentation: str
    unit: str
    table_name: str
    is_fit: bool
    makes_extras: bool
    explore: bool
    is_matched: bool
    model_version: int
    active_version: int | None
    recipe: Recipe
    columns: tuple[tuple[str, str], ...]
    match_floor: float
    rows_available: int
    rows_judged: int
    described: tuple[Column, ...] = ()

    @classmethod
    def read(cls, relation: Any) -> list["Plan"]:
        """Read the plans of a build, by the name of the segmentation."""
        return [cls.of_row(row) for _, row in bounded_frame(relation, "segmentation").iterrows()]

    @classmethod
    def of_row(cls, row: pd.Series) -> "Plan":
        """Make a plan of one row of ``fit_plan``."""
        active = row["active_version"]
        columns = json.loads(row["feature_columns"])
        return cls(
            segmentation=str(row["segmentation"]),
            unit=str(row["unit"]),
            table_name=str(row["table_name"]),
            is_fit=bool(row["is_fit"]),
            makes_extras=bool(row["makes_extras"]),
            explore=bool(row["explore"]),
            is_matched=bool(row["is_matched"]),
            model_version=int(row["model_version"]),
            active_version=None if pd.isna(active) else int(active),
            recipe=Recipe.from_json(row["recipe"]),
            columns=tuple((column["name"], column["kind"]) for column in columns),
            match_floor=float(row["match_floor"]),
            rows_available=int(row["rows_available"]),
            rows_judged=int(row["rows_judged"]),
            described=tuple(Column.of_json(column) for column in columns),
        )

    @property
    def fitted(self) -> list[Column]:
        """The features that the recipe names, as words need them."""
        named = {feature.name for feature in self.recipe.features}
        return [column for column in self.described if column.name in named]

    @property
    def is_written(self) -> bool:
        """Whether its segments follow rules that somebody wrote, and are not fitted."""
        return self.recipe.algorithm == WRITTEN

    @property
    def rules(self) -> tuple[WrittenRule, ...]:
        """The rules that its segments follow; none where they are fitted."""
        return rules_of(self.recipe.rules)

    def names(self, kind: str) -> list[str]:
        """Return the features of one kind, in the order of their list."""
        return [name for name, own_kind in self.columns if own_kind == kind]


@dataclass(frozen=True, eq=False)
class Placed:
    """The n fitted rows that a model can place, in the order of their keys.

    Attributes
    ----------
    rows : DataFrame
        As `feature_rows` returns them.
    scaled : ndarray of shape (n, p)
    components : ndarray of shape (n, d)
    """

    rows: pd.DataFrame
    scaled: np.ndarray
    components: np.ndarray

    def judged(self, plan: Plan) -> "Placed":
        """Keep the rows that expensive figures look at: the first by their keys' hashes."""
        return self.where((self.rows["sample_rank"] <= plan.rows_judged).to_numpy())

    def by_rank(self) -> "Placed":
        """Put the rows in the order of their keys' hashes: any first ones are a fair sample."""
        return self.where(self.rows["sample_rank"].argsort().to_numpy())

    def head(self, most: int) -> "Placed":
        """Keep the first rows."""
        return self.where(np.arange(min(most, len(self.rows))))

    def where(self, kept: np.ndarray) -> "Placed":
        """Keep the rows that a mask or positions name."""
        rows = self.rows.iloc[np.flatnonzero(kept) if kept.dtype == bool else kept]
        return Placed(rows.reset_index(drop=True), self.scaled[kept], self.components[kept])


def feature_rows(fit_rows: Any, plan: Plan, most: int | None = None) -> pd.DataFrame:
    """Read the units that a fit of one segmentation looks at.

    Parameters
    ----------
    fit_rows : relation
        One row per unit: segmentation, unit_id, unit_order, sample_rank, numbers, levels.
    plan : Plan
    most : int, optional
        Only so many of them, the first by their keys' hashes: a fair sample. All by default.

    Returns
    -------
    DataFrame
        unit_id, sample_rank and the features by name, in the order of the units' keys.
    """
    lists = {
        "numbers": (pa.float64(), plan.names("number")),
        "levels": (pa.string(), plan.names("category")),
    }
    frame = spread_lists(rows_of(fit_rows, plan.segmentation, most), "unit_order", lists)
    return frame[["unit_id", "sample_rank", *(name for name, _ in plan.columns)]]


def placed_rows(
    fit_rows: Any,
    scaling: Any,
    loadings: Any,
    plan: Plan,
    version: int,
    most: int | None = None,
) -> Placed:
    """Place the fitted rows, all or the first `most`, by scaling and loadings of a model version.

    Rows without a value that the version needs and does not fill are left out.
    """
    from segmentation.features.pca import apply_pca

    rows, scaled = scaled_rows(fit_rows, scaling, plan, version, most)
    return Placed(rows, scaled, apply_pca(scaled, rows_of_version(loadings, plan, version)))


def untied_components(
    placed: Placed, plan: Plan, loadings: pd.DataFrame, draw: int | None = None
) -> np.ndarray:
    """Spread the ties of the scaled features, and project them as those were.

    With a draw, the columns of the features are shuffled first, each by itself.
    """
    from segmentation.diagnosis.structure import permuted_columns, spread_ties
    from segmentation.features.pca import apply_pca

    scaled = placed.scaled if draw is None else permuted_columns(placed.scaled, seed=draw)
    return apply_pca(spread_ties(scaled, seed=plan.recipe.seed), loadings)


def scaled_rows(
    fit_rows: Any, scaling: Any, plan: Plan, version: int, most: int | None = None
) -> tuple[pd.DataFrame, np.ndarray]:
    """Encode and scale the fitted rows by one model version; leave out what it cannot fill."""
    from segmentation.features.scaling import apply_scaling

    rows = feature_rows(fit_rows, plan, most)
    scaled = apply_scaling(rows, rows_of_version(scaling, plan, version))
    is_whole = ~np.isnan(scaled).any(axis=1)
    return rows[is_whole].reset_index(drop=True), scaled[is_whole]


def rows_of_version(relation: Any, plan: Plan, version: int) -> pd.DataFrame:
    """Read the rows of one model version of a segmentation from a fitted table."""
    frame = bounded_frame(rows_of(relation, plan.segmentation))
    return frame[frame["model_version"] == version].reset_index(drop=True)


def versioned_table(
    fit_plan: Any,
    schema: pa.Schema,
    fit: Callable[[Plan], pd.DataFrame],
    wanted: Callable[[Plan], bool] = lambda plan: plan.is_fit,
    written: Callable[[Plan], pd.DataFrame] | None = None,
) -> pa.Table:
    """Return the rows that `fit` makes for every segmentation that wants some.

    Parameters
    ----------
    fit_plan : relation
        One row per segmentation.
    schema : Schema
        Columns and types of the table, `segmentation` and `model_version` among them.
    fit : callable
        Given a plan, returns the other columns.
    wanted : callable
        Whether a plan asks for rows; a build that fits nothing asks for none.
    written : callable, optional
        What `fit` is where segments follow written rules; without it those have no rows.

    Raises
    ------
    RuntimeError
        If a fit fails: the sentence names the segmentation and how to build without it.
    """
    tables = [
        pa.Table.from_pandas(_named(own, plan)[schema.names], schema=schema, preserve_index=False)
        for plan in Plan.read(fit_plan)
        if wanted(plan) and (own := written if plan.is_written else fit)
    ]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def _named(fit: Callable[[Plan], pd.DataFrame], plan: Plan) -> pd.DataFrame:
    try:
        frame = fit(plan)
    except (ValueError, ArithmeticError) as error:
        raise RuntimeError(
            f"The {plan.segmentation} model cannot be fitted: {error} To build without it, set "
            f"{plan.segmentation}: null under the var segmentations."
        ) from error
    return frame.assign(segmentation=plan.segmentation, model_version=plan.model_version)
