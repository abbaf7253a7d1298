"""Ensures that only who may come in does, and that nobody waits for another's guesses."""

import asyncio
import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from segmentation.app import access
from segmentation.app.guard import HOSTS, Guard, Rules

LONG = "long enough to keep"
PROXY = {access.PROXY: "10.0.0.5, 10.1.0.0/16"}
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(
    ("address", "environment", "refused"),
    [
        ("127.0.0.1", {}, False),
        ("localhost", {}, False),
        ("::1", {}, False),
        ("0.0.0.0", {}, True),
        (None, {}, True),
        ("", {}, True),
        ("::", {}, True),
        ("192.168.0.7", {}, True),
        ("127.0.0.1.example", {}, True),
        ("0.0.0.0", {access.PASSWORD: ""}, True),
        ("0.0.0.0", {access.PASSWORD: "short"}, True),
        ("0.0.0.0", {access.PASSWORD: LONG}, False),
        ("127.0.0.1", {access.HEADER: "X-User"}, False),
        ("0.0.0.0", {access.HEADER: "X-User"}, True),
        ("0.0.0.0", {access.HEADER: "X-User", access.PASSWORD: LONG}, True),
        ("0.0.0.0", {access.HEADER: "X-User", **PROXY}, False),
    ],
)
def test_only_this_machine_is_served_without_a_password_or_a_proxy(address, environment, refused):
    assert bool(access.refusal(address, environment)) == refused


def test_a_password_that_is_no_text_is_refused():
    told = access.refusal("127.0.0.1", {access.PASSWORD: "\udcff" * 20})
    assert (
        told == f"{access.PASSWORD} holds bytes that are no UTF-8: write it in letters and digits."
    )


@pytest.mark.parametrize("proxy", ["proxy.example", "10.0.0.5/8", "0.0.0.0/0", "::/0"])
def test_a_proxy_is_stated_by_address(proxy):
    told = access.refusal("127.0.0.1", {access.PROXY: proxy})
    assert told and told.startswith(f"{access.PROXY} is {proxy}: write addresses or networks")


@pytest.mark.parametrize(
    "header",
    ["User-Agent", "cookie", "Sec-Fetch-Site", "Accept-Language", "X-Forwarded-For", "Host", "a b"],
)
def test_a_header_that_every_browser_sends_signs_nobody_in(header):
    told = access.refusal("127.0.0.1", {access.HEADER: header})
    assert told and told.startswith(f"{access.HEADER} is {header}, which browsers send or")


# --- sign-in by a provider ---


def test_a_provider_alone_is_no_list_of_who_may_come_in():
    told = access.refusal("0.0.0.0", {}, provider=True)
    assert told and f"set {access.ALLOWED} to the e-mail addresses" in told
    assert access.refusal("0.0.0.0", {access.ALLOWED: "@shop.example"}, provider=True) is None


@pytest.mark.parametrize(
    ("email", "verified", "allowed", "enters"),
    [
        ("ada@shop.example", True, "ada@shop.example", True),
        ("Ada@Shop.example", None, "bo@x.example, ada@shop.example", True),
        ("ada@shop.example", True, "@shop.example", True),
        ("ada@shop.example.evil", True, "@shop.example", False),
        ("ada@evil.example", True, "@shop.example", False),
        ("ada@shop.example", False, "@shop.example", False),
        ("", True, "@shop.example", False),
        ("@shop.example", True, "ada@shop.example", False),
        ("", None, "*", True),
        ("shop.example", True, "@shop.example", False),
    ],
)
def test_only_who_is_allowed_comes_in(email, verified, allowed, enters):
    assert access.may_enter(email, verified, allowed) == enters


# --- host names ---


@pytest.mark.parametrize(
    ("address", "host", "answered"),
    [
        ("127.0.0.1", "127.0.0.1:8501", True),
        ("127.0.0.1", "LOCALHOST:8501", True),
        ("127.0.0.1", "localhost.", True),
        ("127.0.0.1", "[::1]:8501", True),
        ("127.0.0.1", "segments.example", True),
        ("127.0.0.1", "attacker.example:8501", False),
        ("127.0.0.1", "127.0.0.1.attacker.example", False),
        ("127.0.0.1", "192.168.0.7", False),
        ("127.0.0.1", "", False),
        ("192.168.0.7", "192.168.0.7:8501", True),
        ("192.168.0.7", "192.168.0.8:8501", False),
        ("192.168.0.7", "attacker.example", False),
        ("0.0.0.0", "192.168.0.7:8501", True),
        ("::", "[2001:db8::7]:8501", True),
        ("0.0.0.0", "attacker.example", False),
        (None, "attacker.example", False),
    ],
)
def test_only_known_host_names_are_answered(address, host, answered):
    rules = Rules.of(address, {HOSTS: "Segments.example, other.example"})
    assert rules.answers(host) == answered


@pytest.fixture(scope="module")
def address(start_app, tmp_path_factory):
    """A server with nothing published: nothing of that is asked."""
    return start_app(tmp_path_factory.mktemp("serving")).removeprefix("http://")


def ask(address, host, path="/", **headers):
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", path, headers={"Host": host, **headers})
    answer = connection.getresponse()
    connection.close()
    return answer


def test_a_rebound_name_reaches_neither_page_nor_data(address):
    port = address.partition(":")[2]
    for host, page, data in ((address, 200, 101), (f"attacker.example:{port}", 421, 403)):
        assert ask(address, host).status == page
        upgrade = UPGRADE | {"Origin": f"http://{host}"}
        assert ask(address, host, "/_stcore/stream", **upgrade).status == data


@pytest.mark.parametrize("path", ["/", "/health", "/_stcore/health", "/nothing/here"])
def test_no_page_can_be_framed(address, path):
    answer = ask(address, address, path)
    assert answer.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    assert answer.headers["X-Frame-Options"] == "DENY"


# --- proxies ---


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.5", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["192.0.2.66", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.5", ["192.0.2.66", "198.51.100.1", "10.1.2.3"], "198.51.100.1"),
        ("10.0.0.5", ["192.0.2.66", "unknown"], "10.0.0.5"),
        (None, ["198.51.100.1"], None),
    ],
)
def test_only_the_proxy_says_who_asks(peer, forwarded, client):
    assert Rules.of("0.0.0.0", PROXY).client(peer, forwarded) == client


def test_no_process_of_this_machine_passes_for_many_clients():
    assert Rules.of("127.0.0.1", {}).client("127.0.0.1", ["198.51.100.1"]) == "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "environment", "peer", "believed"),
    [
        ("0.0.0.0", PROXY, "10.0.0.5", True),
        ("0.0.0.0", PROXY, "10.0.0.6", False),
        ("0.0.0.0", PROXY, "127.0.0.1", False),
        ("0.0.0.0", {}, "127.0.0.1", False),
        ("127.0.0.1", {}, "127.0.0.1", True),
        ("127.0.0.1", PROXY, "127.0.0.1", False),
    ],
)
def test_an_identity_is_believed_from_the_proxy_alone(
    guarded, address, environment, peer, believed
):
    seen = guarded(address, {access.HEADER: "X-User", **environment}, peer)
    assert (b"x-user" in dict(seen["headers"])) == believed
    assert b"host" in dict(seen["headers"])


@pytest.fixture
def guarded():
    """Send a request with an identity through the guard; return what Streamlit would see."""

    def send(address, environment, peer):
        seen = []

        async def streamlit(scope, receive, send):
            seen.append(scope)

        headers = [(b"host", b"localhost"), (b"x-user", b"ada")]
        scope = {"type": "websocket", "client": (peer, 4), "headers": headers}
        guard = Guard(streamlit, Rules.of(address, environment))
        # A browser of another test may hold this thread's loop.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, guard(scope, None, None)).result()
        return seen[0]

    return send


# --- passwords ---


def test_wrong_passwords_take_time(monkeypatch):
    waited = []
    monkeypatch.setattr(access.time, "sleep", waited.append)
    assert access.is_right("päss", "päss", None)
    assert not access.is_right("", "päss", None)
    assert waited == [access.SECONDS_PER_ATTEMPT]


@pytest.mark.parametrize(
    "clients",
    [["192.0.2.1"] * 6, [f"2001:db8::{number}" for number in range(6)], [None] * 6],
    ids=["one address", "one household", "this machine"],
)
def test_side_by_side_attempts_of_one_client_wait_for_each_other(monkeypatch, clients):
    waiting, together = [], []
    pause = time.sleep

    def wait(_):
        waiting.append(1)
        together.append(len(waiting))
        pause(0.05)
        waiting.pop()

    monkeypatch.setattr(access.time, "sleep", wait)
    attempts = [
        threading.Thread(target=access.is_right, args=("guess", "päss", client))
        for client in clients
    ]
    for attempt in attempts:
        attempt.start()
    for attempt in attempts:
        attempt.join()
    assert together == [1] * len(clients)


@pytest.mark.parametrize("other", ["192.0.2.2", "2001:db8:0:1::1", "::ffff:192.0.2.2", None])
def test_the_right_password_never_waits_for_the_wrong_ones_of_others(monkeypatch, other):
    guessing, over = threading.Event(), threading.Event()

    def wait(_):
        guessing.set()
        over.wait(60)

    monkeypatch.setattr(access.time, "sleep", wait)
    strangers = [
        threading.Thread(target=access.is_right, args=("guess", "päss", stranger))
        for stranger in ("192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1")
        for _ in range(5)
    ]
    for stranger in strangers:
        stranger.start()
    guessing.wait(60)
    admitted = []
    known = threading.Thread(target=lambda: admitted.append(access.is_right("päss", "päss", other)))
    known.start()
    known.join(30)
    in_time = list(admitted)
    over.set()
    for thread in (*strangers, known):
        thread.join()
    assert in_time == [True]
    assert not access._attempts
