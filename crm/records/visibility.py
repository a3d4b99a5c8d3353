"""The one policy of who may see and change which record.

allow = the action is granted AND (the record lies in the role's scope OR it is shared with the actor OR it hangs below
a customer that the actor owns or that is shared with the actor). It stands here twice: as SQL (`reach_q`) for every
list, detail, search and count, and in memory (`facts_of`, `reasons_to_see`, `audience_of_facts`) for sockets and for
the page that says who can see a record. A property test holds both against a third telling of the same rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet

from crm.records.models import RecordShare
from crm.records.registry import PARENT, record_kind
from guanxi.access import Actor, Grant, in_scope, scope_q
from guanxi.access.policy import NOBODY
from guanxi.common import clock
from guanxi.events.types import Audience

# What a share, or owning the customer that a record hangs below, lets do: assigning, archiving, sharing on and the like
# stay with those whose the record is.
BY_LEVEL = {"read": ("read", "edit"), "update": ("edit",), "reveal": ("edit",)}


class IsOneOf(Func):
    """`field = ANY (ARRAY (subquery))`: unlike `IN (subquery)` it can use the field's index beside others in an OR."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class ShareFact:
    """One share of a record, as the policy sees it."""

    subject: str
    level: str
    until: datetime | None = None
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the policy asks of a record."""

    kind: str
    owner_id: int | None
    department_path: str
    shares: tuple[ShareFact, ...] = ()
    customers: tuple["Facts", ...] = ()
    besides: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody may see a record.

    `code` is owner, delegate, scope, share, customer_owner, customer_delegate, customer_share, or what the kind itself
    adds.
    """

    code: str
    role: str = ""
    scope: str = ""
    subject: str = ""
    level: str = ""
    until: datetime | None = None
    by_id: int | None = None
    member_id: int | None = None


# --- as SQL ---


def reach_q(actor: Actor, kind: str, action: str = "read") -> Q:
    """Return the filter for the records of a kind that the actor may do this to."""
    permission = f"{kind}.{action}"
    condition = scope_q(actor, permission)
    if not condition or permission not in actor.grants:
        return condition
    condition |= _shared_q(actor, kind, BY_LEVEL.get(action, ()))
    below = record_kind(kind).below
    if below is not None and actor.self_ids and action in BY_LEVEL:
        condition |= below(own_customers(actor, _levels_below(kind, action)))
    return condition


def _levels_below(kind: str, action: str) -> tuple[str, ...]:
    # Whoever works on a customer with others reads its contacts; they are changed by those whose they are.
    return () if record_kind(kind).reads_only_below and action != "read" else BY_LEVEL.get(action, ())


def own_customers(actor: Actor, levels: tuple[str, ...] = ("read", "edit")) -> QuerySet[Any]:
    """Return the ids of the customers that the actor owns, and of those shared with the actor at one of the levels."""
    customers = record_kind(PARENT).model._default_manager
    condition = Q(owner_id__in=sorted(actor.self_ids))
    return customers.filter(condition | _shared_q(actor, PARENT, levels)).order_by().values("pk")


def _shared_q(actor: Actor, kind: str, levels: tuple[str, ...]) -> Q:
    if not levels or not actor.subjects:
        return NOBODY
    shares = active_shares().filter(kind=kind, subject__in=sorted(actor.subjects), level__in=levels)
    return Q(IsOneOf(F("pk"), ArraySubquery(shares.order_by().values("record_id"))))


def active_shares() -> QuerySet[RecordShare]:
    """Return the shares that have not ended."""
    return RecordShare.objects.filter(Q(until__isnull=True) | Q(until__gt=clock.now()))


# --- in memory ---


def facts_of(kind: str, record: Any) -> Facts:
    """Return what the policy asks of a record: two queries, three when it hangs below a customer."""
    spec = record_kind(kind)
    parents: list[Any] = []
    if spec.customer_ids is not None and (ids := set(spec.customer_ids(record))):
        parents = list(record_kind(PARENT).model._default_manager.filter(pk__in=ids).order_by("pk"))
    named = Q(kind=kind, record_id=record.pk) | Q(kind=PARENT, record_id__in=[parent.pk for parent in parents])
    shares: dict[tuple[str, int], list[ShareFact]] = {}
    for row in active_shares().filter(named).order_by("pk"):
        fact = ShareFact(row.subject, row.level, row.until, row.by_id)
        shares.setdefault((row.kind, row.record_id), []).append(fact)
    customers = tuple(_facts(PARENT, parent, shares) for parent in parents)
    return replace(_facts(kind, record, shares), customers=customers)


def _facts(kind: str, record: Any, shares: dict[tuple[str, int], list[ShareFact]]) -> Facts:
    found = tuple(shares.get((kind, record.pk), ()))
    ask = record_kind(kind).besides
    besides = tuple((code, member_id) for code, member_id in ask(record).items() if member_id) if ask else ()
    return Facts(kind, record.owner_id, record.owner_department_path, found, besides=besides)


def audience_of_facts(facts: Facts, permission: str) -> Audience:
    """Return who may hear of a record over the socket: whoever may see it."""
    owners = {customer.owner_id for customer in facts.customers if customer.owner_id is not None}
    owners |= {member_id for _, member_id in facts.besides}
    named = {share.subject for part in (facts, *facts.customers) for share in part.shares}
    through = facts.customers if record_kind(facts.kind).seen_by_readers_of_customer else ()
    return Audience(
        owner_id=facts.owner_id,
        department_path=facts.department_path,
        permission=permission,
        owner_ids=tuple(sorted(owners)),
        shares=tuple(sorted(named)),
        also=tuple(audience_of_facts(customer, f"{PARENT}.read") for customer in through),
    )


def reasons_to_see(
    actor: Actor, facts: Facts, record: Any, *, grants_by_role: Iterable[tuple[str, frozenset[Grant]]] = ()
) -> list[Reason]:
    """Return why the actor may see a record, the nearest reason first; empty when it may not.

    `grants_by_role` names what each of the actor's roles gives for reading the kind.
    """
    permission = f"{facts.kind}.read"
    if permission not in actor.grants:
        return []
    found = _by_ownership(actor, facts.owner_id, "owner", "delegate")
    for role, reach in grants_by_role:
        found += _by_scope(actor, facts, permission, role, reach)
    found += _by_shares(actor, facts.shares, "share")
    for customer in facts.customers:
        found += _by_ownership(actor, customer.owner_id, "customer_owner", "customer_delegate")
        found += _by_shares(actor, customer.shares, "customer_share")
        if record_kind(facts.kind).seen_by_readers_of_customer:
            found += _as_reader_of(actor, customer)
    found += [Reason(code) for code, member_id in facts.besides if member_id in actor.self_ids]
    if (also := record_kind(facts.kind).seen_also) is not None:
        found += [Reason(code) for code in also(actor, record)]
    return found


def _by_ownership(actor: Actor, owner_id: int | None, own: str, delegated: str) -> list[Reason]:
    if owner_id is None or owner_id not in actor.self_ids:
        return []
    return [Reason(own if owner_id == actor.member_id else delegated, member_id=owner_id)]


def _by_scope(actor: Actor, facts: Facts, permission: str, role: str, reach: frozenset[Grant]) -> list[Reason]:
    if (
        facts.owner_id is not None
        and facts.owner_id in actor.self_ids
        and not any(g.scope.name == "ALL" for g in reach)
    ):
        return []
    for grant in sorted(reach, key=lambda grant: grant.scope):
        alone = replace(actor, grants={permission: frozenset({grant})})
        if in_scope(alone, permission, owner_id=facts.owner_id, department_path=facts.department_path):
            return [Reason("scope", role=role, scope=grant.scope.name)]
    return []


def _by_shares(actor: Actor, shares: tuple[ShareFact, ...], code: str) -> list[Reason]:
    mine = [share for share in shares if share.subject in actor.subjects]
    return [
        Reason(code, subject=share.subject, level=share.level, until=share.until, by_id=share.by_id) for share in mine
    ]


def _as_reader_of(actor: Actor, customer: Facts) -> list[Reason]:
    permission = f"{PARENT}.read"
    if in_scope(actor, permission, owner_id=customer.owner_id, department_path=customer.department_path):
        return [Reason("customer_reader")]
    return []
