"""From rows of a table to the numbers that are clustered, as a recipe says."""
