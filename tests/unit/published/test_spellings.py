"""Ensures that a value is the same in every spelling that its own column allows, and no other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.features.recipe import MISSING, OTHER
from segmentation.published.score_values import read_category
from segmentation.published.spellings import (
    as_number,
    as_truth,
    is_flag,
    level_of,
    levels_by_meaning,
    missing_words,
    spellings_of,
)


def found(value, *levels):
    known = frozenset(levels)
    text, problem = read_category(value)
    assert problem is None
    return level_of(text, known, levels_by_meaning(known))


FLAGS = [("true", "false"), ("1.0", "0.0"), ("1", "0"), ("Yes", "No"), ("Y", "N"), ("t", "f")]
YES = [True, 1, 1.0, "True", "TRUE", "t", "1", "1.0", "1.00", "yes", "Y", "on", "01"]
YES += ["1,0", "1,00"]
NO = [False, 0, 0.0, "False", "f", "0", "0.0", "-0", "no", "N", "OFF"]


@pytest.mark.parametrize("levels", FLAGS)
def test_a_flag_is_known_in_every_spelling(levels):
    assert {found(value, *levels) for value in YES} == {levels[0]}
    assert {found(value, *levels, MISSING) for value in NO} == {levels[1]}
    assert found("perhaps", *levels) == "perhaps"
    assert found(2, *levels) == "2"


@pytest.mark.parametrize("levels", [("1", "2", "3"), ("1.0", "2.0", "3.0"), ("1.00", "2.00", "03")])
def test_a_code_is_known_in_every_spelling_of_its_number(levels):
    for spelled in (2, 2.0, "2", "2.0", "2.00", "02", "+2", "2e0", "2,0"):
        assert found(spelled, *levels, OTHER) == levels[1]
    assert found("2,000", *levels) == "2,000"
    assert found("4", *levels) == "4" and found("true", *levels) == "true"


def test_texts_are_known_as_they_are():
    assert found("red", "Red", "blue") == "red"
    assert found("yes", "yes", "no", "perhaps") == "yes"
    assert found("true", "yes", "no", "perhaps") == "true"
    assert found("7.0", "7", "7a") == "7"
    assert found("7A", "7", "7a") == "7A"


def test_levels_of_one_meaning_are_told_apart_by_their_spelling():
    assert found("01", "1", "01", "2") == "01"
    assert found("1.0", "1", "01", "2") == "1.0"
    assert not is_flag([MISSING, OTHER])


@pytest.mark.parametrize("levels", [("1.0", "0.0", "none"), ("yes", "no", "n/a"), ("1", "0", "?")])
def test_a_flag_with_a_mark_among_its_levels_is_a_flag_still(levels):
    assert {found(value, *levels) for value in YES} == {levels[0]}
    assert {found(value, *levels) for value in NO} == {levels[1]}
    assert found(levels[2], *levels) == levels[2]


def test_a_mark_says_that_a_value_is_missing_among_numbers_and_flags_alone():
    def is_missing(word, *levels):
        return word in missing_words(levels, levels_by_meaning(levels))

    for levels in (("1", "2", "3"), ("1.0", "0.0", MISSING), ("Yes", "No"), ("7", OTHER)):
        assert is_missing("?", *levels) and is_missing("none", *levels), levels
    for levels in (("red", "blue"), ("1", "2", "other"), ("1", "0", "none"), (MISSING,)):
        assert not is_missing("?", *levels) and is_missing("nan", *levels), levels


@given(st.one_of(st.booleans(), st.decimals(-(10**9), 10**9, places=3)))
def test_every_spelling_stands_for_its_number_or_truth_with_a_comma_too(meaning):
    read = as_truth if isinstance(meaning, bool) else as_number
    spelled = spellings_of(meaning)
    assert {read(text) for text in spelled} == {meaning}
    assert isinstance(meaning, bool) or any("," in text for text in spelled)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_the_number_it_spells(number):
    assert as_number(repr(number)) is not None
    assert found(number, repr(number), "other") == repr(number)
