"""Ensures that a recipe survives its trip through JSON and gives the right candidates."""

import dataclasses
import json

import pytest

from segmentation.features.recipe import Feature, Recipe
from tests.recipes import make_recipe

SPEND = Feature("spend", "number", "log1p", high="big spenders")
RECIPE = make_recipe("mine", (SPEND,), missing="drop", k=4, components=2)
STORED = dataclasses.asdict(RECIPE)


def test_a_stored_recipe_is_read_as_it_was():
    assert Recipe.from_json(json.dumps(STORED)) == RECIPE


def test_a_setting_that_is_not_stored_is_refused():
    del (stored := dict(STORED))["k_max"]
    with pytest.raises(TypeError, match="k_max"):
        Recipe.from_json(json.dumps(stored))


def test_a_setting_of_a_later_version_is_ignored():
    assert Recipe.from_json(json.dumps(STORED | {"invented": 1})).name == "mine"


def test_recipes_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        RECIPE.k = 7


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
    assert make_recipe("test", (), **settings).candidate_ks == ks
