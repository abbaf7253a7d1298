"""How right is what campaigns are said to be worth: coverage, false alarms, power, CUPED's gain.

Shops are made up: customers buy at rates of their own that do not change (gamma), some have left,
order values are log-normal and go with the rates. Groups are drawn as ``segmentation audience``
draws them, and measured as a build measures them, on every day on the way and at the horizon.

    python -m benchmarks.lift --seeds 200
    python -m benchmarks.lift --warehouse FILE --draws 800

The second draws groups of the customers of a built shop again and again, and measures its last
month, in which nobody was sent anything.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np

from segmentation.campaigns.allocation import allocate, strata_of
from segmentation.campaigns.lift import Lift, Sums, lift_of
from segmentation.campaigns.power import smallest_difference

CUSTOMERS, PARTS = 4000, 2000
HORIZON, PRIOR, LOOKS = 30, 365, range(3, 31, 3)
MEASURES = ("buying", "orders", "spend")
LEFT = 0.3
"""Share of customers who had left before the start."""


@dataclass(frozen=True)
class Shop:
    """Orders of a shop before and after the start of a campaign.

    Attributes
    ----------
    days, owners : ndarray of int
        Day of an order from the start, negative before it, and whose it is.
    values : ndarray of float
    is_control : ndarray of bool
    strata : ndarray of int
    """

    days: np.ndarray
    owners: np.ndarray
    values: np.ndarray
    is_control: np.ndarray
    strata: np.ndarray

    def lifts(self, day: int) -> dict[str, Lift]:
        """Measure as a build does that knows the orders of so many days."""
        return {
            name: lift_of(Sums.of(y, x, self.strata, self.is_control), day / HORIZON)
            for name, (y, x) in self._outcomes(day).items()
        }

    def plain_lifts(self) -> dict[str, Lift]:
        """Measure at the horizon without strata and without the year before."""
        nothing = np.zeros(len(self.strata))
        return {
            name: lift_of(Sums.of(y, nothing, nothing, self.is_control))
            for name, (y, _) in self._outcomes(HORIZON).items()
        }

    def _outcomes(self, day: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        orders, spend = self._counted((self.days >= 0) & (self.days < day))
        prior_orders, prior_spend = self._counted((self.days < 0) & (self.days >= -PRIOR))
        return {
            "buying": (np.minimum(orders, 1), prior_orders),
            "orders": (orders, prior_orders),
            "spend": (spend, prior_spend),
        }

    def _counted(self, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        size, owners = len(self.strata), self.owners[chosen]
        counts = np.bincount(owners, minlength=size).astype(float)
        return counts, np.bincount(owners, self.values[chosen], minlength=size)


def made_up(seed: int, raised: float = 0.0, alike: bool = False) -> Shop:
    """Make up a shop and a campaign in it.

    Parameters
    ----------
    seed : int
    raised : float
        Share of the treated who buy once more within the horizon because of the campaign.
    alike : bool
        Whether all customers have one rate, so that nothing before the start tells of after it.
    """
    draw = np.random.default_rng(seed)
    ids = [str(one) for one in draw.permutation(CUSTOMERS)]
    rates = np.full(CUSTOMERS, 1 / 120) if alike else draw.gamma(0.8, 1 / 60, CUSTOMERS)
    is_gone = np.zeros(CUSTOMERS, bool) if alike else draw.random(CUSTOMERS) < LEFT
    typical = np.exp(draw.normal(3.4, 0.4, CUSTOMERS)) * (1 + 20 * rates)
    before = draw.poisson(rates * PRIOR)
    after = draw.poisson(rates * HORIZON * ~is_gone)
    owners = np.repeat(np.tile(np.arange(CUSTOMERS), 2), np.r_[before, after])
    days = np.r_[-1 - draw.integers(0, PRIOR, before.sum()), draw.integers(0, HORIZON, after.sum())]
    values = typical[owners] * np.exp(draw.normal(0, 0.5, len(owners)))
    spend = np.bincount(owners[days < 0], values[days < 0], minlength=CUSTOMERS)
    segments = 1 + (before > 1) + (before > 4)
    strata = strata_of(segments, spend, ids, PARTS)
    is_control = allocate(f"seed{seed}", ids, strata, PARTS)
    more = np.flatnonzero(~is_control & (draw.random(CUSTOMERS) < raised))
    return Shop(
        np.r_[days, draw.integers(0, HORIZON, len(more))],
        np.r_[owners, more],
        np.r_[values, typical[more]],
        is_control,
        strata,
    )


def without_effect(seeds: range) -> dict[str, dict[str, float]]:
    """Return, by what is asked and measure, figures of campaigns that do nothing."""
    asked = (
        "95 % intervals at the horizon that hold the truth",
        f"false alarms in {len(LOOKS)} looks together",
        "variance that the year before saves within strata",
        "variance that it and the strata save together",
    )
    found = {title: {name: [] for name in MEASURES} for title in asked}
    for seed in seeds:
        shop = made_up(seed)
        looks, plain = [shop.lifts(day) for day in LOOKS], shop.plain_lifts()
        for name in MEASURES:
            last, wide = looks[-1][name], plain[name]
            told = (
                last.low <= 0 <= last.high,
                any(not one[name].low <= 0 <= one[name].high for one in looks),
                last.variance_saved,
                1 - ((last.high - last.low) / (wide.high - wide.low)) ** 2,
            )
            for title, value in zip(asked, told, strict=True):
                found[title][name].append(value)
    return {
        title: {name: float(np.mean(values)) for name, values in row.items()}
        for title, row in found.items()
    }


def planted(seeds: range) -> Iterator[tuple[float, bool, bool]]:
    """Give, by seed, the effect planted, whether it was found, and whether the interval holds it.

    Nothing before the start tells of after it there, so that power is what was said.
    """
    rate = 1 - np.exp(-HORIZON / 120)
    treated = CUSTOMERS - CUSTOMERS * PARTS // 10_000
    effect = smallest_difference(treated, CUSTOMERS - treated, rate)
    for seed in seeds:
        found = made_up(seed, effect / (1 - rate), alike=True).lifts(HORIZON)["buying"]
        yield effect, found.low > 0, found.low <= effect <= found.high


def built(warehouse: Path) -> tuple[Shop, list[str]]:
    """Return the shop of a warehouse as of a month before its last day, and its customers."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        orders = connection.execute(
            f"""
            select
                cast(customer_id as varchar), order_id, sum(cast(sale_price as double)),
                date_diff('day', max(as_of_date), min(cast(ordered_at as date))) + {HORIZON - 1}
            from order_items_counted cross join as_of
            where is_kept
            group by customer_id, order_id
            order by order_id
            """
        ).fetchall()
    ids = sorted({owner for owner, *_, day in orders if day < 0})
    places = {one: place for place, one in enumerate(ids)}
    known = [(places[owner], value, day) for owner, _, value, day in orders if owner in places]
    owners, values, days = (np.array(column) for column in zip(*known, strict=True))
    before = days < 0
    counts = np.bincount(owners[before], minlength=len(ids))
    spend = np.bincount(owners[before], values[before], minlength=len(ids))
    strata = strata_of(1 + (counts > 1) + (counts > 4), spend, ids, PARTS)
    return Shop(days, owners, values, np.zeros(len(ids), bool), strata), ids


def drawn_again(warehouse: Path, draws: int) -> None:
    """Print how many intervals of groups drawn from a built shop hold that nothing was done."""
    shop, ids = built(warehouse)
    covered: dict[str, list[bool]] = {name: [] for name in MEASURES}
    for number in range(draws):
        is_control = allocate(f"draw{number}", ids, shop.strata, PARTS)
        for name, one in replace(shop, is_control=is_control).lifts(HORIZON).items():
            covered[name].append(one.low <= 0 <= one.high)
    told = ", ".join(f"{name} {np.mean(held):.1%}" for name, held in covered.items())
    print(f"{draws} draws of {len(ids):,} customers, intervals that hold 0: {told}")


def main() -> None:
    """Print the figures of docs/campaigns.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--warehouse", type=Path, metavar="FILE")
    parser.add_argument("--draws", type=int, default=800)
    arguments = parser.parse_args()
    if arguments.warehouse:
        drawn_again(arguments.warehouse, arguments.draws)
        return
    seeds = range(arguments.seeds)
    print(f"{len(seeds)} seeds, {CUSTOMERS:,} customers, {PARTS / 100:g} % controls\n")
    print("| | " + " | ".join(MEASURES) + " |\n|---|---|---|---|")
    for title, row in without_effect(seeds).items():
        print(f"| {title} | " + " | ".join(f"{row[name]:.1%}" for name in MEASURES) + " |")
    rows = list(planted(seeds))
    print(
        f"\nAn effect of {rows[0][0] * 100:.1f} points, which the size is said to show in 80 %: "
        f"found in {np.mean([one for _, one, _ in rows]):.1%}; intervals that hold it: "
        f"{np.mean([one for *_, one in rows]):.1%}."
    )


if __name__ == "__main__":
    main()
