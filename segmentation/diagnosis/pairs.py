"""Are two segments two groups? Halves that judge each other, border by border.

Each half of the rows is segmented anew, and draws an axis from centroid to centroid of every pair
of segments that border on each other. Along it the density may fall and rise again: where, this
half says. How far, the *other* half says, which had no part in the choice. So a valley that k-means
made by fitting noise is not found again, in however many columns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.stats import binom

from segmentation.clustering.kmeans import derived_seed, fit_kmeans, nearest_centroid
from segmentation.clustering.threads import single_thread

CLEAR = "clear groups"
TOUCHING = "recognisable but touching"
SLICES = "slices of one cloud"
VERDICTS = (CLEAR, TOUCHING, SLICES)

CLEAR_FALL, TOUCHING_FALL = 0.6, 0.3
CLEAR_NEARBY, TOUCHING_NEARBY = 0.5, 0.3
LEVEL = 0.05
AGAIN = 0.5
"""Jaccard similarity from which a half has found a segment again (Hennig 2007: not dissolved)."""
GROUP_SHARE, GROUP_ROWS = 0.01, 15
MINIMUM_ROWS = 100
PAIR_ROWS = 4_000
HALF_STARTS = 10

WINDOW = 0.1
TUBE = 0.75
NEARBY_COLUMNS, NEARBY_NEIGHBOURS = 3, 6
EDGES = np.linspace(-1, 2, 151)
PLACES = (EDGES[1:] + EDGES[:-1]) / 2
SMOOTHER = np.exp(-(np.arange(-15, 16) ** 2) / 50)

COLUMNS = ("segment", "other_segment", "verdict", "fall", "nearby_fall", "p_value", "rows_between")

Refit = Callable[[np.ndarray, int, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class HalfFit:
    """A half that was segmented, and the other half as that segmentation sees it.

    Attributes
    ----------
    fitted, tested : ndarray of int
        Positions of the rows of both halves, ascending.
    fitted_labels, tested_labels : ndarray of int
        Their segments, from 0; those of the tested half by the nearest centroid.
    centroids : ndarray of shape (k, d)
    """

    fitted: np.ndarray
    tested: np.ndarray
    fitted_labels: np.ndarray
    tested_labels: np.ndarray
    centroids: np.ndarray


def distinct_positions(matrix: np.ndarray, most: int, *, seed: int) -> np.ndarray:
    """Return ascending positions of rows that all differ, at most so many, drawn by a seed.

    Copies of a row would stand in both halves and bear witness twice.
    """
    _, first = np.unique(matrix, axis=0, return_index=True)
    if len(first) > most:
        first = np.random.default_rng(derived_seed(seed, 9)).choice(first, most, replace=False)
    return np.sort(first)


def half_fits(
    matrix: np.ndarray, k: int, *, seed: int, refit: Refit | None = None, split: int = 0
) -> tuple[HalfFit, HalfFit] | None:
    """Segment both halves of the rows, each on its own.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows that all differ.
    k : int
        Segments of each half.
    seed : int
        Seed of halves and starts.
    refit : callable of (rows, k, seed) returning labels from 0, optional
        The algorithm; k-means from 10 starts unless given.
    split : int
        Which of the possible splits.

    Returns
    -------
    tuple of HalfFit, or None
        None where a half has fewer than 2 k rows, or comes out with fewer segments.
    """
    order = np.random.default_rng(derived_seed(seed, 7, split)).permutation(len(matrix))
    halves = np.sort(order[::2]), np.sort(order[1::2])
    if min(map(len, halves)) < 2 * k:
        return None
    fits = []
    for side, (own, other) in enumerate((halves, halves[::-1])):
        labels = (refit or _kmeans)(matrix[own], k, derived_seed(seed, 8, split, side))
        if len(np.unique(labels)) < k:
            return None
        centroids = np.array([matrix[own][labels == one].mean(axis=0) for one in range(k)])
        seen = nearest_centroid(matrix[other], centroids).labels
        fits.append(HalfFit(own, other, labels, seen, centroids))
    return fits[0], fits[1]


def _kmeans(matrix: np.ndarray, k: int, seed: int) -> np.ndarray:
    return fit_kmeans(matrix, k, seed=seed, n_init=HALF_STARTS).labels


def prediction_strength(halves: tuple[HalfFit, HalfFit] | None) -> float:
    """Return how well each half's segments predict which rows of the other belong together.

    Parameters
    ----------
    halves : tuple of HalfFit, or None

    Returns
    -------
    float
        In [0, 1]; NaN without halves. Of the segment that is predicted worst, the share of its
        pairs of rows that the other half's centroids put together, too; a segment of one row
        counts as 1. Mean of both directions.

    Notes
    -----
    Tibshirani & Walther (2005), "Cluster validation by prediction strength", Journal of
    Computational and Graphical Statistics 14.
    """
    if halves is None:
        return np.nan
    one, other = halves
    return float(
        np.mean(
            [
                _least_predicted(one.tested_labels, other.fitted_labels),
                _least_predicted(other.tested_labels, one.fitted_labels),
            ]
        )
    )


def _least_predicted(predicted: np.ndarray, own: np.ndarray) -> float:
    width = int(predicted.max()) + 1
    together = np.bincount(own * width + predicted, minlength=(int(own.max()) + 1) * width)
    together = together.reshape(-1, width)
    sizes = together.sum(axis=1)
    pairs = sizes * (sizes - 1)
    kept = (np.square(together).sum(axis=1) - sizes) / np.maximum(pairs, 1)
    return float(np.where(pairs > 0, kept, 1.0).min())


def bordering_pairs(centroids: np.ndarray) -> list[tuple[int, int]]:
    """Return the pairs of centroids to which no third one is nearer at the middle between them.

    Notes
    -----
    Gabriel & Sokal (1969), "A new statistical approach to geographic variation analysis". Every
    segment has a neighbour, and all are connected through neighbours.
    """
    pairs = []
    for one, other in combinations(range(len(centroids)), 2):
        squares = np.square(centroids - (centroids[one] + centroids[other]) / 2).sum(axis=1)
        others = np.delete(squares, [one, other])
        if (others >= squares[one] * (1 - 1e-9)).all():
            pairs.append((one, other))
    return pairs


@single_thread()
def judge_pairs(
    matrix: np.ndarray,
    untied: np.ndarray,
    labels: np.ndarray,
    halves: tuple[HalfFit, HalfFit] | None,
) -> pd.DataFrame:
    """Judge each pair of segments that border on each other.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows that all differ (`distinct_positions`).
    untied : ndarray of shape (n, d)
        The same rows from features whose ties are spread (`structure.spread_ties`).
    labels : ndarray of int, shape (n,)
        Their segments, 0 .. k-1, each with a row.
    halves : tuple of HalfFit, or None
        Both halves of the rows in k segments (`half_fits`).

    Returns
    -------
    DataFrame
        One row per pair: segment, other_segment (the greater number), verdict, fall (of the
        density between them, as a share of the lower of their peaks, in [0, 1]), nearby_fall (the
        same from the distances to near rows), p_value (of a fall that is none, one-sided) and
        rows_between (rows found in the window of the valley). Where there are no halves, or one of
        them does not find both segments again, they are slices, and the figures NaN.

    Notes
    -----
    Rows within a tube around the axis, whatever their segment, are counted in three windows of a
    fifth of the way between the centroids: at the lowest place and at the highest on each side of
    it, all three chosen by one half and counted in the other. If the density has one peak, the
    window in the middle expects as many rows as the poorer one of the two, at least: a binomial
    test with an even chance. Arcs of a ring thin out along their chord without any gap; so those
    rows that have a row of the other segment near must also lie apart from each other, in the axis
    and the two widest directions across it.
    """
    k = int(labels.max()) + 1
    centroids = np.array([matrix[labels == one].mean(axis=0) for one in range(k)])
    pairs = bordering_pairs(centroids)
    sides = [(half, *_matched(half, labels, k)) for half in halves or ()]
    rows = []
    for pair in pairs:
        is_found = bool(sides) and all((jaccard[[*pair]] >= AGAIN).all() for *_, jaccard in sides)
        if not is_found:
            rows.append((*pair, SLICES, np.nan, np.nan, np.nan, 0))
            continue
        figures = _pooled([_looked_at(untied, half, names[[*pair]]) for half, names, _ in sides])
        rows.append((*pair, _verdict(*figures[:3], len(pairs)), *figures))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _matched(half: HalfFit, labels: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the half's number of each segment, by most rows in common, and their Jaccards."""
    both = np.zeros((k, k))
    np.add.at(both, (labels[half.fitted], half.fitted_labels), 1)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0) - both
    jaccard = both / np.maximum(either, 1)
    numbers = linear_sum_assignment(jaccard, maximize=True)[1]
    return numbers, jaccard[np.arange(k), numbers]


def _looked_at(untied: np.ndarray, half: HalfFit, pair: np.ndarray) -> tuple[int, int, int, float]:
    """Return rows of the tested half in the valley and at both peaks, and the fall nearby."""
    start, axis = half.centroids[pair[0]], half.centroids[pair[1]] - half.centroids[pair[0]]
    along, across = _projected(untied[half.fitted], start, axis)
    own = [half.fitted_labels == one for one in pair]
    radius = max(np.quantile(across[rows], TUBE) for rows in own)
    places = _windows(along[across <= radius])
    tested = untied[half.tested]
    along, across = _projected(tested, start, axis)
    within = along[across <= radius]
    valley, *peaks = ((np.abs(within - place) <= WINDOW).sum() for place in places)
    members = np.isin(half.tested_labels, pair)
    lower = places[1] if peaks[0] <= peaks[1] else places[2]
    nearby = _nearby_fall(
        tested[members],
        half.tested_labels[members] == pair[0],
        np.abs(along[members] - lower) <= WINDOW,
        axis,
    )
    return int(valley), int(peaks[0]), int(peaks[1]), nearby


def _projected(
    rows: np.ndarray, start: np.ndarray, axis: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return places along an axis, 0 at its start and 1 at its end, and squares across it."""
    away, length = rows - start, axis @ axis
    along = away @ axis / length
    return along, np.square(away).sum(axis=1) - np.square(along) * length


def _windows(along: np.ndarray) -> tuple[float, float, float]:
    """Return the lowest place between two centroids, and the highest on each side of it."""
    density = np.convolve(np.histogram(along, EDGES)[0], SMOOTHER, "same")

    def extreme(low: float, high: float, sign: int) -> float:
        inside = (low <= PLACES) & (high >= PLACES)
        return float(PLACES[inside][(sign * density[inside]).argmax()])

    valley = extreme(0.2, 0.8, -1)
    left = extreme(-0.5, min(valley - 2 * WINDOW, 0.3), 1)
    return valley, left, extreme(max(valley + 2 * WINDOW, 0.7), 1.5, 1)


def _nearby_fall(
    rows: np.ndarray, is_first: np.ndarray, at_peak: np.ndarray, axis: np.ndarray
) -> float:
    """Return the fall from a peak to the rows that have one of the other segment near."""
    if not at_peak.any() or len(rows) <= NEARBY_NEIGHBOURS:
        return 0.0
    unit = axis / np.linalg.norm(axis)
    centred = rows - rows.mean(axis=0)
    position = centred @ unit
    residual = centred - np.outer(position, unit)
    columns = min(NEARBY_COLUMNS, rows.shape[1])
    wide = np.linalg.eigh(residual.T @ residual)[1][:, ::-1][:, : columns - 1]
    places = np.column_stack([position, residual @ wide])
    reach, nearest = cKDTree(places).query(places, NEARBY_NEIGHBOURS + 1)
    at_border = (is_first[nearest] != is_first[:, None]).any(axis=1)
    if not at_border.any():
        return 1.0
    between, beside = np.median(reach[at_border, -1]), np.median(reach[at_peak, -1])
    return float(1 - (beside / max(between, np.finfo(float).tiny)) ** columns)


def _pooled(found: list[tuple[int, int, int, float]]) -> tuple[float, float, float, int]:
    valley, left, right = (sum(each[place] for each in found) for place in range(3))
    peak = min(left, right)
    fall = max(0.0, 1 - valley / peak) if peak else 0.0
    nearby = float(np.clip(min(each[3] for each in found), 0, 1))
    p_value = float(binom.cdf(valley, valley + peak, 0.5)) if valley + peak else 1.0
    return fall, nearby, p_value, valley


def _verdict(fall: float, nearby: float, p_value: float, pairs: int) -> str:
    # The strong word is for all borders together, the weaker one for each.
    if fall >= CLEAR_FALL and nearby >= CLEAR_NEARBY and p_value * pairs <= LEVEL:
        return CLEAR
    if fall >= TOUCHING_FALL and nearby >= TOUCHING_NEARBY and p_value <= LEVEL:
        return TOUCHING
    return SLICES


def joined_segments(pairs: pd.DataFrame, k: int, apart: tuple[str, ...]) -> np.ndarray:
    """Join the segments whose border is no valley, and return each one's group.

    Parameters
    ----------
    pairs : DataFrame
        As `judge_pairs` returns them.
    k : int
        Number of segments.
    apart : tuple of str
        Verdicts that part two segments.

    Returns
    -------
    ndarray of int, shape (k,)
        The smallest number of a segment of the group.
    """
    group = np.arange(k)
    for pair in pairs[~pairs["verdict"].isin(apart)].itertuples():
        one, other = group[pair.segment], group[pair.other_segment]
        group[group == max(one, other)] = min(one, other)
    return group


def count_groups(pairs: pd.DataFrame, labels: np.ndarray, apart: tuple[str, ...]) -> int:
    """Return how many groups the borders part the rows into.

    A group needs 1 % of the rows and 15 of them: a few outliers are none. What is smaller counts
    with the rest.
    """
    k = int(labels.max()) + 1
    sizes = np.bincount(joined_segments(pairs, k, apart)[labels])
    large = int((sizes >= max(GROUP_ROWS, GROUP_SHARE * len(labels))).sum())
    return max(1, large)
