"""A stack that is there to be hurt."""

from collections.abc import Iterator

import pytest

from tests.e2e.stack import RunningStack, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all of them in one worker: they share a stack."""
    for item in items:
        if "tests/chaos" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("chaos"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Run the stack."""
    with running_stack(tmp_path_factory.mktemp("chaos")) as running:
        yield running
