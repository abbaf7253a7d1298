"""The models of purchases beside published answers, and segments beside RFM and spend.

    python -m benchmarks.value --cdnow FOLDER --shops 20 --independent 200

The folder holds CDNOW_sample.txt, a tenth of the customers, which the papers use, and
CDNOW_master.txt, all of them. Fader, Hardie & Lee (2005) and Fader & Hardie (2013) calibrate on 39
weeks; the 39 weeks after them show what a forecast is worth. Then the built-in recipe is fitted to
CDNOW and to generated shops as they were 90 days before their end, and compared with RFM cells and
fifths of spend by paired bootstrap. Of shops whose last 90 days are independent of the past, the
intervals should hold the figures of chance.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import shops
from segmentation.value.forecast import fit_forecast, forecast
from segmentation.value.order_value import expected_order_value, fit_order_values
from segmentation.value.predictive import CHANCE
from segmentation.value.purchases import expected_purchases, fit_purchases

END = pd.Timestamp("1997-09-30")
WEEKS = 39
PUBLISHED = "r .243, alpha 4.414, a .793, b 2.426, log-likelihood -9582.4"
PUBLISHED_VALUES = "p 6.25, q 3.74, gamma 15.44 (946 customers)"


@dataclass(frozen=True)
class Histories:
    """What was known of each customer at the end of the calibration, and what came after.

    Attributes
    ----------
    repeats, recency, age : ndarray of shape (n,)
        Days with a purchase after the first; weeks to the last purchase and to the end.
    spend : ndarray of shape (n,)
        Money spent, the first day's included.
    later_orders, later_spend : ndarray of shape (n,)
        Of the weeks after the end.
    """

    repeats: np.ndarray
    recency: np.ndarray
    age: np.ndarray
    spend: np.ndarray
    later_orders: np.ndarray
    later_spend: np.ndarray


def read_sample(folder: Path) -> pd.DataFrame:
    """Return days with a purchase of the tenth of customers: customer, date, value."""
    names = ["all_id", "customer", "date", "discs", "value"]
    lines = pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", header=None, names=names)
    return _days(lines)


def read_master(folder: Path) -> pd.DataFrame:
    """Return days with a purchase of all customers: customer, date, value."""
    names = ["customer", "date", "discs", "value"]
    return _days(pd.read_csv(folder / "CDNOW_master.txt", sep=r"\s+", header=0, names=names))


def _days(lines: pd.DataFrame) -> pd.DataFrame:
    dated = lines.assign(date=pd.to_datetime(lines["date"].astype(str), format="%Y%m%d"))
    return dated.groupby(["customer", "date"], as_index=False)["value"].sum()


def histories(days: pd.DataFrame) -> Histories:
    """Return what the calibration knows of each customer, and what came after."""
    known = (
        days[days["date"] <= END]
        .groupby("customer")
        .agg(
            first=("date", "min"),
            last=("date", "max"),
            orders=("date", "size"),
            spend=("value", "sum"),
        )
    )
    later = days[days["date"] > END].groupby("customer")["value"].agg(["size", "sum"])
    later = later.reindex(known.index).fillna(0)
    return Histories(
        repeats=known["orders"].to_numpy() - 1,
        recency=(known["last"] - known["first"]).dt.days.to_numpy() / 7,
        age=(END - known["first"]).dt.days.to_numpy() / 7,
        spend=known["spend"].to_numpy(),
        later_orders=later["size"].to_numpy(),
        later_spend=later["sum"].to_numpy(),
    )


def repeat_means(days: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return repeat purchases and their mean value, of the customers who have any."""
    known = days[days["date"] <= END]
    again = known[known["date"] > known.groupby("customer")["date"].transform("min")]
    means = again.groupby("customer")["value"].agg(["size", "mean"])
    return means["size"].to_numpy(), means["mean"].to_numpy()


def known_answers(folder: Path) -> None:
    """Print fitted beside published parameters, and the forecast beside what came true."""
    sample = read_sample(folder)
    of_tenth = histories(sample)
    rows = (of_tenth.repeats, of_tenth.recency, of_tenth.age)
    print("BG/NBD      ", fit_purchases(*rows, can_leave_at_once=False))
    print("  published ", PUBLISHED)
    orders, means = repeat_means(sample)
    print("Gamma-Gamma ", fit_order_values(orders, means), f"({len(orders)} customers)")
    print("  published ", PUBLISHED_VALUES)
    everybody = histories(read_master(folder))
    known = (everybody.repeats, everybody.recency, everybody.age)
    counts, own = everybody.repeats + 1, everybody.spend / (everybody.repeats + 1)
    values = expected_order_value(fit_order_values(counts, own), counts, own)
    for at_once in (False, True):
        expected = expected_purchases(
            fit_purchases(*known, can_leave_at_once=at_once), *known, WEEKS
        )
        orders_share = expected.sum() / everybody.later_orders.sum()
        spend_share = (expected * values).sum() / everybody.later_spend.sum()
        name = "MBG/NBD" if at_once else "BG/NBD"
        print(f"{name}: {orders_share:.1%} of the later orders, {spend_share:.1%} of the spend")


def served_forecast(days: pd.DataFrame) -> None:
    """Print what the project's forecast, level included, saw of what came to CDNOW."""
    orders = shops.as_orders(days)
    first = days["date"].min()
    for end, horizon in (("1997-09-30", 273), ("1997-09-30", 90), ("1997-12-31", 90)):
        today = (pd.Timestamp(end) - first).days
        past = shops.past_of("CDNOW", orders, today, horizon)
        drawn = past.customers.sample(10_000, random_state=0)
        found = forecast(fit_forecast(drawn), past.customers, horizon)
        total = found["expected_value"].sum() / past.later.sum()
        groups = np.minimum(past.customers["repeats"], 3)
        sums = pd.DataFrame({"e": found["expected_value"], "o": past.later}).groupby(groups).sum()
        shares = ", ".join(f"{share:.2f}" for share in sums["e"] / sums["o"])
        print(f"{end}, {horizon} days: {total:.3f} of the spend; by repeats 0, 1, 2, 3+: {shares}")


def compare(pasts: list[shops.Past], k: int | None) -> pd.DataFrame:
    """Print and return how the built-in recipe stands beside the simpler answers, shop by shop.

    Parameters
    ----------
    pasts : list of Past
    k : int or None
        Segments; None takes what the written rule takes.
    """
    recipe, rows = shops.default_recipe(), []
    for past in pasts:
        number = k or shops.selected_k(past, recipe)
        table = shops.judged(past, recipe, number).values.set_index(["predictor", "measure"])
        rows.append({"shop": past.name, "k": number} | _beside(table))
        print(rows[-1], flush=True)
    found = pd.DataFrame(rows).set_index("shop")
    for name in [column for column in found if column != "k"]:
        low, high = _over_shops(found[name].to_numpy(float))
        print(f"  {name}: mean {found[name].mean():.3f} [{low:.3f}, {high:.3f}]")
    return found


def _beside(table: pd.DataFrame) -> dict[str, float]:
    best = {name: table.loc[(name, "best_fifth_share"), "value"] for name in table.index.levels[0]}
    first, log, buying = (
        table.loc[("segments", name)] for name in ("best_fifth_share", "r2_log_spend", "auc_buying")
    )
    told = {
        "best 20 %": best["segments"],
        "of fifths'": best["segments"] / best["spend_fifths"],
        "best 20 % - fifths high": first["minus_fifths_high"],
        "of RFM's": best["segments"] / best["rfm_cells"],
        "forecast's": best["forecast"] / best["spend_fifths"],
        "R2 log - RFM": log["minus_rfm"],
        "R2 log high": log["minus_rfm_high"],
        "AUC - RFM": buying["minus_rfm"],
        "AUC high": buying["minus_rfm_high"],
        "R2 log - fifths": log["minus_fifths"],
        "AUC - fifths": buying["minus_fifths"],
    }
    return {name: round(float(value), 3) for name, value in told.items()}


def _over_shops(values: np.ndarray) -> np.ndarray:
    """Return the 95 % interval of a mean over shops, by bootstrap of the shops."""
    draws = np.random.default_rng(0).integers(0, len(values), (2_000, len(values)))
    return np.percentile(values[draws].mean(axis=1), [2.5, 97.5])


def independence(seeds: int) -> None:
    """Print in how many shops of an independent future the intervals hold the figure of chance."""
    recipe = shops.default_recipe()
    tables = [
        shops.judged(shops.generated(seed, 1_000, independent=True), recipe, 8).values
        for seed in range(seeds)
    ]
    rows = pd.concat(tables)
    rows = rows[rows["measure"].isin(CHANCE)]
    chance = rows["measure"].map(CHANCE)
    covers = (rows["low"] <= chance) & (chance <= rows["high"])
    print(covers.groupby([rows["predictor"], rows["measure"]]).agg(["sum", "size"]).to_string())


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cdnow", type=Path, help="folder of the two files")
    parser.add_argument("--shops", type=int, default=0, help="how many generated shops")
    parser.add_argument("--first-seed", type=int, default=0, help="seed of the first (default: 0)")
    parser.add_argument("--k", type=int, help="segments; by default what the rule takes")
    parser.add_argument("--independent", type=int, default=0, help="shops of independent future")
    told = parser.parse_args()
    pasts = []
    if told.cdnow:
        known_answers(told.cdnow)
        days = read_master(told.cdnow)
        served_forecast(days)
        pasts.append(shops.cdnow(days))
    seeds = range(told.first_seed, told.first_seed + told.shops)
    pasts += [shops.generated(seed) for seed in seeds]
    if told.shops:
        compare(pasts, told.k)
    if told.independent:
        independence(told.independent)


if __name__ == "__main__":
    main()
