"""One fixed palette: a segment has the same colour and marker in every figure.

The hues were chosen so that any two stay apart for readers with full colour vision and with
protanopia, deuteranopia and tritanopia, on white and on the dark background (a test measures it).
Markers differ as well, so that nothing hangs on colour alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import plotly.graph_objects as go

PALETTE = (
    "#2274af",
    "#d9a02c",
    "#39bda0",
    "#cd167b",
    "#964d09",
    "#b298f9",
    "#a361fb",
    "#b47825",
)
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star")
DASHES = ("solid", "dash", "dot", "dashdot")
ACCENT = "#3b82c4"
AMBER = "#b47825"
ROSE = "#cd167b"
NEUTRAL = "#7d8794"
"""Colours for what is not a segment; they read on both backgrounds."""
DIVERGING = {
    False: ("#0f4c8a", "#8fbce4", "#ffffff", "#efbb88", "#9a4306"),
    True: ("#9ccbf5", "#2a5f94", "#14181e", "#8a4b18", "#f3b06c"),
}
SEQUENTIAL = {
    False: ("#f2f6fa", "#8fbce4", "#0d3f73"),
    True: ("#1b222c", "#2a5f94", "#cfe4f8"),
}
"""Scales of heatmaps by darkness of the page: what matters most lies farthest from the paper."""
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True)
class Look:
    """How a segment is drawn."""

    colour: str
    symbol: str
    dash: str


@dataclass(frozen=True)
class Theme:
    """Colours of a page, light or dark."""

    paper: str
    text: str
    muted: str
    grid: str
    accent: str


LIGHT = Theme("#ffffff", "#1b2027", "#596573", "#dfe4ea", "#1f6fb2")
DARK = Theme("#14181e", "#e8ecf1", "#a3aebb", "#303845", "#6fb1ea")


def looks(segment_ids: Iterable[int], retired: Iterable[int] = ()) -> dict[int, Look]:
    """Return the look of each segment.

    An id asks for the place in the palette that it has by its number, so it keeps its colour when
    others come and go. Ids are never reused and grow for ever: where another segment sits on that
    place already, the next free one is taken.

    Parameters
    ----------
    segment_ids : iterable of int
        Segments in use; ids start at 1.
    retired : iterable of int
        Segments that occur in history only; they choose last.
    """
    current = set(segment_ids)
    places: dict[int, int] = {}
    for segment in [*sorted(current), *sorted(set(retired) - current)]:
        size = len(PALETTE)
        lap = len(places) // size
        wanted = [lap * size + (segment - 1 + step) % size for step in range(size)]
        places[segment] = next(place for place in wanted if place not in places.values())
    return {segment: _look(place) for segment, place in places.items()}


def _look(place: int) -> Look:
    lap, index = divmod(place, len(PALETTE))
    return Look(
        PALETTE[index],
        SYMBOLS[(index + 3 * lap) % len(SYMBOLS)],
        DASHES[(index + lap) % len(DASHES)],
    )


def ink_on(colour: str) -> str:
    """Return black or white, whichever reads better on the colour (WCAG contrast)."""
    luminance = relative_luminance(colour)
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def relative_luminance(colour: str) -> float:
    """Return the relative luminance of an sRGB colour, in [0, 1] (WCAG 2.2)."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def template(dark: bool = False) -> go.layout.Template:
    """Return the plotly template of the light or the dark page.

    Figures carry no colours but those of segments: all others come from here.
    """
    theme = DARK if dark else LIGHT
    axis = {
        "gridcolor": theme.grid,
        "zerolinecolor": theme.muted,
        "linecolor": theme.grid,
        "tickcolor": theme.grid,
        "automargin": True,
        "zerolinewidth": 1,
        "title": {"standoff": 10},
        "ticklabelstandoff": 6,
    }
    scene = {**axis, "backgroundcolor": theme.paper, "showbackground": False}
    for unknown in ("title", "automargin", "ticklabelstandoff"):
        del scene[unknown]
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": theme.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [ACCENT, AMBER, NEUTRAL, *PALETTE],
            "xaxis": axis,
            "yaxis": axis,
            "scene": {"xaxis": scene, "yaxis": scene, "zaxis": scene},
            "colorscale": {
                "diverging": _scale(DIVERGING[dark]),
                "sequential": _scale(SEQUENTIAL[dark]),
            },
            "coloraxis": {"colorbar": {"outlinewidth": 0, "thickness": 12, "len": 0.9}},
            "hoverlabel": {"font": {"family": FONT}, "align": "left"},
            "annotationdefaults": {
                "font": {"color": theme.text},
                "arrowcolor": theme.text,
                "bgcolor": f"{theme.paper}b3",
            },
            "shapedefaults": {"line": {"color": theme.muted, "width": 1.5}},
            "legend": {"orientation": "h", "yanchor": "top", "y": -0.14, "x": 0},
            "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
            "dragmode": False,
        },
        data={
            "sankey": [
                {"node": {"line": {"width": 0}}, "textfont": {"color": theme.text, "size": 12}}
            ],
        },
    )


def _scale(colours: Iterable[str]) -> list[tuple[float, str]]:
    listed = list(colours)
    return [(place / (len(listed) - 1), colour) for place, colour in enumerate(listed)]
