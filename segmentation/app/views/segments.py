"""One segment: what it is worth and what to do, its history, who is in it; and all of them."""

import os

import pandas as pd
import streamlit as st

from segmentation.app import address, drawing, overriding
from segmentation.app.source import Source, context, current
from segmentation.published import exploring
from segmentation.published.audiences import FORMATS, KEY_VARIABLE, Filters, pseudonym_key
from segmentation.published.served import CommandError, Segment
from segmentation.report import data, data_trust, figures, sections, sections_shop, sections_trust
from segmentation.report.parts import Card
from segmentation.report.words import label, number, of_feature, percent

PAGE_ROWS = 50
MIME = {"csv": "text/csv", "json": "application/json", "parquet": "application/octet-stream"}
VIEWS = {
    "one": "One segment",
    "compare": "Compare two",
    "all": "All side by side",
    "map": "Map",
    "rfm": "Classical rules",
}


def show() -> None:
    """Draw the page."""
    source = current()
    known = source.ask(context)
    st.title("Segments", anchor=False)
    views = {"one": _one, "compare": _two, "all": _all, "map": _map, "rfm": _rules}
    if source.segmentation != "customer":
        del views["rfm"]
    address.chosen("view", "segments_view", lambda text: text if text in views else None)
    chosen = st.radio(
        "Show",
        list(views),
        horizontal=True,
        key="segments_view",
        format_func=VIEWS.get,
        persist_state="session",
    )
    address.write("view", "segments_view", None if chosen == "one" else chosen)
    if chosen != "one":
        address.write("segment", f"segment_{source.segmentation}", None)
        drawing.key(known["segments"], known["looks"])
    views[chosen](source, known)


def _choose(known: dict, title: str, index: int = 0) -> Segment:
    choices = drawing.choices(known["segments"])
    ids = list(choices)
    chosen = st.selectbox(
        title,
        ids,
        index=min(index, len(ids) - 1),
        format_func=lambda one: choices.get(one, str(one)),
    )
    return Segment(chosen, choices[chosen].partition(" · ")[2])


def _cards(published) -> list[Card]:
    return sections.cards(published, data.segments(published), data_trust.stability(published))


# --- one segment: its card, its history, who is in it ---


def _one(source: Source, known: dict) -> None:
    cards = {card.segment_id: card for card in source.ask(_cards)}
    segment = _segment(source, cards)
    card = cards[segment.segment_id]
    st.header(f"{card.segment_id} · {drawing.plain(card.name)}", anchor=False)
    drawing.card(card, known["value"])
    with st.expander("Most frequent values"):
        drawing.table(card.values)
    overriding.form(source, card)
    _history(source, known, segment)
    st.header(f"Its {drawing.plain(source.units)}", anchor=False)
    _members(source, known, segment)


def _segment(source: Source, cards: dict[int, Card]) -> Segment:
    """Let one be chosen, the most valuable first; the address names it."""
    key = f"segment_{source.segmentation}"
    if st.session_state.get(key) not in cards:
        st.session_state.pop(key, None)
    address.chosen("segment", key, lambda text: _id_of(text, cards))
    given = st.query_params.get("segment")
    chosen = st.selectbox(
        "Segment",
        list(cards),
        key=key,
        format_func=lambda one: f"{one} · {cards[one].name}" if one in cards else str(one),
        persist_state="session",
    )
    if given is not None and _id_of(given, cards) is None:
        listed = ", ".join(map(str, sorted(cards)))
        st.warning(f"There is no segment {drawing.plain(given)}: there are {listed}.")
    address.write("segment", key, chosen)
    return Segment(chosen, cards[chosen].name)


def _id_of(text: str, cards: dict[int, Card]) -> int | None:
    return int(text) if text.isdecimal() and int(text) in cards else None


def _history(source: Source, known: dict, segment: Segment) -> None:
    chart, tables = source.ask(sections_trust.history_of, segment.segment_id, known["looks"])
    st.header("Its history", anchor=False)
    if chart is None:
        st.caption("It has been built for one date so far: its history begins with the next.")
        return
    drawing.chart(chart)
    for column, (title, rows) in zip(drawing.narrow_columns(tables, 2), tables, strict=True):
        with column:
            st.markdown(f"#### {title}")
            drawing.table(rows)


def _members(source: Source, known: dict, segment: Segment) -> None:
    filters = _filters(source, segment)
    page = st.session_state.get(_page_key(source, segment), 1)
    asked = (segment, filters, PAGE_ROWS)
    try:
        rows = source.ask(exploring.preview, *asked, PAGE_ROWS * (page - 1), told="Filtering …")
    except CommandError as error:
        st.warning(drawing.plain(error))
        return
    size = int(known["segments"].set_index("segment_id").loc[segment.segment_id, "size"])
    count = rows.attrs["rows"]
    st.markdown(
        drawing.plain(
            f"{number(count)} of {number(size)} {source.units} ({percent(count / size)}) of "
            f"segment {segment.segment_id}, {segment.name}."
        )
    )
    _downloads(source, segment, filters)
    pages = -(-count // PAGE_ROWS)
    if page > pages:
        rows = source.ask(exploring.preview, *asked, 0, told="Filtering …")
        st.session_state.pop(_page_key(source, segment), None)
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config=drawing.columns_of(rows, source.key),
    )
    if pages > 1:
        st.pagination(pages, key=_page_key(source, segment))
        st.caption("The surest first.")


def _page_key(source: Source, segment: Segment) -> str:
    return f"page_{source.segmentation}_{segment.segment_id}"


def _filters(source: Source, segment: Segment) -> Filters:
    levels = source.ask(exploring.filter_levels, segment)
    key = f"{source.segmentation}_{segment.segment_id}"
    with st.expander("Filter", expanded=False):
        least = st.slider(
            "Confidence of at least",
            0.0,
            1.0,
            0.0,
            0.05,
            key=f"confidence_{key}",
            help="How much nearer the segment's centre is than the next one: 0 is in between, "
            "1 is at the centre.",
        )
        where = {}
        for column, (name, found) in zip(
            drawing.narrow_columns(list(levels), 3), levels.items(), strict=True
        ):
            with column:
                chosen = st.multiselect(label(name), found, key=f"filter_{name}_{key}")
            if chosen:
                where[name] = tuple(chosen)
        rule = _period(source, key)
    return Filters(least or None, where, rule)


def _period(source: Source, key: str) -> str | None:
    """Ask for periods of the times there are; return them as a condition, None without one."""
    spans, conditions = source.ask(exploring.date_spans), []
    for column, (name, (first, last)) in zip(
        drawing.narrow_columns(list(spans), 3), spans.items(), strict=True
    ):
        with column:
            days = st.date_input(
                f"{label(name)}: from, to",
                value=(),
                min_value=first,
                max_value=last,
                key=f"period_{name}_{key}",
            )
        if len(days) == 2:
            conditions.append(f"cast({name} as date) between date '{days[0]}' and date '{days[1]}'")
    return " and ".join(conditions) or None


def _downloads(source: Source, segment: Segment, filters: Filters) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Format", FORMATS, format_func=str.upper, width=160)
        hides = False
        if os.environ.get(KEY_VARIABLE):
            hides = st.checkbox("Pseudonyms instead of ids")

        def made() -> exploring.Download:
            secret = pseudonym_key(os.environ) if hides else None
            return source.ask(exploring.download, segment, filters, kind, secret, told="Writing …")

        stem = f"{source.segmentation}_segment_{segment.segment_id}"
        st.download_button(
            "Download the audience",
            lambda: made().content,
            file_name=f"{stem}.{kind}",
            mime=MIME[kind],
            on_click="ignore",
            type="primary",
            icon=":material/download:",
        )
        st.download_button(
            "Manifest",
            lambda: made().manifest,
            file_name=f"{stem}.manifest.json",
            mime=MIME["json"],
            on_click="ignore",
            help="Counts, filters and content hashes: what the file was made from.",
        )


# --- two segments ---


def _two(source: Source, known: dict) -> None:
    if len(known["segments"]) < 2:
        st.info("There is only one segment, so there is nothing to compare.")
        return
    left, right = st.columns(2)
    with left:
        one = _choose(known, "One", 0)
    with right:
        other = _choose(known, "The other", 1)
    if one.segment_id == other.segment_id:
        st.info("Choose two different segments.")
        return
    pair = [one.segment_id, other.segment_id]
    _compare_cards(source, known, pair)
    profiles = source.ask(data.profiles)
    if profiles.empty:
        st.info("No profiles are published, so the averages cannot be compared.")
        return
    of_pair = profiles[profiles["segment_id"].isin(pair)]
    st.markdown("#### Differences from the rest, in standard deviations")
    words = _widest(of_pair, pair)
    drawing.figure(figures.snake(of_pair, known["looks"]), "compare", words)
    st.caption(drawing.plain(words))
    st.markdown("#### Averages")
    drawing.texts(_averages(of_pair, pair))


def _compare_cards(source: Source, known: dict, pair: list[int]) -> None:
    cards = {card.segment_id: card for card in source.ask(_cards)}
    for column, card in zip(st.columns(2), (cards[one] for one in pair), strict=True):
        with column, st.container(border=True):
            st.markdown(f"#### {card.segment_id} · {drawing.plain(card.name)}")
            drawing.card(card, known["value"])
            with st.expander("Most frequent values"):
                drawing.table(card.values)


def _widest(profiles: pd.DataFrame, pair: list[int]) -> str:
    wide = profiles.pivot(index="feature", columns="segment_id", values="effect_size")
    gaps = (wide[pair[0]] - wide[pair[1]]).abs().sort_values(ascending=False, kind="stable")
    return f"Segments {pair[0]} and {pair[1]} differ most in {label(gaps.index[0]).lower()}."


def _averages(profiles: pd.DataFrame, pair: list[int]) -> pd.DataFrame:
    means = profiles.pivot(index="feature", columns="segment_id", values="mean")[pair]
    overall = profiles.drop_duplicates("feature").set_index("feature")["population_mean"]
    return pd.DataFrame(
        {"Feature": [label(name) for name in means.index]}
        | {
            f"Segment {one}": [of_feature(name, means.at[name, one]) for name in means.index]
            for one in pair
        }
        | {"All": [of_feature(name, overall[name]) for name in means.index]}
    )


# --- all segments ---


def _all(source: Source, known: dict) -> None:
    charts = sections.profile_charts(source.ask(data.profiles), known["looks"])
    together = source.ask(sections_trust.correlations)
    if not charts and not together:
        st.info("Neither profiles nor correlations are published.")
    drawing.charts([*charts, *([together] if together else [])])


def _map(source: Source, known: dict) -> None:
    where = source.ask(sections.where, known["looks"], told="Drawing the maps …")
    if where is None:
        st.info("No components are published, so there is no map.")
        return
    drawing.section(where, heading=False)


def _rules(source: Source, known: dict) -> None:
    rules = source.ask(sections_shop.rules, known["looks"])
    if rules is None:
        st.info("Neither RFM scores nor retention are published.")
        return
    drawing.section(rules, heading=False)


show()
