"""Who may use the app: anybody on this machine; elsewhere, who signed in or knows the password."""

import hmac
import ipaddress
import os
import re
import threading
import time
from collections.abc import Mapping
from weakref import WeakValueDictionary

import streamlit as st

from segmentation.app import cookies
from segmentation.app.guard import HEADER, PROXY, address_of, is_loopback, listed, networks

PASSWORD = "SEGMENTATION_APP_PASSWORD"
ALLOWED = "SEGMENTATION_APP_ALLOWED"
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


def has_provider() -> bool:
    """Return whether a sign-in provider (OIDC) is configured: `[auth]` in Streamlit's secrets."""
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        return False


def refusal(
    address: str | None, environment: Mapping[str, str], provider: bool = False
) -> str | None:
    """Return one sentence if the app must not serve at this address, None if it may.

    Parameters
    ----------
    address : str or None
        What the server binds to; None is every address.
    environment : mapping
        Environment variables.
    provider : bool
        Whether a sign-in provider is configured.
    """
    if provider and not listed(environment.get(ALLOWED, "")):
        return (
            "A sign-in provider is configured, which may know half the world: set "
            f"{ALLOWED} to the e-mail addresses that may come in, with commas, to @your.domain, or "
            "to * for everybody whom it knows."
        )
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
    if problem or is_loopback(address) or password or header or provider:
        return problem
    return (
        f"The app would be open to everybody who reaches {address or 'any address'} of this "
        f"machine: set {PASSWORD}, configure a sign-in provider, or set {HEADER} to the name of "
        "the header in which your sign-in proxy says who it is, or bind to 127.0.0.1."
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
    provider = has_provider()
    problem = refusal(st.get_option("server.address"), os.environ, provider)
    if problem:
        st.error(problem)
        st.stop()
    if provider:
        _sign_in_by_provider()
        return
    header, password = os.environ.get(HEADER), os.environ.get(PASSWORD)
    if header and st.context.headers.get(header):
        return
    if header and not password:
        st.error(
            f"You are not signed in: this app is reached through a sign-in proxy, and the request "
            f"carries no {header}."
        )
        st.stop()
    if password:
        _sign_in_by(password)


def may_enter(email: str, verified: object, allowed: str) -> bool:
    """Return whether a signed-in address is among those allowed.

    Parameters
    ----------
    email : str
    verified : object
        What the provider says of it: False is not believed.
    allowed : str
        Addresses, `@domain`, or `*`, with commas.
    """
    names, told = [name.lower() for name in listed(allowed)], email.strip().lower()
    if "*" in names:
        return True
    domain = f"@{told.rpartition('@')[2]}"
    return verified is not False and "@" in told and (told in names or domain in names)


def _sign_in_by_provider() -> None:
    if not st.user.get("is_logged_in"):
        if st.button("Sign in", type="primary"):
            st.login()
        st.stop()
    email = str(st.user.get("email") or "")
    if not may_enter(email, st.user.get("email_verified"), os.environ.get(ALLOWED, "")):
        st.error(f"{email or 'This account'} may not come in: ask who runs this app.")
        if st.button("Sign out"):
            st.logout()
        st.stop()
    if st.sidebar.button("Sign out", help=email):
        st.logout()


def _sign_in_by(password: str) -> None:
    """Let in who knows the password, or did before and brings the cookie."""
    state = st.session_state
    if state.pop("signs_out", False):
        state["is_signed_in"], state["left"] = False, True
        cookies.drop()
    known = state.get("is_signed_in") or (not state.get("left") and cookies.is_signed_in(password))
    if not known:
        _ask_for(password)
    if state.pop("keeps_cookie", False):
        cookies.keep(password)
    st.sidebar.button("Sign out", on_click=lambda: state.update(signs_out=True))


def _ask_for(password: str) -> None:
    with st.form("sign_in"):
        given = st.text_input("Password", type="password", autocomplete="current-password")
        sent = st.form_submit_button("Sign in", type="primary")
    if sent:
        with st.spinner("Checking …"):
            st.session_state["is_signed_in"] = is_right(given, password, st.context.ip_address)
        if st.session_state["is_signed_in"]:
            st.session_state["keeps_cookie"] = True
            st.rerun()
        st.error("That is not the password.")
    st.stop()
