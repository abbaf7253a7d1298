"""What was built, whether to believe it, and who the segments are."""

import pandas as pd
import streamlit as st

from segmentation.app.drawing import card as drawn
from segmentation.app.drawing import chart, charts, key, narrow_columns, plain, prediction, verdict
from segmentation.app.source import context, current
from segmentation.report import data, first_screen, sections
from segmentation.report.data import Overview
from segmentation.report.data_trust import stability
from segmentation.report.parts import Card
from segmentation.report.words import number, title_of


def show() -> None:
    """Draw the page."""
    source = current()
    known = source.ask(context)
    overview, segments, looks = known["overview"], known["segments"], known["looks"]
    st.title(title_of(source.segmentation), anchor=False)
    _facts(overview, segments, source.units, known["value"])
    for about, sentence in source.ask(_brief):
        st.markdown(f"**{plain(about)}** {plain(sentence)}")
    verdict(overview.verdict, overview.has_structure)
    prediction(overview.prediction)
    key(segments, looks)
    charts(sections.size_charts(segments, looks, source.units))
    st.header("Who they are", anchor=False)
    if told := source.ask(data.rules_told):
        st.markdown(plain(told))
    cards = source.ask(_cards)
    for column, card in zip(narrow_columns(cards, 2), cards, strict=True):
        with column:
            _card(card, known["value"])
    where = source.ask(sections.where, looks, told="Drawing the map …")
    if where:
        st.header("Where they lie", anchor=False)
        st.markdown(plain(where.lead))
        chart(where.charts[0])


def _cards(published) -> list[Card]:
    return sections.cards(published, data.segments(published), stability(published))


def _brief(published) -> tuple[tuple[str, str], ...]:
    """Return the sentences of the report's first screen."""
    found = data.overview(published)
    return first_screen.told(published, found, data.segments(published), tuple(_cards(published)))


def _facts(overview: Overview, segments: pd.DataFrame, units: str, value: str) -> None:
    facts = [
        (units.capitalize(), number(overview.rows)),
        ("Segments", str(overview.segments)),
        ("Left out", number(overview.excluded)),
    ]
    if segments["value"].notna().any():
        facts.insert(1, (value.capitalize(), number(segments["value"].sum(), 0)))
    with st.container(horizontal=True, gap="large"):
        for title, value in facts:
            st.metric(title, value, width=150)


def _card(card: Card, value: str) -> None:
    with st.container(border=True):
        st.markdown(f"#### {card.segment_id} · {plain(card.name)}")
        drawn(card, value)
        st.page_link(
            "views/segments.py",
            label=f"Open segment {card.segment_id}",
            icon=":material/arrow_forward:",
            query_params={"segment": str(card.segment_id)},
        )


show()
