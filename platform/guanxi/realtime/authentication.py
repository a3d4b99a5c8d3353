"""Who opens a socket: the session cookie decides, in the tenant that the host names, for pages of that same host
only.
"""

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from guanxi.access import Actor
from guanxi.http.auth import load_member_actor


def header(scope: dict[str, Any], name: bytes) -> str:
    """Return a header of the handshake, empty when it is missing or sent twice."""
    values = [value for key, value in scope["headers"] if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def is_same_origin(scope: dict[str, Any]) -> bool:
    """Return whether the page that opens the socket came from the very host and port that it connects to."""
    origin, host = urlsplit(header(scope, b"origin")), header(scope, b"host")
    return origin.scheme in {"http", "https"} and bool(host) and origin.netloc.lower() == host.lower()


def host_name(scope: dict[str, Any]) -> str:
    """Return the host without its port."""
    host = header(scope, b"host")
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdecimal() else host).lower()


def session_key(scope: dict[str, Any]) -> str:
    """Return the session's key from the cookie, empty when there is none."""
    try:
        morsel = SimpleCookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def load_session_actor(key: str) -> Actor | None:
    """Return the member behind a session of the current tenant, None when nobody is signed in any more."""
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    actor = load_member_actor(user) if user.is_authenticated else None
    return actor if actor is not None and actor.member_id is not None else None
