"""A sandbox for each test; whatever a failed test leaves behind is removed with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devstack.running import Sandbox


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    box = Sandbox(tmp_path / "private" / "state")
    box.state.mkdir(parents=True)
    box.state.parent.chmod(0o700)
    yield box
    box.remove()
