"""The models of these tests stand on this machine."""

import pytest
from pytest_django.fixtures import Settings

from tests.bots.llm.loopback import Loopback


@pytest.fixture(autouse=True)
def allow_stand_ins(settings: Settings) -> None:
    """Let the stub be called."""
    settings.GUANXI_OUTBOUND_ALLOW = Loopback()
