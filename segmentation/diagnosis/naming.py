"""Readable names from what sets a segment apart: "High spend · many orders · recent"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

import numpy as np
import pandas as pd

from segmentation.features.recipe import MISSING, Feature, Recipe
from segmentation.features.scaling import (
    mean_and_deviation,
    signed_log1p,
    transformed,
    usable_features,
)

LEAST_EFFECT = 0.3
"""Standard deviations from the mean below which a feature does not describe a segment."""
MOST_CORRELATED = 0.7
"""Correlation above which two features say the same thing, so a name uses only one."""
WORDS = 3
"""Phrases in a name, unless more are needed to tell two segments apart."""
SEPARATOR = " · "


@dataclass(frozen=True)
class _Trait:
    """One thing a segment can be named by."""

    feature: str
    phrase: str
    effect: float


def name_segments(
    frame: pd.DataFrame,
    segment_ids: np.ndarray,
    recipe: Recipe,
    *,
    earlier_names: Mapping[int, str] | None = None,
) -> pd.DataFrame:
    """Name every segment by its largest standardised differences from all rows.

    A number counts by the difference of means in standard deviations, after the recipe's
    transform; a level of a category by the difference of shares in those of a single draw. A
    phrase is used only where the plain mean lies on the same side, so that "high spend" always
    means a higher average spend, and features that go along with a named one are passed over.

    Parameters
    ----------
    frame : DataFrame of n rows
        The recipe's feature columns.
    segment_ids : ndarray of int, shape (n,)
        Segment of each row.
    recipe : Recipe
        Features with their phrases.
    earlier_names : mapping of int to str, optional
        Names given at birth, by id: they stay, and those of retired ids are not given again.

    Returns
    -------
    DataFrame
        segment_id and segment_name, one row per segment; names are unique.
    """
    features = usable_features(frame, recipe)
    overlap = _correlations(frame, features)
    traits = {
        int(segment): _distinct(_traits(frame, segment_ids == segment, features), overlap)
        for segment in np.unique(segment_ids)
    }
    names = _unique_names(traits, earlier_names or {})
    return pd.DataFrame({"segment_id": list(names), "segment_name": list(names.values())})


def _traits(frame: pd.DataFrame, members: np.ndarray, features: list[Feature]) -> list[_Trait]:
    found: list[_Trait] = []
    for feature in features:
        column = frame[feature.name]
        trait = _number_trait if feature.kind == "number" else _category_trait
        found += trait(column, members, feature)
    return sorted(found, key=lambda trait: (-abs(trait.effect), trait.feature, trait.phrase))


def _number_trait(column: pd.Series, members: np.ndarray, feature: Feature) -> Iterator[_Trait]:
    values = _number(column)
    scaled = transformed(values, feature.transform, feature.unit)
    center, deviation = mean_and_deviation(scaled)
    effect = (scaled[members].mean() - center) / deviation
    plain = values[members].mean() - values.mean()
    if abs(effect) >= LEAST_EFFECT and effect * plain > 0:
        yield _Trait(feature.name, feature.high if effect > 0 else feature.low, float(effect))


def _number(column: pd.Series) -> np.ndarray:
    values = column.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(values), np.nanmedian(values), values)


def _category_trait(column: pd.Series, members: np.ndarray, feature: Feature) -> Iterator[_Trait]:
    population = column.value_counts(normalize=True)
    shares = column[members].value_counts(normalize=True).reindex(population.index, fill_value=0.0)
    effects = (shares - population) / np.sqrt(population * (1 - population))
    effects = effects[effects.index != MISSING].sort_index()
    if effects.empty or effects.max() < LEAST_EFFECT:
        return
    level = effects.idxmax()
    word = "mostly" if shares[level] >= 0.5 else "more"
    yield _Trait(feature.name, f"{word} {level}", float(effects[level]))


def _correlations(frame: pd.DataFrame, features: list[Feature]) -> pd.DataFrame:
    numbers = {
        feature.name: signed_log1p(_number(frame[feature.name]))
        for feature in features
        if feature.kind == "number"
    }
    return pd.DataFrame(numbers).corr().abs()


def _distinct(traits: list[_Trait], overlap: pd.DataFrame) -> list[_Trait]:
    # Those that repeat an earlier one go to the end: they still serve to tell two names apart.
    kept: list[_Trait] = []
    for trait in traits:
        if not any(_says_the_same(trait, other, overlap) for other in kept):
            kept.append(trait)
    return kept + [trait for trait in traits if trait not in kept]


def _says_the_same(one: _Trait, other: _Trait, overlap: pd.DataFrame) -> bool:
    if one.feature not in overlap or other.feature not in overlap:
        return False
    return overlap.loc[one.feature, other.feature] > MOST_CORRELATED


def _unique_names(traits: dict[int, list[_Trait]], earlier: Mapping[int, str]) -> dict[int, str]:
    names = {segment: earlier[segment] for segment in traits if segment in earlier}
    taken = set(earlier.values())
    for segment, found in traits.items():
        if segment not in names:
            names[segment] = next(name for name in _options(found) if name not in taken)
            taken.add(names[segment])
    return dict(sorted(names.items()))


def _options(traits: list[_Trait]) -> Iterator[str]:
    for words in range(WORDS, max(WORDS, len(traits)) + 1):
        yield _name(traits[:words])
    for number in count(2):
        yield f"{_name(traits[:WORDS])} ({number})"


def _name(traits: list[_Trait]) -> str:
    text = SEPARATOR.join(trait.phrase for trait in traits) or "average"
    return text[0].upper() + text[1:]
