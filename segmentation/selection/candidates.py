"""How good is each number of segments? One row of figures per candidate k."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, pairwise_distances

from segmentation.clustering.kmeans import (
    KMeansFit,
    derived_seed,
    fit_kmeans,
    nearest_centroid,
)
from segmentation.clustering.threads import single_thread
from segmentation.diagnosis.pairs import (
    CLEAR,
    MINIMUM_ROWS,
    PAIR_ROWS,
    TOUCHING,
    count_groups,
    distinct_positions,
    half_fits,
    judge_pairs,
    prediction_strength,
)
from segmentation.selection.gap import gap_statistic
from segmentation.selection.selection import kneedle
from segmentation.selection.stability import (
    REFIT_ROWS,
    bootstrap_draws,
    bootstrap_refits,
    mean_jaccard,
    refit_jaccard,
)

COLUMNS = (
    "k",
    "inertia",
    "silhouette",
    "silhouette_se",
    "calinski_harabasz",
    "davies_bouldin",
    "gap",
    "gap_se",
    "stability",
    "smallest_share",
    "prediction_strength",
    "bic",
    "clear_groups",
    "recognisable_groups",
    "is_elbow",
    "is_selected",
    "reason",
    "refits",
)
SPLITS = 2
BIC_ROWS, BIC_RIDGE = 500, 1e-4


def sample_rows(rows: int, max_rows: int, *, seed: int) -> np.ndarray:
    """Return the positions 0 .. rows-1, ascending; above `max_rows` a seeded sample of them."""
    if rows <= max_rows:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, max_rows, replace=False))


def silhouettes(
    distances: np.ndarray,
    partitions: Sequence[np.ndarray],
    counts: Sequence[np.ndarray] | None = None,
) -> np.ndarray:
    """Return the mean silhouette of several partitions of the same rows.

    One matrix product serves all partitions, which is what makes bootstrap errors affordable.

    Parameters
    ----------
    distances : ndarray of shape (m, m)
        Euclidean distances between the rows.
    partitions : sequence of ndarray of int, each of shape (m,)
        Segments of the rows, from 0; numbers may be left out.
    counts : sequence of ndarray of int, each of shape (m,), optional
        How many times each row was drawn, per partition: rows drawn twice count twice, those not
        drawn not at all. Every row once by default.

    Returns
    -------
    ndarray of shape (len(partitions),)
        In [-1, 1]; NaN for a partition with fewer than two segments present.

    Notes
    -----
    Rousseeuw (1987), "Silhouettes": (b - a) / max(a, b) with a the mean distance to the other rows
    of one's own segment and b the mean distance to the nearest other one; 0 for a row alone.
    """
    if counts is None:
        counts = [np.ones(len(distances), dtype=int)] * len(partitions)
    drawn = list(zip(partitions, counts, strict=True))
    members = [np.eye(labels.max() + 1)[labels] * times[:, None] for labels, times in drawn]
    sums = distances @ np.concatenate(members, axis=1)
    ends = np.cumsum([member.shape[1] for member in members])
    blocks = np.split(sums, ends[:-1], axis=1)
    return np.array(
        [_mean_silhouette(block, *one) for block, one in zip(blocks, drawn, strict=True)]
    )


def _mean_silhouette(sums: np.ndarray, labels: np.ndarray, counts: np.ndarray) -> float:
    sizes = np.bincount(labels, counts, minlength=sums.shape[1])
    if np.count_nonzero(sizes) < 2:
        return np.nan
    rows = np.arange(len(labels))
    own_size = sizes[labels]
    within = sums[rows, labels] / np.maximum(own_size - 1, 1)
    means = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
    means[rows, labels] = np.inf
    between = means.min(axis=1)
    larger = np.maximum(within, between)
    scores = np.where(larger > 0, (between - within) / np.where(larger > 0, larger, 1), 0.0)
    return float(np.average(np.where(own_size > 1, scores, 0.0), weights=counts))


@dataclass(frozen=True)
class _Evaluation:
    """What all candidates share: the rows, the evaluation rows, and the draws of both."""

    matrix: np.ndarray
    untied: np.ndarray
    rows: np.ndarray
    distances: np.ndarray
    counts: list[np.ndarray]
    draws: list[np.ndarray]
    refits: list[dict[int, KMeansFit]]
    distinct: np.ndarray
    seed: int
    n_init: int
    max_iter: int
    with_stability: bool
    with_bic: bool


def _refit_figures(at: _Evaluation, fit: KMeansFit, k: int) -> dict:
    partitions, jaccards = [], []
    for drawn, refit in zip(at.draws, (fits[k] for fits in at.refits), strict=True):
        partitions.append(nearest_centroid(at.matrix[at.rows], refit.centroids).labels)
        if at.with_stability:
            jaccards.append(refit_jaccard(fit.labels, drawn, refit.labels, k))
    observed = silhouettes(at.distances, [fit.labels[at.rows]])[0]
    refitted = silhouettes(at.distances, partitions, at.counts) if partitions else np.empty(0)
    known = refitted[~np.isnan(refitted)]
    return {
        "silhouette": float(observed),
        "silhouette_se": float(known.std(ddof=1)) if len(known) > 1 else np.nan,
        "stability": float(np.min(mean_jaccard(jaccards, k))) if jaccards else np.nan,
        "refits": (refitted, np.array([np.nanmin(one) for one in jaccards])),
    }


def _group_figures(at: _Evaluation, fit: KMeansFit, k: int) -> dict:
    """Say how many groups the borders part, and how well halves predict each other."""
    if len(at.distinct) < MINIMUM_ROWS:
        return {}
    matrix, labels = at.matrix[at.distinct], fit.labels[at.distinct]
    if len(np.unique(labels)) < k:
        return {}
    splits = [half_fits(matrix, k, seed=at.seed, split=split) for split in range(SPLITS)]
    pairs = judge_pairs(matrix, at.untied[at.distinct], labels, splits[0])
    return {
        "prediction_strength": float(np.mean([prediction_strength(one) for one in splits])),
        "clear_groups": count_groups(pairs, labels, (CLEAR,)),
        "recognisable_groups": count_groups(pairs, labels, (CLEAR, TOUCHING)),
    }


def _mixture_bic(at: _Evaluation, fit: KMeansFit, k: int) -> float:
    """Return the BIC of k Gaussians with covariances of their own, started from k-means."""
    from sklearn.mixture import GaussianMixture

    rows = at.rows[:BIC_ROWS]
    matrix = at.matrix[rows]
    labels = fit.labels[rows]
    sizes = np.bincount(labels, minlength=k)
    if sizes.min() < 2:
        return np.nan
    ridge = BIC_RIDGE * np.eye(matrix.shape[1])
    spreads = [np.atleast_2d(np.cov(matrix[labels == one].T)) + ridge for one in range(k)]
    model = GaussianMixture(
        k,
        weights_init=sizes / len(rows),
        means_init=fit.centroids,
        precisions_init=np.linalg.inv(spreads),
        init_params="random_from_data",
        max_iter=20,
        reg_covar=BIC_RIDGE,
        random_state=at.seed,
    )
    with warnings.catch_warnings():
        # A criterion near its end is good enough to look at.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return float(model.fit(matrix).bic(matrix))


def _draw_counts(rows: int, bootstraps: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(bootstraps)]


def _evaluate(at: _Evaluation, k: int) -> dict:
    fit = fit_kmeans(at.matrix, k, seed=at.seed, n_init=at.n_init, max_iter=at.max_iter)
    share = float(fit.sizes[-1] / len(at.matrix))
    row = {"k": k, "inertia": fit.inertia, "smallest_share": share}
    if np.count_nonzero(fit.sizes) < 2:
        return row
    row |= _refit_figures(at, fit, k) | _group_figures(at, fit, k)
    if at.with_bic and len(at.rows) > 2 * k:
        row["bic"] = _mixture_bic(at, fit, k)
    return row | {
        "calinski_harabasz": float(calinski_harabasz_score(at.matrix, fit.labels)),
        "davies_bouldin": float(davies_bouldin_score(at.matrix, fit.labels)),
    }


def _not_evaluated(k: int, most: int) -> dict:
    return {"k": k, "reason": f"not evaluated: these rows can make {most} segments at the most"}


def _as_frame(rows: list[dict], gaps: pd.DataFrame | None) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    if gaps is not None:
        frame["gap"], frame["gap_se"] = gaps["gap"].to_numpy(), gaps["gap_se"].to_numpy()
    elbow = kneedle(frame["k"], frame["inertia"])
    frame["is_elbow"] = frame["k"] == elbow if elbow is not None else False
    frame["is_selected"] = False
    frame["reason"] = frame["reason"].astype(object).where(frame["reason"].notna(), "").astype(str)
    others = ("is_elbow", "is_selected", "reason", "refits")
    floats = [name for name in COLUMNS[1:] if name not in others]
    return frame.astype(dict.fromkeys(floats, float) | {"k": "int64"})


@single_thread()
def evaluate_candidates(
    matrix: np.ndarray,
    ks: Iterable[int] = range(2, 11),
    *,
    seed: int,
    untied: np.ndarray | None = None,
    n_init: int = 10,
    max_iter: int = 300,
    bootstraps: int = 20,
    max_silhouette_rows: int = 2_000,
    max_bootstrap_rows: int = REFIT_ROWS,
    gap_references: int = 10,
    with_gap: bool = False,
    with_stability: bool = False,
    with_bic: bool = False,
) -> pd.DataFrame:
    """Fit k-means for each k and say how good each is; `selection.select_k` then chooses.

    Parameters
    ----------
    matrix : ndarray of shape (n, d)
        Rows to cluster, sorted by key, without missing values.
    ks : iterable of int
        Candidates. k = 1 has inertia and gap only.
    seed : int
        Seed of everything drawn.
    untied : ndarray of shape (n, d), optional
        The same rows from features whose ties are spread, where valleys are looked for; the
        matrix unless given.
    n_init, max_iter : int
        As in `fit_kmeans`, for the fits on all rows.
    bootstraps : int
        Refits per k on rows that were drawn with replacement, each taken once. Scored on
        evaluation rows that are drawn with replacement, too, they give the silhouette's error;
        and, the same refits, the stability.
    max_silhouette_rows : int
        Silhouettes are means over at most this many rows: one seeded subsample for all k.
    max_bootstrap_rows : int
        Rows drawn per refit at most. Fewer than n makes the error larger, never smaller.
    gap_references : int
        Reference sets of the gap statistic.
    with_gap, with_stability, with_bic : bool
        Whether these columns are computed; else they are NaN.

    Returns
    -------
    DataFrame
        One row per k, ascending, columns `COLUMNS`; is_selected is false throughout, and reason
        is empty but for a k above the number of distinct rows, or of n rows that all differ n:
        not evaluated, all NaN. `refits` holds, for the rule, the silhouette and the smallest
        Jaccard of every refit. clear_groups and recognisable_groups say into how many groups the
        valleys along the segments' borders part the rows (`diagnosis.pairs`); NaN with fewer than
        100 distinct rows.

    Raises
    ------
    ValueError
        If the matrix is empty or not finite, or a k is below 1.

    Notes
    -----
    silhouette: Rousseeuw (1987); its error: standard deviation over the bootstrap, of rows and
    of centroids, Efron (1979);
    calinski_harabasz: Caliński & Harabasz (1974); davies_bouldin: Davies & Bouldin (1979);
    gap: Tibshirani et al. (2001); stability: smallest clusterwise mean Jaccard, Hennig (2007);
    prediction_strength: Tibshirani & Walther (2005), mean of two splits; bic: Schwarz (1978),
    of k Gaussians on at most 500 rows, smaller is better.
    """
    matrix = np.asarray(matrix, dtype=float)
    ks = sorted(set(ks))
    untied = matrix if untied is None else untied
    rows = sample_rows(len(matrix), max_silhouette_rows, seed=derived_seed(seed, 0))
    draws = bootstrap_draws(
        len(matrix), bootstraps=bootstraps, seed=seed, max_rows=max_bootstrap_rows
    )
    distances = pairwise_distances(matrix[rows])
    counts = _draw_counts(len(rows), bootstraps, derived_seed(seed, 1))
    distinct = distinct_positions(matrix, PAIR_ROWS, seed=seed)
    most = min(len(distinct), len(matrix) - 1)
    parted = [k for k in ks if 2 <= k <= most]
    refits = bootstrap_refits(matrix, parted, draws, seed=seed, max_iter=max_iter) if parted else []
    at = _Evaluation(
        matrix=matrix,
        untied=untied,
        rows=rows,
        distances=distances,
        counts=counts,
        draws=draws,
        refits=refits,
        distinct=distinct,
        seed=seed,
        n_init=n_init,
        max_iter=max_iter,
        with_stability=with_stability,
        with_bic=with_bic,
    )
    figures = [_evaluate(at, k) if k <= most else _not_evaluated(k, most) for k in ks]
    gaps = gap_statistic(matrix, ks, seed=seed, references=gap_references) if with_gap else None
    return _as_frame(figures, gaps)
