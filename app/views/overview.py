"""What was built, whether to believe it, and who the segments are."""

import streamlit as st

from app.drawing import chart, charts, key, narrow_columns, plain, prediction, table, verdict
from app.source import context, current
from segmentation.report import data, sections
from segmentation.report.data import Overview
from segmentation.report.data_trust import stability
from segmentation.report.parts import Card
from segmentation.report.words import number, percent, title_of


def show() -> None:
    """Draw the page."""
    source = current()
    known = source.ask(context)
    overview, segments, looks = known["overview"], known["segments"], known["looks"]
    st.title(title_of(source.segmentation), anchor=False)
    verdict(overview.verdict, overview.has_structure)
    prediction(overview.prediction)
    _facts(overview, source.units)
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


def _facts(overview: Overview, units: str) -> None:
    facts = [
        (units.capitalize(), number(overview.rows)),
        ("Segments", str(overview.segments)),
        ("Left out", number(overview.excluded)),
        ("Silhouette", number(overview.silhouette)),
    ]
    with st.container(horizontal=True, gap="large"):
        for title, value in facts:
            st.metric(title, value, width=150)


def _card(card: Card, value: str) -> None:
    worth = (
        "" if card.value_share != card.value_share else f", {percent(card.value_share)} of {value}"
    )
    with st.container(border=True):
        st.markdown(f"#### {card.segment_id} · {plain(card.name)}")
        st.caption(plain(f"{card.size}, {percent(card.share)} of all{worth}"))
        if card.objection:
            st.markdown(f"Its name is no longer true: {plain(card.objection)}.")
        for trait in card.traits:
            st.markdown(f"- {plain(trait)}")
        if card.rule:
            st.markdown(f"**Who is in it:** {plain(card.rule)}")
        if card.suggestion:
            st.markdown(f"**What to do:** {plain(card.suggestion)}")
            st.markdown(f"**Aim:** {plain(card.aims_at)} {plain(card.success)}")
        if card.stake:
            st.markdown(f"**At stake:** {plain(card.stake)}")
        if card.tried:
            st.markdown(f"**Tried:** {plain(card.tried)}")
        with st.expander("Most frequent values"):
            table(card.values)


show()
