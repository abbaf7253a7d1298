"""Gaussian mixtures: a fit whose parameters a SQL query can apply."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from segmentation.clustering.matrices import check_segments, finite_matrix
from segmentation.clustering.threads import single_thread

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

LOG_TWO_PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class MixtureFit:
    """A fitted mixture of k Gaussians in d dimensions, the largest component first.

    Attributes
    ----------
    weights : ndarray of shape (k,)
        Mixing shares, summing to 1.
    means : ndarray of shape (k, d)
    precision_cholesky : ndarray of shape (k, d, d)
        P with P Pᵀ = the inverse covariance; column j is one direction of the
        Mahalanobis distance, so that distance² = Σⱼ (x·P[:, j] - mean·P[:, j])².
    log_determinant : ndarray of shape (k,)
        log det P of each component (half the log determinant of the precision).
    labels : ndarray of shape (rows,)
        Most probable component of each fitted row, from 0.
    bic, aic : float
        Information criteria on the fitted rows; smaller is better.
    converged : bool
        Whether expectation-maximisation met its tolerance.
    """

    weights: np.ndarray
    means: np.ndarray
    precision_cholesky: np.ndarray
    log_determinant: np.ndarray
    labels: np.ndarray
    bic: float
    aic: float
    converged: bool


def fit_gaussian_mixture(
    matrix: np.ndarray,
    k: int,
    *,
    seed: int,
    n_init: int = 5,
    max_iter: int = 300,
    regularisation: float = 1e-6,
) -> MixtureFit:
    """Fit k Gaussians with full covariances by expectation-maximisation.

    Components are ordered by descending number of rows they win, ties by weight, then
    by their means, so that numbering does not depend on the random start.

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
        Finite numbers, in a fixed row order.
    k : int
        Number of components.
    seed : int
    n_init : int
        k-means starts tried; the most likely fit is kept.
    max_iter : int
        Expectation-maximisation steps a start may take.
    regularisation : float
        Added to the variances (squared units of ``matrix``) so that repeated rows
        cannot make a covariance singular.

    Raises
    ------
    ValueError
        If the matrix is empty or not finite, or has fewer distinct rows than k.

    Notes
    -----
    A. Dempster, N. Laird, D. Rubin, "Maximum likelihood from incomplete data via the EM
    algorithm", Journal of the Royal Statistical Society B 39 (1977).
    """
    # What only applies a model need not wait for scikit-learn to be imported.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    matrix = finite_matrix(matrix, "Gaussian mixture")
    check_segments(matrix, k, "Gaussian mixture")
    model = GaussianMixture(
        k,
        covariance_type="full",
        n_init=n_init,
        max_iter=max_iter,
        reg_covar=regularisation,
        random_state=seed,
    )
    with single_thread(), warnings.catch_warnings():
        # reported as `converged`, so that the caller can put it into a table
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(matrix)
        bic, aic = float(model.bic(matrix)), float(model.aic(matrix))
    fit = _as_fit(model, np.arange(k), matrix[:0], bic, aic)
    wins = np.bincount(mixture_log_density(matrix, fit).argmax(axis=1), minlength=k)
    keys = (*reversed(model.means_.T), -model.weights_, -wins)
    return _as_fit(model, np.lexsort(keys), matrix, bic, aic)


def mixture_log_density(matrix: np.ndarray, fit: MixtureFit) -> np.ndarray:
    """Log of weight times density of every row under every component.

    log w + log det P - d/2 log 2π - ½ Σⱼ (x·P[:, j] - mean·P[:, j])².

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
    fit : MixtureFit

    Returns
    -------
    ndarray of shape (rows, k), natural logarithms
    """
    matrix = np.asarray(matrix, dtype=float)
    constants = np.log(fit.weights) + fit.log_determinant - matrix.shape[1] / 2 * LOG_TWO_PI
    return -minus_log_density(matrix, fit.means, fit.precision_cholesky, constants)


def minus_log_density(
    matrix: np.ndarray,
    means: Sequence[np.ndarray],
    axes: Sequence[np.ndarray],
    log_constants: np.ndarray,
) -> np.ndarray:
    """Minus the log of weight times density of every row under every component.

    ½ Σⱼ (x·P[:, j] - mean·P[:, j])² - log_constant.

    Parameters
    ----------
    matrix : ndarray of shape (rows, d)
    means : k arrays of shape (d,)
    axes : k arrays P of shape (d, d)
        P Pᵀ = the precision of a component.
    log_constants : ndarray of shape (k,)
        log weight + log det P - d/2 log 2π: the log density at the peak.

    Returns
    -------
    ndarray of shape (rows, k), natural logarithms
        The lowest is the most probable.
    """
    squares = [
        np.square(matrix @ each - mean @ each).sum(axis=1)
        for mean, each in zip(means, axes, strict=True)
    ]
    return np.column_stack(squares) / 2 - log_constants


def _as_fit(
    model: GaussianMixture, order: np.ndarray, matrix: np.ndarray, bic: float, aic: float
) -> MixtureFit:
    cholesky = model.precisions_cholesky_[order]
    parameters = {
        "weights": model.weights_[order],
        "means": model.means_[order],
        "precision_cholesky": cholesky,
        "log_determinant": np.log(np.diagonal(cholesky, axis1=1, axis2=2)).sum(axis=1),
        "bic": bic,
        "aic": aic,
        "converged": bool(model.converged_),
    }
    unlabelled = MixtureFit(labels=np.empty(0, dtype=np.int64), **parameters)
    labels = mixture_log_density(matrix, unlabelled).argmax(axis=1)
    return MixtureFit(labels=labels.astype(np.int64), **parameters)
