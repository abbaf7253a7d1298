"""What every campaign did so far: sums by group and stratum in the engine, then figures."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from segmentation.campaigns.lift import Lift, Sums, lift_of
from segmentation.campaigns.sentences import CLOSED, COMPLETE, RUNNING, Result, sentence
from segmentation.campaigns.store import Campaign, Store, attached

PRIOR_DAYS = 365
"""How far the time before the start reaches that takes chance away."""
MEASURES = {
    "buying": ("bought", "prior_orders"),
    "orders": ("orders", "prior_orders"),
    "spend": ("spend", "prior_spend"),
}
"""By measure: the outcome, and what it is adjusted by."""
# An order counts if something of it is kept, as in `horizon_outcomes`. Who left counts with zero.
OUTCOMES = """
    with members as (
        select
            assignments.campaign, assignments.customer_id, assignments.stratum,
            assignments.is_control, campaigns.starts_on,
            least(
                campaigns.starts_on + cast(campaigns.horizon_days as integer) - 1,
                date '{day}', coalesce(campaigns.closed_on, date '{day}')
            ) as measured_to
        from {schema}.assignments as assignments
        inner join {schema}.campaigns as campaigns using (campaign)
    ),
    orders as (
        select
            cast(customer_id as varchar) as customer_id, order_id,
            min(cast(ordered_at as date)) as ordered_on, sum(sale_price) as spend
        from order_items
        where is_kept
        group by all
    ),
    outcomes as (
        select
            members.campaign, members.customer_id, members.stratum, members.is_control,
            count(*) filter (orders.ordered_on between starts_on and measured_to) as orders,
            coalesce(sum(orders.spend) filter (
                orders.ordered_on between starts_on and measured_to
            ), 0) as spend,
            count(*) filter (
                orders.ordered_on >= starts_on - {prior} and orders.ordered_on < starts_on
            ) as prior_orders,
            coalesce(sum(orders.spend) filter (
                orders.ordered_on >= starts_on - {prior} and orders.ordered_on < starts_on
            ), 0) as prior_spend
        from members
        left join orders using (customer_id)
        group by all
    ),
    flagged as (
        select *, least(orders, 1) as bought from outcomes
    )
    select
        campaign, stratum, is_control, count(*) as n, {sums}
    from flagged
    group by all
    order by all
"""


def results_of(
    session: Any, order_items: Any, day: date, path: Path
) -> Iterator[tuple[Campaign, Result]]:
    """Give every campaign with its result.

    Parameters
    ----------
    session : DuckDBPyConnection
    order_items : DuckDBPyRelation
        Of that session: customer_id, order_id, ordered_at, sale_price, is_kept.
    day : date
        Last day whose orders are known.
    path : Path
        The file of campaigns.
    """
    campaigns = Store(path).campaigns()
    if not campaigns:
        return
    with attached(session, path) as schema:
        query = OUTCOMES.format(schema=schema, day=day, prior=PRIOR_DAYS, sums=_sums())
        frame = order_items.query("order_items", query).df()
    for campaign in campaigns:
        yield campaign, _result(campaign, frame[frame["campaign"] == campaign.campaign], day)


def _sums() -> str:
    columns = dict.fromkeys(one for pair in MEASURES.values() for one in pair)
    single = [f"sum({one}) as {one}, sum({one} * {one}) as {one}_2" for one in columns]
    return ", ".join(single + [f"sum({y} * {x}) as {y}_{x}" for y, x in MEASURES.values()])


def measured_to(campaign: Campaign, day: date) -> date:
    """Return the last day of a campaign that is counted, before its start if none is."""
    last = campaign.starts_on + timedelta(days=campaign.horizon_days - 1)
    return min(last, day, campaign.closed_on or day)


def _result(campaign: Campaign, cells: pd.DataFrame, day: date) -> Result:
    until = measured_to(campaign, day)
    days = max(0, (until - campaign.starts_on).days + 1)
    is_over = days >= campaign.horizon_days
    status = COMPLETE if is_over else CLOSED if campaign.closed_on else RUNNING
    groups = cells.groupby("is_control")["n"].sum()
    treated = int(groups.get(False, 0))
    told = (status, days, campaign.horizon_days, treated)
    if not days or len(groups) < 2:
        return Result(*told)
    elapsed = days / campaign.horizon_days
    return Result(*told, *(lift_of(_cells(cells, *pair), elapsed) for pair in MEASURES.values()))


def _cells(cells: pd.DataFrame, y: str, x: str) -> Sums:
    wide = cells.assign(row=1 - cells["is_control"].astype(int)).pivot(
        index="row", columns="stratum"
    )

    def of(name: str) -> np.ndarray:
        return wide[name].to_numpy(float, na_value=0.0)

    control, treated = of("bought").sum(axis=1)
    columns = ("n", y, x, f"{y}_2", f"{x}_2", f"{y}_{x}")
    return Sums(*map(of, columns), buyers=(int(control), int(treated)))


def rows_of(campaign: Campaign, result: Result, day: date) -> list[dict[str, Any]]:
    """Return a campaign's rows of ``campaign_results``, one per measure."""
    until = measured_to(campaign, day)
    shared = {
        "campaign": campaign.campaign,
        "segment_id": campaign.segment_id,
        "segment_name": campaign.segment_name,
        "kind": campaign.kind,
        "starts_on": campaign.starts_on,
        "horizon_days": campaign.horizon_days,
        "measured_to": until if result.days else None,
        "days": result.days,
        "status": result.status,
        "treated": campaign.treated,
        "controls": campaign.controls,
        "verdict": result.verdict,
        "sentence": sentence(result),
    }
    return [shared | {"measure": name} | _figures(result, name) for name in MEASURES]


def _figures(result: Result, measure: str) -> dict[str, float | None]:
    lift: Lift | None = getattr(result, measure)
    if lift is None:
        return {}
    told = asdict(lift)
    told |= {
        f"total{end}": told[name] * result.treated
        for end, name in (("", "difference"), ("_low", "low"), ("_high", "high"))
    }
    return {name: None if value != value else value for name, value in told.items()}
