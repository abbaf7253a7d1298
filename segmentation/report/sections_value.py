"""The section about the future: what segments foretold of the last horizon, and the stakes."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from segmentation.published.served import Published
from segmentation.report.colours import ACCENT, NEUTRAL
from segmentation.report.data import read
from segmentation.report.figures import ROW
from segmentation.report.parts import Chart, Section, Table, table_of
from segmentation.report.words import number, percent

PREDICTORS = {
    "segments": "these segments",
    "rfm_cells": "RFM cells",
    "spend_fifths": "fifths of past spend",
    "forecast": "the forecast",
}
BEST, CHANCE = "best_fifth_share", 0.2


def judged(published: Published) -> pd.DataFrame:
    """Return the figures of segment_predictive_value, one row per predictor, in a fixed order."""
    query = f"""
        select * from segment_predictive_value where model_version = {published.model_version()}
    """
    rows = read(published, query, "segment_predictive_value")
    if rows.empty or rows["value"].isna().all():
        return pd.DataFrame()
    wide = rows.pivot(index="predictor", columns="measure", values=["value", "low", "high"])
    wide.columns = [f"{measure}_{kind}" for kind, measure in wide.columns]
    return wide.reindex([name for name in PREDICTORS if name in wide.index]).reset_index()


def groups(published: Published) -> pd.DataFrame:
    """Return what was forecast of each segment of the earlier day and what came, best first."""
    query = f"""
        select * from predictive_value_by_group
        where predictor = 'segments' and model_version = {published.model_version()}
        order by observed_spend / units desc, group_name
    """
    return read(published, query, "predictive_value_by_group")


def stakes(published: Published) -> pd.DataFrame:
    """Return the value forecast of each segment, by id; empty where nothing could be forecast."""
    if published.segmentation != "customer":
        return pd.DataFrame()
    query = """
        select * from segment_value_forecast
        where expected_value is not null order by segment_id
    """
    return read(published, query, "segment_value_forecast")


def future(published: Published, prediction: str | None) -> Section | None:
    """Return the section; None where nothing was judged and nothing is forecast.

    Parameters
    ----------
    published : Published
    prediction : str or None
        What the segments foretold, in a sentence.
    """
    found, worth = judged(published), stakes(published)
    if found.empty and worth.empty:
        return None
    charts = () if found.empty else (_best_chart(found, prediction or ""),)
    tables = []
    by_group = groups(published)
    if not by_group.empty:
        tables.append(
            ("Segments of the earlier day: expected and observed", _group_table(by_group))
        )
    if not worth.empty:
        days = int(worth["horizon_days"].iloc[0])
        tables.append((f"What is at stake in the next {days} days", _stakes_table(worth)))
    lead = (
        "The same recipe, fitted to what was known one horizon ago, and what then happened: would "
        "these segments have told who buys better than the classical RFM cells, or than sorting by "
        "past spend? Value is spend: sale prices of kept items."
    )
    return Section("future", "Against RFM, and what happened next", lead, charts, tuple(tables))


def _best_chart(found: pd.DataFrame, prediction: str) -> Chart:
    return Chart(
        "foretold",
        "Revenue brought by the 20 % of customers each puts first",
        best_dots(found),
        prediction,
        table_of(
            found,
            {
                "predictor": ("Made from", PREDICTORS.get),
                f"{BEST}_value": ("Best 20 %", percent),
                "auc_buying_value": ("AUC of buying", number),
                "r2_log_spend_value": ("R² of log spend", lambda v: number(v, 3)),
                "r2_spend_value": ("R² of spend", lambda v: number(v, 3)),
            },
        ),
        note="Bars are 95 % intervals; the dotted line is what chance brings.",
    )


def best_dots(found: pd.DataFrame) -> go.Figure:
    """Draw the share of revenue that the best fifth brought, by predictor, with its interval."""
    value, low, high = (
        found[f"{BEST}_{kind}"].to_numpy(float) for kind in ("value", "low", "high")
    )
    names = np.array([PREDICTORS[name] for name in found["predictor"]])
    is_ours = (found["predictor"] == "segments").to_numpy()
    figure = go.Figure()
    for rows, colour in ((is_ours, ACCENT), (~is_ours, NEUTRAL)):
        interval = {"array": (high - value)[rows], "arrayminus": (value - low)[rows]}
        figure.add_scatter(
            x=value[rows],
            y=names[rows],
            mode="markers",
            error_x=interval | {"color": colour, "thickness": 3},
            marker={"size": 13, "color": colour},
            hovertemplate="%{y}: %{x:.0%}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=CHANCE, line={"dash": "dot"})
    return figure.update_layout(
        height=110 + ROW * len(found),
        xaxis={"tickformat": ".0%", "rangemode": "tozero", "title": "share of the revenue"},
        yaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": names.tolist(),
            "autorange": "reversed",
        },
    )


def _group_table(by_group: pd.DataFrame) -> Table:
    return table_of(
        by_group,
        {
            "group_name": ("Segment", None),
            "units": ("Customers", None),
            "buyers": ("Bought", None),
            "expected_spend": ("Expected", lambda v: number(v, 0)),
            "observed_spend": ("Observed", lambda v: number(v, 0)),
            "spend_share": ("Share", percent),
        },
    )


def _stakes_table(worth: pd.DataFrame) -> Table:
    return table_of(
        worth,
        {
            "segment_id": ("Segment", str),
            "segment_name": ("Name", None),
            "probability_active": ("Still customers", percent),
            "expected_value": ("Expected", lambda v: number(v, 0)),
            "expected_value_per_customer": ("Per customer", number),
            "value_at_risk": ("At risk", lambda v: number(v, 0)),
        },
    )
