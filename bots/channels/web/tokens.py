"""The visitor's token, signed and not stored: the channel's key, the browser's random id and the first touch."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.core import signing

from bots.channels.web.types import KEY, Visitor

SALT = "guanxi.widget.visitor"
FILE_SALT = "guanxi.widget.file"
# A customer who comes back within the year is known again; the browser renews the token with each visit.
TOKEN_SECONDS = 365 * 24 * 3600
FILE_SECONDS = 24 * 3600


def new_visitor(key: str, first_touch: Mapping[str, str]) -> Visitor:
    """Return a visitor that nobody has seen before."""
    return Visitor(key=key, id=secrets.token_urlsafe(16), first_touch=dict(first_touch))


def issue_token(visitor: Visitor) -> str:
    """Return a fresh token of a visitor."""
    return signing.dumps({"k": visitor.key, "v": visitor.id, "f": dict(visitor.first_touch)}, salt=SALT, compress=True)


def read_token(token: str) -> Visitor | None:
    """Return the visitor of a token; None for one that is forged, too old or not a token at all."""
    payload = _load(token, SALT, TOKEN_SECONDS)
    if payload is None or not KEY.match(str(payload.get("k", ""))) or not payload.get("v"):
        return None
    touch = payload.get("f")
    return Visitor(key=payload["k"], id=str(payload["v"]), first_touch=touch if isinstance(touch, dict) else {})


def issue_file_token(visitor: Visitor, file_id: int) -> str:
    """Return what stands in a picture's address, since an <img> cannot send a header."""
    return signing.dumps({"k": visitor.key, "v": visitor.id, "i": file_id}, salt=FILE_SALT)


def read_file_token(token: str) -> tuple[Visitor, int] | None:
    """Return the visitor and the file that an address names."""
    payload = _load(token, FILE_SALT, FILE_SECONDS)
    if payload is None or not isinstance(payload.get("i"), int):
        return None
    return Visitor(key=str(payload.get("k", "")), id=str(payload.get("v", ""))), payload["i"]


def _load(token: str, salt: str, max_age: int) -> dict[str, Any] | None:
    try:
        payload = signing.loads(token, salt=salt, max_age=max_age)
    except (signing.BadSignature, ValueError):
        return None
    return payload if isinstance(payload, dict) else None
