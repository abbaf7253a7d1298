"""The report: one self-contained HTML page made from the published tables.

`data` reads tables, `figures*` draw them, `sections` puts them in order and `page` writes the
file. The first two know nothing of the page, so the app draws the same figures.
"""
