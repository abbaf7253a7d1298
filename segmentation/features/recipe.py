"""Recipes: what a segmentation is made of, as immutable data."""

import json
from dataclasses import dataclass, fields

MISSING = "(missing)"
OTHER = "(other)"


@dataclass(frozen=True)
class Feature:
    """One column of the feature table and how it enters the fit.

    Attributes
    ----------
    name : str
        Column name.
    kind : str
        ``number`` or ``category``.
    transform : str
        ``none`` or ``log1p`` (numbers only).
    low, high : str
        What a segment far below or above the average is called, e.g. "low spend".
    triggers : bool
        Whether drift of this feature asks for a refit; False for what moves by itself, like
        days since an order.
    """

    name: str
    kind: str
    transform: str = "none"
    low: str = ""
    high: str = ""
    triggers: bool = True


@dataclass(frozen=True)
class Recipe:
    """The settings of one segmentation; see ``macros/recipes/built_in_recipes.sql``."""

    name: str
    features: tuple[Feature, ...]
    missing: str = "fill"
    encoding: str = "famd"
    max_levels: int = 20
    components: float = 0.8
    pca_seed: int = 0
    algorithm: str = "kmeans"
    k: int | None = None
    k_min: int = 2
    k_max: int = 10
    seed: int = 0
    n_init: int = 10
    max_iter: int = 300
    bootstraps: int = 20
    gap_references: int = 10
    minimum_k: int = 3
    minimum_share: float = 0.02
    minimum_stability: float = 0.6
    max_fit_rows: int = 250_000
    max_selection_rows: int = 20_000

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Read a recipe from the JSON that a fit plan or the registry holds.

        Parameters
        ----------
        text : str
            A JSON object with ``name``, ``features`` and any setting; unknown keys are ignored,
            so that a recipe stored by a later version can still be read.

        Returns
        -------
        Recipe
            The recipe, absent settings at their defaults.
        """
        stored = json.loads(text)
        known = {field.name for field in fields(cls)} - {"features"}
        features = tuple(Feature(**feature) for feature in stored["features"])
        return cls(features=features, **{key: stored[key] for key in known & stored.keys()})

    @property
    def candidate_ks(self) -> list[int]:
        """Numbers of segments to evaluate: the range, and the one that is set."""
        ks = set(range(self.k_min, self.k_max + 1))
        return sorted(ks | ({self.k} if self.k else set()))
