"""Figures of trust and of change: stability, algorithms, drift, flows between segments."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmentation.report.colours import ACCENT, AMBER, NEUTRAL, ROSE, SYMBOLS, Look
from segmentation.report.figures import ROW, plain
from segmentation.report.words import label

STABLE_FROM = 0.75
DISSOLVED_BELOW = 0.5
LINK_OPACITY = "66"
"""Of the flows of a Sankey: two hexadecimal digits behind the colour."""
SCORES = {
    "silhouette": ("silhouette", ACCENT),
    "stability": ("stability", NEUTRAL),
    "ari": ("agreement with ours (ARI)", AMBER),
}
JOINED, LEFT = "joined", "left"


def stability_bars(stability: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw each segment's bootstrap stability with the bounds of Hennig (2007)."""
    figure = go.Figure(
        go.Bar(
            x=stability["jaccard"].to_numpy(float),
            y=[str(segment) for segment in stability["segment_id"]],
            orientation="h",
            text=[
                f"{jaccard:.2f} {plain(verdict)}"
                for jaccard, verdict in zip(stability["jaccard"], stability["verdict"], strict=True)
            ],
            textposition="auto",
            hovertemplate="segment %{y}: %{text}<extra></extra>",
            marker={"color": [looks[segment].colour for segment in stability["segment_id"]]},
        )
    )
    for bound in (DISSOLVED_BELOW, STABLE_FROM):
        figure.add_vline(x=bound, line={"dash": "dot"})
    return figure.update_layout(
        height=110 + 36 * len(stability),
        xaxis={"range": [0, 1.02], "title": "mean Jaccard similarity over bootstrap fits"},
        yaxis={"type": "category", "autorange": "reversed", "title": "Segment"},
    )


def algorithm_dots(comparison: pd.DataFrame) -> go.Figure:
    """Draw the scores of each algorithm side by side, the clearest on top."""
    figure = go.Figure()
    names = [label(name) for name in comparison["algorithm"]]
    for position, (column, (title, colour)) in enumerate(SCORES.items()):
        if column not in comparison or comparison[column].isna().all():
            continue
        figure.add_scatter(
            x=comparison[column].to_numpy(float),
            y=[plain(name) for name in names],
            mode="markers",
            name=title,
            marker={"size": 12, "symbol": SYMBOLS[position], "color": colour},
            hovertemplate="%{y}: %{x:.3f}<extra>%{fullData.name}</extra>",
        )
    return figure.update_layout(
        height=110 + ROW * len(comparison),
        xaxis={"title": "score (1 is best)", "zeroline": True},
        yaxis={"type": "category", "autorange": "reversed"},
        legend={"y": -0.22},
    )


def drift_bars(drift: pd.DataFrame) -> go.Figure:
    """Draw how far each feature has moved (PSI), with the bounds that warn and that refit."""
    shown = drift[drift["psi"].notna()]
    names = [plain(label(feature)) for feature in shown["feature"]]
    figure = go.Figure(
        go.Bar(
            x=shown["psi"].to_numpy(float),
            y=names,
            orientation="h",
            name="moved by",
            width=0.5,
            marker={"color": ACCENT},
            text=[plain(status) for status in shown["status"]],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.3f} (%{text})<extra></extra>",
        )
    )
    for column, title, colour in (
        ("warn_above", "warns above", AMBER),
        ("drifted_above", "refits above", ROSE),
    ):
        figure.add_scatter(
            x=shown[column].to_numpy(float),
            y=names,
            mode="markers",
            name=title,
            marker={
                "symbol": "line-ns-open",
                "size": 24,
                "color": colour,
                "line": {"width": 3, "color": colour},
            },
            hovertemplate="%{x:.3f}<extra>%{fullData.name}</extra>",
        )
    return figure.update_layout(
        height=130 + ROW * len(shown),
        xaxis={"title": "population stability index", "range": [0, 1.2 * shown["psi"].max() or 1]},
        yaxis={"type": "category", "autorange": "reversed"},
        legend={"y": -0.28},
    )


def sizes_over_time(sizes: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw each segment's share at every date that was built."""
    figure = go.Figure()
    for segment, rows in sizes.groupby("segment_id"):
        look = looks[segment]
        figure.add_scatter(
            x=rows["as_of_date"],
            y=rows["share"].to_numpy(float),
            mode="lines+markers",
            name=str(segment),
            meta={"segment": int(segment)},
            text=[plain(name) for name in rows["segment_name"]],
            hovertemplate="%{text}<br>%{x}: %{y:.1%}<extra></extra>",
            line={"color": look.colour, "dash": look.dash, "width": 2},
            marker={"symbol": look.symbol, "size": 8},
        )
    return figure.update_layout(
        height=380,
        xaxis={"type": "date"},
        yaxis={"tickformat": ".0%", "rangemode": "tozero", "title": "share"},
        legend={"title": {"text": "Segment "}},
    )


def size_over_time(sizes: pd.DataFrame, look: Look) -> go.Figure:
    """Draw how many units one segment had at every date that was built."""
    figure = go.Figure()
    figure.add_scatter(
        x=sizes["as_of_date"],
        y=sizes["size"].to_numpy(float),
        mode="lines+markers",
        hovertemplate="%{x}: %{y:,}<extra></extra>",
        line={"color": look.colour, "width": 2},
        marker={"size": 8},
    )
    return figure.update_layout(
        height=260,
        xaxis={"type": "date"},
        yaxis={"rangemode": "tozero", "tickformat": ",d"},
        showlegend=False,
    )


def retention_bars(retention: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw the share of customers who came back, by segment and days since the first order."""
    figure = go.Figure()
    for segment, rows in retention.groupby("segment_id"):
        figure.add_bar(
            x=[f"within {days} days" for days in rows["window_days"]],
            y=rows["retention_rate"].to_numpy(float),
            name=str(segment),
            meta={"segment": int(segment)},
            marker={"color": looks[segment].colour},
            hovertemplate="segment %{fullData.name}, %{x}: %{y:.1%}<extra></extra>",
        )
    return figure.update_layout(
        height=380,
        barmode="group",
        yaxis={"tickformat": ".0%", "title": "came back"},
        legend={"title": {"text": "Segment "}},
    )


def k_flow(flows: pd.DataFrame, chosen: int, looks: Mapping[int, Look]) -> go.Figure:
    """Draw which segments split into which when k goes up by one.

    Segments of the chosen k have their colours; the others are grey and numbered by size.
    """
    ends = [
        *flows[["from_k", "from_segment"]].itertuples(index=False, name=None),
        *flows[["to_k", "to_segment"]].itertuples(index=False, name=None),
    ]
    nodes = sorted(set(ends))
    colours = [looks[s].colour if k == chosen and s in looks else NEUTRAL for k, s in nodes]
    place = {node: position for position, node in enumerate(nodes)}
    source = [place[row] for row in _pairs(flows, "from_k", "from_segment")]
    target = [place[row] for row in _pairs(flows, "to_k", "to_segment")]
    tinted = [
        colours[b if colours[a] == NEUTRAL else a] for a, b in zip(source, target, strict=True)
    ]
    labels = [f"k={k}: {segment}" for k, segment in nodes]
    names = _names_of(flows)
    hover = [f"{text} {plain(names[node])}" for text, node in zip(labels, nodes, strict=True)]
    return _sankey(labels, colours, source, target, flows["size"], tinted, hover)


def _names_of(flows: pd.DataFrame) -> dict[tuple[int, int], str]:
    return {
        (k, segment): name
        for end in ("from", "to")
        for k, segment, name in _pairs(flows, f"{end}_k", f"{end}_segment", f"{end}_segment_name")
    }


def migration_flow(
    moves: pd.DataFrame, names: Mapping[int, str], looks: Mapping[int, Look]
) -> go.Figure:
    """Draw who moved where between the last two dates, joiners and leavers included."""
    known = sorted(
        {int(s) for s in [*moves["from_segment_id"].dropna(), *moves["to_segment_id"].dropna()]}
    )
    before = [*known, JOINED]
    after = [*known, LEFT]
    colours = [looks[s].colour if s in looks else NEUTRAL for s in [*before, *after]]
    source = [before.index(_end(s, JOINED)) for s in moves["from_segment_id"]]
    target = [len(before) + after.index(_end(s, LEFT)) for s in moves["to_segment_id"]]
    return _sankey(
        [str(one) for one in [*before, *after]],
        colours,
        source,
        target,
        moves["size"],
        [colours[start] for start in source],
        hover=[plain(names.get(one, one)) for one in [*before, *after]],
    )


def _end(segment: object, otherwise: str) -> int | str:
    return otherwise if pd.isna(segment) else int(segment)


def _pairs(frame: pd.DataFrame, *columns: str) -> list[tuple]:
    return list(frame[list(columns)].itertuples(index=False, name=None))


def _sankey(
    labels: list[str],
    colours: list[str],
    source: list[int],
    target: list[int],
    size: pd.Series,
    tinted: list[str],
    hover: list[str],
) -> go.Figure:
    figure = go.Figure(
        go.Sankey(
            arrangement="fixed",
            node={
                "label": labels,
                "color": colours,
                "pad": 14,
                "thickness": 16,
                "customdata": hover,
                "hovertemplate": "%{customdata}: %{value:,}<extra></extra>",
            },
            link={
                "source": source,
                "target": target,
                "value": np.asarray(size, dtype=float),
                "color": [f"{colour}{LINK_OPACITY}" for colour in tinted],
                "hovertemplate": (
                    "%{source.customdata} → %{target.customdata}: %{value:,}<extra></extra>"
                ),
            },
        )
    )
    return figure.update_layout(height=420, margin={"l": 12, "r": 12, "t": 16, "b": 16})
