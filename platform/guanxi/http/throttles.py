"""Limits of calls, counted per caller and tenant."""

import hashlib
from typing import Any

from django.http import HttpRequest
from ninja.throttling import SimpleRateThrottle

from guanxi.http.middleware import client_ip


class CallerThrottle(SimpleRateThrottle):
    """Counts by key or session; the cache's key function adds the tenant."""

    scope = "caller"

    def get_cache_key(self, request: HttpRequest) -> str:
        """Return the counter's key."""
        authorization = request.headers.get("Authorization", "")
        user: Any = getattr(request, "user", None)
        if authorization:
            who = hashlib.sha256(authorization.encode()).hexdigest()[:32]
        elif user is not None and user.is_authenticated:
            who = f"user{user.pk}"
        else:
            who = client_ip(request)
        return f"throttle_{self.scope}_{request.method == 'GET'}_{who}"


class AddressThrottle(SimpleRateThrottle):
    """Counts by the caller's address, for what needs no sign-in; each use names its own scope."""

    def __init__(self, rate: str, scope: str) -> None:
        self.scope = scope
        super().__init__(rate)

    def get_cache_key(self, request: HttpRequest) -> str:
        """Return the counter's key."""
        return f"throttle_{self.scope}_{client_ip(request)}"
