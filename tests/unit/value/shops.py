"""Purchase histories drawn from the models' own laws."""

import numpy as np


def histories(
    customers: int,
    *,
    seed: int,
    can_leave_at_once: bool,
    r: float,
    alpha: float,
    a: float,
    b: float,
    horizon: float = 0.0,
) -> tuple[np.ndarray, ...]:
    """Return repeats, recency and age (30 to 365 days); with a horizon the later purchases too."""
    draw = np.random.default_rng(seed)
    rates = draw.gamma(r, 1 / alpha, customers)
    leaves = draw.beta(a, b, customers)
    age = draw.integers(30, 366, customers).astype(float)
    repeats, later = np.zeros(customers, dtype=int), np.zeros(customers, dtype=int)
    recency = np.zeros(customers)
    clock = np.zeros(customers)
    there = draw.random(customers) >= leaves if can_leave_at_once else np.full(customers, True)
    while there.any():
        clock = clock + draw.exponential(1 / np.maximum(rates, 1e-12))
        there &= clock <= age + horizon
        before = there & (clock <= age)
        repeats[before] += 1
        recency[before] = clock[before]
        later[there & ~before] += 1
        there &= draw.random(customers) >= leaves
    found = (repeats, recency, age)
    return (*found, later) if horizon else found
