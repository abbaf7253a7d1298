"""Gaussian mixtures outside the build: densities, and what each feature adds to a gap of two.

The parameters come from the published centroids, as `segmentation.clustering.clusters.fit_clusters`
made them, so nothing of scikit-learn is needed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Mixture:
    """What a mixture of k Gaussians in d dimensions has besides its means.

    Attributes
    ----------
    axes : ndarray of shape (k, d, d)
        P with P Pᵀ = the precision of each Gaussian; its columns are the directions of the
        Mahalanobis distance.
    log_constants : ndarray of shape (k,)
        log weight + log det P - d/2 log 2π: the log density at the peak.
    """

    axes: np.ndarray
    log_constants: np.ndarray


def read_mixture(centroids: pd.DataFrame) -> Mixture:
    """Read a mixture from a model's published centroids.

    Parameters
    ----------
    centroids : DataFrame
        One row per segment and component, sorted by both, with axis_loadings (column `component`
        of P, d numbers) and log_constant.
    """
    segments = [rows for _, rows in centroids.groupby("segment_id", sort=True)]
    return Mixture(
        axes=np.array([np.column_stack(rows["axis_loadings"].tolist()) for rows in segments]),
        log_constants=np.array([rows["log_constant"].iloc[0] for rows in segments]),
    )


def minus_log_density(components: np.ndarray, means: np.ndarray, mixture: Mixture) -> np.ndarray:
    """Return minus the log of weight times density under every Gaussian, as the build's SQL does.

    ½ Σⱼ (x·P[:, j] - mean·P[:, j])² - log_constant.

    Parameters
    ----------
    components : ndarray of shape (n, d)
    means : ndarray of shape (k, d)
    mixture : Mixture

    Returns
    -------
    ndarray of shape (n, k), natural logarithms
        The lowest is the most probable.
    """
    squared = [
        np.square(components @ axes - mean @ axes).sum(axis=1)
        for mean, axes in zip(means, mixture.axes, strict=True)
    ]
    return np.column_stack(squared) / 2 - mixture.log_constants


def membership_probability(scores: np.ndarray) -> np.ndarray:
    """Return the probability of each row's most probable Gaussian, shape (n,).

    Parameters
    ----------
    scores : ndarray of shape (n, k)
        As `minus_log_density` returns them.
    """
    # Relative to the best, so that a row far from every Gaussian gets a probability, too.
    return 1 / np.exp(scores.min(axis=1, keepdims=True) - scores).sum(axis=1)


def whitened_gap(
    deviations: tuple[np.ndarray, np.ndarray],
    nearest: np.ndarray,
    runner_up: np.ndarray,
    loadings: np.ndarray,
    mixture: Mixture,
) -> np.ndarray:
    """Split the gap in log density between two Gaussians over the encoded columns.

    With orthonormal loadings L and R the symmetric square root of a precision, w = L R (x - mean)
    has one entry per column and Σⱼ wⱼ² is the squared Mahalanobis distance. So

        log density₁ - log density₂ = Σⱼ ½ (w₂ⱼ² - w₁ⱼ²) + log_constant₁ - log_constant₂,

    exactly. wⱼ is how many standard deviations a column is off once what the columns share is
    taken out. Of all such w that of the symmetric root stays closest to the columns themselves,
    and its squares cannot outgrow the distance, as terms zⱼ (Q z)ⱼ of Q = L R² Lᵀ do where
    columns are almost collinear.

    Parameters
    ----------
    deviations : tuple of two ndarrays of shape (n, d)
        x - mean in component space, of the nearest and of the runner-up.
    nearest, runner_up : ndarray of int, shape (n,)
        Indices of Gaussians.
    loadings : ndarray of shape (p, d)
    mixture : Mixture

    Returns
    -------
    ndarray of shape (n, p)
        ½ (w₂ⱼ² - w₁ⱼ²).

    Notes
    -----
    P. Garthwaite, I. Koch, "Evaluating the contributions of individual variables to a quadratic
    form", Australian & New Zealand Journal of Statistics 58 (2016): a quadratic form is split
    into the squares of whitened variables. A. Kessy, A. Lewin, K. Strimmer, "Optimal whitening
    and decorrelation", The American Statistician 72 (2018): the symmetric root (ZCA) is the
    whitening closest to the variables.
    """
    maps = _symmetric_roots(mixture.axes) @ loadings.T
    near, far = (
        _mapped(each, of_row, maps)
        for each, of_row in zip(deviations, (nearest, runner_up), strict=True)
    )
    # As a product: the squares of large values would cancel.
    return (far - near) * (far + near) / 2


def _symmetric_roots(axes: np.ndarray) -> np.ndarray:
    left, stretch, _ = np.linalg.svd(axes)
    return (left * stretch[:, None, :]) @ left.transpose(0, 2, 1)


def _mapped(deviations: np.ndarray, of_row: np.ndarray, maps: np.ndarray) -> np.ndarray:
    mapped = np.zeros((len(deviations), maps.shape[2]))
    for number, each in enumerate(maps):
        rows = of_row == number
        mapped[rows] = deviations[rows] @ each
    return mapped
