"""Simulated tables whose groups are known: clouds, chance shops, groups of many kinds, known k.

Every set is drawn by a function of a random generator and a number of rows. What is a cloud has no
group of its own, however it is cut; what is a shop of chance has one kind of customer, whose orders
are cancelled or returned by luck alone; the rest have groups, or a number of them that a rule for k
should find.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from sklearn.datasets import make_circles, make_moons

Draw = Callable[[np.random.Generator, int], "Drawn"]


@dataclass(frozen=True, eq=False)
class Drawn:
    """A table of n rows.

    Attributes
    ----------
    values : ndarray of shape (n, p)
        NaN where a ratio is 0/0.
    logged : tuple of int
        Columns that a recipe would log.
    groups : ndarray of int, shape (n,), or None
        The group of each row, where there are groups.
    shuffled : callable of a generator returning values, or None
        The same table after its events (the statuses of orders) changed owners by chance.
    """

    values: np.ndarray
    logged: tuple[int, ...] = ()
    groups: np.ndarray | None = None
    shuffled: Callable[[np.random.Generator], np.ndarray] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class SimulatedSet:
    """A set: its name, what it holds (cloud, chance, groups, repeated), and how it is drawn."""

    name: str
    kind: str
    draw: Draw
    k: int | None = None


def correlated(rng: np.random.Generator, rows: int, columns: int, r: float) -> np.ndarray:
    """Draw Gaussian columns, each pair correlated by r."""
    covariance = np.full((columns, columns), r) + (1 - r) * np.eye(columns)
    return rng.multivariate_normal(np.zeros(columns), covariance, rows)


def around(rng: np.random.Generator, rows: int, centres: np.ndarray, shares=None) -> Drawn:
    """Draw unit Gaussians around centres, with these shares of the rows, equal ones by default."""
    centres = np.asarray(centres, dtype=float)
    groups = rng.choice(len(centres), rows, p=shares)
    return Drawn(centres[groups] + rng.normal(size=(rows, centres.shape[1])), groups=groups)


def beside_noise(rng: np.random.Generator, drawn: Drawn, columns: int) -> Drawn:
    """Put columns of noise beside those that hold the groups."""
    noise = rng.normal(size=(len(drawn.values), columns))
    return Drawn(np.column_stack([drawn.values, noise]), drawn.logged, drawn.groups)


def grid(across: int, down: int, apart: float) -> np.ndarray:
    """Return the points of a square grid."""
    return np.array([[apart * i, apart * j] for i in range(across) for j in range(down)])


def apart(rng: np.random.Generator, k: int, columns: int, distance: float) -> np.ndarray:
    """Draw k centres, all at least a distance apart, each near another one."""
    while True:
        centres = [np.zeros(columns)]
        for _ in range(4_000):
            if len(centres) == k:
                return np.array(centres)
            way = rng.normal(size=columns)
            step = way / np.linalg.norm(way) * distance * rng.uniform(1, 1.3)
            tried = centres[rng.integers(len(centres))] + step
            if min(np.linalg.norm(tried - other) for other in centres) >= distance:
                centres.append(tried)


def known_k(k: int, distance: float, *, is_unequal: bool = False, columns: int = 4) -> Draw:
    """Return how k groups are drawn whose centres are at least a distance apart."""
    shares = np.array([0.6**i if is_unequal else 1.0 for i in range(k)])

    def draw(rng: np.random.Generator, rows: int) -> Drawn:
        return around(rng, rows, apart(rng, k, columns, distance), shares / shares.sum())

    return draw


@dataclass(frozen=True, eq=False)
class Orders:
    """The orders of a shop of one kind of customer: rows are orders, sorted by customer."""

    customer: np.ndarray
    items: np.ndarray
    value: np.ndarray
    status: np.ndarray
    recency: np.ndarray
    names: np.ndarray


def chance_orders(
    rng: np.random.Generator, customers: int, cancelled: float, returned: float
) -> Orders:
    """Draw orders whose size, price and status are luck; four of five customers ordered once."""
    counts = 1 + rng.binomial(1, 0.2, customers) * rng.geometric(0.6, customers)
    customer = np.repeat(np.arange(customers), counts)
    items = 1 + rng.binomial(3, 0.18, len(customer))
    prices = rng.lognormal(3.7, 0.8, items.sum())
    value = np.add.reduceat(prices, np.cumsum(items) - items)
    kept = 1 - cancelled - returned
    status = rng.choice(3, len(customer), p=[kept, cancelled, returned])
    total = np.bincount(customer, items, minlength=customers).astype(int)
    names = 1 + rng.binomial(np.column_stack([total, total]) - 1, [0.95, 0.85])
    return Orders(customer, items, value, status, rng.integers(0, 181, customers), names)


def order_features(orders: Orders, status: np.ndarray) -> np.ndarray:
    """Return recency, orders, items, spend, order value, brands, categories, both rates.

    As version 0.1 had them, 0/0 as 0: spend counts kept orders (status 0), the order value is its
    mean, the return rate that of items not cancelled (1) and the cancellation rate that of all.
    """

    def total(weights: np.ndarray) -> np.ndarray:
        return np.bincount(orders.customer, weights, minlength=len(orders.recency))

    items, kept = total(orders.items), total(status == 0)
    cancelled, returned = total(orders.items * (status == 1)), total(orders.items * (status == 2))
    spend = total(orders.value * (status == 0))
    return np.column_stack(
        [
            orders.recency,
            total(np.ones_like(orders.value)),
            items,
            spend,
            spend / np.maximum(kept, 1),
            np.minimum(items[:, None], orders.names),
            returned / np.maximum(items - cancelled, 1),
            cancelled / items,
        ]
    )


def value_features(orders: Orders, status: np.ndarray) -> np.ndarray:
    """Return recency, orders, spend and order value, the last one unknown where nothing is kept."""
    features = order_features(orders, status)
    kept = np.bincount(orders.customer, status == 0, minlength=len(orders.recency)) > 0
    value = np.where(kept, features[:, 4], np.nan)
    return np.column_stack([features[:, :2], np.where(kept, features[:, 3], np.nan), value])


def chance_shop(
    cancelled: float, returned: float, columns: int, features=order_features, logged: int = 7
) -> Draw:
    """Return how a shop of one kind of customer is drawn."""

    def draw(rng: np.random.Generator, rows: int) -> Drawn:
        orders = chance_orders(rng, rows, cancelled, returned)

        def shuffled(other: np.random.Generator) -> np.ndarray:
            return features(orders, other.permutation(orders.status))[:, :columns]

        values = features(orders, orders.status)[:, :columns]
        return Drawn(values, tuple(range(min(columns, logged))), shuffled=shuffled)

    return draw


def lasting_differences(rng: np.random.Generator, rows: int) -> Drawn:
    """Draw customers who differ by degrees: rates are gamma, spend is gamma-gamma (BG/NBD)."""
    rate, age = rng.gamma(0.6, 1 / 0.8, rows), rng.uniform(0.2, 1, rows)
    repeats = rng.poisson(rate * age)
    latest = 1 - rng.uniform(size=rows) ** (1 / np.maximum(repeats, 1))
    recency = np.where(repeats > 0, age * latest, age) * 365
    mean, orders = rng.gamma(4, 1, rows) * 12, 1 + repeats
    spend = rng.gamma(6 * orders, mean / 6)
    values = [recency.round(), orders, spend.round(2), (spend / orders).round(2)]
    return Drawn(np.column_stack(values), (0, 1, 2, 3))


def rare_counts(rng: np.random.Generator, rows: int, columns: int, share: float, p: float):
    """Draw counts that are zero for all but a share of the rows."""
    size = (rows, columns)
    return rng.binomial(1, share, size) * rng.geometric(p, size)


def two_cigars(rng: np.random.Generator, rows: int, distance: float) -> Drawn:
    """Draw two long thin groups beside each other."""
    group = rng.integers(0, 2, rows)
    across = rng.normal(size=rows) * 0.5 + distance * group
    return Drawn(np.column_stack([rng.normal(size=rows) * 5, across]), groups=group)


def personas(rng: np.random.Generator, rows: int, columns: int = 5) -> Drawn:
    """Draw five personas of unequal size, well apart."""
    centres = 5 * np.eye(5, columns) - 4 * np.eye(5, columns)[::-1]
    return around(rng, rows, centres, [0.4, 0.25, 0.2, 0.1, 0.05])


def _turned(drawn: Drawn) -> Drawn:
    return Drawn(drawn.values @ np.array([[0.8, 0.6], [-0.6, 0.8]]), groups=drawn.groups)


def _plain(values: Callable, logged: tuple[int, ...] = ()) -> Draw:
    return lambda rng, rows: Drawn(np.asarray(values(rng, rows), dtype=float), logged)


def _labelled(maker: Callable, **settings) -> Draw:
    def draw(rng: np.random.Generator, rows: int) -> Drawn:
        values, groups = maker(rows, random_state=int(rng.integers(1_000_000)), **settings)
        return Drawn(values, groups=groups)

    return draw


def _repeated(rng: np.random.Generator, rows: int) -> np.ndarray:
    return rng.normal(size=(26, 3))[rng.integers(0, 26, rows)]


def _clouds() -> list[SimulatedSet]:
    sets = [
        (f"uniform, {d} columns", _plain(lambda g, n, d=d: g.uniform(size=(n, d))))
        for d in (2, 3, 5, 10)
    ]
    sets += [
        (f"Gaussian, {d} columns, r = {r}", _plain(lambda g, n, d=d, r=r: correlated(g, n, d, r)))
        for d, r in ((2, 0.5), (5, 0.5), (10, 0.5), (5, 0.9))
    ]
    for d in (2, 5):
        logs = tuple(range(d))
        sets += [
            (
                f"log-normal, {d} columns{', logged' if log else ''}",
                _plain(lambda g, n, d=d: np.exp(correlated(g, n, d, 0.3)), log),
            )
            for log in ((), logs)
        ]
        sets += [
            (f"Student's t, {d} columns", _plain(lambda g, n, d=d: g.standard_t(3, size=(n, d))))
        ]
    sets += [
        (
            "exponential, logged",
            _plain(lambda g, n: g.exponential(size=(n, 5)), tuple(range(5))),
        ),
        ("lasting differences", lasting_differences),
        (
            "zero-inflated counts, logged",
            _plain(lambda g, n: rare_counts(g, n, 3, 0.2, 0.4), (0, 1, 2)),
        ),
        (
            "counts, four fifths one, and Gaussians",
            _plain(
                lambda g, n: np.c_[1 + rare_counts(g, n, 1, 0.2, 0.6), correlated(g, n, 2, 0.3)],
                (0,),
            ),
        ),
        (
            "ratings of 3, 4 and 5 values",
            _plain(lambda g, n: g.integers(0, [3, 4, 5], (n, 3))),
        ),
        (
            "spend, zero for a fifth, logged, and Gaussians",
            _plain(
                lambda g, n: np.c_[
                    g.binomial(1, 0.8, n) * g.lognormal(4, 0.7, n), correlated(g, n, 3, 0.2)
                ],
                (0,),
            ),
        ),
        (
            "a rare yes-or-no and Gaussians",
            _plain(lambda g, n: np.c_[g.binomial(1, 0.1, n), correlated(g, n, 4, 0.2)]),
        ),
        (
            "two even yes-or-no and a Gaussian",
            _plain(lambda g, n: np.c_[g.binomial(1, 0.5, (n, 2)), g.normal(size=n)]),
        ),
        (
            "Gaussian, each row ten times",
            _plain(lambda g, n: np.repeat(correlated(g, n // 10, 4, 0.3), 10, axis=0)),
        ),
    ]
    return [SimulatedSet(name, "cloud", draw) for name, draw in sets]


def _chance() -> list[SimulatedSet]:
    sets = [
        ("chance shop, features of 0.1", chance_shop(0.15, 0.10, 9)),
        ("chance shop, nothing cancelled or returned", chance_shop(0, 0, 7)),
        ("chance shop, returns only", chance_shop(0, 0.10, 8)),
        ("chance shop, recency, orders, value", chance_shop(0.15, 0.10, 4, value_features)),
    ]
    return [SimulatedSet(name, "chance", draw) for name, draw in sets]


def _groups() -> list[SimulatedSet]:
    corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    line = np.array([[0.0], [1.0]])
    ten = np.random.default_rng(5).normal(size=(10, 5)) / np.sqrt(2)
    three = [0, 1, 2]

    def on_a_line(columns: int, distance: float = 6) -> Draw:
        def draw(rng: np.random.Generator, rows: int) -> Drawn:
            drawn = around(rng, rows, distance * np.array(three)[:, None])
            wide = beside_noise(rng, drawn, columns - 1)
            # The line lies across all columns: scaling a single one would shrink it.
            turn = np.linalg.qr(rng.normal(size=(columns, columns)))[0]
            return Drawn(wide.values @ turn, groups=wide.groups)

        return draw

    def centred(centres: np.ndarray, shares=None, noise: int = 0) -> Draw:
        def draw(rng: np.random.Generator, rows: int) -> Drawn:
            return beside_noise(rng, around(rng, rows, centres, shares), noise)

        return draw

    sets = [
        ("personas, planted", 5, personas),
        ("93, 5 and 2 %, 6 sd", 3, centred(6 * corner, [0.93, 0.05, 0.02])),
        ("97 and 3 %, 8 sd", 2, centred(8 * corner[:2], [0.97, 0.03])),
        ("three, 6 sd", 3, centred(6 * corner)),
        ("three, 4 sd", 3, centred(4 * corner)),
        ("three, 3 sd", 3, centred(3 * corner)),
        ("two, 5 sd", 2, centred(5 * corner[:2, :2])),
        ("four, 6 sd, 10 columns", 4, centred(6 * np.eye(10)[:4])),
        ("five touching, 4 sd", 5, known_k(5, 4.0)),
        ("two cigars", 2, lambda g, n: two_cigars(g, n, 6)),
        ("two cigars, oblique", 2, lambda g, n: _turned(two_cigars(g, n, 5))),
        ("two moons", 2, _labelled(make_moons, noise=0.08)),
        ("two circles", 2, _labelled(make_circles, noise=0.05, factor=0.3)),
        ("ten weak, 2.5 sd", 10, centred(2.5 * ten)),
        ("ten clear, 6 sd", 10, centred(6 * ten)),
        ("grid of 25, 8 sd", 25, centred(grid(5, 5, 8))),
        ("grid of 30, 8 sd", 30, centred(grid(5, 6, 8))),
        ("two on a line, 4 sd", 2, centred(4 * line)),
        ("two on a line, 6 sd", 2, centred(6 * line)),
        *((f"two, 6 sd, beside {d} of noise", 2, centred(6 * line, None, d)) for d in (1, 3, 4, 6)),
        ("two, 6 sd, beside 9 of noise", 2, centred(6 * line, None, 9)),
        ("three in 2 of 8 columns, 6 sd", 3, centred(6 * corner[:, :2], None, 6)),
        *((f"three on a line, 6 sd, {d} columns", 3, on_a_line(d)) for d in (9, 12, 20, 30, 50)),
        ("three on a line, 8 sd, 50 columns", 3, on_a_line(50, 8)),
    ]
    return [SimulatedSet(name, "groups", draw, k) for name, k, draw in sets]


def known_k_sets(distance: float = 4.0) -> list[SimulatedSet]:
    """Return the sets for the rule: 2 to 7 groups, equal and unequal, 700 rows each."""
    return [
        SimulatedSet(
            f"k = {k}, {'unequal' if is_unequal else 'equal'}, {distance:g} sd",
            "known k",
            known_k(k, distance, is_unequal=is_unequal),
            k,
        )
        for k in (2, 3, 4, 5, 7)
        for is_unequal in (False, True)
    ]


SETS = (
    *_clouds(),
    *_chance(),
    *_groups(),
    SimulatedSet("26 distinct rows", "repeated", _plain(_repeated)),
)
