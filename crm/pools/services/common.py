"""What all moves of pools share: taking and letting go, the ledger, the news, the locked rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from django.db import connection

from crm.customers.services import release_customer, take_customer
from crm.leads.services import release_lead, take_lead
from crm.pools import events
from crm.pools.models import ClaimQuota, Holding, Pool, PoolMove, RecycleRule
from crm.pools.selectors.access import audience_of_pool
from crm.pools.types import Batch, Refused
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid, Problem
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.tenancy import require_tenant
from guanxi.timers.services import cancel_timer

HOLDING_DUE = "pools.holding_due"
_moving: ContextVar[bool] = ContextVar("guanxi_pools_moving", default=False)


@contextmanager
def moving() -> Iterator[None]:
    """Let changes of owners in the block be the pool's own, which writes their ledger itself."""
    token = _moving.set(True)
    try:
        yield
    finally:
        _moving.reset(token)


def is_moving() -> bool:
    """Return whether a change of owner comes from a pool."""
    return _moving.get()


def take(kind: str, *, actor: Actor, record_id: int, owner_id: int) -> Any | None:
    """Make somebody the owner of what is nobody's; None when it has an owner."""
    with moving():
        if kind == "lead":
            return take_lead(actor=actor, lead_id=record_id, owner_id=owner_id)
        return take_customer(actor=actor, customer_id=record_id, owner_id=owner_id)


def release(kind: str, *, actor: Actor, record_id: int, owner_id: int | None) -> Any | None:
    """Take the owner from a record; None when it is no longer this owner's."""
    with moving():
        if kind == "lead":
            return release_lead(actor=actor, lead_id=record_id, owner_id=owner_id)
        return release_customer(actor=actor, customer_id=record_id, owner_id=owner_id)


def member_of(actor: Actor) -> int:
    """Return who claims; raise Invalid when a program does that stands for nobody."""
    if actor.member_id is None:
        raise Invalid("member_needed", "Only a member, or a key that acts as one, can hold records.")
    return actor.member_id


def lock_quota(actor: Actor, pool: Pool) -> ClaimQuota:
    """Return the member's row of today, locked until the transaction ends."""
    key = {"pool_id": pool.pk, "member_id": member_of(actor), "day": clock.today(actor.timezone)}
    ClaimQuota.objects.bulk_create([ClaimQuota(**key)], ignore_conflicts=True)
    return ClaimQuota.objects.select_for_update().get(**key)


def lock_held(member_id: int, kind: str) -> None:
    """Let nobody else add to what a member holds of a kind until the transaction ends: two pools share the capacity."""
    with connection.cursor() as cursor:
        name = f"{require_tenant().schema} held {kind} of {member_id}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def write_move(
    actor: Actor,
    *,
    pool: Pool | None,
    kind: str,
    record_id: int,
    action: str,
    from_owner_id: int | None = None,
    to_owner_id: int | None = None,
    reason: str = "",
    rule: RecycleRule | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> PoolMove:
    """Write a line of the ledger."""
    return PoolMove.objects.create(
        pool_id=pool.pk if pool else None,
        kind=kind,
        record_id=record_id,
        action=action,
        from_owner_id=from_owner_id,
        to_owner_id=to_owner_id,
        actor_kind=actor.kind.value,
        actor_id=actor.member_id,
        reason=reason,
        rule_id=rule.pk if rule else None,
        rule_number=rule.number if rule else None,
        before={"owner_id": from_owner_id, **(before or {})},
        after={"owner_id": to_owner_id, **(after or {})},
        at=clock.now(),
    )


def tell_pool(actor: Actor | None, pool: Pool, event: str, *also: int | None, **data: Any) -> None:
    """Record an event of a pool, to be heard by whom the pool is for."""
    record_event(event, actor=actor, aggregate=("pool", pool.pk), data=data, audience=audience_of_pool(pool, *also))


def tell_holding(holding: Holding) -> None:
    """Let the owner's page see that something about a record of its own has changed."""
    if holding.owner_id is not None:
        record_event(
            events.HOLDING_CHANGED,
            actor=None,
            aggregate=(holding.kind, holding.record_id),
            audience=Audience(member_ids=(holding.owner_id,)),
        )


def protect(kind: str, record_id: int, owner_id: int, days: int) -> None:
    """Keep a record with its new owner for some days, whatever the rules say."""
    forget(kind, record_id)
    if days:
        until = clock.now() + timedelta(days=days)
        Holding.objects.create(kind=kind, record_id=record_id, owner_id=owner_id, protected_until=until)


def forget(kind: str, record_id: int) -> None:
    """Forget protection, lock and due date of a record that changes hands."""
    holding = Holding.objects.filter(kind=kind, record_id=record_id).first()
    if holding is not None:
        cancel_timer(HOLDING_DUE, holding.pk)
        holding.delete()


class Tally:
    """Gathers what becomes of a batch; when nothing at all was done, the first refusal is raised."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.refused: list[Refused] = []
        self.first: Problem | None = None

    def refuse(self, entry_id: int, refusal: Problem) -> None:
        """Note that a record was refused."""
        self.first = self.first or refusal
        self.refused.append(Refused(entry_id, refusal.code, dict(refusal.params or {})))

    def batch(self) -> Batch:
        """Return the outcome."""
        if not self.done and self.first is not None:
            raise self.first
        return Batch(tuple(self.done), tuple(self.refused))
