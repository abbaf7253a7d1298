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
BADGE_WIDTH, LETTER_WIDTH, LINE_HEIGHT = 0.06, 0.02, 0.05
"""Of a numbered centre and of what stands on arrows, as shares of the map's size on a phone."""
STRETCHES = (1, 0.85, 1.15, 0.7, 1.3, 0.55, 1.45, 0.4)
"""How an arrow's length may change to keep its label off what is there, best first."""
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
    for arrow in _arrows(points, centroids, loadings):
        figure.add_annotation(arrow)
    _add_centres(figure, points, centroids, looks)
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
    centres = points.groupby("segment_id")[["x", "y"]].median().reset_index()
    _add_centres(figure, points, centres, looks)
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


def _add_centres(
    figure: go.Figure, points: pd.DataFrame, centres: pd.DataFrame, looks: Mapping[int, Look]
) -> None:
    """Number the centres by annotations: WebGL covers every trace that is drawn as SVG."""
    for centre, shift in zip(centres.itertuples(), _side_by_side(points, centres), strict=True):
        colour = looks[centre.segment_id].colour
        number = str(centre.segment_id)
        figure.add_annotation(
            x=float(centre.x),
            y=float(centre.y),
            xshift=shift,
            text=f"<b>{number}</b>",
            hovertext=f"centre of segment {number}<br>{centre.x:.2f}, {centre.y:.2f}",
            showarrow=False,
            font={"color": ink_on(colour), "size": 13},
            bgcolor=colour,
            bordercolor=ink_on(colour),
            borderwidth=1.5,
            width=12 + 8 * len(number),
            height=20,
        )


def _side_by_side(points: pd.DataFrame, centres: pd.DataFrame) -> list[float]:
    """Return pixels to the right for each centre, so that none hides another."""
    if centres.empty:
        return []
    places = _shares(points, centres[["x", "y"]].to_numpy(float))
    groups: list[list[int]] = []
    for one in np.lexsort((places[:, 1], places[:, 0])):
        near = (g for g in groups if any(_overlap(places[one], places[other]) for other in g))
        group = next(near, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    shifts = np.zeros(len(places))
    for group in groups:
        shifts[group] = 24 * (np.arange(len(group)) - (len(group) - 1) / 2)
    return shifts.tolist()


def _overlap(one: np.ndarray, other: np.ndarray, width: float = BADGE_WIDTH) -> bool:
    across, along = np.abs(one - other)
    return bool(across < width and along < LINE_HEIGHT)


def _shares(points: pd.DataFrame, places: np.ndarray) -> np.ndarray:
    """Return places, shape (n, 2), in units of the map's width and height."""
    return places / np.maximum(np.ptp(points[["x", "y"]].to_numpy(float), axis=0), 1e-12)


def _arrows(points: pd.DataFrame, centres: pd.DataFrame, loadings: pd.DataFrame) -> list[dict]:
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
    taken = _badges(points, centres)
    arrows = []
    for vector, names in groups[:ARROWS]:
        text = _named(names)
        tip = _free_tip(vector * reach, text, points, taken)
        taken.append((_shares(points, tip), LETTER_WIDTH * len(text)))
        arrows.append(_arrow(tip, text))
    return arrows


def _badges(points: pd.DataFrame, centres: pd.DataFrame) -> list[tuple[np.ndarray, float]]:
    if centres.empty:
        return []
    return [(p, BADGE_WIDTH) for p in _shares(points, centres[["x", "y"]].to_numpy(float))]


def _free_tip(
    tip: np.ndarray, text: str, points: pd.DataFrame, taken: list[tuple[np.ndarray, float]]
) -> np.ndarray:
    """Return the tip, nearer or farther out where its label would lie on something."""
    own = LETTER_WIDTH * len(text)
    for stretch in STRETCHES:
        place = _shares(points, stretch * tip)
        if not any(_overlap(place, other, (own + width) / 2) for other, width in taken):
            return stretch * tip
    return tip


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-12))


def _named(names: list[str]) -> str:
    more = f" +{len(names) - 2}" if len(names) > 2 else ""
    return ", ".join(plain(name) for name in names[:2]) + more


def _arrow(tip: np.ndarray, text: str) -> dict:
    # The text sits at the tail of an annotation's arrow, so the arrow is drawn from the tip back.
    return {
        "x": 0,
        "y": 0,
        "ax": float(tip[0]),
        "ay": float(tip[1]),
        "axref": "x",
        "ayref": "y",
        "text": text,
        "arrowside": "start",
        "startarrowhead": 2,
        "arrowwidth": 1.4,
        "font": {"size": 12},
    }
