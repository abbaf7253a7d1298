"""Scoring: from feature values to a segment, with the parameters that were published.

The parameters are rows of tables, so nothing of scikit-learn is needed. A row's distances are
taken in component space; what each feature contributed is taken in the space of scaled features,
where it adds up to the same gap.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from segmentation.recipe import Recipe
from segmentation.scaling import apply_scaling
from segmentation.served import CommandError, Published

CATEGORY_TRANSFORMS = frozenset({"famd", "label"})


@dataclass(frozen=True)
class ModelInput:
    """One feature that the model reads.

    Attributes
    ----------
    name : str
        Column of the feature table.
    transform : str
        ``none`` or ``log1p`` for numbers, ``famd`` or ``label`` for categories.
    fill_value : float or None
        What a missing value becomes, before the transform; None if such rows get no segment.
    levels : frozenset of str
        Levels known since the fit; empty for numbers.
    """

    name: str
    transform: str
    fill_value: float | None
    levels: frozenset[str] = frozenset()

    @property
    def is_category(self) -> bool:
        """Whether values are text."""
        return self.transform in CATEGORY_TRANSFORMS


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A published model of p encoded columns, d components and k segments.

    Attributes
    ----------
    version : int
    algorithm : str
    inputs : tuple of ModelInput
        In the order of their first encoded column.
    scaling : DataFrame
        As `segmentation.scaling.fit_scaling` returns it.
    owners : ndarray of int, shape (p,)
        Index in `inputs` of the feature each encoded column belongs to.
    loadings : ndarray of shape (p, d)
        Orthonormal columns.
    means : ndarray of shape (p,)
    segment_ids : ndarray of int, shape (k,)
        Ascending.
    centroids : ndarray of shape (k, d)
    names : dict of int to str
    """

    version: int
    algorithm: str
    inputs: tuple[ModelInput, ...]
    scaling: pd.DataFrame
    owners: np.ndarray
    loadings: np.ndarray
    means: np.ndarray
    segment_ids: np.ndarray
    centroids: np.ndarray
    names: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Scores:
    """Answers for n rows; NaN, and -1 for an index, where a row has no segment.

    Attributes
    ----------
    nearest, runner_up : ndarray of int, shape (n,)
        Indices of the two nearest segments in the model's order.
    distance : ndarray of shape (n,)
        Euclidean distance to the nearest centroid, in component space.
    confidence : ndarray of shape (n,)
        (d₂ - d₁) / d₂ of the two nearest centroids; NaN where there is no second.
    contributions : ndarray of shape (n, features)
        What each input adds to d₂² - d₁²; their sum is that gap.
    """

    nearest: np.ndarray
    runner_up: np.ndarray
    distance: np.ndarray
    confidence: np.ndarray
    contributions: np.ndarray


def load_model(published: Published) -> FittedModel:
    """Read the active model from the published parameter tables.

    Parameters
    ----------
    published : Published
        An open published file.

    Raises
    ------
    CommandError
        If a table is not published, or the algorithm is not one that can be applied here.
    """
    recipe = Recipe.from_json(published.recipe())
    version = published.model_version()
    if recipe.algorithm not in PLACEMENTS:
        raise CommandError(
            f"Model {version} was fitted with the algorithm {recipe.algorithm}, which cannot be "
            f"applied outside the build; these can: {', '.join(PLACEMENTS)}."
        )
    scaling = published.fitted("scaling", "position, level")
    pca = published.fitted("pca", "component, position")
    centroids = published.fitted("centroids", "segment_id, component")
    inputs = model_inputs(scaling)
    position_of = {one.name: index for index, one in enumerate(inputs)}
    encoded = scaling.drop_duplicates("position").sort_values("position")
    matrix = centroids.pivot(index="segment_id", columns="component", values="centroid")
    return FittedModel(
        version=version,
        algorithm=recipe.algorithm,
        inputs=inputs,
        scaling=scaling,
        owners=encoded["feature"].map(position_of).to_numpy(dtype=int),
        loadings=pca.pivot(index="position", columns="component", values="loading").to_numpy(),
        means=pca[pca["component"] == pca["component"].min()]["mean"].to_numpy(),
        segment_ids=matrix.index.to_numpy(dtype=int),
        centroids=matrix.to_numpy(),
        names={one.segment_id: one.name for one in published.segments()},
    )


def model_inputs(scaling: pd.DataFrame) -> tuple[ModelInput, ...]:
    """Return the features that a scaling table reads, in the order of their positions."""
    inputs = []
    for name, rows in scaling.groupby("feature", sort=False):
        fill = rows["fill_value"].iloc[0]
        inputs.append(
            ModelInput(
                name=str(name),
                transform=str(rows["transform"].iloc[0]),
                fill_value=None if pd.isna(fill) else float(fill),
                levels=frozenset(rows["level"].dropna()),
            )
        )
    return tuple(inputs)


def score(frame: pd.DataFrame, model: FittedModel) -> Scores:
    """Place n rows in segments.

    Parameters
    ----------
    frame : DataFrame of n rows
        One column per model input: numbers as floats with NaN for missing, categories as strings
        with "(missing)".
    model : FittedModel

    Returns
    -------
    Scores
        Rows with a missing value that the model does not fill, or whose values are too large for
        a finite distance, have no segment.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = apply_scaling(frame, model.scaling)
        squared = PLACEMENTS[model.algorithm](scaled, model)
        placed = np.isfinite(squared).all(axis=1)
        scores = _ranked(np.where(placed[:, None], squared, 0.0))
        contributions = _contributions(scaled, scores.nearest, scores.runner_up, model)
    return Scores(
        nearest=np.where(placed, scores.nearest, -1),
        runner_up=np.where(placed, scores.runner_up, -1),
        distance=np.where(placed, scores.distance, np.nan),
        confidence=np.where(placed, scores.confidence, np.nan),
        contributions=np.where(placed[:, None], contributions, np.nan),
    )


def _squared_distances(scaled: np.ndarray, model: FittedModel) -> np.ndarray:
    components = (scaled - model.means) @ model.loadings
    return np.column_stack(
        [np.square(components - centroid).sum(axis=1) for centroid in model.centroids]
    )


PLACEMENTS: dict[str, Callable[[np.ndarray, FittedModel], np.ndarray]] = {
    "kmeans": _squared_distances,
    "bisecting_kmeans": _squared_distances,
}
"""By algorithm: what turns scaled rows into squared distances of shape (n, k)."""


def _ranked(squared: np.ndarray) -> Scores:
    rows, k = squared.shape
    # A stable sort: of equally near centroids the smaller segment id comes first.
    order = np.argsort(squared, axis=1, kind="stable")
    nearest = order[:, 0]
    distance = np.sqrt(squared[np.arange(rows), nearest])
    if k == 1:
        none = np.full(rows, np.nan)
        return Scores(nearest, np.full(rows, -1), distance, none, np.empty((rows, 0)))
    runner_up = order[:, 1]
    second = np.sqrt(squared[np.arange(rows), runner_up])
    confidence = np.full(rows, np.nan)
    np.divide(second - distance, second, out=confidence, where=second > 0)
    return Scores(nearest, runner_up, distance, confidence, np.empty((rows, 0)))


def _contributions(
    scaled: np.ndarray, nearest: np.ndarray, runner_up: np.ndarray, model: FittedModel
) -> np.ndarray:
    """Split d₂² - d₁² over the features.

    With orthonormal loadings L a centroid c stands for the scaled values a = mean + L c, and a
    row's squared distance to c is Σⱼ (sⱼ - aⱼ)² less a remainder outside the components that is
    the same for every centroid. So d₂² - d₁² = Σⱼ (sⱼ - bⱼ)² - (sⱼ - aⱼ)², exactly, with b of the
    runner-up: each feature adds how much nearer it lies to the one centre than to the other.
    """
    features = len(model.inputs)
    if len(model.segment_ids) == 1:
        return np.full((len(scaled), features), np.nan)
    centres = model.means + model.centroids @ model.loadings.T
    near, far = centres[nearest], centres[runner_up]
    # (s - b)² - (s - a)² as a product: the squares of large values would cancel.
    parts = (near - far) * (2 * scaled - near - far)
    membership = (model.owners[:, None] == np.arange(features)).astype(float)
    return parts @ membership
