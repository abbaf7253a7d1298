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


def test_the_smallest_k_within_one_standard_error_wins():
    frame = select_k(candidates({2: 0.4, 3: 0.4, 4: 0.49, 5: 0.5, 6: 0.3}))
    assert selected(frame) == 4
    assert "within one standard error (0.02) of the best (0.500 at k = 5)" in reason(frame, 4)
    assert reason(frame, 5) == (
        "has the best silhouette (0.500), but k = 4 is smaller and within one standard error "
        "(0.02) of it"
    )
    assert "below the best (0.500 at k = 5)" in reason(frame, 3)
    assert "below k = 3" in reason(frame, 2)


SOUND = "whose segments are stable and large enough"


@pytest.mark.parametrize(
    ("silhouette", "columns", "told"),
    [
        ({2: 0.3, 3: 0.4, 4: 0.5, 5: 0.45}, {"stability": {5: 0.1}}, None),
        ({2: 0.3, 3: 0.4, 4: 0.5, 5: 0.49}, {"stability": {5: 0.1}}, None),
        ({2: 0.3, 3: 0.4, 4: 0.5, 5: 0.6}, {"stability": {5: 0.1}}, f"the numbers {SOUND}"),
        ({2: 0.3, 3: 0.49, 4: 0.5}, {"smallest_share": {3: 0.001}}, f"the numbers {SOUND}"),
        ({2: 0.6, 3: 0.4, 4: 0.5}, {}, "the numbers from 3 up"),
        (
            {2: 0.6, 3: 0.4, 4: 0.5, 5: 0.6},
            {"stability": {5: 0.1}},
            f"the numbers from 3 up {SOUND}",
        ),
    ],
)
def test_the_best_is_said_to_be_so_among_those_it_is_the_best_of(silhouette, columns, told):
    frame = select_k(candidates(silhouette, **columns))
    assert selected(frame) == 4
    assert reason(frame, 4) == (
        f"has the best silhouette (0.500) of {told}, and no smaller one of them is within one "
        "standard error"
        if told
        else "has the best silhouette (0.500), and no smaller k is within one standard error"
    )
    passing = " that passes" if told else ""
    if 3 in frame["k"].values and "smallest_share" not in columns:
        assert reason(frame, 3).endswith(f"below the best{passing} (0.500 at k = 4)")


def test_the_smallest_near_the_best_names_those_it_is_compared_with():
    frame = select_k(candidates({2: 0.1, 3: 0.49, 4: 0.5, 5: 0.6}, stability={5: 0.1}))
    assert reason(frame, 3) == (
        "smallest k whose silhouette (0.490) is within one standard error (0.02) of the best that "
        f"passes (0.500 at k = 4), among the numbers {SOUND}"
    )
    assert reason(frame, 4) == (
        "has the best silhouette that passes (0.500), but k = 3 is smaller and within one standard "
        "error (0.02) of it"
    )


def test_the_standard_error_is_that_of_the_best():
    frame = candidates({3: 0.4, 4: 0.5}, silhouette_se={3: 0.2, 4: 0.01})
    assert selected(select_k(frame)) == 4


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


def test_if_none_passes_the_most_stable_is_taken_and_it_is_said():
    frame = select_k(candidates({3: 0.5, 4: 0.4}, stability={3: 0.3, 4: 0.5}))
    assert selected(frame) == 4
    assert reason(frame, 4).startswith("no candidate passes the rule, so the most stable is taken")
    assert "0.300, below 0.6" in reason(frame, 3)


def test_if_none_passes_and_stability_is_unknown_the_best_silhouette_is_taken():
    frame = select_k(candidates({3: 0.5, 4: 0.4}, stability=np.nan, smallest_share=0.001))
    assert selected(frame) == 3
    assert "the one with the highest silhouette is taken" in reason(frame, 3)


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
    assert (frame.dtypes == before.dtypes).all()


def test_the_candidates_given_are_not_changed():
    frame = candidates({3: 0.5, 4: 0.3})
    before = frame.copy()
    select_k(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_a_set_k_below_one_is_refused():
    with pytest.raises(ValueError, match="k is 0"):
        select_k(candidates({3: 0.5}), forced_k=0)


def test_with_too_few_rows_for_three_two_is_taken():
    frame = candidates({2: 0.5, 3: np.nan, 4: np.nan})
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
    eligible = result[
        (result["k"] >= 3)
        & (result["smallest_share"] >= 0.02)
        & ~(result["stability"] < 0.6)
        & result["silhouette"].notna()
    ]
    if forced_k is None and len(eligible):
        best = eligible.loc[eligible["silhouette"].idxmax()]
        near = eligible["silhouette"] >= best["silhouette"] - np.nan_to_num(best["silhouette_se"])
        assert chosen == eligible.loc[near, "k"].min()
