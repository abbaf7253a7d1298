"""The planted personas of the sample shop: how each kind of customer behaves."""

from __future__ import annotations

from dataclasses import dataclass

KEPT = ("Shipped",) * 6 + ("Complete",) * 5 + ("Processing",) * 4
ALL = KEPT + ("Cancelled",) * 4 + ("Returned",) * 2


@dataclass(frozen=True)
class Persona:
    """How one kind of customer behaves; a tuple is drawn from uniformly.

    Attributes
    ----------
    name : str
        What the `personas` file calls it.
    per_mille : int
        Share of all users, in thousandths.
    orders : tuple of int
        Orders of a customer, at most `sql.MAX_ORDERS`; none: never orders.
    items : tuple of int
        Items of an order, at most `sql.MAX_ITEMS`.
    recency : tuple of float
        Days from the last order to the end of the data, lowest and highest.
    gap : tuple of float
        Days between orders, lowest and highest.
    price : tuple of float
        Price quantiles of the department or category bought from.
    age : tuple of int
        Years, lowest and highest.
    one_category : bool
        Whether every item comes from one favourite category.
    statuses, last_statuses : tuple of str
        Statuses of the orders before the last one, and of the last one.
    """

    name: str
    per_mille: int
    orders: tuple[int, ...] = (1,)
    items: tuple[int, ...] = (1,)
    recency: tuple[float, float] = (0.0, 1095.0)
    gap: tuple[float, float] = (0.0, 0.0)
    price: tuple[float, float] = (0.0, 1.0)
    age: tuple[int, int] = (12, 70)
    one_category: bool = False
    statuses: tuple[str, ...] = KEPT
    last_statuses: tuple[str, ...] = KEPT


# The proportions of theLook (orders per buyer, items per order, statuses) come
# out of the mixture. Cancellations and returns are left to the personas they
# make and to customers with many orders: of one order, a random cancellation is
# a rate of 0 or 1, and such extremes would hide every other difference.
PERSONAS = (
    Persona("visitor", 200, orders=()),
    Persona(
        "lapsed_one_timer",
        248,
        items=(1,) * 11 + (2,),
        recency=(300.0, 1000.0),
        price=(0.3, 0.8),
    ),
    Persona(
        "newcomer",
        160,
        items=(1,) * 11 + (2,),
        recency=(0.0, 35.0),
        price=(0.3, 0.8),
        age=(12, 40),
    ),
    Persona(
        "bargain_hunter",
        112,
        orders=(1,) + (2,) * 6,
        recency=(50.0, 240.0),
        gap=(20.0, 60.0),
        price=(0.0, 0.2),
    ),
    Persona(
        "order_canceller",
        104,
        orders=(1, 1, 2),
        recency=(30.0, 400.0),
        gap=(5.0, 40.0),
        price=(0.2, 0.8),
        statuses=("Cancelled",),
        last_statuses=("Cancelled",) * 24 + ("Processing",),
    ),
    Persona(
        "serial_returner",
        72,
        orders=(2, 2, 3),
        items=(1, 1, 2),
        recency=(30.0, 365.0),
        gap=(20.0, 90.0),
        price=(0.3, 0.9),
        age=(18, 45),
        statuses=("Returned",) * 24 + ("Complete",),
        last_statuses=KEPT,
    ),
    Persona(
        "loyal_high_spender",
        56,
        orders=(4, 5, 5, 6, 6, 7, 8, 10, 12),
        items=(1,) * 10 + (2,) * 9 + (3,),
        recency=(1.0, 60.0),
        gap=(30.0, 75.0),
        price=(0.6, 1.0),
        age=(30, 65),
        statuses=ALL,
        last_statuses=ALL,
    ),
    Persona(
        "category_enthusiast",
        48,
        orders=(2, 2, 3, 3, 3),
        items=(2, 3, 3, 4, 4, 4),
        recency=(20.0, 150.0),
        gap=(40.0, 110.0),
        price=(0.3, 0.8),
        one_category=True,
    ),
)
