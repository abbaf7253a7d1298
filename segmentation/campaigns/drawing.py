"""The draw of a campaign's groups: begun once, written down, and the same for ever."""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from click import DateTime, IntRange, Option

from segmentation.campaigns import power
from segmentation.campaigns.allocation import PARTS, allocate, strata_of
from segmentation.campaigns.store import ASSIGNMENTS, Campaign, Store, checked_name
from segmentation.cli.options import Arguments, warehouse
from segmentation.published.served import CommandError, Published, Segment

HORIZON = 30
"""Days that are counted, if nobody says how many."""
LEAST = 10
"""Customers of a group: figures of fewer would be those of persons, and show nothing."""
KEY = "customer_id"
"""Campaigns are measured by orders, which have this key."""


@dataclass(frozen=True)
class Plan:
    """What is asked of a campaign.

    Attributes
    ----------
    name : str
    parts : int or None
        Share of controls in parts of `PARTS`.
    detect : float or None
        The difference in buying that is to be seen, as a share, where no share of controls is set.
    horizon : int
    starts_on : date or None
        None is the day after the data end.
    """

    name: str
    parts: int | None
    detect: float | None
    horizon: int
    starts_on: date | None


PARAMETERS = [
    Option(["--campaign"], metavar="NAME", help="Leave some out by lot, and measure."),
    Option(["--control"], metavar="SHARE", help="How many are left out: 20%."),
    Option(["--detect"], metavar="POINTS", help="Or so many that this difference is seen."),
    Option(
        ["--horizon"],
        type=IntRange(1, 3650),
        metavar="DAYS",
        help=f"Days to count.  [default: {HORIZON}]",
    ),
    Option(
        ["--starts"],
        type=DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="First day to count.  [default: the day after the data]",
    ),
    warehouse("Campaigns lie beside it."),
]
"""What can be asked of a campaign."""


def plan_of(arguments: Arguments) -> Plan | None:
    """Return what the options ask of a campaign, None if there is none.

    Raises
    ------
    CommandError
        If they contradict each other or are no share, number or date.
    """
    told = (arguments.control, arguments.detect, arguments.horizon, arguments.starts)
    if arguments.campaign is None:
        if any(one is not None for one in told):
            raise CommandError("--control, --detect, --horizon and --starts are of a --campaign.")
        return None
    if arguments.control and arguments.detect:
        raise CommandError("--control says how many are left out, --detect asks: give one of them.")
    return Plan(
        checked_name(arguments.campaign),
        _share(arguments.control) if arguments.control else None,
        _points(arguments.detect) if arguments.detect else None,
        arguments.horizon or HORIZON,
        arguments.starts.date() if arguments.starts else None,
    )


def _share(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text.strip())
    share = float(found[1]) / 100 if found else _number(text, "--control", "20%")
    if not 0.01 <= share <= 0.9:
        raise CommandError(f"--control {text} is not between 1% and 90%.")
    return round(share * PARTS)


def _points(text: str) -> float:
    number = re.sub(r"\s*(%|points?)\s*$", "", text.strip())
    points = _number(number, "--detect", "5 points")
    if not 0.1 <= points <= 100:
        raise CommandError(f"--detect {text} is not between 0.1 and 100 points.")
    return points / 100


def _number(text: str, option: str, example: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CommandError(f"{option} {text} is no number: write it as {example}.") from None


@dataclass
class Draw:
    """A draw that is about to be made, or was.

    Attributes
    ----------
    published : Published
    segment : Segment or None
    plan : Plan
    store : Store
    known : Campaign or None
        The campaign, where it was drawn before.
    treated_ids : tuple of str
        Who gets it, of a campaign that was drawn before.
    counts : dict
        For the manifest.
    lines : list of str
        What to tell.
    """

    published: Published
    segment: Segment | None
    plan: Plan
    store: Store
    known: Campaign | None = None
    treated_ids: tuple[str, ...] = ()
    counts: dict = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def is_repeated(self) -> bool:
        """Whether the groups were drawn before."""
        return self.known is not None

    def of(self, table: pa.Table) -> pa.Table:
        """Return those who get it, the key first; write down who does not, if that is new."""
        if self.known is None:
            campaign, drawn = self._drawn(table)
            self.store.add(campaign, drawn)
            table = table.filter(pa.array(~drawn.column("is_control").to_numpy()))
            self.known = campaign
        else:
            self.lines = [
                f"Campaign {self.known.campaign} was drawn before: its groups are as they were."
            ]
        self.counts = {
            "campaign": self.known.campaign,
            "starts_on": self.known.starts_on,
            "horizon_days": self.known.horizon_days,
            "treated": self.known.treated,
            "controls": self.known.controls,
        }
        return table

    def _drawn(self, table: pa.Table) -> tuple[Campaign, pa.Table]:
        keys = table.column(0).to_pylist()
        ids = [str(one) for one in keys]
        rate, is_forecast = _expected_rate(self.published, ids, self.plan.horizon)
        parts = self.plan.parts or self._parts_to_detect(len(ids), rate)
        strata = strata_of(*_segments_and_values(self.published, ids), ids, parts)
        is_control = allocate(self.plan.name, ids, strata, parts)
        controls = int(is_control.sum())
        treated = len(ids) - controls
        if min(controls, treated) < LEAST:
            raise CommandError(
                f"{len(ids):,} customers give {treated:,} who get it and {controls:,} controls; "
                f"each group needs {LEAST}: take more customers or another --control."
            )
        starts_on = self._starts_on()
        self.lines = [
            f"Campaign {self.plan.name}: {treated:,} get it, {controls:,} do not. Orders count for "
            f"{self.plan.horizon} days from {starts_on}.",
            *power.told(treated, controls, rate, is_forecast),
        ]
        campaign = Campaign(
            self.plan.name,
            self.segment and self.segment.segment_id,
            self.segment and self.segment.name,
            _kind(self.published, self.segment),
            self.published.model_version(),
            starts_on,
            self.plan.horizon,
            parts,
            treated,
            controls,
        )
        columns = [[self.plan.name] * len(ids), ids, strata.tolist(), is_control.tolist()]
        return campaign, pa.table(dict(zip(ASSIGNMENTS.names, columns, strict=True)), ASSIGNMENTS)

    def _parts_to_detect(self, customers: int, rate: float) -> int:
        parts = power.share_to_detect(customers, self.plan.detect, rate)
        if parts is None:
            half = power.smallest_difference(customers - customers // 2, customers // 2, rate)
            seen = "none is" if half is None else f"{half * 100:.1f} points or more are"
            raise CommandError(
                f"A difference of {self.plan.detect * 100:g} points cannot be seen with "
                f"{customers:,} customers, even if half are controls: then {seen}. Take more "
                "customers or a longer --horizon."
            )
        return parts

    def _starts_on(self) -> date:
        after = self.published.as_of_date + timedelta(days=1)
        asked = self.plan.starts_on or after
        if asked < after:
            raise CommandError(
                f"--starts {asked} is no later than the data, which end on "
                f"{self.published.as_of_date}: what has happened is no effect of a campaign."
            )
        return asked


def begin(
    plan: Plan | None, published: Published, segment: Segment | None, store: Store, selects: bool
) -> Draw | None:
    """Return the draw that a plan asks for, None without a plan.

    Parameters
    ----------
    plan : Plan or None
    published : Published
    segment : Segment or None
    store : Store
    selects : bool
        Whether the command says who is to be drawn from.

    Raises
    ------
    CommandError
        If the units are no customers of the shop, or the plan does not say what it must, or says
        anew what was drawn before.
    """
    if plan is None:
        return None
    if published.segmentation != "customer":
        raise CommandError(
            f"A campaign is measured by the orders of customers, and {published.segmentation} are "
            "none: choose --segmentation customer."
        )
    known = store.find(plan.name)
    if known is None:
        if not selects:
            raise CommandError(
                f"There is no campaign {plan.name} yet: say whom with --segment, --rule or --list."
            )
        if plan.parts is None and plan.detect is None:
            raise CommandError("Say how many are left out by lot: --control 20% or --detect 5.")
        return Draw(published, segment, plan, store)
    if selects or plan.parts or plan.detect:
        raise CommandError(
            f"Campaign {plan.name} was drawn already: to write its file again give its name alone, "
            "for a new draw another name."
        )
    drawn = store.assignments(plan.name)
    treated = drawn.filter(pa.array(~drawn.column("is_control").to_numpy(zero_copy_only=False)))
    ids = tuple(treated.column("customer_id").to_pylist())
    return Draw(published, segment, plan, store, known, ids)


def _kind(published: Published, segment: Segment | None) -> str | None:
    if segment is None or not published.has("segment_suggestions"):
        return None
    rows = published.rows(
        "select kind from segment_suggestions where segment_id = ?", [segment.segment_id]
    )
    return rows[0][0] if rows else None


def _expected_rate(published: Published, ids: list[str], horizon: int) -> tuple[float, bool]:
    """Return the share expected to buy within the horizon, and whether a forecast says so."""
    if published.has("customer_value_forecast"):
        ((rate,),) = published.rows(
            f"""
            select avg(1 - exp(-expected_orders * $horizon / horizon_days))
            from customer_value_forecast
            where cast({KEY} as varchar) in (select unnest($ids))
            """,
            {"horizon": horizon, "ids": ids},
        )
        if rate is not None and 0 < rate < 1:
            return float(rate), True
    return power.UNKNOWN_RATE, False


def _segments_and_values(published: Published, ids: list[str]) -> tuple[list[int], np.ndarray]:
    """Return segment and spend so far of each customer."""
    has_spend = "total_spend" in published.columns(published.features)
    value = "cast(features.total_spend as double)" if has_spend else "0e0"
    rows = published.rows(
        f"""
        select cast(members.{KEY} as varchar), members.segment_id, {value}
        from {published.members} as members
        inner join {published.features} as features using ({KEY})
        where cast(members.{KEY} as varchar) in (select unnest($ids))
        """,
        {"ids": ids},
    )
    known = {one: rest for one, *rest in rows}
    values = np.array([known[one][1] for one in ids], dtype=float)
    return [known[one][0] for one in ids], values
