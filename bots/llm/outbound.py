"""Calls to addresses that a tenant has written down: only to the public internet, or to what the operator allows."""

import ipaddress
import socket

import httpx2
from django.conf import settings

PORTS = frozenset({80, 443})
# Translated and shared ranges look public to some libraries and lead inside all the same.
_INSIDE = tuple(ipaddress.ip_network(text) for text in ("64:ff9b::/96", "100.64.0.0/10"))


class AddressRefused(Exception):
    """The address is not one that may be called."""


def checked_address(host: str, port: int) -> str:
    """Resolve a host once and return the address to connect to; raise AddressRefused for anything inside."""
    if f"{host}:{port}" in settings.GUANXI_OUTBOUND_ALLOW:
        return host
    if port not in PORTS:
        raise AddressRefused(f"port {port} may not be called")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise AddressRefused(f"{host} does not resolve") from problem
    addresses = [str(entry[4][0]) for entry in found]
    for text in addresses:
        if not _is_public(text):
            raise AddressRefused(f"{host} leads inside")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        address = mapped
    return address.is_global and not address.is_multicast and not any(address in network for network in _INSIDE)


class GuardedTransport(httpx2.HTTPTransport):
    """Connects to the address that was checked, whatever the name resolves to a moment later."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        address = checked_address(host, port)
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": host}
        return super().handle_request(request)


def guarded_client(timeout_seconds: float) -> httpx2.Client:
    """A client without redirects, proxies of the environment, and ways inside."""
    return httpx2.Client(
        transport=GuardedTransport(trust_env=False), trust_env=False, follow_redirects=False, timeout=timeout_seconds
    )
