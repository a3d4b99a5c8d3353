"""One world for the matrix: both tenants filled alike, beta with one more of everything; all of it rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from guanxi.access import Actor, known_permissions
from guanxi.tenancy import TenantRef, tenant_scope
from tenants.members.services import create_api_key
from tenants.members.services.api_keys import ONLY_PEOPLE
from tests.conftest import SignedIn
from tests.fakes.stripe import FakeStripe
from tests.fakes.wechat import FakeWeChat
from tests.isolation.seeding import AES_KEY, Ids, Word, seed, seed_records
from tests.isolation.tables import Digest, align_sequences
from tests.people import actor_named
from tests.world import TENANTS, tenant

ALPHA, BETA = "Quokka", "Narwhal"
# The words of what two reps of alpha own.
REP, REP2 = Word("Wombat", 7), Word("Platypus", 8)


@dataclass
class World:
    """Both tenants, who calls, and what there is."""

    alpha: TenantRef
    beta: TenantRef
    own: Ids
    foreign: Ids
    reps: Ids
    reps2: Ids
    other_member: int
    clients: dict[str, Client]
    keys: dict[str, str]
    digest: Digest
    before: dict[str, str]

    def mine(self) -> Ids:
        """Return alpha's ids; `other_…` is a second one, where a record cannot be named to itself."""
        other = {"other_customer": self.reps["customer"], "other_department": 2, "other_member": self.other_member}
        return {**self.own, **other}

    def untouched(self) -> bool:
        """Return whether beta is as it was."""
        return self.digest.read() == self.before

    def changed(self) -> list[str]:
        """Return the tables in which beta differs."""
        now = self.digest.read()
        return sorted(table for table in now if now[table] != self.before.get(table))


@contextmanager
def undone() -> Iterator[None]:
    """Take back what the block writes."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def key_client(tenant_name: str, token: str) -> Client:
    """Return a program's client on a tenant's host."""
    host = f"{TENANTS[tenant_name]}.{settings.GUANXI_BASE_DOMAIN}"
    return Client(SERVER_NAME=host, headers={"accept": "application/json", "authorization": f"Bearer {token}"})


def _key_of(actor: Actor) -> str:
    held = {f"{kind}.{action}" for kind, actions in known_permissions().items() for action in actions}
    permissions = sorted((held & set(actor.grants)) - ONLY_PEOPLE)
    new = create_api_key(
        actor=actor, name="matrix", permissions=permissions, acts_as_member=True, member_id=actor.member_id
    )
    return new.key


def _fill(tencent: FakeWeChat) -> World:
    alpha, beta = tenant("alpha"), tenant("beta")
    align_sequences([alpha, beta])
    keys: dict[str, str] = {}
    with tenant_scope(alpha):
        own = seed(actor_named("owner"), Word(ALPHA, 0))
        reps = seed_records(actor_named("rep"), REP, channel_id=own["channel"])
        reps2 = seed_records(actor_named("rep2"), REP2, channel_id=own["channel"])
        keys["alpha"] = _key_of(actor_named("owner"))
        other_member = actor_named("manager").member_id or 0
    with tenant_scope(beta):
        twin = seed(actor_named("owner"), Word(BETA, 0))
        for number, part in ((7, "rep"), (8, "rep2")):
            seed_records(actor_named(part), Word(BETA, number), channel_id=twin["channel"])
        keys["beta"] = _key_of(actor_named("owner"))
        foreign = seed(actor_named("owner"), Word(BETA, 1))
    public = {"domain"}
    assert {k: v for k, v in own.items() if k not in public} == {k: v for k, v in twin.items() if k not in public}
    assert not set(own.items()) & set(foreign.items()), "what only beta has must not be alpha's too"
    for word in (Word(ALPHA, 0), Word(BETA, 0), Word(BETA, 1)):
        tencent.control.create_account(
            app_id=word.app_id, secret="secret" * 5, original_id=f"gh_{word}".lower(), token=f"token{word.number:03}",
            aes_key=AES_KEY, name=str(word),
        )  # fmt: skip
    clients: dict[str, Client] = {
        part: SignedIn("alpha", part) for part in ("owner", "manager", "rep", "rep2", "agent")
    }
    clients["key"] = key_client("alpha", keys["alpha"])
    digest = Digest(beta)
    return World(alpha, beta, own, foreign, reps, reps2, other_member, clients, keys, digest, digest.read())


@pytest.fixture(scope="package")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, in a transaction that is rolled back at the end."""
    outside = ("GUANXI_WECHAT_API_BASE", "GUANXI_STRIPE_API_BASE", "STRIPE_SECRET_KEY")
    before = {name: getattr(settings, name) for name in outside}
    cache.clear()
    with FakeWeChat() as tencent, FakeStripe() as shop, django_db_blocker.unblock(), transaction.atomic():
        for name, value in zip(outside, (tencent.url, shop.url, "sk_test_matrix"), strict=True):
            setattr(settings, name, value)
        try:
            yield _fill(tencent)
        finally:
            for name, value in before.items():
                setattr(settings, name, value)
            transaction.set_rollback(True)
