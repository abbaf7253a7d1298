"""Ten clustering algorithms on the same rows, scored against the chosen segments."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    Birch,
    MeanShift,
    MiniBatchKMeans,
    SpectralClustering,
    estimate_bandwidth,
)
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    pairwise_distances,
)
from sklearn.neighbors import NearestNeighbors, kneighbors_graph

from segmentation.clustering.bisecting import fit_bisecting_kmeans
from segmentation.clustering.kmeans import fit_kmeans
from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.mixture import fit_gaussian_mixture
from segmentation.clustering.threads import single_thread
from segmentation.selection.candidates import silhouettes

NOISE = -1
SUBSAMPLE_SHARE = 0.8
SMALLEST_SHARE = 0.02
BIRCH_SUBCLUSTERS = 1000
SPECTRAL_NEIGHBOURS = 10
COLUMNS = [
    "algorithm",
    "rows",
    "segments",
    "noise_share",
    "silhouette",
    "davies_bouldin",
    "calinski_harabasz",
    "ari",
    "ami",
    "stability",
    "seconds",
    "note",
]


@dataclass(frozen=True)
class Clustering:
    """Labels of the fitted rows (-1 is noise) and what was decided on the way."""

    labels: np.ndarray
    note: str = ""


@dataclass(frozen=True)
class Algorithm:
    """One way to cluster; quadratic if its time or memory grows with the square of the rows."""

    name: str
    fit: Callable[[np.ndarray, int, int], Clustering]
    is_quadratic: bool


def compare_methods(
    matrix: np.ndarray,
    k: int,
    chosen_labels: np.ndarray,
    *,
    seed: int,
    max_rows: int = 20_000,
    max_quadratic_rows: int = 3000,
    refits: int = 5,
    algorithms: tuple[Algorithm, ...] | None = None,
) -> pd.DataFrame:
    """Cluster the same rows with every algorithm and describe each outcome in a row.

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
        Finite numbers; the first rows must be a fair sample (keys in hash order).
    k : int
        Segments asked of the algorithms that want a number; DBSCAN, HDBSCAN and mean
        shift find their own.
    chosen_labels : ndarray of shape (rows,)
        Segments of the chosen model, in the same order.
    seed : int
    max_rows, max_quadratic_rows : int
        The first rows each algorithm sees; the second bound is for those whose time or
        memory grows with the square of the rows, and for the silhouette.
    refits : int
        Subsamples behind each stability; 0 leaves it null.
    algorithms : tuple of Algorithm, optional
        Default: all of ``ALGORITHMS``.

    Returns
    -------
    DataFrame, one row per algorithm
        ``silhouette``, ``davies_bouldin`` and ``calinski_harabasz`` leave noise out and are
        null below two segments. ``ari`` and ``ami`` (1 = same partition, about 0 = chance)
        compare with ``chosen_labels`` on the rows seen, noise counting as one group.
        ``stability`` is the mean adjusted Rand index between the fit and refits on random
        80 % subsamples, on the rows they share. ``seconds`` is the time of the one fit: leave
        it out of a content hash. ``note`` says what was chosen, bounded or went wrong; an
        algorithm that fails keeps its row, without scores.

    Raises
    ------
    ValueError
        If the matrix is empty, not finite or does not match the labels, or a bound or k
        is below 1.

    Notes
    -----
    Stability after A. Ben-Hur, A. Elisseeff, I. Guyon, "A stability based method for
    discovering structure in clustered data" (2002), with Hubert and Arabie's adjusted index.
    """
    matrix, chosen_labels = _check(matrix, k, chosen_labels, max_rows, max_quadratic_rows)
    with single_thread(), warnings.catch_warnings():
        # Not heeded but silenced: Python's filters belong to all threads, so that what is caught
        # here depends on the models that dbt runs beside this one.
        warnings.simplefilter("ignore")
        scorer = _Scorer(matrix, chosen_labels, max_quadratic_rows)
        rows = [
            _compare_one(algorithm, scorer, k, seed, refits)
            for algorithm in algorithms or ALGORITHMS
        ]
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        {"rows": "int64", "segments": "Int64", "note": "str"}
    )


def distance_knee(matrix: np.ndarray, neighbours: int) -> float:
    """Radius at the knee of the sorted distances to the given nearest neighbour.

    The knee is the point furthest below the chord of the sorted curve, both axes scaled
    to [0, 1] (M. Ester et al., KDD 1996; V. Satopää et al., "Finding a kneedle in a
    haystack", 2011). Where repeated rows put the knee at zero it is the smallest positive
    distance, and 0.0 if there is none.
    """
    neighbours = min(neighbours, len(matrix) - 1)
    distances, _ = NearestNeighbors(n_neighbors=neighbours).fit(matrix).kneighbors()
    curve = np.sort(distances[:, -1])
    if curve[-1] == curve[0]:
        return float(curve[0])
    scaled = (curve - curve[0]) / (curve[-1] - curve[0])
    knee = curve[np.argmax(np.linspace(0.0, 1.0, len(curve)) - scaled)]
    return float(knee if knee > 0 else curve[curve > 0][0])


class _Scorer:
    """Scores of labelled rows; distances of the bounded rows are measured once for all."""

    def __init__(self, matrix: np.ndarray, chosen: np.ndarray, max_quadratic_rows: int) -> None:
        self.matrix, self.chosen = matrix, chosen
        self.distances = pairwise_distances(matrix[:max_quadratic_rows])

    def scores(self, labels: np.ndarray) -> dict[str, float]:
        chosen = self.chosen[: len(labels)]
        return {
            **self._internal(labels),
            "ari": adjusted_rand_score(chosen, labels),
            "ami": adjusted_mutual_info_score(chosen, labels),
        }

    def _internal(self, labels: np.ndarray) -> dict[str, float]:
        kept = np.flatnonzero(labels != NOISE)
        if not _is_scorable(labels[kept]):
            return {}
        rows = self.matrix[kept]
        scores = {
            "davies_bouldin": davies_bouldin_score(rows, labels[kept]),
            "calinski_harabasz": calinski_harabasz_score(rows, labels[kept]),
        }
        near = labels[: len(self.distances)]
        is_kept = near != NOISE
        if _is_scorable(near[is_kept]):
            codes = np.where(is_kept, near, 0)
            scores["silhouette"] = silhouettes(self.distances, [codes], [is_kept.astype(int)])[0]
        return scores


def _is_scorable(labels: np.ndarray) -> bool:
    return 2 <= len(np.unique(labels)) < len(labels)


def _compare_one(algorithm: Algorithm, scorer: _Scorer, k: int, seed: int, refits: int) -> dict:
    rows = scorer.matrix[: len(scorer.distances)] if algorithm.is_quadratic else scorer.matrix
    started = time.perf_counter()
    row = {"algorithm": algorithm.name, "rows": len(rows)}
    notes = [] if len(rows) == len(scorer.matrix) else [f"first {len(rows)} rows"]
    try:
        result = algorithm.fit(rows, k, seed)
        row["seconds"] = time.perf_counter() - started
        row |= {
            "segments": len(set(result.labels.tolist()) - {NOISE}),
            "noise_share": float((result.labels == NOISE).mean()),
            **scorer.scores(result.labels),
        }
        row["stability"] = _stability(algorithm, rows, k, result.labels, seed, refits)
        notes += [result.note] if result.note else []
    except Exception as error:  # one method that fails must not cost the other nine
        row["seconds"] = time.perf_counter() - started
        notes.append(f"failed: {_first_sentence(error)}")
    return row | {"note": "; ".join(notes)}


def _stability(
    algorithm: Algorithm, rows: np.ndarray, k: int, labels: np.ndarray, seed: int, refits: int
) -> float | None:
    """Mean agreement with refits on subsamples; null where there is nothing to agree on."""
    if len(np.unique(labels)) < 2 or refits < 1:
        return None
    rng = np.random.default_rng(seed)
    size = int(SUBSAMPLE_SHARE * len(rows))
    agreements = []
    for _ in range(refits):
        # sorted, so that a refit reads the rows in the order of the fit
        drawn = np.sort(rng.choice(len(rows), size=size, replace=False))
        refit = algorithm.fit(rows[drawn], k, seed)
        agreements.append(adjusted_rand_score(labels[drawn], refit.labels))
    return float(np.mean(agreements))


def _first_sentence(message: object) -> str:
    text = " ".join(str(message).split()) or type(message).__name__
    return text.split(". ")[0].rstrip(".")


def _kmeans(rows: np.ndarray, k: int, seed: int) -> Clustering:
    return Clustering(fit_kmeans(rows, k, seed=seed).labels)


def _minibatch_kmeans(rows: np.ndarray, k: int, seed: int) -> Clustering:
    model = MiniBatchKMeans(k, n_init=10, batch_size=1024, random_state=seed)
    return Clustering(model.fit(rows).labels_, "batches of 1024 rows")


def _bisecting_kmeans(rows: np.ndarray, k: int, seed: int) -> Clustering:
    fit = fit_bisecting_kmeans(rows, k, seed=seed)
    return Clustering(
        fit.labels, f"{fit.moved_share:.1%} of rows nearer to another leaf's centroid"
    )


def _ward(rows: np.ndarray, k: int, seed: int) -> Clustering:
    return Clustering(AgglomerativeClustering(k, linkage="ward").fit(rows).labels_)


def _gaussian_mixture(rows: np.ndarray, k: int, seed: int) -> Clustering:
    fit = fit_gaussian_mixture(rows, k, seed=seed, n_init=3)
    note = f"full covariances, BIC {fit.bic:.0f}"
    return Clustering(fit.labels, note if fit.converged else f"{note}, not converged")


def _birch(rows: np.ndarray, k: int, seed: int) -> Clustering:
    """Threshold doubled until the tree is small enough for its quadratic last step."""
    threshold = 0.1 * float(np.sqrt(rows.var(axis=0).sum()))
    if threshold == 0:
        raise ValueError("all rows are equal")
    while True:
        tree = Birch(threshold=threshold, n_clusters=None).fit(rows)
        if len(tree.subcluster_centers_) <= BIRCH_SUBCLUSTERS:
            break
        threshold *= 2
    tree.set_params(n_clusters=k).partial_fit()
    return Clustering(
        tree.predict(rows),
        f"radius {threshold:.3g}, {len(tree.subcluster_centers_)} subclusters",
    )


def _hdbscan(rows: np.ndarray, k: int, seed: int) -> Clustering:
    size = max(5, round(SMALLEST_SHARE * len(rows)))
    labels = HDBSCAN(min_cluster_size=size, copy=True).fit(rows).labels_
    return Clustering(labels, f"at least {size} rows a segment")


def _dbscan(rows: np.ndarray, k: int, seed: int) -> Clustering:
    neighbours = 2 * rows.shape[1]
    radius = distance_knee(rows, neighbours)
    if radius == 0:
        raise ValueError("all rows are equal")
    labels = DBSCAN(eps=radius, min_samples=neighbours).fit(rows).labels_
    return Clustering(labels, f"radius {radius:.3g} at the knee, {neighbours} neighbours")


def _mean_shift(rows: np.ndarray, k: int, seed: int) -> Clustering:
    bandwidth = estimate_bandwidth(rows, quantile=0.2, n_samples=500, random_state=seed)
    if bandwidth == 0:
        raise ValueError("a fifth of the rows are equal, no bandwidth can be estimated")
    labels = MeanShift(bandwidth=bandwidth, bin_seeding=True, min_bin_freq=5).fit(rows).labels_
    return Clustering(labels, f"bandwidth {bandwidth:.3g}")


def _spectral(rows: np.ndarray, k: int, seed: int) -> Clustering:
    neighbours = min(SPECTRAL_NEIGHBOURS, len(rows) - 1)
    graph = kneighbors_graph(rows, neighbours, include_self=True)
    graph = (graph + graph.T) / 2
    model = SpectralClustering(
        k, affinity="precomputed", assign_labels="cluster_qr", random_state=seed
    )
    parts = connected_components(graph, directed=False)[0]
    note = f"graph of {neighbours} neighbours"
    if parts > 1:
        note += f" in {parts} unconnected parts, which the method is not made for"
    return Clustering(model.fit(graph).labels_, note)


ALGORITHMS = (
    Algorithm("kmeans", _kmeans, is_quadratic=False),
    Algorithm("minibatch_kmeans", _minibatch_kmeans, is_quadratic=False),
    Algorithm("bisecting_kmeans", _bisecting_kmeans, is_quadratic=False),
    Algorithm("ward", _ward, is_quadratic=True),
    Algorithm("gaussian_mixture", _gaussian_mixture, is_quadratic=False),
    Algorithm("birch", _birch, is_quadratic=False),
    Algorithm("hdbscan", _hdbscan, is_quadratic=True),
    Algorithm("dbscan", _dbscan, is_quadratic=True),
    Algorithm("mean_shift", _mean_shift, is_quadratic=True),
    Algorithm("spectral", _spectral, is_quadratic=True),
)


def _check(
    matrix: np.ndarray, k: int, chosen_labels: np.ndarray, max_rows: int, max_quadratic_rows: int
) -> tuple[np.ndarray, np.ndarray]:
    matrix, chosen_labels = finite_matrix(matrix, "comparison"), np.asarray(chosen_labels)
    if chosen_labels.shape != (len(matrix),):
        raise ValueError(f"comparison: {len(matrix)} rows but {chosen_labels.size} chosen labels.")
    if min(k, max_rows, max_quadratic_rows) < 1:
        raise ValueError("comparison: k, max_rows and max_quadratic_rows must be 1 or more.")
    # every algorithm sees a prefix, so that all are judged on the same rows
    return matrix[:max_rows], chosen_labels[:max_rows]
