"""What is bought together: customers x categories as mixes of a few typical baskets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from segmentation.baskets.nonnegative import (
    category_scales,
    factorise,
    non_negative_weights,
)
from segmentation.baskets.selection import evaluate_basket_counts, select_basket_count
from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.threads import single_thread

NAMED_CATEGORIES = 3
NAMED_SHARE_OF_TOP = 0.25
FEWEST_ROWS = 10


@single_thread()
def basket_candidates(
    matrix: np.ndarray,
    categories: Sequence[str],
    *,
    seed: int,
    components: int | None = None,
    max_components: int = 8,
    max_selection_rows: int = 2000,
    random_sets: int = 10,
) -> pd.DataFrame:
    """Return the numbers of components tried, one selected by a written rule.

    Customers with a single category say how popular it is, not what goes with it: a fit
    looks at those with two or more, unless there are fewer than ten.

    Parameters
    ----------
    matrix : ndarray of shape (rows, categories)
        Shares of what each customer bought, not negative.
    categories : sequence of str
        Names of the columns, unique.
    seed : int
    components : int, optional
        Overrides the rule.
    max_components : int
        Largest number tried, if the matrix allows so many.
    max_selection_rows : int
        First rows used to choose the number.
    random_sets : int
        Sets of random baskets that the rule compares with.

    Returns
    -------
    DataFrame
        The columns are those of ``select_basket_count``.

    Raises
    ------
    ValueError
        If the matrix is empty, not finite, negative or all zero, does not match the
        categories, or ``components`` is not between 1 and what the matrix allows.
    """
    mixed = mixed_rows(_check(matrix, categories))
    selection = mixed[:max_selection_rows]
    most = min(selection.shape)
    if components is not None and not 1 <= components <= most:
        raise ValueError(f"baskets: components is {components}; this table allows 1 to {most}.")
    counts = evaluate_basket_counts(
        selection,
        max_components=max(min(max_components, most), components or 1),
        seed=seed,
        random_sets=random_sets,
    )
    return select_basket_count(counts, components)


@single_thread()
def fit_components(
    matrix: np.ndarray, categories: Sequence[str], number: int, *, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return a number of components, the heaviest first, and their total weights.

    Parameters
    ----------
    matrix, categories, seed
        As in ``basket_candidates``.
    number : int
        Components wanted.

    Returns
    -------
    components : ndarray of shape (number or fewer, categories)
        Each summing to 1, the heaviest first.
    total_weights : ndarray of shape (number or fewer,)
    """
    matrix = _check(matrix, categories)
    mixed = mixed_rows(matrix)
    scales = category_scales(mixed)
    shapes = factorise(mixed * scales, number, seed=seed) / scales
    return _by_descending_weight(shapes / shapes.sum(axis=1, keepdims=True), matrix)


def mixed_rows(matrix: np.ndarray) -> np.ndarray:
    """Return the rows a fit looks at: those of two or more categories.

    Parameters
    ----------
    matrix : ndarray of shape (n, categories)

    Returns
    -------
    ndarray of shape (n or fewer, categories)
        All rows that are not zero throughout, where fewer than ten have several categories.
    """
    mixed = matrix[np.count_nonzero(matrix, axis=1) > 1]
    return mixed if len(mixed) >= FEWEST_ROWS else matrix[matrix.any(axis=1)]


def basket_weights(matrix: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Weights of each customer on each basket; see ``non_negative_weights``.

    Weights compare the baskets of one customer: where few categories stand for a broad basket
    its weight exceeds 1.
    """
    return non_negative_weights(matrix, components)


def strongest_component(weights: np.ndarray) -> np.ndarray:
    """Number (from 1) of each row's heaviest basket, the smaller of equals; 0 without any."""
    return np.where(weights.any(axis=1), weights.argmax(axis=1) + 1, 0)


def name_components(components: np.ndarray, categories: Sequence[str]) -> tuple[str, ...]:
    """Name each component by its heaviest categories, "Jeans · Socks".

    Up to three, each with at least a quarter of the heaviest one's weight, ties by name;
    further categories are added until the name is unique, and a number as the last resort.
    """
    names: list[str] = []
    for weights in components:
        ranked = sorted(np.flatnonzero(weights), key=lambda i: (-weights[i], categories[i]))
        least = NAMED_SHARE_OF_TOP * weights.max()
        usual = sum(weights[i] >= least for i in ranked[:NAMED_CATEGORIES])
        options = [
            " · ".join(categories[i] for i in ranked[:length])
            for length in range(usual, len(ranked) + 1)
        ]
        numbered = [f"{options[0]} ({number})" for number in range(2, len(components) + 2)]
        names.append(next(name for name in [*options, *numbered] if name not in names))
    return tuple(names)


def _by_descending_weight(shapes: np.ndarray, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    totals = non_negative_weights(matrix, shapes).sum(axis=0)
    order = np.lexsort((*shapes.T, -totals))
    return shapes[order], totals[order]


def _check(matrix: np.ndarray, categories: Sequence[str]) -> np.ndarray:
    matrix = finite_matrix(matrix, "baskets")
    if len(set(categories)) != matrix.shape[1] or len(categories) != matrix.shape[1]:
        raise ValueError(
            f"baskets: {matrix.shape[1]} columns need as many different category names, "
            f"got {len(set(categories))}."
        )
    if (matrix < 0).any():
        raise ValueError("baskets: shares must not be negative.")
    if not matrix.any():
        raise ValueError("baskets: no customer has bought anything, every share is zero.")
    return matrix
