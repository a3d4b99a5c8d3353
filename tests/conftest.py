"""What every test finds: two tenants, alpha and beta, with the same people in them, in a database of its worker's own.

`alpha` opens alpha's scope; `beta` is only named. A test runs inside a transaction that is rolled back. One whose work
must be committed (workers, sockets, threads, a live server) is marked `committed`: it gets the database as it stands,
and a fresh clone is made after it.
"""

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from guanxi.access import Actor
from guanxi.common.redis import client as redis_client
from guanxi.tenancy import TenantRef, tenant_scope
from tests import databases
from tests.people import PASSWORD, Team, actor_named
from tests.world import TENANTS, build_world, tenant

pytest_plugins: list[str] = []


def pytest_configure(config: pytest.Config) -> None:
    """Name our own markers."""
    config.addinivalue_line(
        "markers", "committed: what the test writes is committed; the database is cloned anew after it"
    )


@pytest.fixture(scope="session")
def database_name() -> str:
    """Return the name of this worker's database."""
    return f"{settings.DATABASES['default']['NAME']}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


@pytest.fixture(scope="session")
def template_database(django_db_blocker: DjangoDbBlocker) -> str:
    """Return the template's name, built by the first worker that comes."""
    with django_db_blocker.unblock():
        return databases.ensure_template(build_world)


@pytest.fixture(scope="session")
def django_db_setup(database_name: str, template_database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Clone the template for this worker; pytest-django's own set-up would migrate instead."""
    with django_db_blocker.unblock():
        databases.clone(template_database, database_name)
        databases.use(database_name)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        databases.drop(database_name)


@pytest.fixture
def database(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    database_name: str,
    template_database: str,
) -> Iterator[None]:
    """Open the database for this test, in the way that its marks ask for."""
    if request.node.get_closest_marker("committed") is None:
        request.getfixturevalue("db")
        yield
        return
    with django_db_blocker.unblock():
        try:
            yield
        finally:
            connections.close_all()
            databases.clone(template_database, database_name)


@pytest.fixture(autouse=True)
def clean_redis() -> None:
    """Begin each test with nothing in this worker's Redis database."""
    redis_client().flushdb()
    cache.clear()


@pytest.fixture
def alpha(database: None) -> Iterator[TenantRef]:
    """Open the scope of the first tenant."""
    ref = tenant("alpha")
    with tenant_scope(ref):
        yield ref


@pytest.fixture
def beta(database: None) -> TenantRef:
    """Name the second tenant."""
    return tenant("beta")


@pytest.fixture
def team(alpha: TenantRef) -> Team:
    """Return alpha's people: owner, admin, manager, rep, rep2, agent, as actors."""
    return Team({role: actor_named(role) for role in ("owner", "admin", "manager", "rep", "rep2", "agent")})


@pytest.fixture
def owner(team: Team) -> Actor:
    """Return alpha's owner."""
    return team["owner"]


@pytest.fixture
def rep(team: Team) -> Actor:
    """Return alpha's first rep."""
    return team["rep"]


class SignedIn(Client):
    """A test client on a tenant's host."""

    def __init__(self, name: str, role: str | None) -> None:
        super().__init__(
            SERVER_NAME=f"{TENANTS[name]}.{settings.GUANXI_BASE_DOMAIN}", headers={"accept": "application/json"}
        )
        if role is not None:
            body = {"email": f"{role}@{name}.example.com", "password": PASSWORD}
            answer = self.post("/_allauth/browser/v1/auth/login", body, content_type="application/json")
            assert answer.status_code == 200, answer.content


@pytest.fixture
def browser_of(database: None) -> "type[SignedIn]":
    """Return a class of clients: `browser_of("alpha", "rep")` is signed in, `browser_of("alpha", None)` is not."""
    return SignedIn
