"""Who is connected right now: each web process notes its members in Redis and keeps the notes fresh."""

import logging
import os
import time
from collections.abc import Iterable
from typing import cast

import redis.asyncio
from redis.exceptions import RedisError

from guanxi.common.ids import new_token
from guanxi.common.redis import client
from guanxi.tenancy import require_tenant

log = logging.getLogger(__name__)
BEAT_SECONDS = 15
# A process that was killed stops beating; its members count as gone after this long.
FRESH_SECONDS = 40
KEEP_SECONDS = 300


def process_id() -> str:
    """Return a name for this process that no other has."""
    return f"{os.getpid()}-{new_token(nbytes=6)}"


def _key(schema: str) -> str:
    return f"gx:online:{schema}"


def online_members() -> frozenset[int]:
    """Return the members of the current tenant who have a socket open; nobody when Redis is away."""
    key = _key(require_tenant().schema)
    try:
        # Wall-clock time, not our clock: it is compared between processes.
        fresh = cast(list[bytes], client().zrangebyscore(key, time.time() - FRESH_SECONDS, "+inf"))
    except RedisError as fault:
        log.warning("presence is unknown: %s", type(fault).__name__)
        return frozenset()
    return frozenset(int(entry.split(b":")[0]) for entry in fresh)


def is_online(member_id: int) -> bool:
    """Return whether a member of the current tenant has a socket open."""
    return member_id in online_members()


async def note_online(connection: redis.asyncio.Redis, process: str, schema: str, member_ids: Iterable[int]) -> None:
    """Note that these members are connected to this process."""
    now = time.time()
    entries = {f"{member_id}:{process}": now for member_id in member_ids}
    if not entries:
        return
    async with connection.pipeline(transaction=False) as pipe:
        pipe.zadd(_key(schema), entries)
        pipe.zremrangebyscore(_key(schema), "-inf", now - KEEP_SECONDS)
        pipe.expire(_key(schema), KEEP_SECONDS)
        await pipe.execute()


async def note_offline(connection: redis.asyncio.Redis, process: str, schema: str, member_ids: Iterable[int]) -> None:
    """Note that these members have left this process."""
    entries = [f"{member_id}:{process}" for member_id in member_ids]
    if entries:
        await connection.zrem(_key(schema), *entries)
