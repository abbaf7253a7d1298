"""What is sold: segments of products, and what is bought together."""

import streamlit as st

from segmentation.app import drawing
from segmentation.app.source import Source, current
from segmentation.report import sections_shop


def show() -> None:
    """Draw the page."""
    source = current()
    # Both belong to the shop, whichever segmentation is chosen in the sidebar.
    shop = Source(source.serving, "customer", source.stamp)
    st.title("Products and baskets", anchor=False)
    found = [
        shop.ask(sections_shop.products, told="Reading the products …"),
        shop.ask(sections_shop.baskets, told="Reading the baskets …"),
    ]
    if not any(found):
        st.info("Neither product segments nor baskets were built into this publication.")
    for section in found:
        if section is None:
            continue
        if section.keys:
            _key(section)
        drawing.section(section)


def _key(section) -> None:
    drawing.chips([(key.segment_id, key.name, key.colour) for key in section.keys])


show()
