"""Who may use the app: anybody on this machine; elsewhere, who knows the password or signed in."""

import hmac
import ipaddress
import os
import re
import threading
import time
from collections.abc import Mapping
from weakref import WeakValueDictionary

import streamlit as st

from app.guard import HEADER, PROXY, address_of, is_loopback, networks

PASSWORD = "SEGMENTATION_APP_PASSWORD"
MINIMUM_PASSWORD_LENGTH = 12
SECONDS_PER_ATTEMPT = 1.0
SENT_BY_BROWSERS = re.compile(
    "accept.*|access-control-.*|authorization|cache-control|connection|content-.*|cookie|date|dnt|"
    "forwarded|from|host|if-.*|keep-alive|last-event-id|origin|pragma|priority|proxy-.*|range|"
    "referer|save-data|sec-.*|te|trailer|transfer-encoding|upgrade.*|user-agent|via|"
    "x-forwarded-(for|host|port|proto)|x-real-ip|x-requested-with"
)
"""Headers that come from browsers or about every request, so they say nothing of a sign-in."""
_attempts: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
_choosing = threading.Lock()


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
    if any("\ud800" <= letter <= "\udfff" for letter in password):
        return f"{PASSWORD} holds bytes that are no UTF-8: write it in letters and digits."
    header = environment.get(HEADER, "")
    problem = _why_not_believed(header, address, environment.get(PROXY, ""))
    if problem or is_loopback(address) or password or header:
        return problem
    return (
        f"The app would be open to everybody who reaches {address or 'any address'} of this "
        f"machine: set {PASSWORD}, or {HEADER} to the name of the header in which your sign-in "
        "proxy says who it is, or bind to 127.0.0.1."
    )


def _why_not_believed(header: str, address: str | None, proxy: str) -> str | None:
    try:
        stated = networks(proxy)
    except ValueError:
        return f"{PROXY} is {proxy}: write addresses or networks, e.g. 10.0.0.5 or 10.0.0.0/24."
    if not header:
        return None
    if not re.fullmatch(r"[\w-]+", header, re.ASCII) or SENT_BY_BROWSERS.fullmatch(header.lower()):
        return (
            f"{HEADER} is {header}, which browsers send or which is no header: name one that only "
            "your sign-in proxy writes, e.g. X-Forwarded-User."
        )
    if not stated and not is_loopback(address):
        return (
            f"{HEADER} would be believed from everybody who reaches {address or 'any address'} of "
            f"this machine: set {PROXY} to the address that your sign-in proxy asks from."
        )
    return None


def is_right(given: str, password: str, client: str | None) -> bool:
    """Compare passwords in constant time, a wrong one a second for each client.

    Attempts of one client wait for each other, in however many windows. Nobody waits for another's.

    Parameters
    ----------
    given, password : str
    client : str or None
        Its address; None is this machine.
    """
    with _choosing:
        turn = _attempts.setdefault(_household(client), threading.Lock())
    with turn:
        if hmac.compare_digest(given.encode(), password.encode()):
            return True
        time.sleep(SECONDS_PER_ATTEMPT)
        return False


def _household(client: str | None) -> str:
    """Return whose address it is: one customer of a provider has a /64 of IPv6."""
    address = address_of(client)
    if address is None or address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))


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
            st.session_state["is_signed_in"] = is_right(given, password, st.context.ip_address)
        if st.session_state["is_signed_in"]:
            st.rerun()
        st.error("That is not the password.")
    st.stop()
