"""Who is calling: a member by session, or a program by key."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from guanxi.access import Actor
from guanxi.common.errors import Problem
from guanxi.tenancy import current_tenant

SAFE = {"GET", "HEAD", "OPTIONS"}
# The attribute by which `guanxi.http.inside` names who asks; nothing that comes from outside can set it.
ASKED_INSIDE = "guanxi_asked_inside"

_load_member: Callable[[Any], Actor | None] | None = None
_load_key: Callable[[str], Actor | None] | None = None


def register_actor_loaders(*, member: Callable[[Any], Actor | None], api_key: Callable[[str], Actor | None]) -> None:
    """Say how a signed-in user, and a bearer key, become an actor; None refuses."""
    global _load_member, _load_key
    _load_member, _load_key = member, api_key


def load_member_actor(user: Any) -> Actor | None:
    """Return the actor of a signed-in user, None when the member has been switched off."""
    return _load_member(user) if _load_member else None


class MemberAuth(APIKeyCookie):
    """The session cookie of the page, with CSRF on everything that writes."""

    param_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Any:
        """Return the actor, or None for 401."""
        inside = getattr(request, ASKED_INSIDE, None)
        if isinstance(inside, Actor):
            return inside
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        if request.method not in SAFE and check_csrf(request):
            raise Problem(
                "csrf_failed", status=403, detail="The page was open for too long; reload it. Nothing was saved."
            )
        return load_member_actor(user)

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """Ninja's hook; `__call__` has decided already."""
        return self(request)


class KeyAuth(HttpBearer):
    """`Authorization: Bearer gx_…`, valid only in the key's own tenant."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return the actor, or None for 401."""
        return _load_key(token) if _load_key and current_tenant() is not None else None
