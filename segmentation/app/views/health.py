"""Whether the segments can be trusted and still hold: the verdict and all that stands behind it."""

import streamlit as st

from segmentation.app import drawing
from segmentation.app.source import context, current
from segmentation.report import sections_trust, sections_value
from segmentation.report.data_trust import stability


def show() -> None:
    """Draw the page."""
    source = current()
    known = source.ask(context)
    st.title("Health", anchor=False)
    drawing.verdict(known["overview"].verdict, known["overview"].has_structure)
    drawing.prediction(known["overview"].prediction)
    drawing.key(known["segments"], known["looks"])
    measured = source.ask(stability)
    sections = [
        source.ask(sections_trust.trust, known["looks"], measured),
        source.ask(sections_value.future, known["overview"].prediction),
        source.ask(sections_trust.over_time, known["looks"]),
    ]
    missing = [
        "Stability and other algorithms",
        "What happened next",
        "Drift, sizes over time and migrations",
    ]
    for section, name in zip(sections, missing, strict=True):
        if section is None:
            st.info(f"{name}: nothing to show in this publication.")
        else:
            drawing.section(section)
    drawing.section(source.ask(sections_trust.provenance))


show()
