"""Tools for developers; no part of the library."""
