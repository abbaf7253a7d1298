"""Figures of segments: sizes, profiles, and how many there are.

Functions take frames of `segmentation.report.data` and return plotly figures without a theme:
the page or the app lays `colours.template` over them. Segments are shown by their number, which
fits everywhere; the key beside the figure has the names. Texts from the data are escaped, since
plotly reads HTML in them.
"""

from collections.abc import Mapping
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from segmentation.report.colours import ACCENT, Look
from segmentation.report.words import is_clear, label, of_feature, percent

ROW = 30
"""Height of a row of a heatmap or bar chart, in pixels."""
SCORES = (
    ("inertia", None, "Inertia (lower is tighter)"),
    ("silhouette", "silhouette_se", "Silhouette ± standard error (higher is clearer)"),
    ("gap", "gap_se", "Gap statistic ± standard error"),
    ("stability", None, "Stability: least stable segment"),
)


def plain(text: object) -> str:
    """Return text that plotly shows as it is written."""
    return escape(str(text), quote=False)


def sizes(
    segments: pd.DataFrame,
    looks: Mapping[int, Look],
    units: str = "customers",
    value: str = "revenue",
) -> go.Figure:
    """Draw each segment's share of rows beside its share of revenue, as horizontal bars."""
    figure = go.Figure()
    shown = [("share", units, 1.0)]
    if segments["value_share"].notna().any():
        shown.append(("value_share", value, 0.45))
    for column, name, opacity in shown:
        figure.add_bar(
            y=_numbers(segments["segment_id"]),
            x=segments[column].to_numpy(float),
            name=f"share of {name}",
            orientation="h",
            text=[percent(share) for share in segments[column]],
            textposition="outside",
            cliponaxis=False,
            customdata=[plain(text) for text in segments["segment_name"]],
            hovertemplate="%{customdata}<br>%{x:.1%}<extra>%{fullData.name}</extra>",
            marker={
                "color": [looks[segment].colour for segment in segments["segment_id"]],
                "opacity": opacity,
                "pattern": {"shape": "" if opacity == 1 else "/", "fillmode": "replace"},
            },
        )
    most = max(segments[column].max() for column, _, _ in shown)
    return figure.update_layout(
        barmode="group",
        bargap=0.25,
        height=90 + 2 * 24 * len(segments),
        xaxis={"tickformat": ".0%", "range": [0, 1.18 * most]},
        yaxis={"autorange": "reversed", "type": "category", "title": "Segment"},
        legend={"traceorder": "normal"},
    )


def donut(segments: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw the segments' sizes as a ring."""
    return go.Figure(
        go.Pie(
            labels=_numbers(segments["segment_id"]),
            values=segments["size"].to_numpy(),
            hole=0.58,
            sort=False,
            direction="clockwise",
            customdata=[[plain(text)] for text in segments["segment_name"]],
            text=[percent(share) for share in segments["share"]],
            texttemplate="<b>%{label}</b><br>%{text}",
            hovertemplate="%{customdata[0]}<br>%{value:,} (%{text})<extra></extra>",
            marker={"colors": [looks[segment].colour for segment in segments["segment_id"]]},
        )
    ).update_layout(height=320, showlegend=False)


def profile_heatmap(profiles: pd.DataFrame) -> go.Figure:
    """Draw each feature's mean in each segment, relative to the mean of all.

    Colours end at ± 100 %; the text has the true figure.
    """
    wide = _by_feature(profiles, "relative_importance")
    means = profiles.pivot(index="feature", columns="segment_id", values="mean").loc[wide.index]
    hover = [
        [of_feature(feature, mean) for mean in row]
        for feature, row in zip(means.index, means.to_numpy(float), strict=True)
    ]
    return heatmap(
        wide.to_numpy(float).clip(-1, 1),
        x=_numbers(wide.columns),
        y=[label(feature) for feature in wide.index],
        text=[[_signed(value) for value in row] for row in wide.to_numpy(float)],
        hover=hover,
        limits=(-1, 1),
        scale_title="relative",
    ).update_layout(xaxis={"title": "Segment"}, coloraxis={"colorbar": {"tickformat": "+.0%"}})


def _signed(value: float) -> str:
    return "" if np.isnan(value) else f"{100 * value:+,.0f}".replace("-", "−")


def snake(profiles: pd.DataFrame, looks: Mapping[int, Look]) -> go.Figure:
    """Draw one line per segment through its standardised differences from the rest.

    A marker is hollow where the interval of the difference holds 0.
    """
    wide = _by_feature(profiles, "effect_size")
    clear = _by_feature(profiles.assign(clear=is_clear(profiles)), "clear").fillna(False)
    names = profiles.drop_duplicates("segment_id").set_index("segment_id")["segment_name"]
    figure = go.Figure()
    for segment in wide.columns:
        look = looks[segment]
        figure.add_scatter(
            x=wide[segment].to_numpy(float),
            y=[label(feature) for feature in wide.index],
            mode="lines+markers",
            name=str(segment),
            meta={"segment": int(segment)},
            text=[plain(names[segment])] * len(wide),
            hovertemplate="%{text}<br>%{y}: %{x:+.2f} sd<extra></extra>",
            line={"color": look.colour, "dash": look.dash, "width": 2},
            marker={
                "symbol": [look.symbol + ("" if one else "-open") for one in clear[segment]],
                "size": 9,
            },
        )
    return figure.update_layout(
        height=120 + ROW * len(wide),
        xaxis={"title": "standard deviations", "zeroline": True},
        yaxis={"autorange": "reversed"},
        legend={"title": {"text": "Segment "}, "y": -0.2},
    )


def k_curves(candidates: pd.DataFrame) -> go.Figure:
    """Draw the scores of every number of segments on one axis, the chosen one marked."""
    shown = [score for score in SCORES if candidates.get(score[0], pd.Series()).notna().any()]
    figure = make_subplots(
        rows=len(shown),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.22 / max(len(shown), 1),
        subplot_titles=[title for _, _, title in shown] or None,
    )
    for row, (score, error, title) in enumerate(shown, start=1):
        _score_curve(figure, candidates, score, error, title, row)
    figure.update_annotations(x=0, xanchor="left", font={"size": 13})
    figure.update_xaxes(dtick=1, showgrid=False)
    figure.update_xaxes(title_text="k, the number of segments", row=len(shown), col=1)
    for chosen in candidates.loc[candidates["is_selected"], "k"]:
        figure.add_vline(x=int(chosen), line={"width": 10}, opacity=0.18, layer="below")
    return figure.update_layout(height=110 + 150 * len(shown), showlegend=False, margin={"t": 34})


def _score_curve(
    figure: go.Figure, candidates: pd.DataFrame, score: str, error: str | None, title: str, row: int
) -> None:
    known = candidates[candidates[score].notna()]
    errors = known[error] if error in known else pd.Series(np.nan, index=known.index)
    chosen = known["is_selected"].to_numpy(bool)
    elbow = known["is_elbow"].to_numpy(bool) if score == "inertia" else np.zeros(len(known), bool)
    figure.add_scatter(
        x=known["k"].to_numpy(),
        y=known[score].to_numpy(float),
        error_y={"array": errors.to_numpy(float), "visible": bool(errors.notna().any())},
        mode="lines+markers",
        name=title,
        text=[plain(reason) for reason in known["reason"]],
        hovertemplate="k = %{x}: %{y:.4g}<br>%{text}<extra></extra>",
        line={"color": ACCENT},
        marker={
            "opacity": 1,
            "size": np.where(chosen, 14, np.where(elbow, 12, 8)),
            "symbol": np.where(chosen, "diamond", np.where(elbow, "square", "circle")),
        },
        row=row,
        col=1,
    )


def correlation_heatmap(pairs: pd.DataFrame) -> go.Figure:
    """Draw the strength of every pair of features, one measure per pair.

    Numbers by Pearson's r (with a sign), categories by Cramér's V, mixed pairs by the correlation
    ratio.
    """
    both = pd.concat(
        [pairs, pairs.rename(columns={"feature_a": "feature_b", "feature_b": "feature_a"})]
    ).drop_duplicates(["feature_a", "feature_b"])
    wide = both.pivot(index="feature_a", columns="feature_b", values="value")
    names = [label(feature) for feature in wide.index]
    values = wide.reindex(columns=wide.index).to_numpy(float, copy=True)
    np.fill_diagonal(values, np.nan)
    text = [["" if np.isnan(v) else f"{v:.1f}".replace("-", "−") for v in row] for row in values]
    shown = text if len(names) <= 20 else None
    return heatmap(values, x=names, y=names, text=shown, limits=(-1, 1)).update_layout(
        xaxis={"tickangle": -90, "side": "bottom"}
    )


def heatmap(
    values: np.ndarray,
    *,
    x: list[str],
    y: list[str],
    text: list[list[str]] | None = None,
    hover: list[list[str]] | None = None,
    limits: tuple[float, float] | None = None,
    scale_title: str = "",
) -> go.Figure:
    """Draw a matrix, rows from the top; the template chooses colours by the sign of the limits.

    Parameters
    ----------
    values : ndarray of shape (rows, columns)
    x, y : list of str
        Names of columns and rows.
    text, hover : list of lists of str, optional
        What to write in a cell, and beside the pointer.
    limits : tuple of float, optional
        Ends of the colour scale: around zero for differences.
    scale_title : str
        Above the colour bar.
    """
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=[plain(name) for name in x],
            y=[plain(name) for name in y],
            text=text,
            texttemplate="%{text}" if text else None,
            customdata=hover if hover else text,
            hovertemplate="%{y}, %{x}: %{customdata}<extra></extra>",
            coloraxis="coloraxis",
            xgap=1,
            ygap=1,
        )
    )
    low, high = limits or (0.0, float(np.nanmax(values, initial=1e-9)))
    return figure.update_layout(
        height=110 + ROW * len(y),
        coloraxis={"cmin": low, "cmax": high, "colorbar": {"title": {"text": scale_title}}},
        xaxis={"type": "category", "showgrid": False, "dtick": 1},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, "dtick": 1},
    )


def segment_heatmap(
    frame: pd.DataFrame, rows: str, value: str, order: list | None = None
) -> go.Figure:
    """Draw shares per segment: one column per segment, one row per value of `rows`."""
    wide = frame.pivot(index=rows, columns="segment_id", values=value).fillna(0.0)
    wide = wide.reindex(order if order is not None else wide.index)
    return heatmap(
        wide.to_numpy(float),
        x=_numbers(wide.columns),
        y=[str(name) for name in wide.index],
        text=[[percent(share) if share else "" for share in row] for row in wide.to_numpy(float)],
        scale_title="share",
    ).update_layout(xaxis={"title": "Segment"}, coloraxis={"colorbar": {"tickformat": ".0%"}})


def _by_feature(profiles: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return features x segments, the most telling feature on top."""
    wide = profiles.pivot(index="feature", columns="segment_id", values=value)
    effects = profiles.pivot(index="feature", columns="segment_id", values="effect_size").abs()
    order = effects.max(axis=1).sort_values(ascending=False, kind="stable").index
    return wide.loc[order]


def _numbers(segment_ids) -> list[str]:
    return [str(segment) for segment in segment_ids]
