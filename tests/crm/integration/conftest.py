"""The receivers of these tests stand on this machine, and are allowed one by one."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.crm.integration.receiver import Receiver


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """Return a receiver that the operator allows, and nothing else on this machine."""
    with Receiver() as running:
        settings.GUANXI_OUTBOUND_ALLOW = (running.place,)
        yield running
