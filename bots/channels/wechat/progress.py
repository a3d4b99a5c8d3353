"""Which parts of a message have gone out, so that a worker does not repeat what a killed one has sent."""

import logging

from django.core.cache import cache

log = logging.getLogger(__name__)
KEPT_SECONDS = 3600


def parts_sent(message_id: int) -> int:
    """Return how many parts Tencent has taken."""
    try:
        return int(cache.get(_key(message_id)) or 0)
    except Exception as fault:
        # Without Redis a message may at worst be sent twice; it must not fail.
        log.warning("progress of message %s cannot be read: %s", message_id, type(fault).__name__)
        return 0


def remember_part(message_id: int, count: int) -> None:
    """Keep that so many parts are taken."""
    try:
        cache.set(_key(message_id), count, KEPT_SECONDS)
    except Exception as fault:
        log.warning("progress of message %s cannot be kept: %s", message_id, type(fault).__name__)


def _key(message_id: int) -> str:
    return f"wechat:parts:{message_id}"
