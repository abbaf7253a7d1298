"""Figures of where rows lie: component maps in two and three dimensions, t-SNE, loadings."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmentation.report.colours import Look, ink_on
from segmentation.report.figures import heatmap, plain
from segmentation.report.words import label

ARROWS = 6
"""Directions drawn on the map at most."""
SAME_DIRECTION = 0.97
"""Cosine above which two loadings share an arrow."""
CAMERA = {"eye": {"x": 1.6, "y": 1.6, "z": 0.9}, "center": {"x": 0, "y": 0, "z": -0.12}}
WEBGL_FROM = 2_000
"""Points from which WebGL draws faster than SVG."""


def component_map(
    points: pd.DataFrame,
    centroids: pd.DataFrame,
    loadings: pd.DataFrame,
    looks: Mapping[int, Look],
) -> go.Figure:
    """Draw rows on the first two components, with the segments' centres and the loadings.

    Parameters
    ----------
    points : DataFrame
        segment_id, x, y.
    centroids : DataFrame
        segment_id, x, y.
    loadings : DataFrame
        component, feature, loading, explained_variance_ratio: drawn as arrows.
    looks : mapping of int to Look
    """
    figure = _scatter(points, looks)
    _add_centres(figure, centroids, looks)
    for arrow in _arrows(points, loadings):
        figure.add_annotation(arrow)
    names = component_names(loadings)
    return figure.update_layout(
        height=560,
        showlegend=False,
        xaxis={"title": names.get(1, "component 1")},
        yaxis={"title": names.get(2, "component 2")},
    )


def neighbour_map(points: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw a t-SNE picture: neighbours stay neighbours, axes and distances mean nothing."""
    hidden = {"showticklabels": False, "showgrid": False, "zeroline": False}
    figure = _scatter(points, looks)
    _add_centres(figure, points.groupby("segment_id")[["x", "y"]].median().reset_index(), looks)
    return figure.update_layout(
        height=520,
        showlegend=False,
        xaxis=hidden,
        yaxis={**hidden, "scaleanchor": "x"},
    )


def space(points: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw rows on the first three components, to be turned."""
    figure = go.Figure()
    for segment, rows in points.groupby("segment_id"):
        look = looks[segment]
        figure.add_scatter3d(
            **{axis: rows[axis].to_numpy(np.float32) for axis in "xyz"},
            mode="markers",
            name=str(segment),
            meta={"segment": int(segment)},
            hoverinfo="name",
            marker={"size": 2.6, "color": look.colour, "opacity": 0.75},
        )
    return figure.update_layout(
        height=560,
        showlegend=False,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        scene={
            f"{axis}axis": {"title": {"text": f"component {number}"}}
            for number, axis in enumerate("xyz", start=1)
        }
        | {"camera": CAMERA, "dragmode": "orbit"},
    )


def loadings_heatmap(loadings: pd.DataFrame, most: int = 24) -> go.Figure:
    """Draw what each component is made of; with many features, those that weigh most."""
    wide = loadings.pivot(index="feature", columns="component", values="loading")
    order = wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index[:most]
    wide = wide.loc[order]
    limit = float(wide.abs().to_numpy().max())
    ratios = loadings.drop_duplicates("component").set_index("component")[
        "explained_variance_ratio"
    ]
    return heatmap(
        wide.to_numpy(float),
        x=[f"{component} ({ratios[component]:.0%})" for component in wide.columns],
        y=[label(feature) for feature in wide.index],
        text=[[f"{v:+.2f}".replace("-", "−") for v in row] for row in wide.to_numpy(float)],
        limits=(-limit, limit),
        scale_title="loading",
    ).update_layout(xaxis={"title": "component (share of variance)"})


def component_names(loadings: pd.DataFrame) -> dict[int, str]:
    """Return axis titles: number and share of the variance."""
    if loadings.empty:
        return {}
    ratios = loadings.drop_duplicates("component")
    return {
        int(row.component): f"component {row.component} ({row.explained_variance_ratio:.0%})"
        for row in ratios.itertuples()
    }


def _scatter(points: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    figure = go.Figure()
    trace = go.Scattergl if len(points) > WEBGL_FROM else go.Scatter
    size = 4 if len(points) > WEBGL_FROM else 6
    for segment, rows in points.groupby("segment_id"):
        look = looks[segment]
        figure.add_trace(
            trace(
                x=rows["x"].to_numpy(np.float32),
                y=rows["y"].to_numpy(np.float32),
                mode="markers",
                name=str(segment),
                meta={"segment": int(segment)},
                hoverinfo="name",
                marker={"size": size, "color": look.colour, "opacity": 0.6, "symbol": look.symbol},
            )
        )
    return figure


def _add_centres(figure: go.Figure, centres: pd.DataFrame, looks: Mapping[int, Look]) -> None:
    if centres.empty:
        return
    colours = [looks[segment].colour for segment in centres["segment_id"]]
    figure.add_scatter(
        x=centres["x"].to_numpy(float),
        y=centres["y"].to_numpy(float),
        mode="markers+text",
        text=[f"<b>{segment}</b>" for segment in centres["segment_id"]],
        textfont={"color": [ink_on(colour) for colour in colours], "size": 13},
        hovertemplate="centre of segment %{text}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
        marker={
            "size": 26,
            "color": colours,
            "line": {"color": [ink_on(colour) for colour in colours], "width": 1.5},
        },
    )


def _arrows(points: pd.DataFrame, loadings: pd.DataFrame) -> list[dict]:
    """Return annotations: the longest loadings as arrows, those of one direction together."""
    if points.empty or loadings.empty or loadings["component"].max() < 2:
        return []
    wide = loadings.pivot(index="feature", columns="component", values="loading")[[1, 2]]
    lengths = np.hypot(wide[1], wide[2])
    wide = wide.loc[lengths.sort_values(ascending=False, kind="stable").index]
    reach = 0.7 * points[["x", "y"]].abs().quantile(0.99).min() / lengths.max()
    groups: list[tuple[np.ndarray, list[str]]] = []
    for feature, vector in zip(wide.index, wide.to_numpy(float), strict=True):
        for direction, names in groups:
            if _cosine(direction, vector) > SAME_DIRECTION:
                names.append(label(feature))
                break
        else:
            groups.append((vector, [label(feature)]))
    return [_arrow(vector * reach, names) for vector, names in groups[:ARROWS]]


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-12))


def _arrow(tip: np.ndarray, names: list[str]) -> dict:
    shown = [plain(name) for name in names[:2]]
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    # The text sits at the tail of an annotation's arrow, so the arrow is drawn from the tip back.
    return {
        "x": 0,
        "y": 0,
        "ax": float(tip[0]),
        "ay": float(tip[1]),
        "axref": "x",
        "ayref": "y",
        "text": ", ".join(shown) + more,
        "arrowside": "start",
        "startarrowhead": 2,
        "arrowwidth": 1.4,
        "font": {"size": 12},
    }
