"""What the assistant's tests share."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from bots.assistant.services import settings_row
from bots.assistant.store import forget_indexes
from guanxi.access import Actor
from tests.bots.assistant.talks import Customer, fill_knowledge
from tests.bots.llm.loopback import Loopback
from tests.fakes.llm import FakeModel


@pytest.fixture(autouse=True)
def fresh_indexes() -> Iterator[None]:
    """Begin and end without indexes of another test's rows."""
    forget_indexes()
    yield
    forget_indexes()


@pytest.fixture
def knowledge(owner: Actor) -> None:
    """Publish and embed some FAQs."""
    fill_knowledge(owner)


@pytest.fixture
def customer(alpha: object) -> Customer:
    """A customer on the web channel."""
    return Customer()


@pytest.fixture
def model(alpha: object, settings: Settings) -> Iterator[FakeModel]:
    """A model over HTTP, set as the tenant's own."""
    from bots.assistant.services.settings import KEY_FIELD, ROW
    from guanxi.secrets import seal

    settings.GUANXI_OUTBOUND_ALLOW = Loopback()
    with FakeModel() as fake:
        row = settings_row()
        row.model_enabled, row.model_base_url, row.model_name = True, fake.base_url, f"stub-{fake.base_url}"
        row.model_key, row.model_timeout_seconds = seal("sk-any", field=KEY_FIELD, row=ROW), 2
        row.save()
        yield fake
