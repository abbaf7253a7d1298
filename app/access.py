"""Who may use the app: anybody on this machine; elsewhere, who knows the password or signed in."""

import hmac
import ipaddress
import os
import threading
import time
from collections.abc import Mapping

import streamlit as st

PASSWORD = "SEGMENTATION_APP_PASSWORD"
HEADER = "SEGMENTATION_APP_IDENTITY_HEADER"
MINIMUM_PASSWORD_LENGTH = 12
SECONDS_PER_ATTEMPT = 1.0
_one_attempt = threading.Lock()


def is_loopback(address: str | None) -> bool:
    """Return whether only this machine can reach the address; None is every address."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def refusal(address: str | None, environment: Mapping[str, str]) -> str | None:
    """Return one sentence if the app must not serve at this address, None if it may.

    Parameters
    ----------
    address : str or None
        What the server binds to; None is every address.
    environment : mapping
        Environment variables.
    """
    password = environment.get(PASSWORD, "")
    if password and len(password) < MINIMUM_PASSWORD_LENGTH:
        return (
            f"{PASSWORD} has {len(password)} characters: give it at least "
            f"{MINIMUM_PASSWORD_LENGTH}, for it can be guessed at from the network."
        )
    if is_loopback(address) or password or environment.get(HEADER):
        return None
    return (
        f"The app would be open to everybody who reaches {address or 'any address'} of this "
        f"machine: set {PASSWORD}, or {HEADER} to the name of the header in which your sign-in "
        "proxy says who it is, or bind to 127.0.0.1."
    )


def is_right(given: str, password: str) -> bool:
    """Compare passwords, one attempt a second for the whole server, in constant time."""
    with _one_attempt:
        if hmac.compare_digest(given.encode(), password.encode()):
            return True
        time.sleep(SECONDS_PER_ATTEMPT)
        return False


def admit() -> None:
    """Let the visitor pass, ask for the password, or end the page with a sentence."""
    problem = refusal(st.get_option("server.address"), os.environ)
    if problem:
        st.error(problem)
        st.stop()
    header, password = os.environ.get(HEADER), os.environ.get(PASSWORD)
    if header and st.context.headers.get(header):
        return
    if header and not password:
        st.error(
            f"You are not signed in: this app is reached through a sign-in proxy, and the request "
            f"carries no {header}."
        )
        st.stop()
    if password and not st.session_state.get("is_signed_in"):
        _ask_for(password)


def _ask_for(password: str) -> None:
    with st.form("sign_in"):
        given = st.text_input("Password", type="password", autocomplete="current-password")
        sent = st.form_submit_button("Sign in", type="primary")
    if sent:
        with st.spinner("Checking …"):
            st.session_state["is_signed_in"] = is_right(given, password)
        if st.session_state["is_signed_in"]:
            st.rerun()
        st.error("That is not the password.")
    st.stop()
