"""Ensures that a recipe survives its trip through JSON and gives the right candidates."""

import dataclasses
import json

import pytest

from segmentation.features.recipe import Feature, Recipe

STORED = {
    "name": "mine",
    "features": [{"name": "spend", "kind": "number", "transform": "log1p", "high": "big spenders"}],
    "missing": "drop",
    "k": 4,
    "components": 2,
}


def test_stored_settings_are_read_and_absent_ones_have_their_defaults():
    recipe = Recipe.from_json(json.dumps(STORED))
    assert (recipe.name, recipe.missing, recipe.k, recipe.components) == ("mine", "drop", 4, 2)
    assert recipe.features == (Feature("spend", "number", "log1p", high="big spenders"),)
    assert (recipe.encoding, recipe.seed) == ("famd", 0)


def test_a_setting_of_a_later_version_is_ignored():
    assert Recipe.from_json(json.dumps(STORED | {"invented": 1})).name == "mine"


def test_recipes_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Recipe.from_json(json.dumps(STORED)).k = 7


@pytest.mark.parametrize(
    ("settings", "ks"),
    [
        ({"k_min": 2, "k_max": 4}, [2, 3, 4]),
        ({"k_min": 2, "k_max": 4, "k": 3}, [2, 3, 4]),
        ({"k_min": 2, "k_max": 4, "k": 9}, [2, 3, 4, 9]),
        ({"k_min": 3, "k_max": 4, "k": 2}, [2, 3, 4]),
    ],
)
def test_a_set_k_is_a_candidate_too(settings, ks):
    assert Recipe("test", (), **settings).candidate_ks == ks
