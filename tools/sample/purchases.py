"""Shops whose customers buy by a process: who buys how often, leaves, spends and comes back.

The personas of the sample are groups, planted to be found. Here there are none: rates differ from
customer to customer without a gap, some leave, there are seasons, and cohorts grow. Such shops
have a later period that their past says something about, so that a forecast can be judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tools.sample import words
from tools.sample.sql import END_OF_DATA

YEAR = 365.0
STATUSES = ("Complete", "Cancelled", "Returned")
PRODUCTS = 200
CATEGORIES = ("Accessories", "Jeans", "Shirts", "Shoes", "Socks", "Suits", "Sweaters", "Swim")
MOST_PRICE = 2_000.0
COST = 0.5
"""Of the list price."""


@dataclass(frozen=True)
class Process:
    """The laws of one shop; times in days, values in money.

    Attributes
    ----------
    seed : int
        Of every draw.
    customers, days : int
        How many ever ordered, and how long the shop is open.
    growth : float
        Newcomers per day grow by exp(growth) from the first day to the last.
    r, alpha : float
        Shape and rate of the gamma distribution of orders per day.
    a, b : float
        Parameters of the beta distribution of leaving after an order.
    season, peak : float
        Share by which the year's wave raises and lowers all rates, in [0, 1), and its day.
    value, spread : float
        Median value of an order, and standard deviation of its logarithm between customers.
    correlation : float
        Between the logarithms of a customer's rate and mean value, in (-1, 1).
    within : float
        Standard deviation of the logarithm of a customer's own orders.
    cancelled, returned : float
        Shares of the orders, independent of everything else.
    """

    seed: int
    customers: int
    days: int
    growth: float
    r: float
    alpha: float
    a: float
    b: float
    season: float
    peak: float
    value: float
    spread: float
    correlation: float
    within: float
    cancelled: float
    returned: float


def draw_process(seed: int, customers: int | None = None) -> Process:
    """Return the laws of shop number `seed`: ranges as retailers have them, drawn uniformly.

    Parameters
    ----------
    seed : int
    customers : int, optional
        1,500 to 4,000 by the seed.
    """
    draw = np.random.default_rng([7, seed])
    drawn = int(draw.integers(1_500, 4_001))
    return Process(
        seed=seed,
        customers=customers or drawn,
        days=int(draw.integers(400, 1_101)),
        growth=draw.uniform(0, 2),
        r=draw.uniform(0.3, 1.5),
        alpha=draw.uniform(20, 150),
        a=draw.uniform(0.3, 1.5),
        b=draw.uniform(1, 6),
        season=draw.uniform(0, 0.5),
        peak=draw.uniform(0, YEAR),
        value=draw.uniform(20, 80),
        spread=draw.uniform(0.3, 0.9),
        correlation=draw.uniform(-0.3, 0.5),
        within=draw.uniform(0.2, 0.7),
        cancelled=draw.uniform(0, 0.2),
        returned=draw.uniform(0, 0.15),
    )


def purchases(process: Process) -> pd.DataFrame:
    """Return the orders of a shop, by customer and time.

    Parameters
    ----------
    process : Process

    Returns
    -------
    DataFrame
        customer (from 1), time (days from the opening, in [0, days)), items, value and status.
    """
    draw = np.random.default_rng([8, process.seed])
    rates = np.maximum(draw.gamma(process.r, 1 / process.alpha, process.customers), 1e-9)
    leaves = draw.beta(process.a, process.b, process.customers)
    means = _means(process, rates, draw)
    customers, times = _visits(process, rates, leaves, draw)
    orders = len(times)
    own = process.within * draw.normal(size=orders) - process.within**2 / 2
    shares = [1 - process.cancelled - process.returned, process.cancelled, process.returned]
    found = pd.DataFrame(
        {
            "customer": customers + 1,
            "time": times,
            "items": 1 + draw.poisson(0.4, orders),
            "value": np.round(np.maximum(means[customers] * np.exp(own), 0.5), 2),
            "status": draw.choice(STATUSES, orders, p=shares),
        }
    )
    return found.sort_values(["customer", "time"], ignore_index=True)


def _means(process: Process, rates: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    logs = np.log(rates)
    standard = (logs - logs.mean()) / (logs.std() or 1.0)
    other = np.sqrt(1 - process.correlation**2) * draw.normal(size=len(rates))
    return process.value * np.exp(process.spread * (process.correlation * standard + other))


def _visits(
    process: Process, rates: np.ndarray, leaves: np.ndarray, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return customer and time of every order: who is left orders, and perhaps leaves.

    The wave of the year thins a process of the highest rate (Lewis & Shedler 1979).
    """
    share = draw.random(process.customers)
    if process.growth > 0:
        share = np.log1p(share * np.expm1(process.growth)) / process.growth
    clock = share * process.days
    there = np.arange(process.customers)
    found = []
    while len(there):
        found.append((there, clock[there]))
        there = there[draw.random(len(there)) >= leaves[there]]
        waiting = there
        while len(waiting):
            clock[waiting] += draw.exponential(1 / (rates[waiting] * (1 + process.season)))
            waiting = waiting[clock[waiting] < process.days]
            wave = np.cos(2 * np.pi * (clock[waiting] - process.peak) / YEAR)
            taken = (1 + process.season * wave) / (1 + process.season)
            waiting = waiting[draw.random(len(waiting)) >= taken]
        there = there[clock[there] < process.days]
    customers, times = (np.concatenate(column) for column in zip(*found, strict=True))
    return customers, times


def with_independent_future(orders: pd.DataFrame, day: float, seed: int) -> pd.DataFrame:
    """Give every later order to a customer of before, so that nothing known then says of whom.

    What one customer ordered later stays together: only who it is is drawn.

    Parameters
    ----------
    orders : DataFrame
        As `purchases` returns them.
    day : float
        Orders from this time on are later.
    seed : int
    """
    is_later = orders["time"] >= day
    known = np.sort(orders.loc[~is_later, "customer"].unique())
    shuffled = dict(zip(known, np.random.default_rng([9, seed]).permutation(known), strict=True))
    later = orders[is_later & orders["customer"].isin(known)]
    moved = later.assign(customer=later["customer"].map(shuffled))
    both = pd.concat([orders[~is_later], moved])
    return both.sort_values(["customer", "time"], ignore_index=True)


def shop_tables(process: Process) -> dict[str, pd.DataFrame]:
    """Return the tables of theLook that the project reads, ending at `sql.END_OF_DATA`.

    Parameters
    ----------
    process : Process

    Returns
    -------
    dict of str to DataFrame
        users, orders, order_items, products. An item is of the product whose list price is the
        next one above its own.
    """
    orders = purchases(process).reset_index(names="order_id")
    end = pd.Timestamp(END_OF_DATA)
    ordered = end - pd.to_timedelta(process.days - orders["time"], unit="D")
    orders = orders.assign(
        order_id=orders["order_id"] + 1, created_at=ordered.dt.strftime("%Y-%m-%d %H:%M:%S UTC")
    )
    items = orders.loc[orders.index.repeat(orders["items"])].reset_index(drop=True)
    prices = np.round(np.geomspace(1, MOST_PRICE, PRODUCTS), 2)
    paid = np.round(items["value"] / items["items"], 2)
    numbers = np.arange(PRODUCTS)
    return {
        "users": _users(process, orders),
        "orders": orders.rename(columns={"customer": "user_id"})[
            ["order_id", "user_id", "status", "created_at"]
        ],
        "order_items": pd.DataFrame(
            {
                "id": np.arange(1, len(items) + 1),
                "order_id": items["order_id"],
                "product_id": np.minimum(np.searchsorted(prices, paid), PRODUCTS - 1) + 1,
                "inventory_item_id": "",
                "status": items["status"],
                "created_at": items["created_at"],
                "sale_price": paid,
            }
        ),
        "products": pd.DataFrame(
            {
                "id": numbers + 1,
                "cost": np.round(COST * prices, 2),
                "category": np.take(CATEGORIES, numbers % len(CATEGORIES)),
                "name": [f"Product {number + 1}" for number in numbers],
                "brand": np.take(words.BRAND_FIRST[:20], numbers % 20),
                "retail_price": prices,
                "department": np.take(("Women", "Men"), numbers % 2),
            }
        ),
    }


def _users(process: Process, orders: pd.DataFrame) -> pd.DataFrame:
    draw = np.random.default_rng([10, process.seed])
    numbers = np.arange(1, process.customers + 1)
    first = orders.groupby("customer")["created_at"].first().reindex(numbers)
    return pd.DataFrame(
        {
            "id": numbers,
            "age": draw.integers(18, 75, process.customers),
            "gender": draw.choice(("F", "M"), process.customers),
            "country": draw.choice(("Brasil", "China", "France"), process.customers),
            "traffic_source": draw.choice(("Email", "Organic", "Search"), process.customers),
            "created_at": first,
        }
    ).reset_index(drop=True)


def write_shop(seed: int, out: Path, customers: int, prefix: str = "") -> dict[str, Path]:
    """Write the shop of a seed as CSV files and return them by table.

    Parameters
    ----------
    seed : int
    out : Path
        A folder that is there.
    customers : int
    prefix : str
        Put before every file name.
    """
    files = {}
    for table, frame in shop_tables(draw_process(seed, customers)).items():
        files[table] = out / f"{prefix}{table}.csv"
        frame.to_csv(files[table], index=False)
    return files
