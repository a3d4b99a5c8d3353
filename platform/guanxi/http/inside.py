"""Reads through the API from inside: what an actor would get, in the same shape and with the same fields hidden."""

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest
from django.urls import resolve, reverse

from guanxi.access import Actor
from guanxi.http.auth import ASKED_INSIDE


def read_as(actor: Actor, operation_id: str, **path: Any) -> dict[str, Any] | None:
    """Return what a GET of the page's API answers this actor; None for everything but 200.

    The whole operation runs, so that permissions, scopes, masks and shapes are the API's own and never a copy of them.
    """
    url = reverse(f"api:{operation_id}", urlconf=settings.ROOT_URLCONF, kwargs=path)
    match = resolve(url, urlconf=settings.ROOT_URLCONF)
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", url, url
    setattr(request, ASKED_INSIDE, actor)
    answer = match.func(request, *match.args, **match.kwargs)
    found: dict[str, Any] | None = orjson.loads(answer.content) if answer.status_code == 200 else None
    return found
