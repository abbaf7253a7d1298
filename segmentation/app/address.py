"""Deep links: what the address of a page says about it, and what the page writes back.

A link sets a choice, a choice is written into the address, so that a reload or a colleague sees the
same. Streamlit's own binding writes the name of an option; a segment's id outlives its name.
"""

from collections.abc import Callable, Iterable

import streamlit as st

PAGES = {"segment": "segments", "view": "segments"}
"""Which page an address without one means, by what it says."""


def chosen(name: str, key: str, known: Callable[[str], object | None]) -> None:
    """Let the address set a widget, unless it says what this page wrote there itself.

    Parameters
    ----------
    name : str
        Of the query parameter.
    key : str
        Of the widget, which must come later.
    known : callable
        Makes a value of the text; None where it is none.
    """
    given = st.query_params.get(name)
    if given is None or given == st.session_state.get(f"written_{name}_{key}"):
        return
    value = known(given)
    if value is not None:
        st.session_state[key] = value


def write(name: str, key: str, value: object) -> None:
    """Write a widget's value into the address; None takes it out."""
    text = None if value in (None, "") else str(value)
    st.session_state[f"written_{name}_{key}"] = text
    if text is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def meant(segmentations: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """Return the page, and its parameters, that an address without a page means."""
    given = dict(st.query_params.items())
    unit = next((name for name in segmentations if name in given), None)
    if unit is not None:
        return "find", given | {"segmentation": unit}
    found = next((page for name, page in PAGES.items() if name in given), None)
    return None if found is None else (found, given)
