"""Segments by rules of one's own: written in a form, counted at once, saved for the next build."""

from dataclasses import dataclass, field
from itertools import count

import pandas as pd
import streamlit as st

from segmentation.app import drawing
from segmentation.app.source import Source, context, current
from segmentation.features.written_rules import (
    OPERATORS,
    VALUED,
    WORDS,
    WrittenCondition,
    WrittenRule,
    problems_of,
)
from segmentation.published.exploring import (
    WORTH,
    counted_by_rules,
    feature_kinds,
    upper_fifth,
)
from segmentation.published.served import CommandError
from segmentation.report.words import label, number, percent
from segmentation.scaffold.rule_file import FILE, read_rules, write_rules
from segmentation.scaffold.seeds import seeds_folder

NEW = "(new)"


@dataclass
class Draft:
    """A rule as it stands in the form: its key, and the keys of its conditions."""

    key: int
    name: str = ""
    conditions: dict[int, WrittenCondition] = field(default_factory=dict)


_keys = count()


def show() -> None:
    """Draw the page."""
    source = current()
    st.title("Rules of your own", anchor=False)
    st.markdown(
        f"Divide the {drawing.plain(source.units)} by conditions on their features. Rules are "
        "tried from the top, and the first that fits gives the segment. Rules of one name are one "
        "segment."
    )
    try:
        saved = read_rules(seeds_folder(FILE))
    except CommandError as error:
        st.info(drawing.plain(error))
        saved = {}
    kinds = source.ask(feature_kinds)
    name = _name(source, saved)
    drafts = _drafts(source, name, saved.get(name, ()), kinds)
    for place, draft in enumerate(drafts):
        _rule(draft, place, drafts, kinds)
    st.button("Add a rule", on_click=lambda: drafts.append(_new(kinds)), icon=":material/add:")
    rules = _written(drafts)
    problems = problems_of(rules, kinds)
    if problems:
        st.warning("  \n".join(drawing.plain(one) for one in problems), icon=":material/rule:")
        return
    _counts(source, rules)
    _save(source, name, rules, kinds)


def _name(source: Source, saved: dict) -> str:
    left, right = st.columns(2)
    with left:
        names = [*saved, NEW]
        own = names.index(source.segmentation) if source.segmentation in saved else 0
        chosen = st.selectbox("Rules", names, own, key=f"rules_of_{source.segmentation}")
    if chosen != NEW:
        return chosen
    with right:
        return st.text_input(
            "Name of the segmentation", "tiers", key=f"rules_name_{source.segmentation}"
        ).strip()


def _drafts(
    source: Source, name: str, rules: tuple[WrittenRule, ...], kinds: dict[str, str]
) -> list[Draft]:
    """Return the rules in the form: those that are saved, until they are changed here."""
    key = f"drafts_{source.segmentation}_{name if rules else NEW}"
    if key not in st.session_state:
        st.session_state[key] = [
            Draft(next(_keys), one.segment_name, {next(_keys): c for c in one.conditions})
            for one in rules
        ] or _example(source, kinds)
    return st.session_state[key]


def _example(source: Source, kinds: dict[str, str]) -> list[Draft]:
    """Return rules to begin with: who brings most, and everybody else."""
    first, rest = _new(kinds), Draft(next(_keys), "Everybody else")
    ((key, asked),) = first.conditions.items()
    most = source.ask(upper_fifth, asked.feature) if kinds[asked.feature] == "number" else None
    if most is not None:
        first.name = f"High {label(asked.feature).lower()}"
        first.conditions[key] = WrittenCondition(asked.feature, ">=", f"{most:g}")
    return [first, rest]


def _new(kinds: dict[str, str]) -> Draft:
    return Draft(next(_keys), "", {next(_keys): _condition(kinds)})


def _condition(kinds: dict[str, str]) -> WrittenCondition:
    first = next(name for name in (*WORTH, *kinds) if name in kinds)
    return WrittenCondition(first, ">=" if kinds[first] == "number" else "=", "")


def _rule(draft: Draft, place: int, drafts: list[Draft], kinds: dict[str, str]) -> None:
    with st.container(border=True):
        draft.name = st.text_input(
            f"{place + 1}. Segment", draft.name, key=f"rule_name_{draft.key}"
        )
        if not draft.conditions:
            st.caption("Takes everybody whom no rule before takes.")
        for key in list(draft.conditions):
            _ask_for(draft, key, kinds)
        with st.container(horizontal=True):
            st.button(
                "Add a condition",
                key=f"rule_more_{draft.key}",
                icon=":material/add:",
                on_click=lambda: draft.conditions.__setitem__(next(_keys), _condition(kinds)),
            )
            _mover(":material/arrow_upward:", "Earlier", drafts, place, place - 1)
            _mover(":material/arrow_downward:", "Later", drafts, place, place + 1)
            st.button(
                "",
                key=f"rule_out_{draft.key}",
                icon=":material/delete:",
                help=f"Remove rule {place + 1}",
                on_click=lambda: drafts.remove(draft),
            )


def _mover(icon: str, told: str, drafts: list[Draft], place: int, target: int) -> None:
    st.button(
        "",
        key=f"rule_{told}_{drafts[place].key}",
        icon=icon,
        help=f"{told}: rule {place + 1}",
        disabled=not 0 <= target < len(drafts),
        on_click=lambda: drafts.insert(target, drafts.pop(place)),
    )


def _ask_for(draft: Draft, key: int, kinds: dict[str, str]) -> None:
    one = draft.conditions[key]
    names = list(kinds) if one.feature in kinds else [one.feature, *kinds]
    columns = st.columns([4, 2, 3, 1], vertical_alignment="bottom")
    with columns[0]:
        feature = st.selectbox(
            "Feature", names, names.index(one.feature), label, key=f"condition_feature_{key}"
        )
    with columns[1]:
        listed = [
            each for each in OPERATORS if kinds.get(feature) == "number" or each[0] not in "<>"
        ]
        listed = listed if kinds.get(feature) == "number" else ["=", "<>", *listed[1:]]
        operator = st.selectbox(
            "Is",
            listed,
            listed.index(one.operator) if one.operator in listed else 0,
            format_func=lambda each: WORDS.get(each, each),
            key=f"condition_operator_{key}_{kinds.get(feature)}",
        )
    with columns[2]:
        value = st.text_input(
            "Value",
            one.value,
            key=f"condition_value_{key}",
            disabled=operator not in VALUED,
            placeholder="a number" if kinds.get(feature) == "number" else "a text",
        )
    with columns[3]:
        st.button(
            "",
            key=f"condition_out_{key}",
            icon=":material/close:",
            help="Remove this condition",
            on_click=lambda: draft.conditions.pop(key),
        )
    value = value.strip() if operator in VALUED else ""
    draft.conditions[key] = WrittenCondition(feature, operator, value)


def _written(drafts: list[Draft]) -> tuple[WrittenRule, ...]:
    return tuple(
        WrittenRule(place, draft.name.strip(), tuple(draft.conditions.values()))
        for place, draft in enumerate(drafts, start=1)
    )


def _counts(source: Source, rules: tuple[WrittenRule, ...]) -> None:
    found = source.ask(counted_by_rules, rules, told="Counting …")
    st.header("What they make", anchor=False)
    value = source.ask(context)["value"].capitalize()
    shown = pd.DataFrame(
        {
            "Segment": found["segment_name"].fillna("(no rule takes them)"),
            source.units.capitalize(): [number(one) for one in found["units"]],
            "Share": [percent(one) for one in found["share"]],
        }
    )
    if found["revenue"].notna().any():
        shown[value] = [number(one, 0) for one in found["revenue"]]
        shown[f"Share of {value.lower()}"] = [percent(one) for one in found["revenue_share"]]
    drawing.texts(shown)
    empty = [rule for rule in rules if rule.segment_name not in set(found["segment_name"].dropna())]
    for rule in empty:
        st.caption(drawing.plain(f"Nobody is in {rule.segment_name}: {rule.words()}."))


def _save(source: Source, name: str, rules: tuple[WrittenRule, ...], kinds: dict[str, str]) -> None:
    if not st.button("Save for the next build", type="primary", icon=":material/save:"):
        return
    try:
        if not name.isidentifier() or name != name.lower():
            raise CommandError(
                f"'{name}' cannot name a segmentation: use small letters, digits and underscores."
            )
        write_rules(seeds_folder(FILE), name, rules, kinds)
    except (CommandError, OSError) as error:
        st.error(drawing.plain(error))
        return
    st.success(drawing.plain(f"Written into {FILE}: the next build reads it."))
    if name not in source.ask(_segmentations):
        st.info(
            drawing.plain(
                f"Once only, the build must be told of it: `segmentation new {name} --rules-of "
                f"{source.segmentation}` in the project's folder writes its entry and its table."
            )
        )


def _segmentations(published) -> tuple[str, ...]:
    return published.segmentations()


show()
