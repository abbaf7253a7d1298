"""Where somebody with such values belongs, why, and who is like that."""

import re

import pandas as pd
import streamlit as st

from segmentation.app import drawing
from segmentation.app.source import Source, context, current
from segmentation.published.answers import (
    Answer,
    FormField,
    form_fields,
    objections,
    predict_values,
)
from segmentation.published.scoring import SIZE_AND_SPREAD
from segmentation.report.figures_answer import contribution_bars
from segmentation.report.words import MONEY, SHARE, label, percent

NOT_KNOWN = "(not known)"
FEATURE = re.compile(r"\b[a-z0-9]+(_[a-z0-9]+)+\b")


def show() -> None:
    """Draw the page."""
    source = current()
    st.title("Predict", anchor=False)
    fields = source.ask(form_fields, told="Reading the model …")
    st.markdown(
        f"Which segment would a {drawing.plain(source.unit)} with these values belong to? "
        "Medians are filled in; what is left empty is not known."
    )
    values, names = _form(source, fields), source.ask(_features)
    # A tuple, since answers are kept by what was asked.
    asked = tuple(values.items())
    if told := [*_impossible(fields, values), *source.ask(_objections, asked)]:
        st.error(
            "  \n".join(drawing.plain(f"{_labelled(one, names)}.") for one in told)
            + "  \nCorrect that, and the answer follows.",
            icon=":material/rule:",
        )
        return
    answer = source.ask(_predict, asked, told="Looking for the nearest …")
    _show_answer(source, answer, names)


def _features(published) -> frozenset[str]:
    return frozenset(published.columns(published.features))


def _predict(published, values: tuple) -> Answer:
    return predict_values(published, dict(values))


def _objections(published, values: tuple) -> tuple[str, ...]:
    return objections(published, dict(values))


def _form(source: Source, fields: tuple[FormField, ...]) -> dict[str, object]:
    """Return the values as they stand: the answer is always that of what can be read above it."""
    values = {}
    with st.container(border=True):
        for column, field in zip(drawing.narrow_columns(list(fields), 3), fields, strict=True):
            with column:
                values[field.name] = _ask_for(source, field)
    return values


def _ask_for(source: Source, field: FormField) -> object:
    key = f"value_{source.segmentation}_{field.name}"
    if field.is_category:
        options = (*field.levels, NOT_KNOWN)
        chosen = st.selectbox(label(field.name), options, key=key, accept_new_options=True)
        return None if chosen == NOT_KNOWN else chosen
    follows = FEATURE.sub(lambda found: label(found[0]).lower(), field.follows)
    told = {"key": key, "placeholder": f"from {follows}" if follows else NOT_KNOWN}
    if follows:
        told["help"] = f"Empty, it is made of {follows}."
    # Only a field without a value of its own can be emptied.
    st.session_state.setdefault(key, field.default)
    if field.is_whole:
        return st.number_input(label(field.name), value=None, step=1, **told)
    step = 0.05 if SHARE.search(field.name) else 1.0
    return st.number_input(label(field.name), value=None, step=step, format="%.2f", **told)


def _labelled(text: str, names: frozenset[str]) -> str:
    """Return a sentence with features called as on the page."""
    return FEATURE.sub(
        lambda found: label(found[0]).lower() if found[0] in names else found[0], text
    )


def _impossible(fields: tuple[FormField, ...], values: dict[str, object]) -> list[str]:
    """Return what no count, amount or share can be, in words."""
    told = []
    for field in fields:
        value, (least, most) = values[field.name], _bounds(field)
        if field.is_category or value is None:
            continue
        if least is not None and value < least:
            told.append(f"{field.name} {value:.10g} is below 0")
        if most is not None and value > most:
            told.append(f"{field.name} {value:.10g} is above 1, the whole")
    return told


def _bounds(field: FormField) -> tuple[float | None, float | None]:
    """Return what counts, amounts and shares cannot be below or above, as all rows have it."""
    is_share = bool(SHARE.search(field.name))
    is_limited = field.is_whole or is_share or bool(MONEY.search(field.name))
    if not is_limited or field.lowest is None or field.lowest < 0:
        return None, None
    most = 1.0 if is_share and field.highest <= 1 else None
    return 0.0, most


def _show_answer(source: Source, answer: Answer, names: frozenset[str]) -> None:
    if answer.segment_id is None:
        st.warning(f"No segment: {drawing.plain(answer.notes)}.", icon=":material/block:")
        return
    st.success(
        f"Segment **{answer.segment_id} · {drawing.plain(answer.segment_name)}**",
        icon=":material/place:",
    )
    st.markdown(_certainty(answer))
    st.caption(drawing.plain(_answered_by(source, answer)))
    if answer.notes:
        st.info(drawing.plain(_labelled(answer.notes, names)))
    if len(answer.contributions):
        _why(answer)
    if len(answer.neighbours):
        _nearest(source, answer.neighbours)


def _answered_by(source: Source, answer: Answer) -> str:
    """Say which model of which publication answered."""
    return f"Answered by {drawing.publication(source)}, model version {answer.model_version}."


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
    st.header(f"Most similar {drawing.plain(source.units)}", anchor=False)
    st.caption("Nearest by distance over the scaled features; raw values.")
    drawing.neighbours(source.key, neighbours, ("scaled_distance",))
    drawing.key_of(neighbours, source.ask(context)["looks"])


show()
