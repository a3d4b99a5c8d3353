"""One stack and one browser for all stories of a test run."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.bots.channels.web.browsing import chromium
from tests.e2e.people import Customer, Person
from tests.e2e.stack import RunningStack, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep all stories in one worker: they share a stack."""
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("e2e"))


# Both end with the last story: a browser that is driven keeps an event loop running in its thread, and Django refuses
# its database to every later test of that thread.
@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Run the stack."""
    with running_stack(tmp_path_factory.mktemp("e2e")) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start the browser."""
    with chromium() as started:
        yield started


@pytest.fixture
def person(browser: Browser) -> Iterator[Callable[..., Person]]:
    """Return a maker of people; their windows close after the test."""
    made: list[Person] = []

    def make(*, phone: bool = False) -> Person:
        made.append(Person(browser, phone=phone))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def customer(browser: Browser, stack: RunningStack) -> Iterator[Callable[[str], Customer]]:
    """Return a maker of customers of an account."""
    made: list[Customer] = []

    def make(app_id: str) -> Customer:
        made.append(Customer(browser, stack, app_id))
        return made[-1]

    yield make
    for each in made:
        each.close()
