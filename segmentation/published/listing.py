"""``segmentation segments``: the segments by value, each with its rule and what to do."""

import json

import pandas as pd
from click import Choice, Option

from segmentation.campaigns.results import tried
from segmentation.cli.options import PUBLISHED, Arguments
from segmentation.cli.telling import tell, wrapped
from segmentation.diagnosis.wording import percent
from segmentation.published import served
from segmentation.published.served import Published

FORMATS = ("text", "sql", "json")
GOOD = 0.9
"""Share of units from which on rules say who is in the segments."""
QUERY = """
    select
        segment_id, segment_name, description, units, share, revenue, revenue_share,
        rule, rule_sql, rule_json, rule_precision, rule_recall, branches, fidelity,
        kind, suggestion, aims_at, success, name_objection,
        horizon_days, expected_value, value_at_risk, probability_active
    from segments
    left join (select * exclude (segment_name, model_version) from segment_rules)
        using (segment_id)
    left join (select * exclude (segment_name) from segment_suggestions) using (segment_id)
    order by revenue desc nulls last, units desc, segment_id
"""
FIGURES = {
    "units": int,
    "share": float,
    "revenue": float,
    "revenue_share": float,
    "horizon_days": int,
    "expected_value": float,
    "value_at_risk": float,
    "probability_active": float,
}
STAKES = ("horizon_days", "expected_value", "value_at_risk", "probability_active")


def rules_sentence(branches: int, fidelity: float, units: str) -> str:
    """Return how far the rules say who is in the segments.

    Parameters
    ----------
    branches : int
        Of all rules together.
    fidelity : float
        Share of units whose segment the rules say.
    units : str
        What they are called.
    """
    many = "One rule" if branches == 1 else f"{branches} rules"
    told = f"{many} of at most three conditions"
    if fidelity >= GOOD:
        but = "" if fidelity > 0.9995 else f" but {1 - fidelity:.1%}"
        return (
            f"{told} {'says' if branches == 1 else 'say'} it all{but}: to use these segments in "
            f"another system, retype {'it' if branches == 1 else 'them'}."
        )
    return (
        f"{told} put only {fidelity:.1%} of the {units} into their segment: take segments from the "
        "published table, and rules as a description."
    )


def stake_sentence(
    horizon: int | None, expected: float | None, at_risk: float | None, active: float | None
) -> str:
    """Return what a segment is expected to bring; empty where nothing is forecast.

    Parameters
    ----------
    horizon : int or None
        Days looked ahead.
    expected, at_risk : float or None
        Spend expected, and what would come on top if nobody had left.
    active : float or None
        Share that has not left, as far as is known.
    """
    if any(pd.isna(one) for one in (horizon, expected, at_risk, active)):
        return ""
    told = f"{expected:,.0f} expected in the next {horizon:.0f} days"
    if at_risk < expected / 100:
        return f"{told}."
    return (
        f"{told}, {expected + at_risk:,.0f} if none of them had left; {percent(active)} are likely "
        "still customers."
    )


def listed(published: Published) -> list[dict]:
    """Return the segments by value, one mapping each.

    Raises
    ------
    CommandError
        If their tables are not published.
    """
    for table in ("segments", "segment_rules", "segment_suggestions"):
        published.columns(table)
    rows = published.frame(QUERY).astype(object)
    records = rows.where(rows.notna(), None).to_dict("records")
    worked = tried(published)
    for record in records:
        for name, kind in FIGURES.items():
            record[name] = None if record[name] is None else kind(record[name])
        record["tried"] = worked.get(record["kind"])
    return records


def text_of(published: Published, segments: list[dict]) -> str:
    """Return the segments for reading."""
    lines = [f"{published.segmentation} segments, by value"]
    for one in segments:
        worth = "" if one["revenue_share"] is None else f", {one['revenue_share']:.1%} of revenue"
        lines += [
            "",
            f"{one['segment_id']}  {one['segment_name']}",
            f"   {one['units']:,} {published.units} ({one['share']:.1%}){worth}",
            *_said("what", one["description"]),
            *_said("who", one["rule"]),
            *_said("do", one["suggestion"]),
            *_said("aim", one["aims_at"]),
            *_said("check", one["success"]),
            *_said("stake", stake_sentence(*(one[name] for name in STAKES))),
            *_said("tried", one["tried"]),
            *_said("name", one["name_objection"]),
        ]
    if any(one["rule"] for one in segments):
        lines += ["", wrapped(_sentence(published, segments), others="")]
    return "\n".join(lines)


def sql_of(published: Published, segments: list[dict]) -> str:
    """Return the rules as one SQL statement over the features, the most precise first."""
    ordered = sorted(
        (one for one in segments if one["rule_sql"]),
        key=lambda one: (-(one["rule_precision"] or 0), one["segment_id"]),
    )
    cases = "\n".join(f"        when {one['rule_sql']} then {one['segment_id']}" for one in ordered)
    names = "\n".join(f"-- {one['segment_id']} = {one['segment_name']}" for one in segments)
    return (
        f"-- {_sentence(published, segments)}\n{names}\nselect\n    {published.key},\n"
        f"    case\n{cases}\n    end as segment_id\nfrom {published.features}"
    )


def _sentence(published: Published, segments: list[dict]) -> str:
    known = [one for one in segments if one["rule"]]
    if not known:
        return "This model was fitted before there were rules: the next fit makes them."
    branches = sum(int(one["branches"]) for one in known)
    return rules_sentence(branches, float(known[0]["fidelity"]), published.units)


def _said(word: str, text: str | None) -> list[str]:
    if not text:
        return []
    return [wrapped(text, f"   {word:<6}", " " * 9)]


PARAMETERS = [
    Option(["--as", "form"], type=Choice(FORMATS), default="text", help="How it is written."),
    Option(["--json", "form"], flag_value="json", help="As --as json."),
    *PUBLISHED,
]


def run(arguments: Arguments) -> int:
    """Print the segments."""
    with served.open_published(arguments.serving, arguments.segmentation) as published:
        segments = listed(published)
        if arguments.form == "json":
            for one in segments:
                one["rule_json"] = json.loads(one["rule_json"]) if one["rule_json"] else None
        text = (sql_of if arguments.form == "sql" else text_of)(published, segments)
    tell(text, segments, arguments.form == "json")
    return 0
