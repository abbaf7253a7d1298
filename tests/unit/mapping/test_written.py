"""Ensures that a column's writing is told by all of its values, and refused where they leave it."""

import pytest

from segmentation.mapping.written import date_format, number_format
from segmentation.published.served import CommandError


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["1", "12", "-3"], None),
        (["12.50", "3"], "1,234.56"),
        (["1,255.50", "810"], "1,234.56"),
        (["12,5", "€ 3"], "1.234,56"),
        (["1.255.000", "810.000"], "1.234,56"),
        (["(12,00)", "1 255,5 kr"], "1.234,56"),
        (["7.125"] + [f"{n}.5" for n in range(30)], "1,234.56"),
        (["12,5"] + [f"{n}.5" for n in range(30)], "1,234.56"),
        (["free", "n/a"], None),
    ],
)
def test_points_and_commas_are_told_by_the_column(values, written):
    assert number_format(values, "price", None) == written


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (
            ["1.500", "2"],
            "may be written as 1,234.56 or as 1.234,56 (for example '1.500'): say --n",
        ),
        (["1,500"], "(for example '1,500')"),
        (["1.5", "1,5"], "is written as 1,234.56 in some lines and as 1.234,56 in others"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_are_refused(values, words):
    with pytest.raises(CommandError) as refused:
        number_format(values, "price", None)
    assert words in str(refused.value)
    assert number_format(values, "price", "1.234,56") == "1.234,56"


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["2024-02-28", "2024/2/8 10:00"], None),
        (["28/02/2024", "1/2/2024"], "d/m/y"),
        (["2/28/24 5:06 PM", "1/2/24"], "m/d/y"),
        (["1.2.2024"], "d/m/y"),
        (["12/1/2010 8:26", "12/13/2010 9:00"], "m/d/y"),
    ],
)
def test_days_and_months_are_told_by_the_column(values, written):
    assert date_format(values, "date", None) == written


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["3/4/2024"], "may be written as d/m/y or as m/d/y (for example '3/4/2024'): say --dates"),
        (["13/1/2024", "1/13/2024"], "in some lines and as m/d/y in others"),
        (["01-Dec-2010"], "'01-Dec-2010' is none that is known"),
        (["45292", "2024-01-01"], "'45292' is none that is known"),
    ],
)
def test_dates_that_are_of_two_days_or_none_are_refused(values, words):
    with pytest.raises(CommandError) as refused:
        date_format(values, "date", None)
    assert words in str(refused.value)
