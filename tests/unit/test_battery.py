"""Ensures that the benchmark of verdict and rule draws what it says and counts rightly."""

import numpy as np
import pytest

from benchmarks.battery import bounds, judge
from benchmarks.battery_sets import SETS, Orders, SimulatedSet, known_k_sets, order_features
from segmentation.diagnosis.pairs import CLEAR, SLICES


def set_named(name: str) -> SimulatedSet:
    return next(each for each in SETS if each.name == name)


def test_intervals_by_hand():
    # Wilson: (0.5 + z²/40) / (1 + z²/20) ± …; none of 300: 1 - 0.05^(1/300).
    assert bounds(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert bounds(0, 300) == pytest.approx((0, 0.00994), abs=1e-5)
    assert bounds(20, 20)[1] == pytest.approx(1)


@pytest.mark.parametrize("each", [*SETS, *known_k_sets()], ids=lambda each: each.name)
def test_a_table_is_drawn_anew_from_its_seed(each):
    one, again = (each.draw(np.random.default_rng(3), 200) for _ in range(2))
    np.testing.assert_array_equal(one.values, again.values)
    assert len(one.values) == 200 and max(one.logged, default=0) < one.values.shape[1]
    assert (one.groups is None) == (each.k is None)
    if each.k:
        assert one.groups.max() < each.k


def test_features_of_orders_by_hand():
    """The first keeps one of two orders, the second returns one, the third cancels all."""
    orders = Orders(
        customer=np.array([0, 0, 1, 2]),
        items=np.array([2, 1, 4, 1]),
        value=np.array([30.0, 8, 50, 9]),
        status=np.array([0, 1, 2, 1]),
        recency=np.array([3, 9, 27]),
        names=np.array([[3, 2], [1, 4], [1, 1]]),
    )
    np.testing.assert_allclose(
        order_features(orders, orders.status),
        [
            [3, 2, 3, 30, 30, 3, 2, 0, 1 / 3],
            [9, 1, 4, 0, 0, 1, 4, 1, 0],
            [27, 1, 1, 0, 0, 1, 1, 0, 1],
        ],
    )


def test_shuffled_statuses_keep_everything_else():
    drawn = set_named("chance shop, features of 0.1").draw(np.random.default_rng(1), 300)
    shuffled = drawn.shuffled(np.random.default_rng(2))
    same = [0, 1, 2, 5, 6]
    np.testing.assert_array_equal(drawn.values[:, same], shuffled[:, same])
    assert not np.array_equal(drawn.values[:, 8], shuffled[:, 8])


def test_the_chain_finds_groups_and_no_others():
    found = judge(set_named("two, 6 sd, beside 3 of noise"), 0, 600, 2)
    assert (found.grouping, found.k, found.is_grid) == (CLEAR, 2, False)
    assert found.agreement > 0.95
    cloud = judge(set_named("Gaussian, 5 columns, r = 0.5"), 0, 600, 2)
    assert cloud.grouping == SLICES and cloud.is_grid


def test_groups_that_chance_made_are_taken_back():
    found = judge(set_named("chance shop, features of 0.1"), 1, 600, 2)
    assert found.grouping == SLICES and not found.is_grid
