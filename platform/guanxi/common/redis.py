"""Connections to Redis (or Valkey), one pool a process."""

from functools import lru_cache

import redis
import redis.asyncio
from django.conf import settings


@lru_cache(maxsize=1)
def client() -> redis.Redis:
    """Return the process's client; replies are bytes."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, health_check_interval=30)


def async_client() -> redis.asyncio.Redis:
    """Return a new asyncio client; it belongs to the event loop that uses it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, health_check_interval=30)
