"""Are the segments groups? One verdict for all of them, besides one for each border.

k-means cuts anything into pieces, so pieces prove nothing. The answer is one of three: *clear
groups*, *recognisable but touching*, *slices of one cloud*. Two roads lead to groups:

1. *Borders* (`segmentation.diagnosis.pairs`). Is there a valley along every border between some
   segments and the rest? Halves of the rows judge each other, so that small groups and groups in
   few of many columns are found.
2. *The whole.* Is the silhouette higher than the same algorithm reaches on Gaussian data with the
   same covariance, and does the density of all rows fall between at least two groups? Uniform noise
   and skewed clouds beat that null as well (a log-normal by 0.2 to 0.5), so it cannot decide alone.
   The valley needs no segments: it finds groups of any shape that the borders cut across.

Counts, ratings and yes-or-no columns have gaps between their values that are no valleys: tied
values are spread over these gaps first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from segmentation.clustering.kmeans import count_distinct_rows, derived_seed, fit_kmeans
from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.threads import single_thread
from segmentation.diagnosis.pairs import (
    CLEAR,
    CLEAR_FALL,
    COLUMNS,
    MINIMUM_ROWS,
    PAIR_ROWS,
    SLICES,
    TOUCHING,
    VERDICTS,
    Refit,
    count_groups,
    distinct_positions,
    half_fits,
    judge_pairs,
)
from segmentation.selection.candidates import sample_rows, silhouettes

MINIMUM_EXCESS = 0.03
MINIMUM_Z = 2.0
MINIMUM_DEPTH = 0.6
UNKNOWN = "not judged"
MODE_SHARE = 0.04
MINIMUM_NEIGHBOURS = 15
MINIMUM_LEAD = 0.3
"""How much deeper a valley of repeated rows must be than those of shuffled columns."""
PERMUTATIONS = 3
BLUR = 0.2
BLURS = 5


@dataclass(frozen=True)
class Structure:
    """What separates the segments, and the verdict.

    Attributes
    ----------
    grouping : str
        clear groups, recognisable but touching, slices of one cloud; or not judged.
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
    groups : int
        Groups that the valleys along the borders part: clear ones, or with that verdict touching
        ones.
    clear_share : float
        Share of the rows whose segment is clear of every segment it borders on.
    pairs : DataFrame
        The verdict on each border (`pairs.judge_pairs`), segments as they were given.
    """

    grouping: str
    sentence: str
    silhouette: float = np.nan
    null_mean: float = np.nan
    null_sd: float = np.nan
    excess: float = np.nan
    z: float = np.nan
    valley_depth: float = np.nan
    groups: int = 1
    clear_share: float = 0.0
    pairs: pd.DataFrame = field(default_factory=pd.DataFrame, compare=False, repr=False)

    @property
    def has_structure(self) -> bool:
        """Whether there are clear groups."""
        return self.grouping == CLEAR


def gaussian_null(matrix: np.ndarray, *, seed: int) -> np.ndarray:
    """Draw as many rows from one Gaussian with the mean and covariance of the (n, d) matrix."""
    covariance = np.atleast_2d(np.cov(matrix, rowvar=False))
    variances, axes = np.linalg.eigh(covariance)
    scores = np.random.default_rng(seed).normal(size=matrix.shape)
    return matrix.mean(axis=0) + (scores * np.sqrt(np.clip(variances, 0, None))) @ axes.T


def spread_ties(matrix: np.ndarray, *, seed: int) -> np.ndarray:
    """Spread the rows that share a value of a column evenly over the gaps around that value.

    A gap belongs to the two values on its sides in inverse proportion to their rows: a common
    value stays nearly where it is, and the rare ones beside it fill the gap. A value of one row
    fills nothing: beside it, the tied one fills the whole gap, as the many who bought for nothing
    reach up to the first who bought for something. So a lattice without groups becomes a cloud
    without valleys, values rarely taken between two common ones leave the valley there, and a
    column without ties is returned as it is.

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
    lower = np.where(rows[:-1] > 1, rows[1:], 0)
    upper = np.where(rows[1:] > 1, rows[:-1], 0)
    inner = values[:-1] + np.diff(values) * np.where(
        lower + upper > 0, lower / np.maximum(lower + upper, 1), 0.5
    )
    borders = np.r_[2 * values[0] - inner[0], inner, 2 * values[-1] - inner[-1]]
    rank = np.empty(len(column), dtype=np.int64)
    rank[np.lexsort((draws, place))] = np.arange(len(column))
    share = (rank - (np.cumsum(rows) - rows)[place] + 0.5) / rows[place]
    spread = borders[place] + share * np.diff(borders)[place]
    return np.where(rows[place] > 1, spread, column)


def permuted_columns(matrix: np.ndarray, *, seed: int) -> np.ndarray:
    """Shuffle each column of an (n, p) matrix by itself: the same values, nothing goes together."""
    rng = np.random.default_rng(derived_seed(seed, 4))
    return np.column_stack([rng.permutation(column) for column in matrix.T])


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


def _sentence(found: Structure, k: int) -> str:
    against = (
        f"the silhouette is {found.excess:+.2f} against a single cloud of the same size and spread"
    )
    if found.grouping == CLEAR and found.groups == 1:
        return (
            f"Clear groups: {against}, and the density falls by {found.valley_depth:.0%} between "
            "groups, although the segments' borders do not follow that valley."
        )
    if found.grouping == CLEAR:
        return (
            f"Clear groups: valleys part the {k} segments into {found.groups} groups, and segments "
            f"with {found.clear_share:.0%} of the units are clear of all they border on; {against}."
        )
    if found.grouping == TOUCHING:
        return (
            f"Recognisable but touching: valleys part the {k} segments into {found.groups} groups, "
            f"but at some border the density falls by less than {CLEAR_FALL:.0%}; {against}."
        )
    return (
        f"Slices of one cloud: {against}, but no valley runs along the segments' borders, and the "
        f"density of all units falls by only {found.valley_depth:.0%} between any two groups."
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
    refit: Refit | None = None,
    border_refit: Refit | None = None,
    permuted: Callable[[int], np.ndarray] | None = None,
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
    border_refit : callable, optional
        The same from more starts, for the borders; `refit` unless given.
    permuted : callable of a number returning an ndarray of shape (n, d), optional
        `untied` from features whose columns are shuffled (`permuted_columns`), a draw for each
        number. Where most rows are repeated, the valley of the whole must be deeper than theirs by
        0.3: counts have falls of their own.
    nulls : int
        Gaussian data sets to compare with, at least 2.
    n_init : int
        Random starts of each k-means fit to a null.
    max_rows : int
        Above it a seeded sample of this many rows is judged; the nulls have its size.

    Returns
    -------
    Structure
        Clear groups if valleys of at least 60 % run along every border between some segments and
        the rest; or if the silhouette exceeds the null's mean by at least 0.03 and by two of its
        standard deviations, and the density falls by at least 60 % between two groups.
        Recognisable but touching if valleys of at least 30 % part the segments. Fewer than 100
        rows, a single segment, or more segments than distinct rows: not judged, with a sentence
        that says so.

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
    untied = spread_ties(matrix, seed=seed) if untied is None else untied
    pairs, groups = judge_borders(
        matrix, untied, np.asarray(labels), seed=seed, refit=border_refit or refit
    )
    rows = sample_rows(len(matrix), max_rows, seed=derived_seed(seed, 0))
    matrix, untied = matrix[rows], untied[rows]
    segments, labels = np.unique(np.asarray(labels)[rows], return_inverse=True)
    impossible = _unanswerable(matrix, len(segments))
    if impossible:
        return Structure(UNKNOWN, impossible)
    observed = _silhouette(matrix, labels)
    reached = _null_silhouettes(matrix, len(segments), refit or kmeans, seed, nulls)
    mean, sd = float(reached.mean()), float(reached.std(ddof=1))
    found = Structure(
        SLICES,
        "",
        silhouette=observed,
        null_mean=mean,
        null_sd=sd,
        excess=observed - mean,
        z=(observed - mean) / sd,
        valley_depth=valley_depth(untied, seed=seed),
        clear_share=_clear_share(pairs, segments[labels]),
        pairs=pairs,
    )
    is_repeated = count_distinct_rows(matrix) < len(matrix) / 2
    others = (
        [permuted(draw)[rows] for draw in range(PERMUTATIONS)]
        if (permuted and is_repeated and found.valley_depth >= MINIMUM_DEPTH)
        else []
    )
    own = max((valley_depth(other, seed=seed) for other in others), default=-1.0)
    is_deep = found.valley_depth >= max(MINIMUM_DEPTH, own + MINIMUM_LEAD)
    return _answered(found, groups, len(segments), is_deep)


@single_thread()
def judge_borders(
    matrix: np.ndarray,
    untied: np.ndarray,
    labels: np.ndarray,
    *,
    seed: int,
    refit: Refit | None = None,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Judge every border between segments, on at most 4,000 rows that all differ.

    Parameters
    ----------
    matrix, untied, labels, seed, refit
        As in `evaluate_structure`.

    Returns
    -------
    DataFrame
        As `pairs.judge_pairs` returns it, segments by the ids of the labels.
    dict
        How many groups the clear borders part, and how many the recognisable ones.
    """
    rows = distinct_positions(matrix, PAIR_ROWS, seed=seed)
    segments, numbers = np.unique(labels[rows], return_inverse=True)
    if len(segments) < 2:
        return pd.DataFrame(columns=list(COLUMNS)), {}
    halves = None
    if len(rows) >= MINIMUM_ROWS:
        halves = half_fits(matrix[rows], len(segments), seed=seed, refit=refit)
    pairs = judge_pairs(matrix[rows], untied[rows], numbers, halves)
    groups = {
        CLEAR: count_groups(pairs, numbers, (CLEAR,)),
        TOUCHING: count_groups(pairs, numbers, (CLEAR, TOUCHING)),
    }
    for column in ("segment", "other_segment"):
        pairs[column] = segments[pairs[column]]
    return pairs, groups


def _clear_share(pairs: pd.DataFrame, labels: np.ndarray) -> float:
    unclear = pairs.loc[pairs["verdict"] != CLEAR, ["segment", "other_segment"]]
    known = pairs[["segment", "other_segment"]].to_numpy().ravel()
    clear = np.setdiff1d(known, unclear.to_numpy().ravel())
    return float(np.isin(labels, clear).mean())


def _answered(found: Structure, groups: dict[str, int], k: int, is_deep: bool) -> Structure:
    is_apart = found.excess >= MINIMUM_EXCESS and found.z >= MINIMUM_Z
    grouping, count = SLICES, 1
    if groups.get(CLEAR, 1) > 1:
        grouping, count = CLEAR, groups[CLEAR]
    elif is_apart and is_deep:
        grouping = CLEAR
    elif groups.get(TOUCHING, 1) > 1:
        grouping, count = TOUCHING, groups[TOUCHING]
    answered = replace(found, grouping=grouping, groups=count)
    return replace(answered, sentence=_sentence(answered, k))


def against_shuffled(found: Structure, shuffled: Sequence[Structure]) -> Structure:
    """Take a verdict back that shuffled events reach as well.

    Features that count what happened to a unit (how many of its orders were returned) have groups
    for a reason of their own: of two orders, none, one or both are returned. Shuffle the events
    between all units, make the features anew, judge them in the same way, and compare: what is
    left when nobody keeps his own events says nothing about the units.

    Parameters
    ----------
    found : Structure
        The verdict on the data.
    shuffled : sequence of Structure
        The verdicts on the same features of shuffled events, with the same recipe and k.

    Returns
    -------
    Structure
        The verdict itself if it is a stronger word than any of the shuffled ones; else slices of
        one cloud, with a sentence that says so. Their number of groups varies by luck, and says
        nothing.
    """
    words = [*reversed(VERDICTS)]

    def strength(one: Structure) -> int:
        return words.index(one.grouping) if one.grouping in words else 0

    as_strong = sum(strength(one) >= strength(found) for one in shuffled)
    if found.grouping not in (CLEAR, TOUCHING) or not as_strong:
        return found
    return replace(
        found,
        grouping=SLICES,
        groups=1,
        clear_share=0.0,
        sentence=(
            f"Slices of one cloud: chance makes these groups, for {as_strong} of {len(shuffled)} "
            "data sets whose events were shuffled between the units show them as clearly."
        ),
    )
