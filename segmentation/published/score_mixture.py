"""Gaussian mixtures outside the build: probabilities, and what each feature adds to a gap."""

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


def read_mixture(clusters: pd.DataFrame) -> Mixture | None:
    """Read a mixture from a model's clusters; None if they are those of another algorithm.

    Parameters
    ----------
    clusters : DataFrame
        As `segmentation.clustering.clusters.fit_clusters` returns it, sorted by cluster and
        component.
    """
    if clusters["log_constant"].isna().all():
        return None
    each = [rows for _, rows in clusters.groupby("cluster", sort=True)]
    return Mixture(
        axes=np.array([np.column_stack(rows["axis_loadings"].tolist()) for rows in each]),
        log_constants=np.array([rows["log_constant"].iloc[0] for rows in each]),
    )


def membership_probability(scores: np.ndarray) -> np.ndarray:
    """Return the probability of each row's most probable Gaussian, shape (n,).

    Parameters
    ----------
    scores : ndarray of shape (n, k)
        Minus the log densities, as `segmentation.clustering.clusters.assign` returns them.
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
