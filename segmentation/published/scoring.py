"""Scoring: from feature values to a segment, with the parameters that were published.

The parameters are rows of tables, applied by the functions that the fit applies them with; nothing
of scikit-learn is needed. A row's distances and densities are taken in component space; what each
feature contributed is taken in the space of scaled features, where it adds up to the same gap.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from segmentation.clustering.clusters import assign
from segmentation.features.pca import apply_pca
from segmentation.features.recipe import MISSING, Recipe
from segmentation.features.scaling import apply_scaling
from segmentation.published.contradictions import QUOTIENTS, RULES, Limit, Quotient
from segmentation.published.score_mixture import (
    Mixture,
    membership_probability,
    read_mixture,
    whitened_gap,
)
from segmentation.published.served import CommandError, Published
from segmentation.published.spellings import level_of, levels_by_meaning, missing_words

CATEGORY_TRANSFORMS = frozenset({"famd", "label"})
COUNT = "count"
"""In place of a transform: the column only counts what a feature is an average of."""
ALGORITHMS = ("kmeans", "bisecting_kmeans", "gaussian_mixture")
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
        ``none`` or ``log1p`` for numbers, ``famd`` or ``label`` for categories, ``count`` for a
        number that only says how far another is shrunk.
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

    @cached_property
    def by_meaning(self) -> dict[Hashable, str]:
        """The levels that other spellings stand for, by what they mean."""
        return levels_by_meaning(self.levels)

    @cached_property
    def missing_words(self) -> frozenset[str]:
        """Texts, in lower case, that say that its value is missing, unless they are levels."""
        return missing_words(self.levels, self.by_meaning)

    def level_of(self, text: str) -> str:
        """Return the level that a text stands for, in whatever spelling; else the text."""
        if text.lower() in self.missing_words:
            return MISSING
        return level_of(text, self.levels, self.by_meaning)


@dataclass(frozen=True, eq=False)
class FittedModel:
    """A published model of p encoded columns, d components and k segments.

    Attributes
    ----------
    version : int
    inputs : tuple of ModelInput
        In the order of their first encoded column, then columns that only count.
    scaling : DataFrame
        As `segmentation.features.scaling.fit_scaling` returns it.
    pca : DataFrame
        As `segmentation.features.pca.fit_pca` returns it.
    clusters : DataFrame
        As `segmentation.clustering.clusters.fit_clusters` returns it, numbered by segment id and
        sorted by cluster and component.
    names : dict of int to str
        Of the segments, by id.
    rules : tuple of Limit
        What its features cannot be together.
    quotients : tuple of Quotient
        Which of its inputs follow from other features.
    """

    version: int
    inputs: tuple[ModelInput, ...]
    scaling: pd.DataFrame
    pca: pd.DataFrame
    clusters: pd.DataFrame
    names: dict[int, str] = field(default_factory=dict)
    rules: tuple[Limit, ...] = ()
    quotients: tuple[Quotient, ...] = ()

    @cached_property
    def owners(self) -> np.ndarray:
        """Index in `inputs` of the feature each encoded column belongs to, shape (p,)."""
        position_of = {one.name: index for index, one in enumerate(self.inputs)}
        encoded = self.scaling.drop_duplicates("position").sort_values("position")
        return encoded["feature"].map(position_of).to_numpy(dtype=int)

    @cached_property
    def loadings(self) -> np.ndarray:
        """Orthonormal columns, shape (p, d)."""
        return self.pca.pivot(index="position", columns="component", values="loading").to_numpy()

    @cached_property
    def means(self) -> np.ndarray:
        """What is subtracted from the scaled features, shape (p,)."""
        encoded = self.pca.drop_duplicates("position").sort_values("position")
        return encoded["mean"].to_numpy()

    @cached_property
    def segment_ids(self) -> np.ndarray:
        """Ids of the segments, ascending, shape (k,)."""
        return np.sort(self.clusters["cluster"].unique()).astype(int)

    @cached_property
    def centroids(self) -> np.ndarray:
        """Centroids of the segments, or the means of a mixture, shape (k, d)."""
        table = self.clusters.pivot(index="cluster", columns="component", values="centroid")
        return table.to_numpy()

    @cached_property
    def mixture(self) -> Mixture | None:
        """What a Gaussian mixture has besides; None if the nearest centroid wins."""
        return read_mixture(self.clusters)

    def scaled(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the inputs of n rows encoded and standardised, shape (n, p)."""
        return apply_scaling(frame, self.scaling)

    def components(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the principal components of the inputs of n rows, shape (n, d)."""
        return apply_pca(self.scaled(frame), self.pca)


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
    if recipe.algorithm == "rules":
        raise CommandError(
            f"Segments of {published.segmentation} follow rules that somebody wrote, so nothing is "
            f"fitted to predict by: `segmentation segments --segmentation "
            f"{published.segmentation} --as sql` prints the rules."
        )
    if recipe.algorithm not in ALGORITHMS:
        raise CommandError(
            f"Model {version} was fitted with the algorithm {recipe.algorithm}, which is not "
            f"known here ({', '.join(ALGORITHMS)} are): use the version that published it."
        )
    scaling = published.fitted("scaling", "position, level")
    centroids = published.fitted("centroids", "segment_id, component")
    inputs = _with_ranges(published, model_inputs(scaling))
    names = {one.name for one in inputs}
    return FittedModel(
        version=version,
        inputs=inputs,
        scaling=scaling,
        pca=published.fitted("loadings", "component, position"),
        clusters=centroids.rename(columns={"segment_id": "cluster"}),
        names={one.segment_id: one.name for one in published.segments()},
        rules=RULES.get(published.segmentation, ()),
        quotients=tuple(
            one for one in QUOTIENTS.get(published.segmentation, ()) if one.name in names
        ),
    )


def model_inputs(scaling: pd.DataFrame) -> tuple[ModelInput, ...]:
    """Return the columns that a scaling table reads, in the order of their positions."""
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
    names = {one.name for one in inputs}
    counts = shrunk_by(scaling).drop_duplicates()
    inputs += [ModelInput(name, COUNT, 0.0) for name in counts if name not in names]
    return tuple(inputs)


def shrunk_by(scaling: pd.DataFrame) -> pd.Series:
    """Return the column that counts, by position, of each number that is shrunk."""
    if "shrink_by" not in scaling:  # as a version published it that shrank nothing
        return pd.Series(dtype=object)
    return scaling.dropna(subset="shrink_by").set_index("position")["shrink_by"]


def _with_ranges(published: Published, inputs: tuple[ModelInput, ...]) -> tuple[ModelInput, ...]:
    has_features = published.has(published.features)
    columns = published.columns(published.features) if has_features else {}
    numbers = [one.name for one in inputs if not one.is_category and one.name in columns]
    if not numbers:
        return inputs
    # The largest of all is NaN where there is one.
    listed = ", ".join(
        f"min(nullif({name}::double, 'nan')), max(nullif({name}::double, 'nan'))"
        for name in numbers
    )
    found = published.rows(f"select {listed} from {published.features}")[0]
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
        scaled = model.scaled(frame)
        components = apply_pca(scaled, model.pca)
        assigned = assign(components, model.clusters)
        nearest, runner_up = _places(assigned.cluster, model), _places(assigned.runner_up, model)
        distance = np.sqrt(np.square(components - model.centroids[nearest]).sum(axis=1))
        placed = np.isfinite(distance) & np.isfinite(assigned.scores).all(axis=1)
        contributions, size_and_spread = _gap(scaled, components, nearest, runner_up, model)
        probability = _probability(assigned.scores, model)
    compared = placed & (runner_up >= 0)
    return Scores(
        nearest=np.where(placed, nearest, -1),
        runner_up=np.where(placed, runner_up, -1),
        distance=np.where(placed, distance, np.nan),
        confidence=np.where(compared, assigned.margin, np.nan),
        probability=np.where(placed, probability, np.nan),
        contributions=np.where(compared[:, None], contributions, np.nan),
        size_and_spread=np.where(compared, size_and_spread, np.nan),
    )


def _places(ids: np.ndarray, model: FittedModel) -> np.ndarray:
    """Return the indices of segment ids in the model's order, -1 where there is none."""
    return np.where(ids < 0, -1, np.searchsorted(model.segment_ids, ids))


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
