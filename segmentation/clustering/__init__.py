"""Algorithms that put rows into clusters, and the rule that assigns rows to them."""
