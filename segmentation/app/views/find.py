"""Who is this? From an id to segment, history and neighbours."""

import pandas as pd
import streamlit as st

from segmentation.app import address, drawing
from segmentation.app.source import Source, context, current
from segmentation.published.answers import Record, explain_row, find_row, neighbours_of
from segmentation.published.served import CommandError
from segmentation.report.figures_answer import contribution_bars
from segmentation.report.words import label, percent

MEASURES = {
    "distance": (
        "Same values",
        "Nearest by distance over the scaled features; raw values.",
        ("scaled_distance",),
    ),
    "cosine": (
        "Same mix, whatever its size",
        "Most alike in direction; raw values.",
        ("cosine_similarity", "scaled_distance"),
    ),
}


def show() -> None:
    """Draw the page."""
    source = current()
    st.title(f"Find a {drawing.plain(source.unit)}", anchor=False)
    key = f"id_{source.segmentation}"
    address.chosen(source.segmentation, key, str)
    with st.form("find"):
        wanted = st.text_input(f"{source.unit.capitalize()} id", key=key, persist_state="session")
        st.form_submit_button("Find", type="primary")
    address.write(source.segmentation, key, wanted.strip())
    if not wanted.strip():
        st.caption(f"For example {drawing.plain(', '.join(source.ask(_examples)))}.")
        return
    try:
        record = source.ask(find_row, wanted.strip())
    except CommandError as error:
        st.warning(drawing.plain(error), icon=":material/person_off:")
        return
    _who(source, record)
    _values_and_history(source, record)
    try:
        _why(source, record)
        _neighbours(source, record)
    except CommandError as error:
        # The model may not be published, or be of a later version; all else is still known.
        st.info(drawing.plain(error))


def _examples(published) -> list[str]:
    query = f"select {published.key} from {published.members} order by all limit 3"
    return [str(value) for (value,) in published.rows(query)]


def _who(source: Source, record: Record) -> None:
    st.success(
        f"Segment **{record.segment_id} · {drawing.plain(record.segment_name)}**",
        icon=":material/place:",
    )
    told = []
    if record.confidence is not None:
        runner_up = f" over {record.runner_up_name}" if record.runner_up_name else ""
        told.append(f"Confidence {percent(record.confidence)}{runner_up}")
    told += [f"{title}: {value}" for title, value in record.labels.items()]
    if told:
        st.markdown(drawing.plain(". ".join(told) + "."))


def _values_and_history(source: Source, record: Record) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Values", anchor=False)
        drawing.texts(
            pd.DataFrame(
                {
                    "Feature": [label(name) for name in record.features],
                    "Value": [drawing.shown(*pair) for pair in record.features.items()],
                }
            )
        )
    with right:
        st.header("History", anchor=False)
        if record.history.empty:
            st.caption("No history is published.")
            return
        drawing.key_of(record.history, source.ask(context)["looks"])
        drawing.texts(
            pd.DataFrame(
                {
                    "From": [drawing.shown("", day) for day in record.history["valid_from"]],
                    "Until": [
                        "today" if pd.isna(day) else drawing.shown("", day)
                        for day in record.history["valid_to"]
                    ],
                    "Segment": [str(one) for one in record.history["segment_id"]],
                    "Because": [str(one) for one in record.history["cause"]],
                }
            )
        )


def _why(source: Source, record: Record) -> None:
    answer = source.ask(explain_row, record)
    if answer.segment_id is None or answer.contributions.empty:
        return
    first = answer.contributions.iloc[0]
    words = (
        f"{label(first.feature)} decides most between segment {answer.segment_id} and "
        f"segment {answer.runner_up_id}."
    )
    st.header("Why", anchor=False)
    drawing.figure(contribution_bars(answer.contributions), "why", words)
    st.caption(drawing.plain(words))


def _neighbours(source: Source, record: Record) -> None:
    rows = source.ask(neighbours_of, record.key, told="Looking for the nearest …")
    st.header(f"Most similar {drawing.plain(source.units)}", anchor=False)
    for measure, (title, told, columns) in MEASURES.items():
        st.markdown(f"#### {title}")
        st.caption(told)
        kept = rows[rows["measure"].isin(["itself", measure])]
        drawing.neighbours(source.key, kept, columns)
    drawing.key_of(rows, source.ask(context)["looks"])


show()
