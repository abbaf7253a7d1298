"""Measurements: what a build costs and how much of the planted truth it finds."""
