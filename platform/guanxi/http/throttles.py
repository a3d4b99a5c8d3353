"""Limits of calls, counted per caller and tenant."""

import hashlib
import logging
import math
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from ninja.throttling import SimpleRateThrottle
from redis.exceptions import RedisError

from guanxi.common import clock
from guanxi.http.middleware import client_ip

log = logging.getLogger(__name__)
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller may still do: of `limit` calls `remaining` in the `reset` seconds to come."""

    limit: int
    remaining: int
    reset: int
    refused: bool

    def headers(self) -> dict[str, str]:
        """Return the headers of draft-ietf-httpapi-ratelimit-headers that tell the caller."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


def take_call(request: HttpRequest) -> Allowance:
    """Count a call of a program, reads and writes apart, in windows of a minute; the cache's keys carry the tenant.

    When the counter cannot be reached the call goes through: a limit protects the service, and must not end it.
    """
    limit = settings.GUANXI_API_CALLS_A_MINUTE
    seconds = clock.now().timestamp()
    reset = max(1, math.ceil(WINDOW - seconds % WINDOW))
    reads = request.method in {"GET", "HEAD", "OPTIONS"}
    key = f"calls_{reads}_{_caller(request)}_{int(seconds // WINDOW)}"
    try:
        cache.add(key, 0, WINDOW * 2)
        taken = cache.incr(key)
    except (RedisError, ValueError):
        log.warning("calls cannot be counted")
        taken = 1
    return Allowance(limit, max(0, limit - taken), reset, taken > limit)


def _caller(request: HttpRequest) -> str:
    authorization = request.headers.get("Authorization", "")
    return hashlib.sha256(authorization.encode()).hexdigest()[:32] if authorization else client_ip(request)


class AddressThrottle(SimpleRateThrottle):
    """Counts by the caller's address, for what needs no sign-in; each use names its own scope."""

    def __init__(self, rate: str, scope: str) -> None:
        self.scope = scope
        super().__init__(rate)

    def get_cache_key(self, request: HttpRequest) -> str:
        """Return the counter's key."""
        return f"throttle_{self.scope}_{client_ip(request)}"
