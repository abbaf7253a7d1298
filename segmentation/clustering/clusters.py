"""Clusters as a table, whichever algorithm fitted them, and the rule that assigns rows to them.

`assign` is the plain version of the SQL in ``macros/apply/nearest_segments.sql``, kept as its
oracle.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from segmentation.clustering.bisecting import BisectingFit, fit_bisecting_kmeans
from segmentation.clustering.kmeans import (
    KMeansFit,
    euclidean_distances,
    fit_kmeans,
    nearest_centroid,
)
from segmentation.clustering.mixture import (
    LOG_TWO_PI,
    MixtureFit,
    fit_gaussian_mixture,
    minus_log_density,
)
from segmentation.features.recipe import Recipe

MIXTURE_STARTS = 5
"""A start of expectation-maximisation costs as much as ten of k-means, and itself starts there."""


class Assignment(NamedTuple):
    """Where n rows belong; all arrays but ``scores`` have shape (n,).

    ``score`` is the Euclidean distance to the centroid, or minus the log density under a mixture;
    the lowest wins, and of equals the cluster of the smaller number. With a single cluster there
    is no runner-up: -1, with a score of NaN. ``margin`` is in [0, 1], 0 on the border. ``scores``,
    shape (n, k), are those of all clusters, by number.
    """

    cluster: np.ndarray
    score: np.ndarray
    runner_up: np.ndarray
    runner_up_score: np.ndarray
    margin: np.ndarray
    scores: np.ndarray


def fit_clusters(
    matrix: np.ndarray, k: int, recipe: Recipe, initial_centroids: np.ndarray | None = None
) -> pd.DataFrame:
    """Fit the recipe's algorithm and return its parameters as rows.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Principal components, sorted by key.
    k : int
        Number of clusters.
    recipe : Recipe
        `algorithm`, `seed`, `n_init`, `max_iter`.
    initial_centroids : ndarray of shape (k, d), optional
        A warm start for k-means; the other algorithms do not use it.

    Returns
    -------
    DataFrame
        One row per cluster and component, both from 1, clusters by descending size: centroid,
        fitted_rows and, for a mixture, axis_loadings (column `component` of the Cholesky factor of
        the precision, d numbers) and log_constant (log weight + log det - d/2 log 2π).
    """
    if recipe.algorithm == "gaussian_mixture":
        starts = min(recipe.n_init, MIXTURE_STARTS)
        return _mixture_rows(
            fit_gaussian_mixture(
                matrix, k, seed=recipe.seed, n_init=starts, max_iter=recipe.max_iter
            )
        )
    fitted = _fit_centroids(matrix, k, recipe, initial_centroids)
    return _rows(fitted.centroids, fitted.sizes).assign(axis_loadings=None, log_constant=np.nan)


def fit_labels(matrix: np.ndarray, k: int, recipe: Recipe) -> np.ndarray:
    """Fit the recipe's algorithm and return the cluster of each row, from 1.

    The same as `assign` after `fit_clusters`; the hundreds of refits on drawn rows need no table
    between them, which takes longer than a short fit.

    Parameters
    ----------
    matrix, k, recipe
        As in `fit_clusters`.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    if recipe.algorithm == "gaussian_mixture":
        return assign(matrix, fit_clusters(matrix, k, recipe)).cluster
    return nearest_centroid(matrix, _fit_centroids(matrix, k, recipe).centroids).labels + 1


def _fit_centroids(
    matrix: np.ndarray, k: int, recipe: Recipe, initial_centroids: np.ndarray | None = None
) -> KMeansFit | BisectingFit:
    settings = {"seed": recipe.seed, "n_init": recipe.n_init, "max_iter": recipe.max_iter}
    if recipe.algorithm == "bisecting_kmeans":
        return fit_bisecting_kmeans(matrix, k, **settings)
    return fit_kmeans(matrix, k, initial_centroids=initial_centroids, **settings)


def _mixture_rows(mixture: MixtureFit) -> pd.DataFrame:
    k, d = mixture.means.shape
    sizes = np.bincount(mixture.labels, minlength=k)
    constants = np.log(mixture.weights) + mixture.log_determinant - d / 2 * LOG_TWO_PI
    return _rows(mixture.means, sizes).assign(
        axis_loadings=[list(axis) for factor in mixture.precision_cholesky for axis in factor.T],
        log_constant=np.repeat(constants, d),
    )


def _rows(centroids: np.ndarray, sizes: np.ndarray) -> pd.DataFrame:
    k, d = centroids.shape
    return pd.DataFrame(
        {
            "cluster": np.repeat(np.arange(1, k + 1), d),
            "component": np.tile(np.arange(1, d + 1), k),
            "centroid": centroids.ravel(),
            "fitted_rows": np.repeat(sizes, d),
        }
    )


def assign(matrix: np.ndarray, clusters: pd.DataFrame) -> Assignment:
    """Assign rows to fitted clusters.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Principal components.
    clusters : DataFrame
        As `fit_clusters` returns it.

    Returns
    -------
    Assignment
        With cluster numbers as in the table.
    """
    numbers = np.sort(clusters["cluster"].unique())
    scores = _scores(matrix, clusters)
    order = np.argsort(scores, axis=1, kind="stable")
    rows, first = np.arange(len(matrix)), order[:, 0]
    if len(numbers) == 1:
        alone = np.full(len(matrix), np.nan)
        nobody = np.full(len(matrix), -1)
        return Assignment(numbers[first], scores[:, 0], nobody, alone, alone, scores)
    second = order[:, 1]
    nearest, next_best = scores[rows, first], scores[rows, second]
    is_mixture = clusters["log_constant"].notna().any()
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = next_best - nearest
        margin = 1 - np.exp(-gap) if is_mixture else gap / next_best
    margin = np.where(np.isnan(margin), 0.0, margin)
    return Assignment(numbers[first], nearest, numbers[second], next_best, margin, scores)


def _scores(matrix: np.ndarray, clusters: pd.DataFrame) -> np.ndarray:
    in_order = clusters.sort_values(["cluster", "component"])
    each = [rows for _, rows in in_order.groupby("cluster", sort=True)]
    centroids = [rows["centroid"].to_numpy() for rows in each]
    if clusters["log_constant"].isna().all():
        return euclidean_distances(matrix, centroids)
    axes = [np.array(rows["axis_loadings"].tolist()).T for rows in each]
    constants = np.array([rows["log_constant"].iloc[0] for rows in each])
    return minus_log_density(matrix, centroids, axes, constants)
