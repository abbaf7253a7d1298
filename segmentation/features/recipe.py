"""Recipes: what a segmentation is made of, as immutable data."""

import json
from dataclasses import dataclass, fields

EARLIER = {"max_grid_k": 10}
"""What recipes say that were stored before the setting was there."""
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
    unit : float
        What a number is divided by before ``log1p``: below it the scale is nearly even, above it
        logarithmic.
    weight : float
        What the feature's variance is multiplied by, once standardised.
    shrink_by : str
        Column that counts what the number is an average of, e.g. orders; empty if of nothing. The
        transformed number is drawn towards its mean over all, the more the fewer there are.
    low, high : str
        What a segment far below or above the average is called, e.g. "low spend".
    triggers : bool
        Whether drift of this feature asks for a refit; False for what moves by itself, like
        days since an order.
    """

    name: str
    kind: str
    transform: str = "none"
    unit: float = 1.0
    weight: float = 1.0
    shrink_by: str = ""
    low: str = ""
    high: str = ""
    triggers: bool = True


@dataclass(frozen=True)
class Recipe:
    """The settings of one segmentation, each said; ``macros/settings`` has their defaults."""

    name: str
    features: tuple[Feature, ...]
    missing: str
    encoding: str
    max_levels: int
    components: float
    pca_seed: int
    algorithm: str
    k: int | None
    k_min: int
    k_max: int
    seed: int
    n_init: int
    max_iter: int
    bootstraps: int
    gap_references: int
    minimum_k: int
    minimum_share: float
    minimum_stability: float
    max_grid_k: int
    max_fit_rows: int
    max_selection_rows: int
    rules: tuple[dict, ...] = ()
    """Rows of the seed, where segments follow rules (`segmentation.features.written_rules`)."""

    @classmethod
    def from_json(cls, text: str) -> "Recipe":
        """Read a recipe from the JSON that a fit plan or the registry holds.

        Parameters
        ----------
        text : str
            A JSON object with ``name``, ``features`` and every setting; unknown keys are ignored,
            so that a recipe stored by a later version can still be read.

        Returns
        -------
        Recipe

        Raises
        ------
        TypeError
            If a setting is absent: what a build stores has them all.
        """
        stored = EARLIER | json.loads(text)
        known = {field.name for field in fields(cls)} - {"features"}
        features = tuple(Feature(**feature) for feature in stored["features"])
        settings = {key: stored[key] for key in (known - {"rules"}) & stored.keys()}
        return cls(features=features, rules=tuple(stored.get("rules") or ()), **settings)

    @property
    def candidate_ks(self) -> list[int]:
        """Numbers of segments to evaluate: the range, and the one that is set."""
        ks = set(range(self.k_min, self.k_max + 1))
        return sorted(ks | ({self.k} if self.k else set()))
