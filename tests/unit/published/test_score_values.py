"""Ensures that values are read as the fit read them, and that whatever is odd is told."""

import math
import shutil

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segmentation.features.recipe import MISSING
from segmentation.published.publishing import DATABASE
from segmentation.published.score_inputs import Damaged
from segmentation.published.score_values import clean, prepare, read_category, read_number
from segmentation.published.scoring import load_model
from segmentation.published.served import open_published

GOOD = {
    "total_orders": "2",
    "total_spend": 10.5,
    "return_rate": "0.1",
    "country": "Brasil",
    "brand": "Plain",
}
KNOWN = frozenset({"customer_id"})


def told(folder, **values):
    """Problems and notes of one good row with some values replaced, or left out with None."""
    row = {name: value for name, value in (GOOD | values).items() if value is not Ellipsis}
    with open_published(folder) as published:
        prepared = prepare([row], load_model(published), KNOWN)
    return prepared.problems[0], prepared.notes[0]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("12.5", 12.5),
        (" -3 ", -3.0),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        (7, 7.0),
        (np.float32(1.5), 1.5),
        ("", math.nan),
        ("NULL", math.nan),
        (None, math.nan),
        ("\\N", math.nan),
        ("<NA>", math.nan),
        ("#DIV/0!", math.nan),
        (math.nan, math.nan),
    ],
)
def test_numbers(value, number):
    read, problem = read_number(value)
    assert problem is None and (read == number or (math.isnan(read) and math.isnan(number)))


@pytest.mark.parametrize(
    "value", ["abc", "1_000", "1,5", "12€", "٣", "0x10", "--1", True, b"1", [1], {"a": 1}]
)
def test_what_is_no_number_is_said_to_be_none(value):
    read, problem = read_number(value)
    assert math.isnan(read) and problem.endswith("not a number")


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999", math.inf, 10**400])
def test_infinite_numbers_have_words(value):
    assert read_number(value)[1] == "is infinite"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Brasil", "Brasil"),
        (" Brasil ", "Brasil"),
        (3, "3"),
        (True, "true"),
        ("", MISSING),
        ("null", MISSING),
        (None, MISSING),
        (math.nan, MISSING),
        (MISSING, MISSING),
    ],
)
def test_categories(value, text):
    assert read_category(value) == (text, None)


@pytest.mark.parametrize("value", [[1], {"a": 1}, b"x"])
def test_what_is_no_text_is_said_to_be_none(value):
    assert read_category(value)[1].endswith("not a text")


@pytest.mark.parametrize(
    ("recipe", "values", "note"),
    [
        ("numbers", {"total_spend": ""}, "total_spend is missing: took "),
        ("numbers", {"total_spend": ...}, "there is no column total_spend: took "),
        ("famd", {"country": "Mars"}, "country 'Mars' was not seen at fit time: counted as no"),
        ("famd", {"brand": "New"}, "brand 'New' was not seen at fit time: counted as (other)"),
        ("label_drop", {"brand": "New"}, "not seen at fit time: took the average code"),
        ("famd", {"country": None}, "country is missing: counted as no level"),
        ("label_fill", {"country": None}, "country is missing: took the average code"),
        ("label_fill", {"brand": ...}, "there is no column brand: counted as (missing)"),
        ("numbers", {"shoe_size": 4, "hat": 1}, "ignored: brand, country, hat, shoe_size"),
    ],
)
def test_oddities_are_noted_and_cost_no_segment(published_folder, recipe, values, note):
    problems, notes = told(published_folder(recipe), **values)
    assert not problems and any(note in one for one in notes)


@pytest.mark.parametrize(
    ("recipe", "values", "problem"),
    [
        ("label_drop", {"country": ""}, "no value for country"),
        ("label_drop", {"country": ...}, "no value for country"),
        ("famd_drop", {"total_spend": None}, "no value for total_spend"),
        ("numbers", {"total_spend": "much"}, "total_spend is 'much', not a number"),
        ("numbers", {"return_rate": "inf"}, "return_rate is infinite"),
        ("famd", {"brand": ["Plain"]}, "brand is '['Plain']', not a text"),
    ],
)
def test_problems_cost_the_segment(published_folder, recipe, values, problem):
    problems, _ = told(published_folder(recipe), **values)
    assert problems == [problem]


@pytest.mark.parametrize("value", [-5, 1e300, "1000"])
def test_a_number_beyond_all_published_ones_is_noted_and_used(published_folder, value):
    with open_published(published_folder()) as published:
        model = load_model(published)
        ((lowest, highest),) = published.rows(
            "select min(total_orders), max(total_orders) from customer_features"
        )
        prepared = prepare([GOOD | {"total_orders": value}], model, frozenset(GOOD))
    assert prepared.notes[0] == [
        f"total_orders is {float(value):g}: the published values go from {lowest:g} to {highest:g}"
    ]
    assert prepared.problems[0] == []
    assert prepared.frame["total_orders"].item() == float(value)


def test_the_last_digit_of_the_largest_number_is_not_beyond_it(published_folder):
    with open_published(published_folder()) as published:
        ((highest,),) = published.rows(
            "select max(total_spend) from customer_features where not isnan(total_spend)"
        )
    assert told(published_folder(), total_spend=np.nextafter(highest, np.inf)) == told(
        published_folder(), total_spend=highest
    )
    assert told(published_folder(), total_spend=highest)[1] == ["ignored: brand, country"]


def test_without_published_rows_nothing_is_beyond_them(published_folder, tmp_path):
    shutil.copy(published_folder() / DATABASE, tmp_path / DATABASE)
    with duckdb.connect(str(tmp_path / DATABASE)) as connection:
        connection.execute("drop table customer_features")
    assert told(tmp_path, total_orders=1e9) == ([], ["ignored: brand, country"])


def test_a_row_of_marks_has_no_value(published_folder):
    marks = dict.fromkeys(GOOD, "?") | {"country": "", "brand": "NULL"}
    assert told(published_folder("famd"), **marks) == (["it has no value at all"], [])
    problems, _ = told(published_folder("famd"), **marks | {"country": "Mars"})
    assert problems == []  # Of a text with other levels nobody knows what '?' means.


def test_an_ordinary_row_needs_no_remark(published_folder):
    assert told(published_folder("famd"), customer_id=3) == ([], [])


def test_a_damaged_row_says_why(published_folder):
    with open_published(published_folder("famd")) as published:
        prepared = prepare([Damaged("torn"), GOOD], load_model(published), KNOWN)
    assert prepared.problems == [["torn"], []] and len(prepared.frame) == 2


@given(st.text())
def test_clean_text_can_be_written(text):
    clean(text + "\ud800").encode("utf-8")
    assert clean("Zoë") == "Zoë"
