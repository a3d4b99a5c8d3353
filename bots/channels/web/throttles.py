"""Limits for visitors: by the visitor where the token is good, by the address otherwise."""

from django.http import HttpRequest

from bots.channels.web.tokens import read_token
from guanxi.http.throttles import AddressThrottle


class VisitorThrottle(AddressThrottle):
    """Counts by visitor. A new token is a new visitor, so `POST /visits` itself is counted by address."""

    def get_cache_key(self, request: HttpRequest) -> str:
        """Return the counter's key."""
        visitor = read_token(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
        return f"throttle_{self.scope}_{visitor.id}" if visitor else super().get_cache_key(request)
