"""Ensures that planted affinities are found, and none where categories are independent."""

from itertools import combinations

import numpy as np
import pytest

from segmentation.baskets.pairs import _expected_pairs, basket_pairs, q_values

NAMES = [f"category {number:02d}" for number in range(40)]
SHOPS = 20


def shop(seed: int, customers: int = 6000) -> np.ndarray:
    """Return customers of very different breadth who draw items of popularities alone."""
    draw = np.random.default_rng(seed)
    popularity = np.exp(draw.normal(0, 1.2, 40))
    items = 1 + draw.negative_binomial(1.0, 0.15, customers)
    drawn = [draw.multinomial(number, popularity / popularity.sum()) for number in items]
    return (np.array(drawn) > 0).astype(float)


def planted(matrix: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, tuple[str, str]]:
    """Add both of two rare categories to a share of the customers."""
    draw = np.random.default_rng(seed)
    a, b = sorted(draw.choice(np.argsort(matrix.sum(axis=0))[:12], 2, replace=False))
    changed = matrix.copy()
    changed[np.ix_(draw.random(len(matrix)) < share, [a, b])] = 1
    return changed, (NAMES[a], NAMES[b])


@pytest.mark.parametrize("share", [0.01, 0.02])
def test_rare_pairs_at_one_and_two_per_cent_of_customers_are_found(share):
    for seed in range(5):
        matrix, pair = planted(shop(seed), share, seed)
        found = basket_pairs(matrix, NAMES)
        told = set(zip(found["category_a"], found["category_b"], strict=True))
        assert pair in told and len(told) == 1
        assert (found["lift_low"] > 1).all() and (found["q_value"] <= 0.05).all()


def test_independent_baskets_of_any_breadth_have_no_pairs():
    found = [len(basket_pairs(shop(100 + seed, 2000), NAMES)) for seed in range(SHOPS)]
    assert sum(number > 0 for number in found) <= 1


def test_expected_pairs_are_those_of_every_set_of_so_many_by_its_odds():
    odds = np.array([4.0, 2, 1, 1, 0.5])
    sets = list(combinations(range(5), 3))
    chances = np.array([odds[list(one)].prod() for one in sets])
    chances /= chances.sum()
    counts = np.round(chances * 10_000).astype(int)
    bought = np.zeros((counts.sum(), 5), dtype=bool)
    for row, one in enumerate(np.repeat(np.arange(len(sets)), counts)):
        bought[row, list(sets[one])] = True
    found = _expected_pairs(bought)
    observed = bought.T.astype(float) @ bought
    np.fill_diagonal(observed, 0)
    assert found == pytest.approx(observed, rel=0.002, abs=0.5)


def test_expected_pairs_add_up_to_what_was_bought():
    bought = shop(3, 1500) > 0
    bought = bought[bought.sum(axis=1) > 1]
    breadth = bought.sum(axis=1)
    expected = _expected_pairs(bought)
    assert expected.sum() == pytest.approx((breadth * (breadth - 1)).sum(), rel=1e-6)
    assert expected == pytest.approx(expected.T, rel=1e-6)


def test_who_bought_of_one_category_only_says_nothing():
    assert basket_pairs(np.eye(40), NAMES).empty
    matrix, _ = planted(shop(1), 0.02, 1)
    alone = np.vstack([matrix, np.eye(40)])
    assert basket_pairs(alone, NAMES).equals(basket_pairs(matrix, NAMES))


def test_q_values_are_those_of_benjamini_and_hochberg():
    p_values = np.array([0.01, 0.04, 0.03, 0.005, 0.5])
    assert q_values(p_values) == pytest.approx([0.025, 0.05, 0.05, 0.025, 0.5])
    assert len(q_values(np.array([]))) == 0
