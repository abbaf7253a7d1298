"""Forgetting persons: in the warehouse, in what was published and in audiences."""
