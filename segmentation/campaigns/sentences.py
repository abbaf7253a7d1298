"""What a campaign was worth, in plain words."""

from dataclasses import dataclass
from math import ceil

from segmentation.campaigns.lift import Lift

RUNNING, COMPLETE, CLOSED = "running", "complete", "closed"
EARLY, MORE, LESS, NONE, UNKNOWN = "early", "more", "less", "none", "unknown"


@dataclass(frozen=True)
class Result:
    """What was measured of a campaign.

    Attributes
    ----------
    status : str
        `RUNNING`, `COMPLETE` (the horizon is over) or `CLOSED` (ended before).
    days, horizon_days : int
        Days counted, and those there will be.
    treated : int
    buying, orders, spend : Lift or None
        None before the first day.
    """

    status: str
    days: int
    horizon_days: int
    treated: int
    buying: Lift | None = None
    orders: Lift | None = None
    spend: Lift | None = None

    @property
    def verdict(self) -> str:
        """`MORE` or `LESS` buy than chance explains, `NONE`, `UNKNOWN` or, so far, `EARLY`."""
        if self.buying is not None and self.buying.low > 0:
            return MORE
        if self.buying is not None and self.buying.high < 0:
            return LESS
        if self.status == RUNNING:
            return EARLY
        is_known = self.buying is not None and self.buying.low == self.buying.low
        return NONE if is_known else UNKNOWN


def sentence(result: Result) -> str:
    """Return one or two sentences; figures are of buying, orders and revenue of the treated."""
    counted = f"{result.days} of {result.horizon_days} days are counted"
    verdict, buying = result.verdict, result.buying
    if verdict == UNKNOWN:
        return f"Nothing can be said: {counted}, and too few bought to compare."
    if verdict == EARLY:
        return f"Too early to say: {counted}."
    so_far = "" if result.status == COMPLETE else f" So far: {counted}."
    if verdict == NONE:
        largest = ceil(max(-buying.low, buying.high) * 1000 - 1e-9) / 10
        return f"No effect seen; one of {largest:g} points or more is unlikely.{so_far}"
    points = f"{_points(buying.difference)} points ({_range(buying)})"
    orders = _total(result.orders.difference * result.treated, "more orders", "fewer orders")
    revenue = _total(
        result.spend.difference * result.treated, "in revenue", "less revenue"
    ).removeprefix("about ")
    return f"{points}: {orders}, {revenue}.{so_far}"


def _points(share: float) -> str:
    return f"{share * 100:+.1f}".replace("-", "−")


def _range(lift: Lift) -> str:
    low, high = lift.low * 100, lift.high * 100
    return f"{low:.1f} to {high:.1f}".replace("-", "−")


def _total(value: float, more: str, fewer: str) -> str:
    rounded = round(abs(value))
    return f"about {rounded:,} {more if value >= 0 else fewer}"
