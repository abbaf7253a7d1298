"""What every request passes before Streamlit sees it: whose host name, from which proxy, unframed.

It is plain ASGI, so it needs nothing that Streamlit does not bring along.
"""

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

HOSTS = "SEGMENTATION_APP_HOSTS"
HEADER = "SEGMENTATION_APP_IDENTITY_HEADER"
PROXY = "SEGMENTATION_APP_TRUSTED_PROXY"
WILDCARDS = {"", "0.0.0.0", "::"}
UNFRAMED = (
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
)
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Application = Callable[[dict, Callable, Callable], Awaitable[None]]


def is_loopback(address: str | None) -> bool:
    """Return whether only this machine can reach the address; None is every address."""
    found = address_of(address)
    return address == "localhost" or (found is not None and found.is_loopback)


def listed(text: str) -> list[str]:
    """Return the parts of a setting with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def networks(text: str) -> list[Network]:
    """Return the addresses and networks of a setting; raise a ValueError if one is neither."""
    found = [ipaddress.ip_network(part) for part in listed(text)]
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("every address is no network of a proxy")
    return found


def address_of(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return an address, an IPv4 one also where IPv6 wraps it; None if the text is none."""
    try:
        address = ipaddress.ip_address((text or "").strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@dataclass(frozen=True)
class Rules:
    """Whose requests are answered, and who may say who somebody is.

    Attributes
    ----------
    address : str
        What the server binds to.
    names : frozenset of str
        Host names that are answered, in lower case.
    proxies : tuple of network
        Where the sign-in proxy's requests come from.
    header : str
        The header in which it says who it is, in lower case; empty without one.
    """

    address: str
    names: frozenset[str]
    proxies: tuple[Network, ...] = ()
    header: str = ""

    @classmethod
    def of(cls, address: str | None, environment: Mapping[str, str]) -> "Rules":
        """Read the rules; the proxy of a header on this machine alone needs not be stated."""
        header, stated = environment.get(HEADER, ""), environment.get(PROXY, "")
        local = "127.0.0.0/8, ::1" if header and is_loopback(address) else ""
        names = [*listed(environment.get(HOSTS, "")), "localhost", address or ""]
        if not is_loopback(address):
            names.append(socket.gethostname())
        return cls(
            address=address or "",
            names=frozenset(name.lower() for name in names if name),
            proxies=tuple(networks(stated or local)),
            header=header.lower(),
        )

    def answers(self, host: str) -> bool:
        """Return whether a Host header names this server.

        An address cannot be rebound to another machine as a name can. So a server at every address
        answers to every address, and any other to its own and those of this machine.
        """
        name = _name_of(host)
        if name in self.names or is_loopback(name):
            return True
        return self.address in WILDCARDS and address_of(name) is not None

    def trusts(self, peer: str | None) -> bool:
        """Return whether a request from this address comes from the proxy."""
        address = address_of(peer)
        return address is not None and any(address in network for network in self.proxies)

    def client(self, peer: str | None, forwarded: list[str]) -> str | None:
        """Return who asks: behind the proxy the last address that it did not add itself."""
        for address in reversed(forwarded if self.trusts(peer) else []):
            peer = address if address_of(address) else peer
            if not self.trusts(address):
                break
        return peer


class Guard:
    """Refuse foreign host names, believe the proxy alone, and forbid frames.

    Parameters
    ----------
    application : ASGI application
        What answers the requests that pass.
    rules : Rules
    """

    def __init__(self, application: Application, rules: Rules) -> None:
        self._application = application
        self._rules = rules

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        """Answer one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
        elif not self._rules.answers(_one(scope["headers"], b"host")):
            await _refuse(scope, receive, send)
        else:
            await self._application(self._believed(scope), receive, _unframed(send))

    def _believed(self, scope: dict) -> dict:
        """Return the request without what its sender may not say, from whom it really is."""
        peer, port = scope.get("client") or (None, 0)
        headers = scope["headers"]
        forwarded = [value.decode("latin-1") for name, value in headers
                     if name.lower() == b"x-forwarded-for"]  # fmt: skip
        client = self._rules.client(peer, listed(",".join(forwarded)))
        if not self._rules.trusts(peer):
            unbelieved = self._rules.header.encode()
            headers = [one for one in headers if one[0].lower() != unbelieved]
        return scope | {"client": (client, port) if client else None, "headers": headers}


def _unframed(send: Callable) -> Callable:
    async def send_unframed(message: dict) -> None:
        if message["type"] == "http.response.start":
            message = message | {"headers": [*message.get("headers", ()), *UNFRAMED]}
        await send(message)

    return send_unframed


async def _refuse(scope: dict, receive: Callable, send: Callable) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    host = _one(scope["headers"], b"host") or "no single host"
    told = f"This app does not answer to {host}: add the name to {HOSTS} where it is started.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), *UNFRAMED]
    await send({"type": "http.response.start", "status": 421, "headers": headers})
    await send({"type": "http.response.body", "body": told.encode()})


def _one(headers: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    found = [value.decode("latin-1") for name, value in headers if name.lower() == wanted]
    return found[0] if len(found) == 1 else ""


def _name_of(host: str) -> str:
    """Return the name or address in a Host header, without port, brackets and the last dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")
