"""The section about campaigns: what each was worth, as the build measured it."""

import pandas as pd
import plotly.graph_objects as go

from segmentation.campaigns.results import results
from segmentation.published.served import Published
from segmentation.report.colours import ACCENT, NEUTRAL
from segmentation.report.figures import ROW, plain
from segmentation.report.parts import Chart, Section, Table, table_of
from segmentation.report.words import number, percent

LEAD = (
    "Some customers were left out by lot. What the others did more is what the campaign added: "
    "everybody who was drawn counts, whether they were reached or not."
)


def campaigns(published: Published) -> Section | None:
    """Return the section; None without campaigns."""
    found = results(published)
    if found.empty:
        return None
    buying = found[found["measure"] == "buying"].reset_index(drop=True)
    known = buying.dropna(subset=["difference", "low"])
    charts = () if known.empty else (_chart(known),)
    tables = (("In words", _told(buying)), ("Per customer", _figures(found)))
    return Section("campaigns", "Did it work?", LEAD, charts, tables)


def _chart(known: pd.DataFrame) -> Chart:
    newest = known.iloc[0]
    return Chart(
        "lift",
        "What campaigns added to the share that bought, in points",
        _dots(known),
        f"{newest.campaign}: {newest.sentence}",
        table_of(
            known,
            {
                "campaign": ("Campaign", None),
                "treated_mean": ("Bought", percent),
                "control_mean": ("Of the controls", percent),
                "difference": ("Difference", _points),
                "low": ("From", _points),
                "high": ("To", _points),
            },
        ),
        note="Bars are 95 % intervals, wider before the horizon; one that holds 0 is no effect "
        "that was found.",
    )


def _dots(known: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    is_clear = known["verdict"].isin(["more", "less"]).to_numpy()
    value, low, high = (known[name].to_numpy(float) * 100 for name in ("difference", "low", "high"))
    names = known["campaign"].map(plain).to_numpy()
    for rows, colour in ((is_clear, ACCENT), (~is_clear, NEUTRAL)):
        interval = {"array": (high - value)[rows], "arrayminus": (value - low)[rows]}
        figure.add_scatter(
            x=value[rows],
            y=names[rows],
            mode="markers",
            error_x=interval | {"color": colour, "thickness": 3},
            marker={"size": 13, "color": colour},
            hovertemplate="%{y}: %{x:+.1f} points<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(x=0, line={"dash": "dot"})
    return figure.update_layout(
        height=110 + ROW * len(known),
        xaxis={"title": "points"},
        yaxis={
            "type": "category",
            "categoryorder": "array",
            "categoryarray": names.tolist(),
            "autorange": "reversed",
        },
    )


def _points(share: float) -> str:
    return "–" if share != share else f"{share * 100:+.1f}".replace("-", "−")


def _told(buying: pd.DataFrame) -> Table:
    days = [
        f"{days} of {all_}"
        for days, all_ in zip(buying["days"], buying["horizon_days"], strict=True)
    ]
    return table_of(
        buying.assign(counted=days, starts_on=buying["starts_on"].astype(str).str[:10]),
        {
            "campaign": ("Campaign", None),
            "segment_name": ("Sent to", lambda name: "a list" if pd.isna(name) else str(name)),
            "starts_on": ("From", None),
            "counted": ("Days", None),
            "treated": ("Treated", None),
            "controls": ("Controls", None),
            "sentence": ("What it was worth", None),
        },
    )


def _figures(found: pd.DataFrame) -> Table:
    return table_of(
        found,
        {
            "campaign": ("Campaign", None),
            "measure": ("Measure", None),
            "treated_mean": ("Treated", _of),
            "control_mean": ("Controls", _of),
            "difference": ("Difference", _of),
            "low": ("From", _of),
            "high": ("To", _of),
            "total": ("In all", lambda value: number(value, 0)),
        },
    )


def _of(value: float) -> str:
    return number(value, 3)
