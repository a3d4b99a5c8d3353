"""Actors made by hand, and one router of the kernel behind a client, for tests that need no members and no sign-in."""

import json
from itertools import count
from typing import Any

from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import URLResolver, path
from django.urls.resolvers import RegexPattern
from ninja import NinjaAPI

from guanxi.access import Actor, ActorKind, Grant, Scope
from guanxi.http.problems import install_problem_handlers
from guanxi.http.router import AppRouter
from guanxi.tenancy import TenantRef

_mounts = count(1)


def member(tenant: TenantRef, member_id: int, *permissions: str, scope: Scope = Scope.ALL, **more: Any) -> Actor:
    """Return a member with these permissions at one reach."""
    grants = {permission: frozenset({Grant(scope)}) for permission in permissions}
    return Actor(ActorKind.MEMBER, tenant, member_id=member_id, name=f"member {member_id}", grants=grants, **more)


class KernelClient:
    """Calls the operations of one router as one actor (None: nobody is signed in), through Ninja's own views."""

    def __init__(self, router: AppRouter, actor: Actor | None) -> None:
        api = NinjaAPI(urls_namespace=f"kernel-test-{next(_mounts)}", auth=lambda request: actor)
        install_problem_handlers(api)
        api.add_router("", router.internal)
        self.resolver = URLResolver(RegexPattern(r"^/"), [path("", api.urls)])
        self.factory = RequestFactory()

    def call(self, method: str, url: str, data: Any = None, **headers: str) -> HttpResponse:
        """Send a JSON body (or, when it is a dict of files and text under POST, see `upload`)."""
        body = json.dumps(data) if data is not None else ""
        request = self.factory.generic(method, url, body, content_type="application/json", headers=headers)
        return self._answer(request)

    def upload(self, url: str, data: dict[str, Any]) -> HttpResponse:
        """Send a multipart form."""
        return self._answer(self.factory.post(url, data))

    def _answer(self, request: Any) -> HttpResponse:
        match = self.resolver.resolve(request.path_info)
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response

    def get(self, url: str, **headers: str) -> HttpResponse:
        """Send a GET."""
        return self.call("GET", url, **headers)

    def post(self, url: str, data: Any = None, **headers: str) -> HttpResponse:
        """Send a POST."""
        return self.call("POST", url, data, **headers)


def body(response: HttpResponse, status: int = 200) -> Any:
    """Return the answer's JSON; fail, showing it, when the status is another one."""
    assert response.status_code == status, (response.status_code, response.content)
    return json.loads(response.content) if response.content else None
