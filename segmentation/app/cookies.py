"""A sign-in that a reload survives: a signed date in a cookie of this address alone.

The key is made of the password, so a new password ends every sign-in. Nothing is kept here.
"""

import hashlib
import hmac
import time
from functools import cache

import streamlit as st

NAME = "segmentation_app"
SECONDS = 7 * 24 * 3600
"""A sign-in ends after so long."""


def token(password: str, now: float | None = None) -> str:
    """Return what says that somebody knew the password at this moment."""
    ends = int((time.time() if now is None else now) + SECONDS)
    return f"{ends}.{_signature(password, ends)}"


def is_valid(given: str, password: str, now: float | None = None) -> bool:
    """Return whether a token was made of this password and has not ended."""
    ends, _, signature = given.partition(".")
    if not (ends.isascii() and ends.isdecimal() and len(ends) < 16):
        return False
    is_ours = hmac.compare_digest(signature.encode(), _signature(password, int(ends)).encode())
    return is_ours and int(ends) > (time.time() if now is None else now)


def _signature(password: str, ends: int) -> str:
    return hmac.new(_key(password), str(ends).encode(), "sha256").hexdigest()


@cache
def _key(password: str) -> bytes:
    # Slow on purpose: who has a cookie could else guess at the password with it.
    return hashlib.scrypt(password.encode(), salt=b"segmentation app", n=2**14, r=8, p=1)


def is_signed_in(password: str) -> bool:
    """Return whether the visitor's browser brought a valid cookie."""
    given = st.context.cookies.get(NAME)
    return isinstance(given, str) and is_valid(given, password)


def keep(password: str) -> None:
    """Let the browser keep a sign-in."""
    _set(token(password), SECONDS)


def drop() -> None:
    """Let the browser forget the sign-in."""
    _set("", 0)


def _set(value: str, seconds: int) -> None:
    # Nothing of it comes from a visitor: a number, a dot and hexadecimal digits.
    st.html(
        "<script>document.cookie = "
        f"'{NAME}={value}; path=/; max-age={seconds}; SameSite=Strict'"
        " + (location.protocol === 'https:' ? '; Secure' : '');</script>",
        unsafe_allow_javascript=True,
    )
