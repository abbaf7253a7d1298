"""Ensures that ids last as long as their segment, and never longer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segmentation.clustering.agreement import ids_by_label, match_segments


def as_tuples(matches) -> set[tuple]:
    plain = matches[["kind", "old_id", "new_label", "new_id"]].astype(object)
    return set(plain.where(plain.notna(), None).itertuples(index=False, name=None))


def test_the_first_fit_is_numbered_from_one_by_descending_size():
    matches = match_segments([None] * 6, [2, 0, 0, 1, 1, 1])
    assert as_tuples(matches) == {("new", None, 1, 1), ("new", None, 0, 2), ("new", None, 2, 3)}
    assert ids_by_label(matches) == {1: 1, 0: 2, 2: 3}


def test_renumbered_segments_keep_their_ids_although_some_customers_moved():
    old = [1] * 10 + [2] * 10 + [3] * 10
    new = [2] * 9 + [0] + [0] * 10 + [1] * 10
    matches = match_segments(old, new)
    assert ids_by_label(matches) == {2: 1, 0: 2, 1: 3}
    kept = matches.set_index("old_id")
    assert kept.loc[1, "overlap"] == pytest.approx(9 / 10)
    assert kept.loc[2, "overlap"] == pytest.approx(10 / 11)
    assert kept["customers"].to_dict() == {1: 9, 2: 10, 3: 10}


def test_the_larger_part_of_a_split_keeps_the_id():
    matches = match_segments([1] * 10 + [2] * 5, [0] * 6 + [1] * 4 + [2] * 5)
    assert as_tuples(matches) == {
        ("kept", 1, 0, 1),
        ("kept", 2, 2, 2),
        ("split", 1, 1, 3),
    }


def test_of_two_merged_segments_the_larger_lives_on():
    matches = match_segments([1] * 4 + [2] * 6 + [3] * 5, [0] * 10 + [1] * 5)
    assert as_tuples(matches) == {("kept", 2, 0, 2), ("kept", 3, 1, 3), ("merged", 1, 0, 2)}


def test_three_equal_segments_merged_are_a_new_one():
    matches = match_segments([1] * 5 + [2] * 5 + [3] * 5, [7] * 15)
    assert as_tuples(matches) == {("new", None, 7, 4)} | {("merged", i, 7, 4) for i in (1, 2, 3)}


def test_a_scattered_segment_is_retired():
    matches = match_segments([1] * 9 + [2] * 9 + [3] * 2, [0] * 9 + [1] * 9 + [0, 1])
    assert ("retired", 3, None, None) in as_tuples(matches)


def test_a_dead_segments_id_does_not_pass_to_a_segment_of_newcomers():
    old = [1] * 10 + [2] * 10 + [None] * 10
    new = [0] * 10 + [None] * 10 + [1] * 10
    assert as_tuples(match_segments(old, new)) == {
        ("kept", 1, 0, 1),
        ("new", None, 1, 3),
        ("retired", 2, None, None),
    }


def test_a_dead_segments_id_does_not_pass_on_through_a_few_customers():
    old = [1] * 20 + [2] * 10
    new = [0] * 20 + [0] * 8 + [1] * 2
    matches = match_segments([*old, *[None] * 30], [*new, *[1] * 30])
    assert ("merged", 2, 0, 1) in as_tuples(matches)
    assert ids_by_label(matches)[1] == 3


def test_ids_start_above_the_highest_ever_given():
    matches = match_segments([1] * 5 + [None] * 5, [0] * 5 + [1] * 5, highest_id=9)
    assert ids_by_label(matches) == {0: 1, 1: 10}


def test_useless_pairs_cannot_push_a_match_aside():
    # By total overlap 1/3 + 1/3 beats 1/2, and id 1 would go to the wrong segment or to none.
    matches = match_segments([1] * 10 + [1] * 5 + [2] * 5, [0] * 10 + [1] * 5 + [0] * 5)
    assert as_tuples(matches) == {("kept", 1, 0, 1), ("split", 1, 1, 3), ("merged", 2, 0, 1)}


@pytest.mark.parametrize("floor", [0, -1, 1.1])
def test_a_floor_outside_its_range_is_refused(floor):
    with pytest.raises(ValueError, match="floor of the overlap"):
        match_segments([1], [0], floor=floor)


def test_lists_of_different_customers_are_refused():
    with pytest.raises(ValueError, match="2 old ids and 1 new labels"):
        match_segments([1, 2], [0])


customers = st.lists(
    st.tuples(st.none() | st.integers(1, 5), st.none() | st.integers(0, 4)), max_size=60
)
floors = st.sampled_from([0.1, 0.3, 0.5, 0.8, 1.0])


@settings(max_examples=60, deadline=None)
@given(customers, st.permutations(range(5)), floors)
def test_renumbering_the_new_labels_changes_no_customers_id(rows, permutation, floor):
    old, new = [row[0] for row in rows], [row[1] for row in rows]
    renumbered = [None if label is None else permutation[label] for label in new]
    before = ids_by_label(match_segments(old, new, floor=floor))
    after = ids_by_label(match_segments(old, renumbered, floor=floor))
    assert {permutation[label]: new_id for label, new_id in before.items()} == after


@settings(max_examples=60, deadline=None)
@given(customers, floors, st.integers(0, 9))
def test_ids_are_unique_and_pass_on_only_above_the_floor(rows, floor, highest_id):
    old, new = [row[0] for row in rows], [row[1] for row in rows]
    matches = match_segments(old, new, floor=floor, highest_id=highest_id)
    known = {i for i in old if i is not None}
    ids = ids_by_label(matches)
    assert set(ids) == {label for label in new if label is not None}
    assert len(set(ids.values())) == len(ids)
    kept = matches[matches["kind"] == "kept"]
    for row in kept.itertuples():
        shared = [(o, n) for o, n in rows if o is not None and n is not None]
        either = sum(o == row.old_id or n == row.new_label for o, n in shared)
        inside = sum(o == row.old_id and n == row.new_label for o, n in shared)
        assert row.overlap == pytest.approx(inside / either) and row.overlap >= floor
    fresh = set(ids.values()) - set(kept["new_id"])
    assert all(new_id > max([highest_id, *known]) for new_id in fresh)
    ended = matches.loc[matches["kind"].isin(["merged", "retired"]), "old_id"]
    assert set(ended) | set(kept["old_id"]) == known
    assert not set(ended) & set(ids.values())


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(0, 1_000))
def test_a_refit_that_found_the_same_segments_changes_nothing(k, seed):
    rng = np.random.default_rng(seed)
    old = np.r_[np.arange(k), rng.integers(0, k, 40)]
    matches = match_segments(old + 1, rng.permutation(k)[old])
    assert (matches["kind"] == "kept").all()
    assert (matches["overlap"] == 1).all()
