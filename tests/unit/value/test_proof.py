"""The figures of the proof against scikit-learn, against plain loops and against chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import r2_score, roc_auc_score

from segmentation.value.proof import (
    FOLDS,
    _learnt_from_groups,
    explained,
    money_of_best,
    pairs_won,
    prove,
)


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=50)
def test_weighted_figures_are_those_of_scikit_learn(seed):
    draw = np.random.default_rng(seed)
    weights = draw.integers(0, 4, (3, 60)).astype(float)
    scores = draw.integers(0, 7, 60).astype(float)
    target = draw.gamma(1, 9, 60)
    happened = (draw.random(60) < 0.4).astype(float)
    for row in range(3):
        one = weights[row : row + 1]
        kept = one[0] > 0
        assert explained(one, target, scores)[0] == pytest.approx(
            r2_score(target[kept], scores[kept], sample_weight=one[0][kept])
        )
        if 0 < happened[kept].sum() < kept.sum():
            won, pairs = pairs_won(one, scores, happened)
            assert won[0] / pairs[0] == pytest.approx(
                roc_auc_score(happened[kept], scores[kept], sample_weight=one[0][kept])
            )


def test_share_of_best_takes_part_of_the_group_at_the_border():
    scores = np.array([3.0] * 10 + [2.0] * 20 + [1.0] * 70)
    spend = np.array([5.0] * 10 + [2.0] * 20 + [0.0] * 70)
    # The first ten with 50 and half of the next twenty with 20 of 90 in all.
    best, total = money_of_best(np.ones((1, 100)), scores, spend)
    assert (best[0], total[0]) == pytest.approx((70, 90))


def test_share_of_best_with_distinct_scores_is_a_sum_of_the_largest():
    draw = np.random.default_rng(0)
    scores, spend = draw.permutation(50).astype(float), draw.gamma(1, 1, 50)
    largest = spend[np.argsort(-scores)[:10]].sum()
    assert money_of_best(np.ones((1, 50)), scores, spend)[0][0] == pytest.approx(largest)


def test_units_are_judged_by_the_other_folds_only():
    draw = np.random.default_rng(1)
    labels, target = draw.integers(0, 4, 200), draw.gamma(1, 1, 200)
    folds = draw.integers(0, FOLDS, 200)
    labels[0] = 99  # alone in its group: nobody else can tell
    found = _learnt_from_groups(labels, target, folds)
    for unit in range(200):
        others = folds != folds[unit]
        group = others & (labels == labels[unit])
        expected = target[group].mean() if group.any() else target[others].mean()
        assert found[unit] == pytest.approx(expected)


def figures(table, name, measure):
    rows = table[(table["predictor"] == name) & (table["measure"] == measure)]
    return rows.iloc[0]


def test_groups_that_know_beat_groups_that_guess():
    draw = np.random.default_rng(2)
    knows = draw.integers(0, 5, 4_000)
    later = np.where(draw.random(4_000) < 0.1 + 0.15 * knows, draw.gamma(2, 10, 4_000), 0.0)
    guesses = draw.permutation(knows)
    values, differences = prove({"knows": knows, "guesses": guesses}, later, seed=0)
    for measure in ("r2_log_spend", "auc_buying", "best_fifth_share"):
        assert figures(values, "knows", measure)["low"] > figures(values, "guesses", measure).high
        gap = differences[
            (differences["predictor"] == "knows") & (differences["measure"] == measure)
        ].iloc[0]
        assert gap["low"] > 0
        own = figures(values, "knows", measure)["value"]
        assert gap["value"] == pytest.approx(own - figures(values, "guesses", measure)["value"])


def test_a_score_and_the_groups_of_its_values_say_the_same():
    draw = np.random.default_rng(3)
    level = draw.integers(0, 4, 3_000)
    later = np.where(draw.random(3_000) < 0.1 + 0.2 * level, 10.0 + level, 0.0)
    values, _ = prove({"groups": level, "score": level.astype(float)}, later, seed=0)
    wide = values.pivot(index="measure", columns="predictor", values="value")
    assert wide["groups"].to_numpy() == pytest.approx(wide["score"].to_numpy(), abs=1e-3)


def test_where_nobody_buys_there_is_no_figure():
    values, _ = prove({"any": np.arange(300) % 3}, np.zeros(300), seed=0)
    assert values["value"].isna().all()


def test_what_is_chance_shows_no_value():
    """Of 200 shops whose next period is independent of the groups, nearly all intervals cover."""
    covered = {"auc_buying": 0, "best_fifth_share": 0}
    chance = {"auc_buying": 0.5, "best_fifth_share": 0.2}
    for seed in range(200):
        draw = np.random.default_rng([4, seed])
        later = np.where(draw.random(800) < 0.3, draw.gamma(2, 10, 800), 0.0)
        values, _ = prove({"groups": draw.integers(0, 6, 800)}, later, seed=seed)
        for measure, true in chance.items():
            row = figures(values, "groups", measure)
            covered[measure] += row["low"] <= true <= row["high"]
    assert min(covered.values()) >= 180


def test_same_seed_same_figures():
    draw = np.random.default_rng(5)
    labels, later = draw.integers(0, 3, 500), draw.gamma(1, 1, 500)
    first, second = (prove({"groups": labels}, later, seed=9)[0] for _ in range(2))
    assert first.equals(second)
