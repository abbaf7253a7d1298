"""Typical baskets: what is bought together, as a few non-negative components."""
