"""Calls to addresses that a tenant has written down: only to the public internet, or to what the operator allows."""

import ipaddress
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from django.conf import settings

PORTS = frozenset({80, 443})
# Translated and shared ranges look public to some libraries and lead inside all the same.
_INSIDE = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "100.64.0.0/10"))


class AddressRefused(Exception):
    """The address is not one that may be called; `code` tells one that leads inside from one that leads nowhere."""

    def __init__(self, message: str, code: str = "refused_address") -> None:
        super().__init__(message)
        self.code = code


def checked_address(host: str, port: int) -> str:
    """Resolve a host once and return the address to connect to; raise AddressRefused for anything inside."""
    if f"{host}:{port}" in settings.GUANXI_OUTBOUND_ALLOW:
        return host
    if port not in PORTS:
        raise AddressRefused(f"port {port} may not be called")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise AddressRefused(f"{host} does not resolve", "unknown_host") from problem
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise AddressRefused(f"{host} does not resolve", "unknown_host")
    for text in addresses:
        if not _is_public(text):
            raise AddressRefused(f"{host} leads inside")
    return addresses[0]


def is_inside(host: str) -> bool:
    """Return whether a host can be seen to lead inside without asking anybody: an address, or this machine's name."""
    plain = host.strip("[]").rstrip(".").lower()
    if plain == "localhost" or plain.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not _is_public(plain)
    except ValueError:
        return False


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    return address.is_global and not address.is_multicast and not any(address in network for network in _INSIDE)


class GuardedTransport(httpx2.HTTPTransport):
    """Connects to the address that was checked, whatever the name resolves to a moment later."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Resolve, check, and connect to what was checked; the name stays for TLS and for the Host header."""
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = checked_address(host, port)
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": host}
        return super().handle_request(request)


def guarded_client(timeout_seconds: float) -> httpx2.Client:
    """Return a client without redirects, proxies of the environment, and ways inside."""
    return httpx2.Client(
        transport=GuardedTransport(trust_env=False), trust_env=False, follow_redirects=False, timeout=timeout_seconds
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other side answered: its status, the headers and the beginning of its body."""

    status: int
    headers: dict[str, str]
    beginning: str


class CallFailed(Exception):
    """The call brought no answer.

    `code` says why: refused_address, unknown_host, unreachable, tls, timeout or too_large.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Watch:
    """Cuts the connection when the whole call takes too long: timeouts of a socket begin anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self._streams: list[Any] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self.is_cut = False

    def __enter__(self) -> "_Watch":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, name: str, info: dict[str, Any]) -> None:
        """Remember the sockets of the call; httpcore tells of them as it opens them."""
        if name in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._streams.append(info["return_value"])

    def _cut(self) -> None:
        self.is_cut = True
        for stream in self._streams:
            opened = stream.get_extra_info("socket")
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)


def post_outside(
    url: str, *, body: bytes, headers: dict[str, str], seconds: float, keep: int = 2048, most: int = 65_536
) -> Answered:
    """POST to an address that a tenant has written down; raise CallFailed when no whole answer comes in time.

    A redirect is an answer like any other: nobody follows it. Of the body `keep` bytes are kept; after `most` bytes the
    call is ended.
    """
    with _Watch(seconds) as watch, guarded_client(seconds) as client:
        try:
            with client.stream("POST", url, content=body, headers=headers, extensions={"trace": watch.trace}) as answer:
                received = b""
                for chunk in answer.iter_raw():
                    received += chunk
                    if len(received) > most:
                        raise CallFailed("too_large")
                if watch.is_cut:
                    raise CallFailed("timeout")
                beginning = received[:keep].decode(errors="replace").replace("\x00", "�")
                return Answered(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, beginning)
        except AddressRefused as fault:
            raise CallFailed(fault.code) from fault
        except httpx2.TimeoutException as fault:
            raise CallFailed("timeout") from fault
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as fault:
            code = "timeout" if watch.is_cut else "tls" if "certificate" in str(fault).lower() else "unreachable"
            raise CallFailed(code) from fault
