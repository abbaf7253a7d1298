"""What a campaign changed: the difference between treated and controls, with an interval.

Computed from sums by stratum and group, so that no row of a customer leaves the engine.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.stats import norm, t

LEVEL = 0.95
LOOKS = 0.01
"""Chance of a false alarm in all looks before the horizon together."""
FEW, TOO_FEW = 25, 5
"""With fewer than `FEW` buyers in a group, its own variance is not known: that of all is taken.
With fewer than `TOO_FEW` in both together, that is not known either."""


@dataclass(frozen=True)
class Sums:
    """Sums of an outcome y and of a covariate x from before the start.

    Attributes
    ----------
    n, y, x, yy, xx, xy : ndarray of float, shape (2, strata)
        Row 0 are the controls, row 1 the treated.
    buyers : tuple of int
        Controls and treated who bought.
    """

    n: np.ndarray
    y: np.ndarray
    x: np.ndarray
    yy: np.ndarray
    xx: np.ndarray
    xy: np.ndarray
    buyers: tuple[int, int]

    @classmethod
    def of(cls, y: np.ndarray, x: np.ndarray, strata: np.ndarray, is_control: np.ndarray) -> "Sums":
        """Add up one value per customer."""
        _, places = np.unique(strata, return_inverse=True)
        shape = (2, int(places.max()) + 1)
        cells = np.ravel_multi_index((1 - is_control.astype(int), places), shape)

        def added(values: np.ndarray) -> np.ndarray:
            size = shape[0] * shape[1]
            return np.bincount(cells, values, minlength=size).reshape(shape)

        parts = (np.ones(len(y)), y, x, y * y, x * x, x * y)
        bought = (int((y[is_control] > 0).sum()), int((y[~is_control] > 0).sum()))
        return cls(*map(added, parts), buyers=bought)


@dataclass(frozen=True)
class Lift:
    """The effect on one measure, per customer.

    Attributes
    ----------
    treated_mean, control_mean : float
        As they are, not adjusted.
    difference, low, high : float
        Adjusted by stratum and by the time before the start.
    variance_saved : float
        Share of the variance that the time before took away, in [0, 1].
    """

    treated_mean: float
    control_mean: float
    difference: float
    low: float
    high: float
    variance_saved: float


def lift_of(sums: Sums, elapsed: float = 1.0) -> Lift:
    """Return the effect with its interval.

    The mean of the strata's differences, weighted by their customers, as they were drawn. The
    covariate takes away what was so before (CUPED, Deng et al. 2013), with one slope for all. The
    variance is that within strata, of each group apart (Welch).

    Before the horizon the interval is wider: all looks on the way together have a chance of
    `LOOKS` of a false alarm (O'Brien & Fleming 1979 in continuous time). At the horizon there is
    one look, at 95 %.

    Parameters
    ----------
    sums : Sums
    elapsed : float
        Share of the horizon that is counted, in (0, 1].

    Returns
    -------
    Lift
        The interval is NaN where fewer than `TOO_FEW` bought, or no stratum has two of each group.
    """
    n, y = sums.n.sum(axis=1), sums.y.sum(axis=1)
    control_mean, treated_mean = y / n
    both = (sums.n > 0).all(axis=0)
    within = _Within.of(sums, both)
    slope = within.slope()
    difference = within.difference(slope)
    variance, freedom = within.variance(slope, sums.buyers)
    plain, _ = within.variance(0.0, sums.buyers)
    half = _reach(elapsed, freedom) * sqrt(variance)
    return Lift(
        float(treated_mean),
        float(control_mean),
        difference,
        difference - half,
        difference + half,
        max(0.0, 1 - variance / plain) if plain > 0 else 0.0,
    )


def _reach(elapsed: float, freedom: float) -> float:
    """Return the half-width of an interval in standard errors."""
    if freedom != freedom or freedom <= 0:
        return float("nan")
    last = norm.ppf((1 + LEVEL) / 2)
    # The chance that a Brownian motion leaves ±b before its end is below twice that at its end.
    reach = last if elapsed >= 1 else norm.ppf(1 - LOOKS / 4) / sqrt(elapsed)
    return float(t.ppf((1 + LEVEL) / 2, freedom) / last * reach)


@dataclass(frozen=True)
class _Within:
    """Deviations from the means of group and stratum, of strata with both groups."""

    n: np.ndarray
    y: np.ndarray
    x: np.ndarray
    yy: np.ndarray
    xx: np.ndarray
    xy: np.ndarray

    @classmethod
    def of(cls, sums: Sums, both: np.ndarray) -> "_Within":
        n, y, x = sums.n[:, both], sums.y[:, both], sums.x[:, both]
        return cls(
            n,
            y / n,
            x / n,
            (sums.yy[:, both] - y * y / n).sum(axis=1),
            (sums.xx[:, both] - x * x / n).sum(axis=1),
            (sums.xy[:, both] - x * y / n).sum(axis=1),
        )

    @property
    def weights(self) -> np.ndarray:
        total = self.n.sum(axis=0)
        return total / total.sum() if total.size else total

    def slope(self) -> float:
        spread = self.xx.sum()
        return float(self.xy.sum() / spread) if spread > 1e-9 else 0.0

    def difference(self, slope: float) -> float:
        if not self.n.size:
            return float("nan")
        adjusted = self.y - slope * self.x
        return float(self.weights @ (adjusted[1] - adjusted[0]))

    def variance(self, slope: float, buyers: tuple[int, int]) -> tuple[float, float]:
        """Return the variance of the difference, and its degrees of freedom (Satterthwaite)."""
        freedom = (self.n - 1).sum(axis=1)
        left = np.maximum(self.yy - 2 * slope * self.xy + slope**2 * self.xx, 0)
        if not freedom.all() or sum(buyers) < TOO_FEW:
            return float("nan"), float("nan")
        if min(buyers) < FEW:
            spread = np.full(2, left.sum() / freedom.sum())
            freedom = np.full(2, freedom.sum() / 2)
        else:
            spread = left / freedom
        parts = spread * (self.weights**2 / self.n).sum(axis=1)
        squared = (parts**2 / freedom).sum()
        return float(parts.sum()), float(parts.sum() ** 2 / squared) if squared else float("inf")
