"""Ensures that a sign-in is kept as long as it says, for this password, and forged by nobody."""

import pytest

from segmentation.app import cookies

SECRET = "long enough to keep"


def test_a_sign_in_lasts_as_long_as_it_says():
    made = cookies.token(SECRET, now=1_000)
    assert cookies.is_valid(made, SECRET, now=1_000 + cookies.SECONDS - 1)
    assert not cookies.is_valid(made, SECRET, now=1_000 + cookies.SECONDS)


def test_another_password_ends_every_sign_in():
    assert not cookies.is_valid(cookies.token(SECRET, now=0), f"{SECRET}!", now=1)


@pytest.mark.parametrize(
    "forged",
    ["", ".", "9999999999", "9999999999.", "9999999999.00", "x.y", "-1.0", "٣.0", "9" * 40 + ".a"],
)
def test_what_was_not_made_here_lets_nobody_in(forged):
    assert not cookies.is_valid(forged, SECRET, now=0)


def test_a_later_end_cannot_be_written_into_a_sign_in():
    ends, _, signature = cookies.token(SECRET, now=0).partition(".")
    assert not cookies.is_valid(f"{int(ends) + 1}.{signature}", SECRET, now=0)
