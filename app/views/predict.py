"""Where somebody with such values belongs, why, and who is like that."""

import pandas as pd
import streamlit as st

from app import drawing
from app.source import Source, context, current
from segmentation.published.answers import Answer, FormField, form_fields, predict_values
from segmentation.published.scoring import SIZE_AND_SPREAD
from segmentation.report.figures_answer import contribution_bars
from segmentation.report.words import MONEY, SHARE, label, percent


def show() -> None:
    """Draw the page."""
    source = current()
    st.title("Predict", anchor=False)
    fields = source.ask(form_fields, told="Reading the model …")
    st.markdown(
        f"Which segment would a {drawing.plain(source.unit)} with these values belong to? "
        "Medians are filled in."
    )
    values = _form(source, fields)
    if values is None:
        return
    # A tuple, since answers are kept by what was asked.
    answer = source.ask(_predict, tuple(values.items()), told="Looking for the nearest …")
    _show_answer(source, answer)


def _predict(published, values: tuple) -> Answer:
    return predict_values(published, dict(values))


def _form(source: Source, fields: tuple[FormField, ...]) -> dict[str, object] | None:
    """Return the values sent last; None before that."""
    kept = f"asked_{source.segmentation}"
    with st.form("predict"):
        values = {}
        for column, field in zip(drawing.narrow_columns(list(fields), 3), fields, strict=True):
            with column:
                values[field.name] = _ask_for(source, field)
        unknown = st.multiselect(
            "Not known",
            [field.name for field in fields],
            format_func=label,
            key=f"unknown_{source.segmentation}",
            help="Treated as the recipe treats missing values.",
        )
        if st.form_submit_button("Predict", type="primary"):
            st.session_state[kept] = {
                name: None if name in unknown else value for name, value in values.items()
            }
    return st.session_state.get(kept)


def _ask_for(source: Source, field: FormField) -> object:
    key = f"value_{source.segmentation}_{field.name}"
    if field.is_category:
        return st.selectbox(
            label(field.name), field.levels, key=key, accept_new_options=True, index=0
        )
    default = 0.0 if field.default is None else field.default
    least, most = _bounds(field)
    if field.is_whole:
        return st.number_input(label(field.name), least, value=int(default), step=1, key=key)
    step = 0.05 if SHARE.search(field.name) else 1.0
    return st.number_input(
        label(field.name), least, most, value=default, step=step, format="%.2f", key=key
    )


def _bounds(field: FormField) -> tuple[float | int | None, float | None]:
    """Return what counts, amounts and shares cannot be below or above, as all rows have it."""
    is_share = bool(SHARE.search(field.name))
    is_limited = field.is_whole or is_share or bool(MONEY.search(field.name))
    if not is_limited or field.lowest is None or field.lowest < 0:
        return None, None
    most = 1.0 if is_share and field.highest <= 1 else None
    return (0 if field.is_whole else 0.0), most


def _show_answer(source: Source, answer: Answer) -> None:
    if answer.segment_id is None:
        st.warning(f"No segment: {drawing.plain(answer.notes)}.", icon=":material/block:")
        return
    st.success(
        f"Segment **{answer.segment_id} · {drawing.plain(answer.segment_name)}**",
        icon=":material/place:",
    )
    st.markdown(_certainty(answer))
    if answer.notes:
        st.info(drawing.plain(answer.notes))
    if len(answer.contributions):
        _why(answer)
    if len(answer.neighbours):
        _nearest(source, answer.neighbours)


def _certainty(answer: Answer) -> str:
    is_mixture = answer.probability is not None
    told = [f"Probability {percent(answer.probability)}."] if is_mixture else []
    if answer.runner_up_id is not None:
        runner_up = f"the runner-up, {answer.runner_up_id} · {answer.runner_up_name}"
        meaning = (
            f"{runner_up}, is that much less likely"
            if is_mixture
            else f"that much nearer than {runner_up}"
        )
        told.append(f"Confidence {percent(answer.confidence)}: {meaning}.")
    told.append(f"Distance to its centre {drawing.raw_value(answer.distance)}.")
    return drawing.plain(" ".join(told))


def _why(answer: Answer) -> None:
    words = _what_decided(answer)
    gap = (
        "squared distances to the two centres"
        if answer.probability is None
        else "logarithms of the two probabilities"
    )
    st.header("Why", anchor=False)
    drawing.figure(contribution_bars(answer.contributions), "why", words)
    st.caption(
        drawing.plain(
            f"{words} To the right: what speaks for segment {answer.segment_id}; to the left, "
            f"hatched: for segment {answer.runner_up_id}. The bars add up to the gap between the "
            f"{gap}."
        )
    )
    with st.expander("As a table"):
        drawing.texts(
            pd.DataFrame(
                {
                    "Feature": [label(name) for name in answer.contributions["feature"]],
                    "Value": [
                        drawing.shown(row.feature, row.value)
                        for row in answer.contributions.itertuples()
                    ],
                    "Contribution": [
                        drawing.raw_value(value) for value in answer.contributions["contribution"]
                    ],
                }
            )
        )


def _what_decided(answer: Answer) -> str:
    first = answer.contributions.iloc[0]
    favoured = answer.segment_id if first.contribution >= 0 else answer.runner_up_id
    if first.feature == SIZE_AND_SPREAD:
        return f"{label(first.feature)} decided most: it speaks for segment {favoured}."
    return (
        f"{label(first.feature)} decided most: {drawing.shown(first.feature, first.value)} speaks "
        f"for segment {favoured}."
    )


def _nearest(source: Source, neighbours: pd.DataFrame) -> None:
    st.header(f"Most similar {drawing.plain(source.unit)}s", anchor=False)
    st.caption("Nearest by distance over the scaled features; raw values.")
    drawing.neighbours(source.segmentation, neighbours, ("scaled_distance",))
    drawing.key_of(neighbours, source.ask(context)["looks"])


show()
