"""What tests ask of axe-core."""

SERIOUS = {"serious", "critical"}
OF_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
"""The rules whose answer differs in the dark."""
