"""What a campaign of a size can show, said before it is sent."""

from collections.abc import Callable
from math import sqrt

from scipy.optimize import brentq
from scipy.stats import norm

from segmentation.campaigns.allocation import PARTS
from segmentation.campaigns.lift import FEW

POWER, ALPHA = 0.8, 0.05
UNKNOWN_RATE = 0.5
"""Of buying, where nothing is forecast: there a difference is the hardest to see."""
REALISTIC = 0.5
"""By how much of itself a sending may raise buying, at the very most."""


def smallest_difference(treated: int, controls: int, rate: float) -> float | None:
    """Return the rise in buying that such groups show four times out of five.

    First the smallest difference whose interval will leave out 0 (two proportions, two-sided at
    5 %, with the variances that `lift_of` takes), then the true one that is measured above it in
    80 % (Fleiss, Levin & Paik 2003, §4.3, without correction for continuity).

    Parameters
    ----------
    treated, controls : int
    rate : float
        Share of controls expected to buy, in [0, 1).

    Returns
    -------
    float or None
        A difference of shares; None if even all of the treated would not do.
    """

    def apart(difference: float) -> float:
        raised = rate + difference
        return sqrt(rate * (1 - rate) / controls + raised * (1 - raised) / treated)

    def measured(difference: float) -> float:
        if rate * controls >= FEW:
            return apart(difference)
        raised = rate + difference
        both = rate * (1 - rate) * controls + raised * (1 - raised) * treated
        return sqrt(both / (controls + treated) * (1 / controls + 1 / treated))

    edge = _root(lambda found: found - norm.ppf(1 - ALPHA / 2) * measured(found), 1 - rate)
    if edge is None:
        return None
    return _root(lambda found: found - edge - norm.ppf(POWER) * apart(found), 1 - rate)


def _root(function: Callable[[float], float], largest: float) -> float | None:
    least = 1e-6
    if function(largest) <= 0:
        return None
    return least if function(least) >= 0 else float(brentq(function, least, largest, xtol=1e-9))


def share_to_detect(customers: int, difference: float, rate: float) -> int | None:
    """Return the smallest share of controls, in parts of `PARTS`, that shows a difference.

    Whole per cents up to half; None if half is too few.
    """
    for percent in range(1, 51):
        controls = customers * percent // 100
        if controls < 1:
            continue
        found = smallest_difference(customers - controls, controls, rate)
        if found is not None and found <= difference:
            return percent * PARTS // 100
    return None


def told(treated: int, controls: int, rate: float, is_forecast: bool) -> list[str]:
    """Return what groups of this size can show, and a warning where it is next to nothing."""
    found = smallest_difference(treated, controls, rate)
    basis = (
        f"where {_percent(rate)} are expected to buy"
        if is_forecast
        else "whatever share would buy anyway: none is forecast, so half is taken"
    )
    size = f"With {treated:,} customers and {controls:,} controls"
    if found is None:
        return [f"{size} no difference in buying can be seen, {basis}.", _WARNING]
    lines = [
        f"{size} a difference in buying of {found * 100:.1f} points or more will be seen four "
        f"times out of five, {basis}."
    ]
    return lines + [_WARNING] * (found > REALISTIC * rate)


def _percent(rate: float) -> str:
    return f"{rate:.1%}" if rate >= 0.001 else "fewer than 0.1%"


_WARNING = (
    "Warning: sendings seldom raise buying by half, and less than that would hardly be seen here. "
    "Take more customers, more controls or a longer horizon."
)
