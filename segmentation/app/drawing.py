"""How the app draws what the report is made of: charts, tables, the key to the segments."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import groupby

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from segmentation.app.source import Source, context
from segmentation.report.colours import NEUTRAL, Look, ink_on, template
from segmentation.report.data import UNDATED
from segmentation.report.parts import Card, Chart, Section, Table
from segmentation.report.words import MONEY, SHARE, label, number, of_feature, percent

MOST_PLAIN_ROWS = 40
"""Rows up to which a table is a plain HTML table; longer ones scroll."""
WIDTHS = {"third": 1, "two-thirds": 2}
PUNCTUATION = re.compile(r"([\\`*_{}\[\]()#+\-.!|~$:<>^=&@])")
MEASURES = {"cosine_similarity": "Cosine similarity", "scaled_distance": "Distance"}
KEY_STYLE = """
<style>
ul.segment-key {display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: 0; padding: 0}
ul.segment-key li {display: flex; gap: .45rem; align-items: baseline; list-style: none;
    margin: 0; padding: 0}
ul.segment-key b {border-radius: .3rem; padding: 0 .45rem; font-variant-numeric: tabular-nums}
</style>
"""
FIGURE_STYLE = """
<style>
dl.segment-figures {display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr));
    gap: .6rem 1rem; margin: .2rem 0 .4rem; padding: 0}
dl.segment-figures div {margin: 0; padding: 0}
dl.segment-figures dt {font-size: .8rem; opacity: .85; margin: 0; padding: 0}
dl.segment-figures dd {font-size: 1.2rem; font-weight: 600; margin: 0; padding: 0;
    font-variant-numeric: tabular-nums}
</style>
"""


def plain(text: object) -> str:
    """Return text that Markdown shows as it is written."""
    return PUNCTUATION.sub(r"\\\1", str(text))


def is_dark() -> bool:
    """Return whether the visitor reads the dark page."""
    return st.context.theme.type == "dark"


def key(segments: pd.DataFrame, looks: Mapping[int, Look]) -> None:
    """Draw the key to the figures: each segment's number in its colour, and its name."""
    chips(
        (row.segment_id, row.segment_name, looks[row.segment_id].colour)
        for row in segments.itertuples()
    )


def key_of(rows: pd.DataFrame, looks: Mapping[int, Look]) -> None:
    """Draw the key to the segments that occur in rows, those of the past in grey."""
    seen = rows.drop_duplicates("segment_id").sort_values("segment_id")
    chips(
        (row.segment_id, row.segment_name, _colour(looks, row.segment_id))
        for row in seen.itertuples()
    )


def _colour(looks: Mapping[int, Look], segment: int) -> str:
    return looks[segment].colour if segment in looks else NEUTRAL


def chips(segments: Iterable[tuple[int, str, str]]) -> None:
    """Draw segments given by number, name and colour."""
    items = "".join(
        f'<li><b style="background:{colour};color:{ink_on(colour)}">{number_of}</b>'
        f"<span>{escape(str(name))}</span></li>"
        for number_of, name, colour in segments
    )
    st.html(f'{KEY_STYLE}<ul class="segment-key" aria-label="Segments">{items}</ul>')


def verdict(text: str, trusted: bool | None) -> None:
    """Draw whether to believe segments; `trusted` is None where it was not tested."""
    if trusted is None:
        st.info(plain(text), icon=":material/help:")
    elif trusted:
        st.success(plain(text), icon=":material/check_circle:")
    else:
        st.warning(plain(text), icon=":material/warning:")


def publication(source: Source) -> str:
    """Return which publication is shown, in words."""
    found = source.ask(context)["overview"]
    told = (
        [f"the publication of {found.published_at:%Y-%m-%d %H:%M} UTC"]
        if (found.published_at is not None)
        else ["the published file"]
    )
    if found.as_of_date != UNDATED:
        told.append(f"data as of {found.as_of_date:%Y-%m-%d}")
    return ", ".join(told)


def prediction(text: str | None) -> None:
    """Draw what the segments foretold, where it was judged."""
    if text:
        st.info(plain(text), icon=":material/event_upcoming:")


def card(one: Card, value: str) -> None:
    """Draw a segment as its card in the report: what it is worth, who is in it, what to do.

    Parameters
    ----------
    one : Card
    value : str
        What rows are worth by, e.g. ``revenue``.
    """
    worth = "" if one.value_share != one.value_share else f", {percent(one.value_share)} of {value}"
    st.caption(plain(f"{one.size}, {percent(one.share)} of all{worth}"))
    figures_of(one)
    if one.objection:
        st.markdown(f"Its name is no longer true: {plain(one.objection)}.")
    if one.suggestion:
        st.markdown(f"**What to do:** {plain(one.suggestion)}")
        st.markdown(f"**Aim:** {plain(one.aims_at)} {plain(one.success)}")
    if one.stake:
        st.markdown(f"**At stake:** {plain(one.stake)}")
    if one.tried:
        st.markdown(f"**Tried:** {plain(one.tried)}")
    if one.rule:
        st.markdown(f"**Who is in it:** {plain(one.rule)}")
    for trait in one.traits:
        st.markdown(f"- {plain(trait)}")


def figures_of(one: Card) -> None:
    """Draw what a segment is worth and how it buys, as many beside each other as there is room."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(told)}</dd></div>" for name, told in one.figures
    )
    if items:
        st.html(f'{FIGURE_STYLE}<dl class="segment-figures">{items}</dl>')


def section(one: Section, heading: bool = True) -> None:
    """Draw a section of the report: its words, charts and tables."""
    if heading:
        st.header(plain(one.title), anchor=False)
    st.markdown(plain(one.lead))
    if one.verdict:
        verdict(one.verdict.text, one.verdict.trusted)
    charts(one.charts)
    for title, rows in one.tables:
        st.markdown(f"#### {plain(title)}")
        table(rows)


def charts(listed: Iterable[Chart]) -> None:
    """Draw charts, those of a third and of two thirds beside each other."""
    for is_narrow, group in groupby(listed, key=lambda one: one.width in WIDTHS):
        several = list(group)
        if is_narrow and len(several) > 1:
            columns = st.columns([WIDTHS[one.width] for one in several], gap="medium")
        else:
            columns = [st.container() for _ in several]
        for column, one in zip(columns, several, strict=True):
            with column:
                chart(one)


def chart(one: Chart) -> None:
    """Draw a figure with its title, the same in words, and its table."""
    st.markdown(f"#### {plain(one.title)}")
    figure(one.figure, one.name, one.alternative, tools=one.heavy)
    st.caption(plain(f"{one.alternative} {one.note}".strip()))
    if one.table.rows:
        with st.expander("As a table"):
            table(one.table)


def figure(drawn: go.Figure, name: str, alternative: str, tools: bool = False) -> None:
    """Draw a plotly figure in the colours of the page.

    Parameters
    ----------
    drawn : Figure
    name : str
        Unique on the page.
    alternative : str
        What a reader who cannot see it should know.
    tools : bool
        Whether to show buttons for turning and zooming.
    """
    themed = go.Figure(drawn).update_layout(template=template(is_dark()))
    st.plotly_chart(
        themed,
        theme=None,
        key=f"figure_{name}",
        alt=alternative,
        config={"displayModeBar": tools, "displaylogo": False, "scrollZoom": False},
    )


def table(rows: Table) -> None:
    """Draw a table of texts."""
    frame = pd.DataFrame(list(rows.rows), columns=_unique(rows.headers))
    texts(frame)


def texts(frame: pd.DataFrame) -> None:
    """Draw a frame of texts: short ones as plain HTML, long ones to scroll."""
    if len(frame) > MOST_PLAIN_ROWS:
        st.dataframe(frame, hide_index=True, width="stretch")
        return
    escaped = frame.map(plain).rename(columns=plain)
    st.table(escaped.set_index(escaped.columns[0]) if len(escaped.columns) > 1 else escaped)


def _unique(headers: Iterable[str]) -> list[str]:
    seen: list[str] = []
    for header in headers:
        # Two columns may share a header ("± se"); a frame cannot.
        while header in seen:
            header += " "
        seen.append(header)
    return seen


def neighbours(key_name: str, rows: pd.DataFrame, measures: tuple[str, ...]) -> None:
    """Draw similar rows beside each other, one column each: a feature is read along a line.

    Parameters
    ----------
    key_name : str
        Name of the key column.
    rows : DataFrame
        As `segmentation.published.similar.similar` returns them.
    measures : tuple of str
        Its measures to show, of ``cosine_similarity`` and ``scaled_distance``.
    """
    known = (key_name, "measure", "rank", *MEASURES, "segment_id", "segment_name")
    features = [name for name in rows if name not in known]
    lines = {"Segment": [str(one) for one in rows["segment_id"]]}
    lines |= {MEASURES[name]: [raw_value(value) for value in rows[name]] for name in measures}
    lines |= {label(name): [shown(name, value) for value in rows[name]] for name in features}
    turned = pd.DataFrame(lines).T.set_axis([str(one) for one in rows[key_name]], axis=1)
    texts(turned.rename_axis(label(key_name)).reset_index())


def shown(name: str, value: object) -> str:
    """Return a raw value of a feature as text."""
    if value is None or value is pd.NaT or value != value:
        return "–"
    if isinstance(value, pd.Timestamp) or hasattr(value, "isoformat"):
        return pd.Timestamp(value).strftime("%Y-%m-%d")
    if isinstance(value, str | bool):
        return str(value)
    if name.endswith("_id"):
        return str(value)
    # A number and its unit stay on one line in narrow columns.
    return of_feature(name, float(value)).replace(" ", "\u00a0")


def raw_value(value: float | None) -> str:
    """Return a number with three digits."""
    return number(value, 3)


def columns_of(frame: pd.DataFrame, key_name: str) -> dict[str, object]:
    """Return how the columns of raw values are called and written, for `st.dataframe`.

    Parameters
    ----------
    frame : DataFrame
    key_name : str
        Name of the key column, which is a name and no number.
    """
    return {name: _column(name, frame[name], name == key_name) for name in frame}


def _column(name: str, values: pd.Series, is_key: bool) -> object:
    title, kinds = label(name), st.column_config
    if is_key:
        return kinds.Column(title, pinned=True)
    if pd.api.types.is_datetime64_any_dtype(values):
        return kinds.DateColumn(title, format="YYYY-MM-DD")
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return kinds.Column(title)
    if name == "confidence" or SHARE.search(name):
        return kinds.NumberColumn(title, format="percent")
    is_money = MONEY.search(name) and not pd.api.types.is_integer_dtype(values)
    return kinds.NumberColumn(title, format="%.2f" if is_money else "localized")


def choices(segments: pd.DataFrame) -> dict[int, str]:
    """Return how segments are called in a list to choose from."""
    return {
        int(row.segment_id): f"{row.segment_id} · {row.segment_name}"
        for row in segments.itertuples()
    }


def narrow_columns(items: list, at_most: int = 4) -> Iterator:
    """Yield a column for each item, a few beside each other."""
    for start in range(0, len(items), at_most):
        yield from st.columns(min(at_most, len(items)))[: len(items) - start]
