"""Principal components of the scaled features, as a table of loadings."""

from itertools import islice

import numpy as np
import pandas as pd

from segmentation.clustering.threads import single_thread
from segmentation.features.recipe import Recipe

COLUMNS = [
    "component",
    "position",
    "feature",
    "level",
    "loading",
    "mean",
    "explained_variance_ratio",
]


@single_thread()
def fit_pca(matrix: np.ndarray, scaling: pd.DataFrame, recipe: Recipe) -> pd.DataFrame:
    """Fit principal components by a full singular value decomposition.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
        Scaled features, sorted by key, without missing values.
    scaling : DataFrame
        The scaling that made the matrix; names its p columns.
    recipe : Recipe
        `components`: a share of variance in (0, 1), or a number, capped at min(n, p). With a share,
        at least the components whose eigenvalue exceeds half the mean one are kept.

    Returns
    -------
    DataFrame
        One row per component and encoded feature: component and position (both from 1), feature,
        level, loading, mean (subtracted before the loading applies), explained_variance_ratio.
        Signs are scikit-learn's: the loading of largest magnitude is positive.

    Notes
    -----
    Groups stretch the columns that tell them apart, so that the direction between them may have a
    *small* eigenvalue once these are standardised: Chang (1983), "On using principal components
    before separating a mixture of two multivariate normal distributions". Half the mean is a
    careful version of the rule that keeps eigenvalues above the mean (Guttman 1954, Kaiser 1960),
    which asks for 0.7 of it with samples (Jolliffe 1972).
    """
    # What only applies a model need not wait for scikit-learn to be imported.
    from sklearn.decomposition import PCA

    model = PCA(svd_solver="full", random_state=recipe.pca_seed).fit(matrix)
    kept = _kept_components(model.explained_variance_ratio_, recipe.components)
    named = encoded_columns(scaling)
    components = zip(model.components_, model.explained_variance_ratio_, strict=True)
    tables = [
        named.assign(
            component=number,
            loading=loadings,
            mean=model.mean_,
            explained_variance_ratio=ratio,
        )
        for number, (loadings, ratio) in enumerate(islice(components, kept), start=1)
    ]
    return pd.concat(tables, ignore_index=True)[COLUMNS]


def _kept_components(ratios: np.ndarray, wanted: float) -> int:
    if wanted >= 1:
        return min(int(wanted), len(ratios))
    # As scikit-learn counts: the first number whose share exceeds the one that is wanted.
    enough = int(np.searchsorted(np.cumsum(ratios), wanted, side="right")) + 1
    return min(len(ratios), max(enough, int((ratios > ratios.mean() / 2).sum())))


def encoded_columns(scaling: pd.DataFrame) -> pd.DataFrame:
    """Return position, feature and level of each encoded column (no level for label codes)."""
    named = scaling.drop_duplicates("position").sort_values("position")
    named = named[["position", "feature", "level", "transform"]].copy()
    named.loc[named["transform"] == "label", "level"] = None
    return named.drop(columns="transform").reset_index(drop=True)


def apply_pca(matrix: np.ndarray, pca: pd.DataFrame) -> np.ndarray:
    """Project scaled rows on fitted components: the oracle of the SQL that does it.

    Parameters
    ----------
    matrix : ndarray of shape (n, p)
        Scaled features.
    pca : DataFrame
        As `fit_pca` returns it.

    Returns
    -------
    ndarray of shape (n, components)
    """
    loadings = pca.pivot(index="position", columns="component", values="loading").to_numpy()
    means = pca.drop_duplicates("position").sort_values("position")["mean"].to_numpy()
    return (matrix - means) @ loadings
