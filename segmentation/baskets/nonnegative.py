"""Non-negative matrix factorisation: a bounded fit, and an apply for any number of rows."""

from __future__ import annotations

import warnings

import numpy as np

from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.threads import single_thread

TRIES = 100
"""Steps by component after which a row is given up; the most seen were 3."""
RAREST = 0.002
"""Share of all below which a category's scale grows no further."""


@single_thread()
def factorise(matrix: np.ndarray, components: int, *, seed: int) -> np.ndarray:
    """Components of X ≈ W H under squared error, each scaled to sum to 1.

    Parameters
    ----------
    matrix : ndarray of shape (rows, columns)
        Not negative.
    components : int
        Rows of H, at most the smaller side of the matrix.
    seed : int

    Returns
    -------
    ndarray of shape (components, columns)
        Fewer rows where the data cannot fill them: a component of zeros is left out.

    Notes
    -----
    D. Lee, H. S. Seung, "Learning the parts of objects by non-negative matrix factorization",
    Nature 401 (1999); started from singular vectors after C. Boutsidis, E. Gallopoulos,
    Pattern Recognition 41 (2008), so that no random start decides.
    """
    # Weighing rows needs none of scikit-learn, which takes seconds to import.
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(components, init="nndsvda", solver="cd", max_iter=500, random_state=seed)
    with warnings.catch_warnings():
        # the error of the fit is published; a few steps more would not change a basket
        warnings.simplefilter("ignore", ConvergenceWarning)
        shapes = model.fit(matrix).components_
    totals = shapes.sum(axis=1)
    return shapes[totals > 0] / totals[totals > 0, None]


def category_scales(matrix: np.ndarray) -> np.ndarray:
    """Return what shares are multiplied by before a fit, so that rare categories are seen, too.

    Squared errors are large where shares are: unscaled, a component more goes to what is popular.
    Over the root of its mean share, as in correspondence analysis, a category counts by how its
    buyers differ from all.

    Parameters
    ----------
    matrix : ndarray of shape (rows, categories)
        Not negative, not all zero.

    Returns
    -------
    ndarray of shape (categories,)
    """
    popularity = matrix.sum(axis=0) / matrix.sum()
    return 1 / np.sqrt(np.maximum(popularity, RAREST))


def non_negative_weights(matrix: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Weights of each row on each component, as scikit-learn's ``NMF.transform`` finds them.

    Minimises |x - w H|² over w >= 0 for every row x, exactly. An answer does not depend, in any
    bit, on the rows beside it: each is solved alone, and once for all that are equal.

    Parameters
    ----------
    matrix : ndarray of shape (rows, columns)
        Not negative. No row is fine.
    components : ndarray of shape (components, columns)
        Not negative, no component of zeros.

    Returns
    -------
    ndarray of shape (rows, components)
        In the units of ``matrix`` when the components sum to 1. Zero for a row of zeros.

    Raises
    ------
    ValueError
        If an argument is negative or not finite, or the columns differ in number.
    """
    # Of those who fit nothing, nobody waits for it.
    from scipy.optimize import nnls

    matrix, components = _check(matrix, components)
    if not len(matrix):
        return np.empty((0, len(components)))
    rows = np.ascontiguousarray(matrix)
    wholes = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    _, first, same = np.unique(wholes, return_index=True, return_inverse=True)
    tries = TRIES * len(components)
    weights = [nnls(components.T, row, maxiter=tries)[0] for row in rows[first]]
    return np.array(weights)[same]


def unexplained_share(matrix: np.ndarray, components: np.ndarray) -> float:
    """Sum of squares that the components leave, as a share of the matrix's own, in [0, 1]."""
    residual = matrix - non_negative_weights(matrix, components) @ components
    return float(np.square(residual).sum() / np.square(matrix).sum())


def _check(matrix: np.ndarray, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    matrix, components = np.asarray(matrix, dtype=float), finite_matrix(components, "components")
    if matrix.ndim != 2 or matrix.shape[1] != components.shape[1]:
        raise ValueError(
            f"Rows of shape {matrix.shape} do not fit components of shape {components.shape}: "
            "both need the same columns."
        )
    if (components < 0).any() or not components.any(axis=1).all():
        raise ValueError("components: none may be negative or all zero.")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError("The rows to weigh hold missing, infinite or negative values.")
    return matrix, components
