"""Scoring: from feature values to a segment, with the parameters that were published.

The parameters are rows of tables, so nothing of scikit-learn is needed. A row's distances and
densities are taken in component space; what each feature contributed is taken in the space of
scaled features, where it adds up to the same gap.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from segmentation.features.recipe import Recipe
from segmentation.features.scaling import apply_scaling
from segmentation.published.score_mixture import (
    Mixture,
    membership_probability,
    minus_log_density,
    read_mixture,
    whitened_gap,
)
from segmentation.published.served import CommandError, Published

CATEGORY_TRANSFORMS = frozenset({"famd", "label"})
MIXTURE = "gaussian_mixture"
ALGORITHMS = ("kmeans", "bisecting_kmeans", MIXTURE)
SIZE_AND_SPREAD = "(size and spread)"
"""Stands beside the features, whose names have no brackets: what segments differ in themselves."""


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
    lowest, highest : float or None
        Of a number among the published rows; None if they have no value or were not published.
    """

    name: str
    transform: str
    fill_value: float | None
    levels: frozenset[str] = frozenset()
    lowest: float | None = None
    highest: float | None = None

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
    inputs : tuple of ModelInput
        In the order of their first encoded column.
    scaling : DataFrame
        As `segmentation.features.scaling.fit_scaling` returns it.
    owners : ndarray of int, shape (p,)
        Index in `inputs` of the feature each encoded column belongs to.
    loadings : ndarray of shape (p, d)
        Orthonormal columns.
    means : ndarray of shape (p,)
    segment_ids : ndarray of int, shape (k,)
        Ascending.
    centroids : ndarray of shape (k, d)
    names : dict of int to str
    mixture : Mixture or None
        Of a Gaussian mixture, whose means the centroids are; None if the nearest centroid wins.
    """

    version: int
    inputs: tuple[ModelInput, ...]
    scaling: pd.DataFrame
    owners: np.ndarray
    loadings: np.ndarray
    means: np.ndarray
    segment_ids: np.ndarray
    centroids: np.ndarray
    names: dict[int, str] = field(default_factory=dict)
    mixture: Mixture | None = None


@dataclass(frozen=True, eq=False)
class Scores:
    """Answers for n rows; NaN, and -1 for an index, where a row has no segment.

    Attributes
    ----------
    nearest, runner_up : ndarray of int, shape (n,)
        Indices of the two nearest segments in the model's order: by distance to the centroid, or
        by density under a mixture.
    distance : ndarray of shape (n,)
        Euclidean distance to the nearest's centroid, in component space.
    confidence : ndarray of shape (n,)
        (d₂ - d₁) / d₂ of the two nearest centroids, or 1 - density₂ / density₁ under a mixture;
        NaN where there is no second.
    probability : ndarray of shape (n,)
        Membership probability under a mixture; else NaN.
    contributions : ndarray of shape (n, features)
        What each input adds to the gap: d₂² - d₁², or log density₁ - log density₂.
    size_and_spread : ndarray of shape (n,)
        What the weights and covariances of a mixture add to the gap, whatever the row; else 0.
        With the contributions it sums to the gap.
    """

    nearest: np.ndarray
    runner_up: np.ndarray
    distance: np.ndarray
    confidence: np.ndarray
    probability: np.ndarray
    contributions: np.ndarray
    size_and_spread: np.ndarray


def load_model(published: Published) -> FittedModel:
    """Read the active model from the published parameter tables.

    Parameters
    ----------
    published : Published
        An open published file.

    Raises
    ------
    CommandError
        If a table is not published, or the algorithm is one of a later version.
    """
    recipe = Recipe.from_json(published.recipe())
    version = published.model_version()
    if recipe.algorithm not in ALGORITHMS:
        raise CommandError(
            f"Model {version} was fitted with the algorithm {recipe.algorithm}, which is not "
            f"known here ({', '.join(ALGORITHMS)} are): use the version that published it."
        )
    scaling = published.fitted("scaling", "position, level")
    pca = published.fitted("pca", "component, position")
    centroids = published.fitted("centroids", "segment_id, component")
    inputs = _with_ranges(published, model_inputs(scaling))
    position_of = {one.name: index for index, one in enumerate(inputs)}
    encoded = scaling.drop_duplicates("position").sort_values("position")
    matrix = centroids.pivot(index="segment_id", columns="component", values="centroid")
    return FittedModel(
        version=version,
        inputs=inputs,
        scaling=scaling,
        owners=encoded["feature"].map(position_of).to_numpy(dtype=int),
        loadings=pca.pivot(index="position", columns="component", values="loading").to_numpy(),
        means=pca[pca["component"] == pca["component"].min()]["mean"].to_numpy(),
        segment_ids=matrix.index.to_numpy(dtype=int),
        centroids=matrix.to_numpy(),
        names={one.segment_id: one.name for one in published.segments()},
        mixture=read_mixture(centroids) if recipe.algorithm == MIXTURE else None,
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


def _with_ranges(published: Published, inputs: tuple[ModelInput, ...]) -> tuple[ModelInput, ...]:
    columns = published.columns("features") if published.has("features") else {}
    numbers = [one.name for one in inputs if not one.is_category and one.name in columns]
    if not numbers:
        return inputs
    # The largest of all is NaN where there is one.
    listed = ", ".join(
        f"min(nullif({name}::double, 'nan')), max(nullif({name}::double, 'nan'))"
        for name in numbers
    )
    found = published.rows(f"select {listed} from {published.table('features')}")[0]
    ranges = dict(zip(numbers, zip(found[::2], found[1::2], strict=True), strict=True))
    bounds = (ranges.get(one.name, (None, None)) for one in inputs)
    return tuple(
        replace(one, lowest=lowest, highest=highest)
        for one, (lowest, highest) in zip(inputs, bounds, strict=True)
    )


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
        components = (scaled - model.means) @ model.loadings
        squared = _squared_distances(components, model.centroids)
        scores = squared
        if model.mixture is not None:
            scores = minus_log_density(components, model.centroids, model.mixture)
        placed = np.isfinite(squared + scores).all(axis=1)
        scores = np.where(placed[:, None], scores, 0.0)
        nearest, runner_up = _two_lowest(scores)
        gap = _gap(scaled, components, nearest, runner_up, model)
    compared = placed & (runner_up >= 0)
    distance = np.sqrt(_picked(squared, nearest))
    return Scores(
        nearest=np.where(placed, nearest, -1),
        runner_up=np.where(placed, runner_up, -1),
        distance=np.where(placed, distance, np.nan),
        confidence=np.where(compared, _confidence(scores, nearest, runner_up, model), np.nan),
        probability=np.where(placed, _probability(scores, model), np.nan),
        contributions=np.where(compared[:, None], gap[0], np.nan),
        size_and_spread=np.where(compared, gap[1], np.nan),
    )


def _squared_distances(components: np.ndarray, centroids: np.ndarray) -> np.ndarray:
    return np.column_stack([np.square(components - each).sum(axis=1) for each in centroids])


def _two_lowest(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # A stable sort: of equally near segments the smaller id comes first.
    order = np.argsort(scores, axis=1, kind="stable")
    return order[:, 0], order[:, 1] if scores.shape[1] > 1 else np.full(len(scores), -1)


def _picked(values: np.ndarray, columns: np.ndarray) -> np.ndarray:
    return values[np.arange(len(values)), columns]


def _confidence(
    scores: np.ndarray, nearest: np.ndarray, runner_up: np.ndarray, model: FittedModel
) -> np.ndarray:
    first, second = _picked(scores, nearest), _picked(scores, runner_up)
    if model.mixture is not None:
        return -np.expm1(first - second)
    near, far = np.sqrt(first), np.sqrt(second)
    return np.divide(far - near, far, out=np.full(len(far), np.nan), where=far > 0)


def _probability(scores: np.ndarray, model: FittedModel) -> np.ndarray:
    if model.mixture is None:
        return np.full(len(scores), np.nan)
    return membership_probability(scores)


def _gap(
    scaled: np.ndarray,
    components: np.ndarray,
    nearest: np.ndarray,
    runner_up: np.ndarray,
    model: FittedModel,
) -> tuple[np.ndarray, np.ndarray]:
    """Split the gap over the features, and what is left over for a mixture's constants."""
    if model.mixture is None:
        parts, constant = _squared_gap(scaled, nearest, runner_up, model), np.zeros(len(scaled))
    else:
        deviations = (
            components - model.centroids[nearest],
            components - model.centroids[runner_up],
        )
        parts = whitened_gap(deviations, nearest, runner_up, model.loadings, model.mixture)
        constants = model.mixture.log_constants
        constant = constants[nearest] - constants[runner_up]
    membership = model.owners[:, None] == np.arange(len(model.inputs))
    return parts @ membership.astype(float), constant


def _squared_gap(
    scaled: np.ndarray, nearest: np.ndarray, runner_up: np.ndarray, model: FittedModel
) -> np.ndarray:
    """Split d₂² - d₁² over the encoded columns.

    With orthonormal loadings L a centroid c stands for the scaled values a = mean + L c, and a
    row's squared distance to c is Σⱼ (sⱼ - aⱼ)² less a remainder outside the components that is
    the same for every centroid. So d₂² - d₁² = Σⱼ (sⱼ - bⱼ)² - (sⱼ - aⱼ)², exactly, with b of the
    runner-up: each column adds how much nearer it lies to the one centre than to the other.
    """
    centres = model.means + model.centroids @ model.loadings.T
    near, far = centres[nearest], centres[runner_up]
    # (s - b)² - (s - a)² as a product: the squares of large values would cancel.
    return (near - far) * (2 * scaled - near - far)
