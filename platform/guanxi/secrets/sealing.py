"""Sealing and opening one value: `v1.<key id>.<base64 of nonce and cipher text>`."""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from guanxi.secrets.keyring import key_ring
from guanxi.tenancy import current_tenant

VERSION = "v1"
NONCE_BYTES = 12
TAG_BYTES = 16


class SecretError(RuntimeError):
    """A sealed value cannot be opened here: wrong key, moved row or damaged text. It never carries the value."""


def _bound_to(field: str, row: str) -> bytes:
    # Each part is preceded by its length, so that no two triples give the same bytes.
    tenant = current_tenant()
    parts = (tenant.schema if tenant else "public", field, row)
    return b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))


def seal(value: str, *, field: str, row: str) -> str:
    """Encrypt `value` for this tenant, field and row with the current key."""
    ring = key_ring()
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(ring.keys[ring.current]).encrypt(nonce, value.encode(), _bound_to(field, row))
    return f"{VERSION}.{ring.current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def _split(token: str) -> tuple[str, bytes]:
    parts = token.split(".")
    if len(parts) != 3 or parts[0] != VERSION:
        raise SecretError("not a sealed value")
    try:
        body = base64.b64decode(parts[2], altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SecretError("the sealed value is damaged") from None
    # The last letter has spare bits: only one way of writing the same bytes is ours.
    if len(body) < NONCE_BYTES + TAG_BYTES or base64.urlsafe_b64encode(body).decode() != parts[2]:
        raise SecretError("the sealed value is damaged")
    return parts[1], body


def unseal(token: str, *, field: str, row: str) -> str:
    """Decrypt what `seal` returned for the same tenant, field and row; raise SecretError for anything else."""
    kid, body = _split(token)
    key = key_ring().keys.get(kid)
    if key is None:
        raise SecretError(f"the key {kid!r} is not in the ring")
    try:
        return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], _bound_to(field, row)).decode()
    except InvalidTag:
        raise SecretError(
            f"the value of {field} was sealed with another key or for another tenant, field or row"
        ) from None


def is_current(token: str) -> bool:
    """Return whether a token was sealed with the current key."""
    return _split(token)[0] == key_ring().current


def reseal(token: str, *, field: str, row: str) -> str:
    """Return the value sealed with the current key; a token that already is comes back as it was, after a check that
    it opens.
    """
    value = unseal(token, field=field, row=row)
    return token if is_current(token) else seal(value, field=field, row=row)
