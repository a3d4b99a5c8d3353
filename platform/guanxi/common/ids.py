"""Random tokens and their digests."""

import hashlib
import secrets


def new_token(prefix: str = "", nbytes: int = 24) -> str:
    """Return `prefix` and `nbytes` of randomness in URL-safe letters."""
    return prefix + secrets.token_urlsafe(nbytes)


def digest(token: str) -> str:
    """Return the SHA-256 of a token as 64 hex digits; tokens are stored only so."""
    return hashlib.sha256(token.encode()).hexdigest()
