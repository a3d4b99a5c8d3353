"""Looks for the TXT record that proves a host name to be a company's own."""

import enum

import dns.exception
import dns.resolver
from django.conf import settings

LABEL = "_guanxi"
LIFETIME_SECONDS = 6.0


class Finding(enum.StrEnum):
    """What a look into the DNS found."""

    PROVEN = ""
    NO_RECORD = "no_record"
    OTHER_VALUE = "other_value"
    UNREACHABLE = "dns_unreachable"


def record_name(host: str) -> str:
    """Return the name at which the record must stand."""
    return f"{LABEL}.{host}"


def look_for_challenge(host: str, challenge: str) -> Finding:
    """Ask for the TXT record of a host; this waits for the network, up to six seconds."""
    try:
        answer = _resolver().resolve(record_name(host), "TXT", lifetime=LIFETIME_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Finding.NO_RECORD
    except dns.exception.DNSException:
        return Finding.UNREACHABLE
    values = {b"".join(record.strings).decode("utf-8", "replace").strip() for record in answer}
    return Finding.PROVEN if challenge in values else Finding.OTHER_VALUE


def _resolver() -> dns.resolver.Resolver:
    if not settings.GUANXI_DNS_SERVERS:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    places = [server.rpartition(":") for server in settings.GUANXI_DNS_SERVERS]
    resolver.nameservers = [host for host, _, _ in places]
    resolver.nameserver_ports = {host: int(port) for host, _, port in places}
    return resolver
