"""The key ring, read from the setting `GUANXI_SECRET_KEYS`: `kid:base64key,kid2:base64key`, the first is the current
one.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True, repr=False)
class KeyRing:
    """Keys by their id; sealing takes the current one, opening takes the one that the token names."""

    current: str
    keys: Mapping[str, bytes]


def _parse_key(entry: str) -> tuple[str, bytes]:
    kid, colon, encoded = entry.strip().partition(":")
    if not colon or not KEY_ID.fullmatch(kid):
        raise ImproperlyConfigured(
            "GUANXI_SECRET_KEYS: each entry is an id of letters, digits, _ or -, a colon and a key in base64"
        )
    try:
        key = base64.b64decode(encoded.strip().replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error:
        raise ImproperlyConfigured(f"GUANXI_SECRET_KEYS: the key {kid!r} is not base64") from None
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"GUANXI_SECRET_KEYS: the key {kid!r} has {len(key)} bytes, it needs {KEY_BYTES}")
    return kid, key


@lru_cache(maxsize=4)
def parse_keys(text: str) -> KeyRing:
    """Read a key ring; raise ImproperlyConfigured, which never shows a key."""
    entries = [_parse_key(entry) for entry in text.split(",") if entry.strip()]
    if not entries:
        raise ImproperlyConfigured("GUANXI_SECRET_KEYS is empty: sealing needs at least one key")
    if len({kid for kid, _ in entries}) != len(entries):
        raise ImproperlyConfigured("GUANXI_SECRET_KEYS names one key id twice")
    return KeyRing(current=entries[0][0], keys=dict(entries))


def key_ring() -> KeyRing:
    """Return the ring of the running process."""
    return parse_keys(settings.GUANXI_SECRET_KEYS)
