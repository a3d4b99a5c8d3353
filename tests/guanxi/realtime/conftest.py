"""Sessions, and events that are recorded and dispatched as the product does it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.db import transaction

from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.realtime.selectors import last_seq
from guanxi.tenancy import TenantRef
from tests.guanxi.realtime.servers import Web, web

EVERYONE = Audience(everyone=True)


class Tell(Protocol):
    """Records events in the current tenant and dispatches them; returns the tenant's last number."""

    def __call__(self, *kinds: str, audience: Audience = ..., data: dict[str, Any] | None = None) -> int: ...


@pytest.fixture
def tell(alpha: TenantRef) -> Tell:
    drain(dispatch_event)

    def tell(*kinds: str, audience: Audience = EVERYONE, data: dict[str, Any] | None = None) -> int:
        with transaction.atomic():
            for number, kind in enumerate(kinds):
                record_event(kind, actor=None, aggregate=("lead", number + 1), data=data, audience=audience)
        drain(dispatch_event)
        return last_seq()

    return tell


@pytest.fixture
def cookie_of(browser_of: Any) -> Callable[[str, str], str]:
    """Return a function that signs a person in and gives the session cookie."""

    def sign_in(slug: str, role: str) -> str:
        return str(browser_of(slug, role).cookies[settings.SESSION_COOKIE_NAME].value)

    return sign_in


@pytest.fixture
def server(alpha: TenantRef, tmp_path: Path) -> Iterator[Web]:
    """Run one web process for the test."""
    with web(tmp_path / "web.log") as running:
        yield running
