"""Is there structure at all? The segments against one cloud of the same size and spread.

k-means cuts anything into pieces, so pieces prove nothing. Two questions must both be answered yes:

1. *Separation.* Is the silhouette higher than the same algorithm reaches on Gaussian data with the
   same covariance? Uniform noise and skewed clouds beat that null as well (a log-normal by 0.2 to
   0.5), so it cannot decide alone.
2. *Valley.* Does the density really fall between at least two groups? Cutting a single cloud,
   flat, round or skewed, leaves no valley; groups, whatever their shape, do. Counts, ratings and
   yes-or-no columns have gaps between their values that are no valleys: tied values are spread
   over these gaps first.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from segmentation.clustering.kmeans import count_distinct_rows, derived_seed, fit_kmeans
from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.threads import single_thread
from segmentation.selection.candidates import sample_rows, silhouettes

MINIMUM_EXCESS = 0.03
MINIMUM_Z = 2.0
MINIMUM_DEPTH = 0.6
MINIMUM_ROWS = 100
MODE_SHARE = 0.04
MINIMUM_NEIGHBOURS = 15
BLUR = 0.2
BLURS = 5


@dataclass(frozen=True)
class Structure:
    """What separates the segments, and the verdict.

    Attributes
    ----------
    has_structure : bool
        Whether separation and valley both say so.
    sentence : str
        The verdict in words.
    silhouette, null_mean, null_sd : float
        Mean silhouette of the data, and its mean and standard deviation over the Gaussian nulls.
    excess : float
        silhouette - null_mean.
    z : float
        excess in standard deviations of the null.
    valley_depth : float
        Fall of the density between the two clearest groups, as a share of the lower peak, in
        [0, 1]; 0 for a single peak.
    """

    has_structure: bool
    sentence: str
    silhouette: float = np.nan
    null_mean: float = np.nan
    null_sd: float = np.nan
    excess: float = np.nan
    z: float = np.nan
    valley_depth: float = np.nan


def gaussian_null(matrix: np.ndarray, *, seed: int) -> np.ndarray:
    """Draw as many rows from one Gaussian with the mean and covariance of the (n, d) matrix."""
    covariance = np.atleast_2d(np.cov(matrix, rowvar=False))
    variances, axes = np.linalg.eigh(covariance)
    scores = np.random.default_rng(seed).normal(size=matrix.shape)
    return matrix.mean(axis=0) + (scores * np.sqrt(np.clip(variances, 0, None))) @ axes.T


def spread_ties(matrix: np.ndarray, *, seed: int) -> np.ndarray:
    """Spread the rows that share a value of a column evenly over the gaps around that value.

    A gap belongs to the two values on its sides in inverse proportion to their rows: a common
    value stays nearly where it is, and the rare ones beside it fill the gap. So a lattice without
    groups becomes a cloud without valleys, values rarely taken between two common ones leave the
    valley there, and a column without ties is returned as it is.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
        Feature columns, not yet rotated: ties are values of a feature.
    seed : int
        Seed of which of the tied rows goes where, drawn for each column apart.

    Returns
    -------
    ndarray of shape (n, p)
        In the units of the matrix; the cells of the least and the greatest value are symmetrical.
    """
    rng = np.random.default_rng(derived_seed(seed, 3))
    return np.column_stack([_spread_column(column, rng) for column in matrix.T])


def _spread_column(column: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    values, place, rows = np.unique(column, return_inverse=True, return_counts=True)
    draws = rng.random(len(column))
    if len(values) == 1:
        return column
    inner = values[:-1] + np.diff(values) * rows[1:] / (rows[:-1] + rows[1:])
    borders = np.r_[2 * values[0] - inner[0], inner, 2 * values[-1] - inner[-1]]
    rank = np.empty(len(column), dtype=np.int64)
    rank[np.lexsort((draws, place))] = np.arange(len(column))
    share = (rank - (np.cumsum(rows) - rows)[place] + 0.5) / rows[place]
    spread = borders[place] + share * np.diff(borders)[place]
    return np.where(rows[place] > 1, spread, column)


def _silhouette(matrix: np.ndarray, labels: np.ndarray) -> float:
    return float(silhouettes(pairwise_distances(matrix), [labels])[0])


def _null_silhouettes(
    matrix: np.ndarray,
    k: int,
    refit: Callable[[np.ndarray, int, int], np.ndarray],
    seed: int,
    n: int,
) -> np.ndarray:
    drawn = (gaussian_null(matrix, seed=derived_seed(seed, 1, b)) for b in range(n))
    reached = [_silhouette(null, refit(null, k, seed)) for null in drawn]
    # A mixture may put all rows into one segment, which separates nothing.
    return np.nan_to_num(reached, nan=0.0)


def _log_densities(matrix: np.ndarray, neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    index = NearestNeighbors(n_neighbors=neighbours + 1).fit(matrix)
    distances, nearest = index.kneighbors(matrix)
    # Up to a constant: the density is k over the volume of the ball that reaches the k-th row.
    radius = np.maximum(distances[:, -1], np.finfo(float).tiny)
    return -matrix.shape[1] * np.log(radius), nearest[:, 1:]


def _deepest_saddle(density: np.ndarray, nearest: np.ndarray, minimum_rows: float) -> float:
    """Return the largest log fall from the lower of two merging peaks to their saddle.

    Rows join in order of falling density; a row that touches two groups is their saddle.
    """
    height, neighbours = density.tolist(), nearest.tolist()
    # A group is named by its highest row, so names tell the height of the peak.
    group, members = [-1] * len(height), {}
    deepest = 0.0
    for row in np.argsort(-density, kind="stable").tolist():
        touched = {group[neighbour] for neighbour in neighbours[row]} - {-1}
        highest, *others = sorted(touched or {row}, key=lambda peak: (-height[peak], peak))
        for lower in others:
            if min(len(members[highest]), len(members[lower])) >= minimum_rows:
                deepest = max(deepest, height[lower] - height[row])
            joining = members.pop(lower)
            members[highest] += joining
            for member in joining:
                group[member] = highest
        members.setdefault(highest, []).append(row)
        group[row] = highest
    is_split = sum(len(rows) >= minimum_rows for rows in members.values()) > 1
    return np.inf if is_split else float(deepest)


@single_thread()
def valley_depth(matrix: np.ndarray, *, seed: int) -> float:
    """Return how far the density falls between the two clearest groups of rows.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows with their ties spread; a few thousand at most (`evaluate_structure` samples).
    seed : int
        Seed of the blur.

    Returns
    -------
    float
        In [0, 1], as a share of the lower of the two peaks: 0 for one peak, 1 for an empty gap.
        The median over a few blurs.

    Notes
    -----
    Density by the sqrt(n) nearest neighbours, 15 at least (Loftsgaarden & Quesenberry 1965): its
    relative error is the same in dense and in sparse regions. Groups and saddles by the
    persistence of its peaks (Chazal, Guibas, Oudot & Skraba 2013, "Persistence-based clustering
    in Riemannian manifolds"), each with at least 4 % of the rows. The rows are blurred by 0.2
    standard deviations first, which levels the steps between spread ties.
    """
    neighbours = max(int(np.sqrt(len(matrix))), min(MINIMUM_NEIGHBOURS, len(matrix) - 1))
    rng = np.random.default_rng(derived_seed(seed, 2))
    spread, minimum_rows = BLUR * matrix.std(axis=0), MODE_SHARE * len(matrix)
    falls = []
    for _ in range(BLURS):
        blurred = matrix + rng.normal(size=matrix.shape) * spread
        falls.append(_deepest_saddle(*_log_densities(blurred, neighbours), minimum_rows))
    return float(1 - np.exp(-np.median(falls)))


def _sentence(excess: float, z: float, depth: float) -> str:
    if excess < MINIMUM_EXCESS or z < MINIMUM_Z:
        return (
            f"No structure: the silhouette is {excess:+.2f} against a single cloud of the same "
            "size and spread, so the segments are slices of one cloud, not groups."
        )
    if depth < MINIMUM_DEPTH:
        return (
            f"No structure: the silhouette is {excess:+.2f} against a single round cloud, but the "
            f"density falls by only {depth:.0%} between any two groups, so the segments are "
            "slices of one flat or skewed cloud."
        )
    return (
        f"Structure: the silhouette is {excess:+.2f} against a single cloud of the same size and "
        f"spread, and the density falls by {depth:.0%} between groups."
    )


def _unanswerable(matrix: np.ndarray, k: int) -> str | None:
    if k < 2:
        return "No structure: a single segment has nothing to be separate from."
    if len(matrix) < MINIMUM_ROWS:
        return (
            f"No structure can be shown with {len(matrix)} rows: it takes at least {MINIMUM_ROWS}."
        )
    distinct = count_distinct_rows(matrix)
    if distinct < k:
        return f"No structure can be shown: {k} segments on {distinct} distinct rows."
    return None


@single_thread()
def evaluate_structure(
    matrix: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    untied: np.ndarray | None = None,
    refit: Callable[[np.ndarray, int, int], np.ndarray] | None = None,
    nulls: int = 20,
    n_init: int = 3,
    max_rows: int = 2_000,
) -> Structure:
    """Say whether segments are groups or slices of one cloud.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows that were clustered, sorted by key.
    labels : ndarray of shape (n,)
        Their segments, by any ids.
    seed : int
        Seed of sample, starts, nulls, spread and blur.
    untied : ndarray of shape (n, d), optional
        The same rows from features whose ties are spread (`spread_ties`), where the matrix is a
        projection of features; unless given, the columns of the matrix are the features.
    refit : callable of (rows, k, seed) returning labels from 0, optional
        The algorithm that made the segments, for the nulls; k-means unless given.
    nulls : int
        Gaussian data sets to compare with, at least 2.
    n_init : int
        Random starts of each k-means fit to a null.
    max_rows : int
        Above it a seeded sample of this many rows is judged; the nulls have its size.

    Returns
    -------
    Structure
        has_structure if the silhouette exceeds the null's mean by at least 0.03 and by two of its
        standard deviations, and the density falls by at least 60 % between two groups. Fewer
        than 100 rows, a single segment, or more segments than distinct rows: false, with a
        sentence that says so.

    Raises
    ------
    ValueError
        If the matrix is not finite.

    Notes
    -----
    Comparing with one Gaussian of the same covariance: Liu, Hayes, Nobel & Marron (2008),
    "Statistical significance of clustering for high-dimension, low-sample size data", with the
    silhouette of Rousseeuw (1987) as the statistic. Why the valley is needed, the thresholds
    and the figures behind them: see `docs/statistics.md`.
    """

    def kmeans(rows: np.ndarray, k: int, start: int) -> np.ndarray:
        return fit_kmeans(rows, k, seed=start, n_init=n_init).labels

    matrix = finite_matrix(matrix, "structure")
    rows = sample_rows(len(matrix), max_rows, seed=derived_seed(seed, 0))
    untied = spread_ties(matrix, seed=seed) if untied is None else untied
    matrix, untied = matrix[rows], untied[rows]
    segments, labels = np.unique(np.asarray(labels)[rows], return_inverse=True)
    impossible = _unanswerable(matrix, len(segments))
    if impossible:
        return Structure(has_structure=False, sentence=impossible)
    observed = _silhouette(matrix, labels)
    reached = _null_silhouettes(matrix, len(segments), refit or kmeans, seed, nulls)
    mean, sd = float(reached.mean()), float(reached.std(ddof=1))
    excess, depth = observed - mean, valley_depth(untied, seed=seed)
    z = excess / sd
    has_structure = excess >= MINIMUM_EXCESS and z >= MINIMUM_Z and depth >= MINIMUM_DEPTH
    sentence = _sentence(excess, z, depth)
    return Structure(has_structure, sentence, observed, mean, sd, excess, z, depth)
