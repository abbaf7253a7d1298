"""The sections about customers' segments: who they are, how many, where, what they are like."""

from collections.abc import Callable

import pandas as pd

from segmentation.campaigns.results import tried
from segmentation.published.listing import STAKES, stake_sentence
from segmentation.published.served import Published
from segmentation.report import data, data_shop, data_space, figures, figures_space, figures_trust
from segmentation.report.colours import Look
from segmentation.report.parts import Card, Chart, Section, Table, table_of
from segmentation.report.words import (
    LEAST_EFFECT,
    between,
    count_of,
    is_clear,
    label,
    listed,
    number,
    of_feature,
    percent,
    segments_named,
)

MAP_ROWS = 12_000
SPACE_ROWS = 4_000
KEEPS_TOGETHER = 0.9
"""Largest flow into one segment from which on a segment counts as undivided."""
AXES = {2: ["x", "y"], 3: ["x", "y", "z"]}
Looks = dict[int, Look]

MEDIANS = {
    "average_order_value": "An order, median",
    "total_orders": "Orders, median",
    "days_since_last_order": "Days since the last order, median",
}
"""Features whose medians stand on a card, in this order."""
SEGMENT = {"segment_id": ("Segment", str), "segment_name": ("Name", None)}


def cards(published: Published, segments: pd.DataFrame, stability: pd.DataFrame) -> list[Card]:
    """Return one card per segment, the most valuable first."""
    values, figures = data.top_values(published), _card_figures(published, segments)
    advice, rules = _by_id(data.suggestions(published)), _by_id(data.rules(published))
    verdicts, worked = _by_id(stability), tried(published)
    return [
        Card(
            segment_id=int(row.segment_id),
            name=str(row.segment_name),
            size=count_of(int(row.size), published.unit, published.units),
            share=float(row.share),
            value_share=float("nan") if pd.isna(row.value_share) else float(row.value_share),
            figures=figures[int(row.segment_id)],
            traits=tuple(str(row.description).split("; ")),
            rule=_rule_words(rules.get(row.segment_id)),
            **{
                name: advice.get(row.segment_id, {}).get(name, "")
                for name in ("kind", "suggestion", "aims_at", "success")
            },
            stake=_stake(advice.get(row.segment_id)),
            tried=worked.get(advice.get(row.segment_id, {}).get("kind", ""), ""),
            objection="" if pd.isna(row.name_objection) else str(row.name_objection),
            stability=verdicts.get(row.segment_id, {}).get("verdict", ""),
            values=_values_table(_of(values, row.segment_id)),
        )
        for row in by_value(segments).itertuples()
    ]


def by_value(segments: pd.DataFrame) -> pd.DataFrame:
    """Return the segments, the most valuable first; without values the largest."""
    return segments.sort_values(
        ["value", "size", "segment_id"], ascending=[False, False, True], na_position="last"
    )


def _card_figures(
    published: Published, segments: pd.DataFrame
) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return what each segment is worth and how it buys, by id: names and values."""
    found: dict[int, list[tuple[str, str]]] = {int(one): [] for one in segments["segment_id"]}
    for row in segments.dropna(subset=["value"]).itertuples():
        found[int(row.segment_id)] += [
            ("Revenue", number(row.value, 0)),
            (f"Revenue per {published.unit}", number(row.value / row.size)),
        ]
    medians = data.medians(published, tuple(MEDIANS))
    for row in medians.itertuples():
        found[int(row.segment_id)].append((MEDIANS[row.feature], number(row.median)))
    for row in segments.dropna(subset=["mean_margin"]).itertuples():
        found[int(row.segment_id)].append((f"Margin per {published.unit}", number(row.mean_margin)))
    if published.segmentation == "customer":
        returned = data_shop.retention(published)
        longest = returned if returned.empty else returned.groupby("segment_id").tail(1)
        for row in longest.itertuples():
            told = (f"Came back within {row.window_days} days", percent(row.retention_rate))
            found[int(row.segment_id)].append(told)
    return {segment: tuple(told) for segment, told in found.items()}


def _stake(advice: dict | None) -> str:
    return "" if advice is None else stake_sentence(*(advice[name] for name in STAKES))


def _rule_words(rule: dict | None) -> str:
    if rule is None:
        return ""
    right, found = percent(rule["rule_precision"]), percent(rule["rule_recall"])
    return f"{rule['rule']}. Of those it takes {right} are in the segment; it finds {found} of it."


def _of(frame: pd.DataFrame, segment: int) -> pd.DataFrame:
    return frame if frame.empty else frame[frame["segment_id"] == segment]


def _by_id(frame: pd.DataFrame) -> dict[int, dict]:
    return {} if frame.empty else frame.set_index("segment_id").to_dict("index")


def _values_table(values: pd.DataFrame) -> Table:
    if values.empty:
        return table_of(values, {})
    intervals = [
        between(*ends)
        for ends in zip(values["rest_lift_low"], values["rest_lift_high"], strict=True)
    ]
    return table_of(
        values.assign(interval=intervals),
        {
            "feature": ("Feature", label),
            "value": ("Value", None),
            "share": ("Share", percent),
            "rest_share": ("Of the rest", percent),
            "rest_lift": ("Times the rest", None),
            "interval": ("95 % interval", None),
            "is_clear": ("Beyond chance", lambda clear: "yes" if clear else "no"),
        },
    )


def size_charts(
    segments: pd.DataFrame, looks: Looks, units: str, name: str = "sizes"
) -> list[Chart]:
    """Return the bars of sizes and revenue, and the ring."""
    value = data.value_label(segments)
    largest = segments.loc[segments["size"].idxmax()]
    words = f"Segment {largest.segment_id} is the largest with {percent(largest.share)} of {units}."
    if segments["value_share"].notna().any():
        richest = segments.loc[segments["value_share"].idxmax()]
        words += (
            f" Segment {richest.segment_id} brings the most {value}: "
            f"{percent(richest.value_share)} from {percent(richest.share)} of {units}."
        )
    table = table_of(
        segments,
        SEGMENT
        | {
            "size": (units.capitalize(), None),
            "share": ("Share", percent),
            "value": (value.capitalize(), None),
            "value_share": (f"Share of {value}", percent),
        },
    )
    title = f"Share of {units} and of {value}" if "brings" in words else f"Share of {units}"
    bars = figures.sizes(segments, looks, units, value)
    ring = figures.donut(segments, looks)
    return [
        Chart(name, title, bars, words, table, width="two-thirds"),
        Chart(
            f"{name}-ring", f"All {units}", ring, _largest(segments, units), table, width="third"
        ),
    ]


def _largest(segments: pd.DataFrame, units: str) -> str:
    shares = segments["share"].sort_values(ascending=False).cumsum().reset_index(drop=True)
    needed = int((shares < 0.5).sum())
    which = "The largest segment holds" if needed == 0 else f"The {needed + 1} largest hold"
    return f"{which} {percent(shares[needed])} of all {units}."


def how_many(published: Published, looks: Looks, prefix: str = "") -> Section | None:
    """Return the section on the number of segments; None without candidates."""
    candidates = data.k_candidates(published)
    if candidates.empty or candidates[["silhouette", "inertia"]].isna().all(axis=None):
        return None
    chosen = candidates[candidates["is_selected"]]
    k = int(chosen["k"].iloc[0]) if len(chosen) else int(candidates["k"].iloc[0])
    reason = chosen["reason"].iloc[0] if len(chosen) else "no candidate is marked as selected"
    tried = f"{candidates['k'].min()} to {candidates['k'].max()}"
    lead = f"Numbers from {tried} were tried and {k} was chosen. Reason: {reason}."
    charts = [_k_chart(candidates, k, prefix)]
    flows = data.k_flows(published)
    if not flows.empty:
        charts.append(_flow_chart(flows, k, looks, prefix))
    return Section(f"{prefix}how-many", "How many segments?", lead, tuple(charts))


def _k_words(candidates: pd.DataFrame, k: int) -> str:
    scores = candidates.set_index("k")["silhouette"].dropna()
    elbow = candidates.loc[candidates["is_elbow"], "k"]
    words = f"Chosen: k = {k}"
    if k in scores:
        words += f", silhouette {scores[k]:.3f}"
    if len(elbow):
        words += f"; the elbow of the inertia is at k = {elbow.iloc[0]}"
    return f"{words}.{_higher_words(candidates, scores, k)}"


def _higher_words(candidates: pd.DataFrame, scores: pd.Series, k: int) -> str:
    if scores.empty or (k in scores and scores[k] == scores.max()):
        return ""
    best = scores.idxmax()
    why = candidates.loc[candidates["k"] == best, "reason"].iloc[0]
    told = f"{scores[best]:.3f}"
    if k in scores and told == f"{scores[k]:.3f}":
        told += f" (higher by {number(scores[best] - scores[k], 6)})"
    return f" The highest, {told}, is at k = {best}, which was not chosen: {why}."


def _k_chart(candidates: pd.DataFrame, k: int, prefix: str) -> Chart:
    return Chart(
        f"{prefix}k",
        "Scores of each number of segments",
        figures.k_curves(candidates),
        _k_words(candidates, k),
        table_of(
            candidates,
            {
                "k": ("k", str),
                "inertia": ("Inertia", None),
                "silhouette": ("Silhouette", lambda v: number(v, 3)),
                "silhouette_se": ("± se", lambda v: number(v, 4)),
                "gap": ("Gap", lambda v: number(v, 3)),
                "gap_se": ("± se", lambda v: number(v, 4)),
                "stability": ("Stability", None),
                "wins_share": ("Wins in refits", percent),
                "prediction_strength": ("Prediction strength", lambda v: number(v, 2)),
                "smallest_share": ("Smallest segment", percent),
                "reason": ("Why, or why not", None),
            },
        ),
        note="The band and the diamond mark the chosen k, a square the elbow.",
    )


def _flow_chart(flows: pd.DataFrame, k: int, looks: Looks, prefix: str) -> Chart:
    return Chart(
        f"{prefix}k-flow",
        "Who would move with one segment less or more",
        figures_trust.k_flow(flows, k, looks),
        _flow_words(flows, k),
        table_of(
            flows,
            {
                "from_k": ("From k", str),
                "from_segment": ("Segment", str),
                "from_segment_name": ("Name", None),
                "to_k": ("To k", str),
                "to_segment": ("Segment", str),
                "to_segment_name": ("Name", None),
                "size": ("Rows of the sample", None),
                "share": ("Share of the first", percent),
            },
        ),
        note=f"Columns are numbers of segments; those of k = {k} have their colours.",
    )


def _flow_words(flows: pd.DataFrame, k: int) -> str:
    onward = flows[flows["from_k"] == k]
    if onward.empty:
        return "What one segment more would change is not stored."
    kept = onward.groupby("from_segment")["share"].max()
    torn = [str(segment) for segment in kept.index[kept < KEEPS_TOGETHER]]
    if not torn:
        return "One segment more would mostly leave the segments as they are."
    return f"One segment more would divide {segments_named(torn)}."


def where(published: Published, looks: Looks) -> Section | None:
    """Return the section of maps; None without components."""
    points = data_space.map_points(published, MAP_ROWS)
    if points.empty:
        return None
    units = published.units
    total = published.rows(f"select count(*) from {published.members}")[0][0]
    centroids, loadings = data_space.centroids(published), data_space.loadings(published)
    charts = [_component_chart(points, centroids, loadings, looks, units, total)]
    if points["z"].notna().any():
        charts.append(_space_chart(points, centroids, looks, units, total))
    neighbours = data_space.neighbour_map(published)
    if not neighbours.empty:
        charts.append(_neighbour_chart(neighbours, looks, units, total))
    if not loadings.empty:
        charts.append(_loadings_chart(loadings))
    lead = (
        f"Each point is one of the {units}, placed by its principal components: mixtures of the "
        f"features that keep most of their variation. Where segments touch, {units} lie in between."
    )
    return Section("where", "Where they lie", lead, tuple(charts))


def _drawn(shown: int, total: int, units: str) -> str:
    if shown >= total:
        return f"all {total:,} {units}"
    return f"{shown:,} of {total:,} {units}, drawn by segment"


def _component_chart(points, centroids, loadings, looks, units, total) -> Chart:
    words = _nearest_words(centroids, 2)
    if len(loadings):
        variance = loadings.drop_duplicates("component")["explained_variance_ratio"].head(2).sum()
        shown = f"The first two components show {percent(variance)} of the variation."
        words = f"{shown} {words}".strip()
    return Chart(
        "map",
        f"Two components: {_drawn(len(points), total, units)}",
        figures_space.component_map(points, centroids, loadings, looks),
        words,
        _centre_table(centroids),
        note="Numbered squares are the segments' centres. Arrows point where a feature grows.",
    )


def _space_chart(points, centroids, looks, units, total) -> Chart:
    drawn = data_space.thinned(points, SPACE_ROWS)
    return Chart(
        "space",
        f"Three components: {_drawn(len(drawn), total, units)}",
        figures_space.space(drawn, looks),
        f"The same picture with a third direction. {_nearest_words(centroids, 3)}".strip(),
        _centre_table(centroids),
        note="Drag to turn, or use the buttons; the wheel zooms.",
        heavy=True,
    )


def _neighbour_chart(points: pd.DataFrame, looks: Looks, units: str, total: int) -> Chart:
    counts = points.groupby("segment_id").size().rename("size").reset_index()
    return Chart(
        "neighbours",
        f"Who resembles whom (t-SNE): {_drawn(len(points), total, units)}",
        figures_space.neighbour_map(points, looks),
        "A map that keeps neighbours together; its axes and distances have no meaning.",
        table_of(
            counts, {"segment_id": ("Segment", str), "size": (f"{units.capitalize()} drawn", None)}
        ),
        note="Only neighbourhood counts here: islands are groups of alike, sizes and gaps say "
        "nothing.",
    )


def _loadings_chart(loadings: pd.DataFrame) -> Chart:
    first = loadings[loadings["component"] == 1]
    top = first.loc[first["loading"].abs().sort_values(ascending=False).index[:3], "feature"]
    wide = loadings.pivot(index="feature", columns="component", values="loading").reset_index()
    columns = {"feature": ("Feature", label)} | {
        component: (f"Component {component}", None)
        for component in wide.columns
        if component != "feature"
    }
    return Chart(
        "loadings",
        "What the components are made of",
        figures_space.loadings_heatmap(loadings),
        f"In component 1 {listed([label(name).lower() for name in top])} weigh most.",
        table_of(wide, columns),
    )


def _nearest_words(centroids: pd.DataFrame, axes: int) -> str:
    """Say which centres lie closest in the axes drawn; with two segments there is no choice."""
    if len(centroids) < 3:
        return ""
    known = centroids.set_index("segment_id")[AXES[axes]].fillna(0.0)
    pairs = [
        (float(((known.loc[one] - known.loc[other]) ** 2).sum()), one, other)
        for position, one in enumerate(known.index)
        for other in known.index[position + 1 :]
    ]
    _, one, other = min(pairs)
    _, far, away = max(pairs)
    return (
        f"In these {'two' if axes == 2 else 'three'} the centres of segments {one} and {other} lie "
        f"closest, those of {far} and {away} farthest apart."
    )


def _centre_table(centroids: pd.DataFrame) -> Table:
    return table_of(
        centroids.dropna(axis=1, how="all"),
        {
            "segment_id": ("Segment", str),
            "x": ("Component 1", None),
            "y": ("Component 2", None),
            "z": ("Component 3", None),
        },
    )


def profile_charts(profiles: pd.DataFrame, looks: Looks, prefix: str = "") -> list[Chart]:
    """Return heatmap and snake plot of the profiles; nothing without profiles."""
    if profiles.empty:
        return []
    return [
        Chart(
            f"{prefix}profile",
            "Means of each segment, relative to the mean of all, in %",
            figures.profile_heatmap(profiles),
            _strongest(profiles),
            _wide_table(profiles, "mean", of_feature),
            note="+100 is twice the mean of all, −100 is none at all; empty where the mean of all "
            "is next to nothing. The table has the means.",
        ),
        Chart(
            f"{prefix}snake",
            "Differences from the rest, in standard deviations",
            figures.snake(profiles, looks),
            _widest(profiles),
            _wide_table(
                profiles.assign(told=profiles["effect_size"].where(is_clear(profiles))),
                "told",
                lambda _, value: number(value),
            ),
            note="Relative differences favour rare events; this scale compares features fairly. "
            f"Less than {LEAST_EFFECT} is little; the table leaves out what chance explains.",
        ),
    ]


def _strongest(profiles: pd.DataFrame) -> str:
    clear = profiles["effect_size"].where(is_clear(profiles), 0.0)
    by_effect = profiles.assign(effect_size=clear).loc[
        clear.abs().sort_values(kind="stable").index[::-1]
    ]
    top = by_effect.drop_duplicates("segment_id").sort_values("segment_id")
    return " ".join(
        f"Segment {row.segment_id} stands out by {label(row.feature).lower()} "
        f"({of_feature(row.feature, row.mean)}, "
        f"in the rest {of_feature(row.feature, row.rest_mean)})."
        if abs(row.effect_size) >= LEAST_EFFECT
        else f"Segment {row.segment_id} is close to the rest."
        for row in top.itertuples()
    )


def _widest(profiles: pd.DataFrame) -> str:
    ends = profiles.groupby("feature")["effect_size"].agg(["min", "max"])
    spread = (ends["max"] - ends["min"]).sort_values(ascending=False, kind="stable")
    told = [
        f"{label(feature).lower()} (from {number(ends.loc[feature, 'min'])} "
        f"to {number(ends.loc[feature, 'max'])})"
        for feature in spread.index[:3]
    ]
    return f"The segments lie farthest apart in {listed(told)}."


def _wide_table(profiles: pd.DataFrame, value: str, form: Callable[[str, float], str]) -> Table:
    wide = profiles.pivot(index="feature", columns="segment_id", values=value)
    rows = [
        (label(feature), *(form(feature, one) for one in figures_of))
        for feature, figures_of in zip(wide.index, wide.to_numpy(float), strict=True)
    ]
    headers = ("Feature", *(f"Segment {segment}" for segment in wide.columns))
    return Table(headers, tuple(rows), (False, *(True for _ in wide.columns)))
