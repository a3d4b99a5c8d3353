"""Sends to the hubs of all web processes, through Redis.

What is lost here is not lost: the hubs read the table after any gap.
"""

import logging
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction
from redis import Redis
from redis.exceptions import RedisError

from guanxi.common.redis import client
from guanxi.events.types import Audience
from guanxi.tenancy import require_tenant

log = logging.getLogger(__name__)
MAX_TRANSIENT = 64 * 1024


@lru_cache(maxsize=4)
def _prefix(redis_url: str) -> str:
    # Published messages reach every database of a Redis server, so the database's number is part of the name.
    return f"gx:{Redis.from_url(redis_url).connection_pool.connection_kwargs.get('db', 0)}"


def live_channel(schema: str) -> str:
    """Return the Redis channel of a tenant's members."""
    return f"{_prefix(settings.REDIS_URL)}:live:{schema}"


def visitor_channel(schema: str, conversation_key: str) -> str:
    """Return the Redis channel of one visitor's conversation."""
    return f"{_prefix(settings.REDIS_URL)}:visitor:{schema}:{conversation_key}"


def _publish(channel: str, message: dict[str, Any]) -> None:
    try:
        client().publish(channel, orjson.dumps(message, default=str))
    except RedisError as fault:
        log.warning("a live message could not be published: %s", type(fault).__name__)


def publish_event(schema: str, values: dict[str, Any], audience: dict[str, Any]) -> None:
    """Tell the hubs of a numbered event."""
    _publish(live_channel(schema), {"t": "event", "e": values, "a": audience})


def publish_transient(channel: str, payload: dict[str, Any], *, audience: Audience | None = None) -> None:
    """Tell the tenant's sockets something that is neither numbered nor replayed: typing, streamed tokens. It goes at
    once.

    `channel` is `everyone`, `member:<id>`, or `<kind>:<id>` of a kind that `register_channel` knows; `audience` says
    who hears it instead.
    """
    message = {"t": "transient", "c": channel, "p": payload, "a": audience.to_json() if audience else None}
    _publish(live_channel(require_tenant().schema), message)


def publish_to_visitor(conversation_key: str, payload: dict[str, Any], *, after_commit: bool = False) -> None:
    """Send `payload` as it is to the visitor of a conversation, at once or after the caller's commit; what was missed
    is read from the API.
    """
    send = partial(_publish, visitor_channel(require_tenant().schema, conversation_key), payload)
    if after_commit and connection.in_atomic_block:
        transaction.on_commit(send, robust=True)
    else:
        send()


def refresh_members(member_ids: Iterable[int] | None = None) -> None:
    """Let the sockets of these members (of all, when None) read their rights anew, after the caller's commit."""
    _control("refresh", member_ids)


def disconnect_members(member_ids: Iterable[int]) -> None:
    """Close the sockets of these members after the caller's commit: they were switched off, or signed out."""
    _control("close", member_ids)


def _control(action: str, member_ids: Iterable[int] | None) -> None:
    message = {"t": "control", "do": action, "members": None if member_ids is None else sorted(member_ids)}
    transaction.on_commit(partial(_publish, live_channel(require_tenant().schema), message), robust=True)
