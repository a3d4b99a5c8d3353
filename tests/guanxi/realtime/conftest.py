"""Sessions, and events that are recorded and dispatched as the product does it."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.db import transaction

from guanxi.common import clock
from guanxi.events.dispatch import dispatch_event
from guanxi.events.relay import drain
from guanxi.events.services import record_event
from guanxi.events.types import Audience, Event
from guanxi.realtime.numbering import number_event
from guanxi.realtime.selectors import last_seq
from guanxi.tenancy import TenantRef, require_tenant
from tests.guanxi.realtime.servers import Web, opened, web

EVERYONE = Audience(everyone=True)
MANY = 60


class Tell(Protocol):
    """Records events in the current tenant and dispatches them; returns the tenant's last number."""

    def __call__(self, *kinds: str, audience: Audience = ..., data: dict[str, Any] | None = None) -> int: ...


@pytest.fixture
def tell(alpha: TenantRef) -> Tell:
    drain(dispatch_event)

    def tell(*kinds: str, audience: Audience = EVERYONE, data: dict[str, Any] | None = None) -> int:
        with transaction.atomic():
            for number, kind in enumerate(kinds):
                if len(kinds) < MANY:
                    record_event(kind, actor=None, aggregate=("lead", number + 1), data=data, audience=audience)
                else:  # The way through the outbox would take a test its time.
                    number_event(
                        Event(1, kind, require_tenant(), "lead", number + 1, clock.now(), data or {}), audience
                    )
        drain(dispatch_event)
        return last_seq()

    return tell


@pytest.fixture
def cookie_of(browser_of: Any) -> Callable[[str, str], str]:
    """Return a function that signs a person in and gives the session cookie."""

    def sign_in(slug: str, role: str) -> str:
        return str(browser_of(slug, role).cookies[settings.SESSION_COOKIE_NAME].value)

    return sign_in


@pytest.fixture(scope="session")
def web_process(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Run one web process for all tests that do not harm it."""
    with web(tmp_path_factory.mktemp("web") / "web.log") as running:
        yield running


@pytest.fixture
def server(alpha: TenantRef, web_process: Web) -> Iterator[Web]:
    """Return the web process; close what the test opened, before its database goes."""
    yield web_process
    while opened:
        opened.pop().close()
    time.sleep(0.4)
