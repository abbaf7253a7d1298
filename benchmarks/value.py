"""The models of purchases and order values beside the answers that their papers publish.

    python -m benchmarks.value --cdnow FOLDER

The folder holds CDNOW_sample.txt, a tenth of the customers, which the papers use, and
CDNOW_master.txt, all of them. Fader, Hardie & Lee (2005) and Fader & Hardie (2013) calibrate on 39
weeks; the 39 weeks after them show what a forecast is worth.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from segmentation.value.order_value import expected_order_value, fit_order_values
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


def main() -> None:
    """Print fitted beside published parameters, and the forecast beside what came true."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cdnow", type=Path, required=True, help="folder of the two files")
    folder = parser.parse_args().cdnow
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


if __name__ == "__main__":
    main()
