"""Sign-up forms and the base host's client."""

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.test import Client

from guanxi.access import Actor
from tenants.workspaces.types import SignUpForm
from tests.people import PASSWORD

Browsers = Callable[[str, str | None], Client]
SIGNUPS = "/api/base/v1/signups"


def form_for(slug: str, /, **changes: Any) -> SignUpForm:
    """Return a valid form."""
    values: dict[str, Any] = {
        "key": uuid.uuid4(),
        "company": f"{slug.capitalize()} 茶业",
        "slug": slug,
        "name": "林老板",
        "email": f"lin@{slug}.example.com",
        "phone": "+86 138 0000 0000",
        "password": PASSWORD,
        "plan": "trial",
        "locale": "zh-CN",
        "accepts_terms": True,
    }
    return SignUpForm(**(values | changes))


def body_for(slug: str, /, **changes: Any) -> dict[str, Any]:
    """Return the same as the page sends it."""
    form = form_for(slug, **changes)
    return {
        name: str(value) if name == "key" else value for name, value in ((n, getattr(form, n)) for n in form.__slots__)
    }


def base_client() -> Client:
    """Return a client on the base host."""
    return Client(SERVER_NAME=settings.GUANXI_BASE_DOMAIN)


def host_client(slug: str) -> Client:
    """Return a client on a workspace's host, signed in as nobody."""
    return Client(SERVER_NAME=f"{slug}.{settings.GUANXI_BASE_DOMAIN}")


def post(client: Client, path: str, body: dict[str, Any], **headers: Any) -> Any:
    """Post JSON."""
    return client.post(path, body, content_type="application/json", **headers)


def follow(url: str) -> tuple[Client, Any]:
    """Open an absolute address of a workspace with a fresh browser; return the browser and the answer."""
    host, _, path = url.split("//", 1)[1].partition("/")
    client = Client(SERVER_NAME=host.partition(":")[0])
    return client, client.get(f"/{path}")


def id_of(actor: Actor) -> int:
    """Return the id of the member behind an actor."""
    assert actor.member_id is not None
    return actor.member_id
