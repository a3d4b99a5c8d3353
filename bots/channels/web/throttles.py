"""Limits for visitors: by the visitor where the token is good, by the address otherwise."""

from django.http import HttpRequest
from ninja.throttling import SimpleRateThrottle

from bots.channels.web.tokens import read_token
from guanxi.http.middleware import client_ip


class VisitorThrottle(SimpleRateThrottle):
    """Counts by visitor. A new token is a new visitor, so `POST /visits` is counted by address."""

    def __init__(self, rate: str, scope: str) -> None:
        self.scope = scope
        super().__init__(rate)

    def get_cache_key(self, request: HttpRequest) -> str:
        """Return the counter's key."""
        visitor = read_token(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
        return f"throttle_{self.scope}_{visitor.id if visitor else client_ip(request)}"
