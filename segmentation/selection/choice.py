"""The number of segments of a recipe: candidates, judged and chosen among."""

import numpy as np
import pandas as pd

from segmentation.features.recipe import Recipe
from segmentation.selection.candidates import evaluate_candidates
from segmentation.selection.selection import select_k


def choose_k(
    components: np.ndarray,
    untied: np.ndarray,
    recipe: Recipe,
    *,
    unit: str = "customers",
    with_extras: bool = True,
) -> pd.DataFrame:
    """Evaluate every candidate of a recipe on the same rows and select one.

    Parameters
    ----------
    components : ndarray of shape (n, d)
        Principal components, sorted by key.
    untied : ndarray of shape (n, d)
        The same rows from features whose ties are spread.
    recipe : Recipe
    unit : str
        What a row is, in the plural, for the reasons.
    with_extras : bool
        Whether the figures are computed that decide nothing and cost time: the mixture's BIC.

    Returns
    -------
    DataFrame
        As `select_k` returns it. One segment is a candidate, too, where the range starts at 2: the
        gap statistic may answer so.
    """
    candidates = evaluate_candidates(
        components,
        [*([1] if recipe.k_min == 2 else []), *recipe.candidate_ks],
        seed=recipe.seed,
        untied=untied,
        n_init=recipe.n_init,
        max_iter=recipe.max_iter,
        bootstraps=recipe.bootstraps,
        gap_references=recipe.gap_references,
        with_gap=True,
        with_stability=True,
        with_bic=with_extras,
    )
    return select_k(
        candidates,
        minimum_share=recipe.minimum_share,
        minimum_stability=recipe.minimum_stability,
        minimum_k=recipe.minimum_k,
        max_grid_k=recipe.max_grid_k,
        forced_k=recipe.k,
        unit=unit,
        rows=len(components),
    )
