"""Did it work? What every campaign with a control group was worth."""

import streamlit as st

from segmentation.app import drawing
from segmentation.app.source import Source, current
from segmentation.report.sections_campaigns import campaigns


def show() -> None:
    """Draw the page."""
    source = current()
    # Campaigns go to customers, whichever segmentation is chosen in the sidebar.
    shop = Source(source.serving, "customer", source.stamp)
    st.title("Did it work?", anchor=False)
    found = shop.ask(campaigns) if "customer" in source.ask(_names) else None
    if found is None:
        st.info(
            "No campaign is measured. `segmentation audience --campaign NAME --control 20%` leaves "
            "some out by lot, and every build after it says here what it was worth."
        )
        return
    drawing.section(found, heading=False)


def _names(published) -> tuple[str, ...]:
    return published.segmentations()


show()
