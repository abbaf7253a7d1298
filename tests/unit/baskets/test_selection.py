"""Ensures that the number of baskets follows the written rule, on planted and on random data."""

import numpy as np
import pandas as pd
import pytest

from segmentation.baskets.selection import (
    evaluate_basket_counts,
    random_baskets,
    select_basket_count,
)


def grouped_shares(groups: int, *, items: float, rows: int = 1200, loyalty: float = 0.9):
    """Customers of `groups` tastes over 24 categories; a share `loyalty` of items follows it."""
    rng = np.random.default_rng(groups)
    popularity = rng.dirichlet(np.full(24, 2.0))
    taste = rng.permutation(np.arange(24) % groups)
    mixes = np.array([(taste == group) * popularity for group in range(groups)])
    mixes = loyalty * mixes / mixes.sum(axis=1, keepdims=True) + (1 - loyalty) * popularity
    drawn = rng.multinomial(2 + rng.poisson(items - 2, rows), mixes[rng.integers(0, groups, rows)])
    return drawn / drawn.sum(axis=1, keepdims=True)


def chosen_count(matrix: np.ndarray) -> int:
    counts = evaluate_basket_counts(matrix, max_components=6, seed=1, random_sets=6)
    return int(select_basket_count(counts).query("is_selected")["components"].item())


@pytest.mark.parametrize("items", [3, 10])
@pytest.mark.parametrize("groups", [1, 2, 3, 5])
def test_planted_tastes_are_counted(groups, items):
    matrix = grouped_shares(groups, items=items)
    assert chosen_count(matrix[np.count_nonzero(matrix, axis=1) > 1]) == groups


def test_random_baskets_keep_popularity_concentration_and_totals():
    matrix = grouped_shares(1, items=8, rows=4000)
    scaled = matrix * np.linspace(1, 5, 4000)[:, None]
    random = random_baskets(scaled, np.random.default_rng(0))
    assert random.sum(axis=1) == pytest.approx(scaled.sum(axis=1))
    assert random.sum(axis=0) == pytest.approx(scaled.sum(axis=0), rel=0.12)
    concentration = [np.square(part / part.sum(axis=1, keepdims=True)).sum(axis=1).mean()
                     for part in (scaled, random)]  # fmt: skip
    assert concentration[1] == pytest.approx(concentration[0], rel=0.1)


def test_evaluation_is_the_same_every_time_and_its_error_falls():
    matrix = grouped_shares(3, items=6, rows=400)
    one, two = (
        evaluate_basket_counts(matrix, max_components=4, seed=2, random_sets=3) for _ in range(2)
    )
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert one["components"].tolist() == [1, 2, 3, 4]
    assert (one["error_drop"] > 0).all()
    left = 1 - one["error_drop"].cumsum().to_numpy()
    assert left == pytest.approx(one["reconstruction_error"].to_numpy())


def candidates(drops, random) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "components": range(1, len(drops) + 1),
            "reconstruction_error": 1 - np.cumsum(drops),
            "error_drop": drops,
            "random_drop": random,
            "random_drop_sd": 0.01,
        }
    )


def test_the_rule_stops_at_the_first_component_that_does_not_stand_out():
    table = select_basket_count(candidates([0.4, 0.2, 0.11, 0.3], [0.5, 0.1, 0.1, 0.1]))
    assert table["is_selected"].tolist() == [False, True, False, False]
    assert table["reason"].tolist() == [
        "one more component stands out from random baskets, so 2 are taken",
        "the last component that stands out: it takes 0.2000 off the error, random baskets "
        "0.1000 ± 0.0100; the next does not",
        "its last component does not stand out: it takes 0.1100 off the error, random baskets "
        "0.1000 ± 0.0100",
        "component 3 already does not stand out from random baskets",
    ]


def test_nothing_bought_together_is_one_basket():
    table = select_basket_count(candidates([0.4, 0.1], [0.5, 0.1]))
    assert table.loc[table["is_selected"], "components"].item() == 1
    assert table["reason"].iloc[0].startswith("a second component takes no more off")


def test_the_largest_number_tried_says_so():
    table = select_basket_count(candidates([0.4, 0.3], [0.1, 0.1]))
    assert table["is_selected"].tolist() == [False, True]
    assert table["reason"].iloc[1].startswith("the largest number tried")


def test_a_forced_number_says_what_the_rule_would_take():
    table = select_basket_count(candidates([0.4, 0.1, 0.1], [0.5, 0.1, 0.1]), forced=3)
    assert table["is_selected"].tolist() == [False, False, True]
    assert table["reason"].iloc[2] == "set by components: 3; the rule would take 1"


def test_one_random_set_has_no_spread():
    with pytest.raises(ValueError, match="random_sets is 1"):
        evaluate_basket_counts(np.eye(3), max_components=1, seed=0, random_sets=1)
