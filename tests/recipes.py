"""Recipes for tests: what they do not say is at the project's defaults."""

from docs.tools.settings import settings_table
from segmentation.features.recipe import Feature, Recipe

DEFAULTS = {
    name: row["default"] for name, row in settings_table().items() if row["scope"] == "recipe"
}


def make_recipe(name: str = "test", features: tuple[Feature, ...] = (), **settings) -> Recipe:
    """Return a recipe of these features and settings."""
    return Recipe(name, features, **(DEFAULTS | settings))
