"""Figures of single answers: what decided."""

import pandas as pd
import plotly.graph_objects as go

from segmentation.report.colours import ACCENT, AMBER
from segmentation.report.figures import ROW, plain
from segmentation.report.words import label, number


def contribution_bars(contributions: pd.DataFrame, most: int = 12) -> go.Figure:
    """Draw what speaks for the segment, to the right, and for the runner-up, to the left.

    Parameters
    ----------
    contributions : DataFrame
        feature, contribution: strongest first.
    most : int
        Features drawn at most.
    """
    shown = contributions.head(most)
    values = shown["contribution"].to_numpy(float)
    figure = go.Figure(
        go.Bar(
            x=values,
            y=[plain(label(name)) for name in shown["feature"]],
            orientation="h",
            text=[("+" if value > 0 else "") + number(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            marker={
                "color": [ACCENT if value >= 0 else AMBER for value in values],
                "pattern": {
                    "shape": ["" if value >= 0 else "/" for value in values],
                    "fillmode": "replace",
                },
            },
            hovertemplate="%{y}: %{x:+.3g}<extra></extra>",
        )
    )
    reach = max(abs(values).max(initial=0.0), 1e-9)
    low = -1.5 * reach if (values < 0).any() else 0
    return figure.update_layout(
        height=90 + ROW * len(shown),
        xaxis={"range": [low, 1.5 * reach], "zeroline": True, "title": "for the segment →"},
        yaxis={"type": "category", "autorange": "reversed"},
    )
