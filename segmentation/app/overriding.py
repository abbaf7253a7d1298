"""Call a segment otherwise, or do something else with it: for the next build."""

import os

import streamlit as st

from segmentation.app import drawing
from segmentation.app.guard import HEADER
from segmentation.app.source import Source
from segmentation.published.served import CommandError, Published
from segmentation.report.parts import Card
from segmentation.scaffold.overrides import (
    FILE,
    LONGEST,
    Override,
    override,
    pending,
    read_overrides,
)
from segmentation.scaffold.seeds import seeds_folder


def form(source: Source, card: Card) -> None:
    """Draw what the next build will say of a segment, and a form to change that.

    Parameters
    ----------
    source : Source
    card : Card
        As it is published.
    """
    with st.expander("Rename it, or do something else with it", icon=":material/edit:"):
        try:
            folder = seeds_folder(FILE)
            known = {(one.segmentation, one.segment_id): one for one in read_overrides(folder)}
            waiting = pending(
                folder, source.segmentation, card.segment_id, card.name, card.suggestion
            )
        except CommandError as error:
            st.info(drawing.plain(error))
            return
        earlier = known.get((source.segmentation, card.segment_id))
        if waiting:
            st.info(drawing.plain(_told(waiting)), icon=":material/schedule:")
        st.caption(
            f"Written into {drawing.plain(FILE)}, which the next build reads; what is published "
            "stays. Leave a field empty to have it as the build makes it."
        )
        change = _asked(source, card, earlier)
        if change is None:
            return
        try:
            override(folder, change, source.ask(_names))
        except (CommandError, OSError) as error:
            st.error(drawing.plain(error))
            return
    st.rerun()


def _told(waiting: Override) -> str:
    said = [f"it is called “{waiting.segment_name}”"] if waiting.segment_name else []
    if waiting.suggestion:
        said.append(f"what to do is: {waiting.suggestion.rstrip('.')}")
    who = f"{waiting.changed_by}, " if waiting.changed_by else ""
    return (
        f"From the next build on {', and '.join(said)}. ({who}{waiting.changed_on}: "
        f"{waiting.reason})"
    )


def _asked(source: Source, card: Card, earlier: Override | None) -> Override | None:
    key = f"override_{source.segmentation}_{card.segment_id}"
    was = earlier or Override(source.segmentation, card.segment_id)
    with st.form(key, border=False):
        name = st.text_input(
            "Name", was.segment_name, LONGEST["segment_name"], placeholder=card.name
        )
        suggestion = st.text_area(
            "What to do",
            was.suggestion,
            max_chars=LONGEST["suggestion"],
            placeholder=card.suggestion,
        )
        reason = st.text_input("Why", was.reason, LONGEST["reason"])
        who = signed_in()
        if who is None:
            who = st.text_input("Who you are", was.changed_by, LONGEST["changed_by"])
        if not st.form_submit_button("For the next build", type="primary"):
            return None
    return Override(source.segmentation, card.segment_id, name, suggestion, reason, who)


def signed_in() -> str | None:
    """Return who the sign-in says it is; None where it does not tell people apart."""
    header = os.environ.get(HEADER)
    named = st.context.headers.get(header) if header else None
    return named or (st.user.get("email") if st.user.get("is_logged_in") else None)


def _names(published: Published) -> dict[int, str]:
    return {one.segment_id: one.name for one in published.segments()}
