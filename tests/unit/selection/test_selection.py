"""Ensures that k follows the written rule, with a true sentence for every candidate."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.selection.selection import kneedle, select_k


def candidates(silhouette: dict, **columns) -> pd.DataFrame:
    """One evaluated row per k, a column overridden by a value or by a dict of k."""
    ks = sorted(silhouette)
    frame = pd.DataFrame(
        {
            "k": ks,
            "inertia": [100.0 / k for k in ks],
            "silhouette": [float(silhouette[k]) for k in ks],
            "silhouette_se": 0.02,
            "stability": 0.9,
            "smallest_share": 0.1,
            "prediction_strength": 0.9,
            "clear_groups": 1.0,
            "recognisable_groups": 2.0,
            "is_elbow": False,
            "is_selected": False,
            "reason": "",
        }
    ).set_index("k", drop=False)
    for column, values in columns.items():
        if isinstance(values, dict):
            values = pd.Series(values).reindex(ks).fillna(frame[column])
        frame[column] = values
    return frame.reset_index(drop=True)


def selected(frame: pd.DataFrame) -> int:
    chosen = frame.loc[frame["is_selected"], "k"]
    assert len(chosen) == 1
    return int(chosen.iloc[0])


def reason(frame: pd.DataFrame, k: int) -> str:
    return frame.set_index("k").loc[k, "reason"]


def test_the_elbow_of_the_published_example_is_found():
    # f(x) = -1 / x + 5 on ten points, Satopaa et al.'s figure 2, upside down: knee at x = 0.22
    # of 0.1 .. 1.0 with their ten points, which is the second.
    x = np.linspace(0, 1, 10)
    assert kneedle(range(10), 1 / (x + 0.1) - 5) == 2


@pytest.mark.parametrize(
    ("inertias", "elbow"),
    [
        ([100, 40, 20, 15, 12, 10], 4),
        ([100, 90, 20, 15, 12, 10], 4),
        ([100, 80, 60, 40, 20, 0], None),
        ([5, 5, 5, 5], None),
        ([100, 10], None),
    ],
)
def test_elbows_by_hand(inertias, elbow):
    assert kneedle(range(2, 2 + len(inertias)), inertias) == elbow


def test_candidates_without_inertia_are_left_out_of_the_elbow():
    assert kneedle(range(2, 9), [100, 40, 20, 15, 12, 10, np.nan]) == 4


def with_refits(frame: pd.DataFrame, silhouettes: dict, jaccards: dict | None = None):
    """Give each k the silhouettes, and the smallest Jaccards, of its refits."""
    none = np.empty(0)
    held = jaccards or dict.fromkeys(silhouettes, none)
    refits = [(np.array(silhouettes[k]), np.array(held[k])) for k in frame["k"]]
    return frame.assign(refits=refits)


# --- groups: the best silhouette, or more segments that come near it ---


def test_the_best_silhouette_wins():
    frame = select_k(candidates({2: 0.3, 3: 0.4, 4: 0.5, 5: 0.4}))
    assert selected(frame) == 4 and not frame["is_grid"].any()
    assert reason(frame, 4) == (
        "has the best silhouette (0.500) of those that pass, and no larger k comes near it"
    )
    assert reason(frame, 5) == (
        "silhouette 0.400 does not come near the best that passes (0.500 at k = 4): it is not "
        "within 0.075 of it or one standard error of the difference (0)"
    )
    assert reason(frame, 3) == (
        "silhouette 0.400 is below the best that passes (0.500 at k = 4), which has more segments"
    )


def test_more_segments_win_if_they_come_near_and_predict_each_other():
    frame = select_k(
        candidates(
            {3: 0.5, 4: 0.45, 5: 0.44, 6: 0.46, 7: 0.42},
            prediction_strength={4: 0.8, 5: 0.7, 6: 0.69},
        )
    )
    assert selected(frame) == 5
    assert reason(frame, 5) == (
        "the most segments whose silhouette (0.440) comes near the best that passes (0.500 at "
        "k = 3), within 0.075 of it or one standard error of the difference (0), and whose halves "
        "predict each other (0.70)"
    )
    assert reason(frame, 3) == (
        "has the best silhouette that passes (0.500), but k = 5 comes near it with more segments"
    )
    assert reason(frame, 4).endswith("but so does k = 5 with more segments")
    assert "its halves predict each other too badly (0.69, below 0.7)" in reason(frame, 6)
    assert "does not come near" in reason(frame, 7)


def test_the_error_that_counts_is_that_of_the_difference():
    """Silhouettes of the same rows rise and fall together, and the luck they share drops out."""
    frame = candidates({3: 0.5, 4: 0.4})
    together = with_refits(frame, {3: [0.3, 0.5, 0.7], 4: [0.2, 0.4, 0.6]})
    assert selected(select_k(together)) == 3
    apart = with_refits(frame, {3: [0.3, 0.5, 0.7], 4: [0.6, 0.4, 0.2]})
    chosen = select_k(apart).set_index("k")
    assert chosen["is_selected"].idxmax() == 4
    assert chosen.loc[4, "difference_se"] == pytest.approx(0.4)
    assert chosen.loc[3, "difference_se"] == 0


def test_it_is_said_in_how_many_refits_each_k_would_have_won():
    frame = with_refits(
        candidates({3: 0.5, 4: 0.3, 5: 0.2}, smallest_share={5: 0.001}),
        {3: [0.5, 0.5, 0.2, 0.5], 4: [0.1, 0.2, 0.4, 0.3], 5: [0.9, 0.9, 0.9, 0.9]},
    )
    assert select_k(frame)["wins_share"].tolist() == [0.75, 0.25, 0]
    assert select_k(candidates({3: 0.5, 4: 0.3}))["wins_share"].isna().all()


def test_two_clear_groups_may_win_although_the_rule_starts_at_three():
    both = {2: 0.6, 3: 0.4, 4: 0.5}
    assert selected(select_k(candidates(both))) == 2
    assert selected(select_k(candidates(both), minimum_k=4)) == 4
    assert selected(select_k(candidates(both, recognisable_groups=np.nan))) == 4
    near = candidates({2: 0.6, 3: 0.55, 4: 0.2})
    assert selected(select_k(near)) == 3


def test_as_many_clear_groups_as_segments_win_against_fewer_segments():
    frame = select_k(candidates({2: 0.6, 3: 0.3, 4: 0.2}, clear_groups={2: 2, 3: 3, 4: 2}))
    assert selected(frame) == 3
    assert reason(frame, 3) == (
        "all its segments are clear groups: a valley runs along every border, and k = 2, which the "
        "silhouette prefers, has fewer"
    )
    assert "k = 3 parts the data into as many clear groups" in reason(frame, 2)


@pytest.mark.parametrize(
    ("columns", "k"),
    [
        ({}, 2),
        ({"recognisable_groups": {2: 2, 4: 3}}, 4),
        ({"prediction_strength": {2: 0.94, 4: 0.8}}, 4),
        ({"prediction_strength": {2: 0.99, 4: 0.9}}, 4),
    ],
)
def test_more_segments_than_clear_groups_need_a_reason(columns, k):
    told = {"prediction_strength": {2: 0.99, 4: 0.8}, "clear_groups": {2: 2, 4: 2}} | columns
    frame = select_k(candidates({2: 0.5, 3: 0.2, 4: 0.49}, **told))
    assert selected(frame) == k
    if k == 2:
        assert reason(frame, 2).endswith(
            "k = 4, which the silhouette prefers, shows no more groups"
        )


def test_clear_groups_that_are_too_small_win_nothing():
    frame = candidates({2: 0.6, 3: 0.3}, clear_groups={3: 3}, smallest_share={3: 0.01})
    assert selected(select_k(frame)) == 2


def test_a_tiny_segment_disqualifies():
    frame = select_k(candidates({3: 0.4, 4: 0.5}, smallest_share={4: 0.0199}))
    assert selected(frame) == 3
    assert reason(frame, 4) == "smallest segment has 1.9 % of customers, below 2 %"


def test_a_segment_of_just_the_smallest_share_passes():
    """The setting is a minimum: a shop that sets 0.1 and gets a tenth has what it asked for."""
    frame = candidates({3: 0.4, 4: 0.5}, smallest_share={4: 0.02})
    assert selected(select_k(frame)) == 4
    assert selected(select_k(candidates({3: 0.4, 4: 0.5}), minimum_share=0.1)) == 4


def test_an_unstable_segment_disqualifies():
    frame = select_k(candidates({3: 0.4, 4: 0.5}, stability={4: 0.59}))
    assert selected(frame) == 3
    assert reason(frame, 4) == (
        "least stable segment has a bootstrap stability of 0.590, below 0.6"
    )


def test_unknown_stability_disqualifies_nobody():
    assert selected(select_k(candidates({3: 0.4, 4: 0.5}, stability=np.nan))) == 4


def test_if_none_passes_few_and_large_segments_are_taken_and_it_is_said():
    """Never ten segments of three customers, however stable these are."""
    frame = candidates(
        {k: 0.5 for k in range(3, 11)},
        stability={k: k / 20 for k in range(3, 11)},
        smallest_share={k: 0.3 / k for k in range(3, 11)},
        recognisable_groups=1.0,
    )
    frame = select_k(frame, minimum_share=0.2)
    assert selected(frame) == 3
    assert reason(frame, 3).startswith(
        "no candidate passes the rule, so the one whose smallest segment is largest is taken"
    )
    assert "below 0.5" in reason(frame, 4)


def test_groups_far_apart_need_no_more_segments_than_they_are():
    frame = select_k(candidates({3: 0.78, 4: 0.98, 5: 0.9}))
    assert selected(frame) == 4
    assert "it is not within 0.01 of it" in reason(frame, 5)


# --- slices: the most that are stable and large enough ---


def slices(silhouette: dict, **columns) -> pd.DataFrame:
    return candidates(silhouette, recognisable_groups=1.0, **columns)


def test_of_slices_the_most_that_hold_are_taken():
    frame = select_k(slices({2: 0.5, 3: 0.4, 4: 0.3, 5: 0.2, 6: 0.1}, stability={5: 0.51, 6: 0.49}))
    assert selected(frame) == 5 and frame["is_grid"].all()
    assert reason(frame, 5) == (
        "no border of any number of segments is a valley, so this is a grid laid over one cloud: "
        "the most segments, of at most 10, that are stable and large enough"
    )
    assert reason(frame, 4) == "stable and large enough, but so is k = 5, and a finer grid"
    assert "below 0.5" in reason(frame, 6)
    assert "below k = 3" in reason(frame, 2)


def test_a_grid_has_a_bound_and_slices_a_size():
    frame = slices({3: 0.4, 4: 0.3, 5: 0.2}, smallest_share={4: 0.1, 5: 0.09})
    assert selected(select_k(frame, max_grid_k=4)) == 4
    assert reason(select_k(frame, max_grid_k=4), 5) == "above max_grid_k: 4"
    small = select_k(frame, rows=100)
    assert selected(small) == 4
    assert reason(small, 5) == "smallest segment has 9 customers, below 10"


def test_a_grid_says_which_refits_would_have_taken_how_many():
    frame = with_refits(
        slices({3: 0.4, 4: 0.3, 5: 0.2}),
        {k: [0.1] * 4 for k in (3, 4, 5)},
        {3: [0.9, 0.9, 0.9, 0.1], 4: [0.9, 0.9, 0.2, 0.1], 5: [0.9, 0.1, 0.1, 0.1]},
    )
    assert select_k(frame)["wins_share"].tolist() == [0.5, 0.25, 0.25]


def test_where_nobody_can_tell_the_silhouette_decides():
    frame = select_k(candidates({3: 0.4, 4: 0.3}, recognisable_groups=np.nan))
    assert selected(frame) == 3 and not frame["is_grid"].any()


def test_a_set_k_is_no_grid():
    assert not select_k(slices({3: 0.4, 4: 0.3}), forced_k=3)["is_grid"].any()


def test_a_set_k_overrides_and_the_rule_still_speaks():
    frame = select_k(candidates({3: 0.5, 4: 0.3, 5: 0.2}), forced_k=5)
    assert selected(frame) == 5
    assert reason(frame, 5) == "set by k: 5"
    assert reason(frame, 3).startswith("the rule would take it (has the best silhouette")


def test_a_set_k_outside_the_candidates_becomes_a_row():
    before = candidates({3: 0.5, 4: 0.3})
    frame = select_k(before, forced_k=1)
    assert frame["k"].tolist() == [1, 3, 4]
    assert selected(frame) == 1
    assert np.isnan(frame["silhouette"].iloc[0])
    assert (frame.dtypes[before.columns] == before.dtypes).all()


def test_the_candidates_given_are_not_changed():
    frame = candidates({3: 0.5, 4: 0.3})
    before = frame.copy()
    select_k(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_set_k_below_one_is_refused():
    with pytest.raises(ValueError, match="k is 0"):
        select_k(candidates({3: 0.5}), forced_k=0)


def test_with_too_few_rows_for_three_two_is_taken():
    frame = candidates({2: 0.5, 3: np.nan, 4: np.nan}, recognisable_groups=np.nan)
    frame.loc[frame["k"] > 2, "reason"] = "not evaluated: only 3 rows"
    frame = select_k(frame)
    assert selected(frame) == 2
    assert reason(frame, 2) == "no k from 3 up could be evaluated, so k = 2 is taken"
    assert reason(frame, 3) == "not evaluated: only 3 rows"


def test_one_segment_is_the_last_resort():
    frame = select_k(candidates({2: np.nan, 3: np.nan}))
    assert selected(frame) == 1
    assert reason(frame, 1) == "no k from 3 up could be evaluated, so k = 1 is taken"


def test_the_unit_of_the_reasons_can_be_named():
    frame = select_k(candidates({3: 0.4, 4: 0.5}, smallest_share={4: 0.01}), unit="products")
    assert "of products" in reason(frame, 4)


figures = st.floats(0, 1) | st.just(np.nan)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(figures, figures, figures, st.floats(0, 0.5)), min_size=1, max_size=9),
    st.none() | st.integers(1, 12),
)
def test_one_k_is_always_selected_and_every_evaluated_row_has_a_reason(rows, forced_k):
    ks = range(2, 2 + len(rows))
    frame = candidates({k: row[0] for k, row in zip(ks, rows, strict=True)})
    frame[["silhouette_se", "stability", "smallest_share"]] = [row[1:] for row in rows]
    result = select_k(frame, forced_k=forced_k)
    chosen = selected(result)
    assert forced_k is None or chosen == forced_k
    told = result["silhouette"].notna() | result["is_selected"]
    assert (result.loc[told, "reason"] != "").all()
    if forced_k is None and (result["recognisable_groups"] > 1).any():
        eligible = result[
            (result["smallest_share"] >= 0.02)
            & ~(result["stability"] < 0.6)
            & result["silhouette"].notna()
        ]
        best = eligible["silhouette"].max()
        if len(eligible):
            assert chosen in eligible["k"].tolist()
            assert result.set_index("k").loc[chosen, "silhouette"] >= 0.85 * best
