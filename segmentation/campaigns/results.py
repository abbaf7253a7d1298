"""``segmentation lift``: what every campaign was worth, as the last build measured it."""

import json
from collections.abc import Iterable

import pandas as pd
from click import Option

from segmentation.cli.options import JSON, PUBLISHED, Arguments
from segmentation.cli.telling import tell, wrapped
from segmentation.published import served
from segmentation.published.served import CommandError, Published

TABLE = "campaign_results"
WORKED = {
    "more": "worked",
    "less": "did harm",
    "none": "no effect seen",
    "unknown": "too few bought",
    "early": "too early",
}
"""By verdict, in the order in which they are told."""


def results(published: Published) -> pd.DataFrame:
    """Return ``campaign_results``, newest campaign first; empty without any, or of other units."""
    if published.segmentation != "customer" or not published.has(TABLE):
        return pd.DataFrame()
    return published.frame(
        f"from {TABLE} order by starts_on desc, campaign, "
        "list_position(['buying', 'orders', 'spend'], measure)"
    )


def summaries(published: Published) -> pd.DataFrame:
    """Return one row per campaign: its figures of buying, with the sentence."""
    found = results(published)
    return found if found.empty else found[found["measure"] == "buying"].reset_index(drop=True)


def tried(published: Published) -> dict[str, str]:
    """Return, by kind of suggestion, which campaigns of it worked, in one sentence."""
    found = summaries(published)
    if found.empty:
        return {}
    by_kind = found.dropna(subset=["kind"]).groupby("kind")
    return {kind: _tried(rows.itertuples()) for kind, rows in by_kind}


def _tried(campaigns: Iterable) -> str:
    by_verdict: dict[str, list[str]] = {verdict: [] for verdict in WORKED}
    for one in campaigns:
        points = f", {one.difference * 100:+.1f} points".replace("-", "−")
        is_clear = one.verdict in ("more", "less")
        by_verdict[one.verdict].append(f"{one.campaign}{points if is_clear else ''}")
    told = [f"{WORKED[name]} ({'; '.join(all_)})" for name, all_ in by_verdict.items() if all_]
    return f"Campaigns with it: {', '.join(told)}."


def text_of(found: pd.DataFrame) -> str:
    """Return campaigns for reading."""
    lines = []
    for _, rows in found.groupby("campaign", sort=False):
        one = rows.iloc[0]
        is_list = pd.isna(one.segment_id)
        to = "a list" if is_list else f"segment {one.segment_id:.0f}, {one.segment_name}"
        lines += [
            f"{one.campaign}  ({one.status}, {one.days} of {one.horizon_days} days from "
            f"{one.starts_on:%Y-%m-%d})",
            f"   to     {to}: {one.treated:,} treated, {one.controls:,} controls",
            wrapped(one.sentence, "   worth  ", " " * 10),
        ]
        if one.days:
            lines.append(f"   {'':12}{'treated':>10}{'controls':>10}{'difference':>12}   interval")
            lines += [f"   {row.measure:12}{_figures(row)}" for row in rows.itertuples()]
        lines.append("")
    return "\n".join(lines[:-1])


def _figures(row) -> str:
    is_share = row.measure == "buying"
    form, scale, unit = (".1f", 100, " %") if is_share else (".2f", 1, "")
    means = "".join(
        f"{one * scale:>{10 - len(unit)}{form}}{unit}"
        for one in (row.treated_mean, row.control_mean)
    )
    difference = f"{row.difference * scale:>+12{form}}"
    if pd.isna(row.low):
        return f"{means}{difference}   unknown"
    return f"{means}{difference}   {row.low * scale:+{form}} to {row.high * scale:+{form}}"


PARAMETERS = [
    Option(["--campaign"], metavar="NAME", help="Only this one."),
    JSON,
    *PUBLISHED,
]


def run(arguments: Arguments) -> int:
    """Print what the campaigns were worth."""
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        published.columns(TABLE)
        found = results(published)
    if found.empty:
        raise CommandError(
            "No campaign is measured. `segmentation audience --campaign` draws one, and the next "
            "build measures it."
        )
    if arguments.campaign:
        names = ", ".join(found["campaign"].unique())
        found = found[found["campaign"] == arguments.campaign]
        if found.empty:
            raise CommandError(
                f"No campaign {arguments.campaign} is measured, only: {names}. The next build "
                "measures those drawn since the last."
            )
    rows = json.loads(found.to_json(orient="records", date_format="iso"))
    tell(text_of(found), rows, arguments.json)
    return 0
