"""Non-negative matrix factorisation: a bounded fit, and an apply for any number of rows."""

from __future__ import annotations

import warnings

import numpy as np

from segmentation.clustering.matrices import finite_matrix
from segmentation.clustering.threads import single_thread

PATIENCE = 3
MAX_EXCHANGES = 500
TOLERANCE = 1e-12
MOST_COMPONENTS = 62
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


def non_negative_weights(
    matrix: np.ndarray, components: np.ndarray, *, chunk_rows: int = 50_000
) -> np.ndarray:
    """Weights of each row on each component, as scikit-learn's ``NMF.transform`` finds them.

    Minimises |x - w H|² over w >= 0 for every row x, exactly, by block principal pivoting on
    the small matrix H Hᵀ. Rows are only ever combined element by element and each stops by
    itself, so an answer does not depend, in any bit, on the rows that share its chunk.

    Parameters
    ----------
    matrix : ndarray of shape (rows, columns)
        Not negative. No row is fine.
    components : ndarray of shape (components, columns)
        Not negative, no component of zeros.
    chunk_rows : int
        Rows in work at once: memory beyond the result is some 100 bytes x components x this.

    Returns
    -------
    ndarray of shape (rows, components)
        In the units of ``matrix`` when the components sum to 1. Zero for a row of zeros.

    Raises
    ------
    ValueError
        If an argument is negative or not finite, the columns differ in number, or there are
        more than 62 components.

    Notes
    -----
    J. Kim, H. Park, "Fast nonnegative matrix factorization: an active-set-like method and
    comparisons", SIAM Journal on Scientific Computing 33 (2011).
    """
    matrix, components = _check(matrix, components)
    weights = np.empty((len(matrix), len(components)))
    for start in range(0, len(matrix), chunk_rows):
        chunk = slice(start, start + chunk_rows)
        weights[chunk] = _solve(matrix[chunk], components).T
    return weights


def unexplained_share(matrix: np.ndarray, components: np.ndarray) -> float:
    """Sum of squares that the components leave, as a share of the matrix's own, in [0, 1]."""
    residual = matrix - non_negative_weights(matrix, components) @ components
    return float(np.square(residual).sum() / np.square(matrix).sum())


def _solve(matrix: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Weights of one chunk, component-major so that each step reads contiguous memory.

    Components change between "positive" and "zero" until every weight and every gradient has
    the right sign; after some exchanges in vain a row changes only its last wrong component,
    which cannot go round in circles.
    """
    lengths = np.sqrt(np.square(components).sum(axis=1))
    units = components / lengths[:, None]
    gram, target = _project(units, units), _project(matrix, units)
    weights, left = np.zeros_like(target), np.arange(len(matrix))
    positive = np.zeros(target.shape, dtype=bool)
    fewest, patience = np.full(len(matrix), len(gram) + 1), np.full(len(matrix), PATIENCE)
    for _ in range(MAX_EXCHANGES):
        found = _solve_positive(gram, target, positive)
        judged = np.where(positive, found, _project(found.T, gram) - target)
        wrong = judged < -TOLERANCE * target.max(axis=0)
        weights[:, left] = np.maximum(found, 0.0)
        count = wrong.sum(axis=0)
        patience = np.where(count < fewest, PATIENCE, patience - 1)
        positive ^= np.where(patience >= 0, wrong, _last_of_each_row(wrong))
        is_open = count > 0
        left, positive, target = left[is_open], positive[:, is_open], target[:, is_open]
        fewest, patience = np.minimum(fewest, count)[is_open], patience[is_open]
        if not len(left):
            break
    return weights / lengths[:, None]


def _last_of_each_row(wrong: np.ndarray) -> np.ndarray:
    following = np.cumsum(wrong[::-1], axis=0)[::-1]
    return wrong & (following == 1)


def _solve_positive(gram: np.ndarray, target: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Least squares of every row on its own positive components, zero elsewhere."""
    codes = (positive * (1 << np.arange(len(gram)))[:, None]).sum(axis=0)
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    supports = positive[:, first].T
    masks = supports[:, :, None] & supports[:, None, :]
    # a zero component keeps a one on the diagonal, so that one stack holds supports of any size
    systems = np.where(masks, gram, np.eye(len(gram)))
    inverses = np.moveaxis(np.linalg.pinv(systems, hermitian=True), 0, 2).copy()
    known, found = np.where(positive, target, 0.0), np.zeros_like(target)
    for i, row in enumerate(inverses):
        for j, factors in enumerate(row):
            found[i] += factors[group] * known[j]
    return np.where(positive, found, 0.0)


def _project(matrix: np.ndarray, components: np.ndarray) -> np.ndarray:
    """Components times rows, added column by column.

    A matrix product would add in an order that depends on how many rows there are.
    """
    target = np.zeros((len(components), len(matrix)))
    for column, values in enumerate(matrix.T):
        target += components[:, column, None] * values
    return target


def _check(matrix: np.ndarray, components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    matrix, components = np.asarray(matrix, dtype=float), finite_matrix(components, "components")
    if matrix.ndim != 2 or matrix.shape[1] != components.shape[1]:
        raise ValueError(
            f"Rows of shape {matrix.shape} do not fit components of shape {components.shape}: "
            "both need the same columns."
        )
    if len(components) > MOST_COMPONENTS:
        raise ValueError(f"components: at most {MOST_COMPONENTS}, got {len(components)}.")
    if (components < 0).any() or not components.any(axis=1).all():
        raise ValueError("components: none may be negative or all zero.")
    if not np.isfinite(matrix).all() or (matrix < 0).any():
        raise ValueError("The rows to weigh hold missing, infinite or negative values.")
    return matrix, components
