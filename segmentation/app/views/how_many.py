"""How many segments there should be: the stored candidates, and what another number would do."""

import pandas as pd
import streamlit as st

from segmentation.app import drawing
from segmentation.app.source import Source, context, current
from segmentation.published import exploring
from segmentation.report import data, sections
from segmentation.report.words import label, number, of_feature, percent

SCORES = {
    "silhouette": ("Silhouette", 3),
    "stability": ("Stability", 2),
    "gap": ("Gap", 3),
    "inertia": ("Inertia", 2),
}


def show() -> None:
    """Draw the page."""
    source = current()
    known = source.ask(context)
    st.title("How many segments?", anchor=False)
    candidates = source.ask(data.k_candidates)
    section = source.ask(sections.how_many, known["looks"])
    if section is None:
        st.info("No numbers of segments were compared for this segmentation.")
        return
    chosen = _chosen(candidates)
    k = _slider(candidates, chosen)
    _candidate(candidates.set_index("k").loc[k], candidates.set_index("k").loc[chosen], k, chosen)
    _alternatives(source, k, chosen)
    st.divider()
    drawing.section(section, heading=False)


def _chosen(candidates: pd.DataFrame) -> int:
    selected = candidates.loc[candidates["is_selected"], "k"]
    return int(selected.iloc[0] if len(selected) else candidates["k"].iloc[0])


def _slider(candidates: pd.DataFrame, chosen: int) -> int:
    ks = [int(k) for k in candidates["k"]]
    if len(ks) == 1:
        st.markdown(f"Only k = {ks[0]} was tried.")
        return ks[0]
    return st.select_slider("k, the number of segments", ks, value=chosen)


def _candidate(row: pd.Series, serving: pd.Series, k: int, chosen: int) -> None:
    if k == chosen:
        st.success(drawing.plain(f"k = {k} serves: {row['reason']}."), icon=":material/check:")
    else:
        st.info(
            drawing.plain(f"k = {k} was not chosen: {row['reason']}. k = {chosen} serves."),
            icon=":material/info:",
        )
    with st.container(horizontal=True, gap="large"):
        for name, (title, digits) in SCORES.items():
            if name in row and not pd.isna(row[name]):
                st.metric(title, number(row[name], digits), _against(row, serving, name, digits),
                          delta_color="off", width=125)  # fmt: skip
        st.metric("Smallest segment", percent(row["smallest_share"]), width=125)


def _against(row: pd.Series, serving: pd.Series, name: str, digits: int) -> str | None:
    difference = row[name] - serving[name]
    if pd.isna(difference) or difference == 0:
        return None
    # Streamlit knows a fall by an ASCII hyphen.
    sign = "+" if difference > 0 else "-"
    return f"{sign}{number(abs(difference), digits)}"


def _alternatives(source: Source, k: int, chosen: int) -> None:
    stored = source.ask(exploring.alternatives, told="Averaging the alternatives …")
    if stored.empty:
        st.caption("Who would be in which segment is not stored for other numbers of segments.")
        return
    listed = sorted({int(one) for one in stored["k"]})
    if k not in listed:
        st.caption(
            f"Of k = {k} only the scores are stored. Who would be in which segment is stored for "
            f"k = {', '.join(str(one) for one in listed)}."
        )
        return
    shown = [chosen] if k == chosen else sorted([k, chosen])
    st.header("Side by side", anchor=False)
    st.caption("Alternatives are numbered by size; only the segments that serve keep their ids.")
    for column, one in zip(st.columns(len(shown)), shown, strict=True):
        with column:
            st.markdown(f"#### k \\= {one}{' (serves)' if one == chosen else ''}")
            _segments_of(stored[stored["k"] == one])


def _segments_of(rows: pd.DataFrame) -> None:
    means = [name for name in rows if name.startswith("mean_")]
    texts = pd.DataFrame(
        {
            "Segment": [f"{row.segment} {row.segment_name}" for row in rows.itertuples()],
            "Share": [percent(share) for share in rows["share"]],
        }
        | {
            label(name.removeprefix("mean_")): [
                of_feature(name.removeprefix("mean_"), value) for value in rows[name]
            ]
            for name in means
        }
    )
    st.dataframe(texts, hide_index=True, width="stretch")


show()
