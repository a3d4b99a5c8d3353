"""What pools know of leads and customers: their fields, who counts as held, and the lives that rules look at."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from crm.activities.selectors import follow_ups_since, last_follow_up
from crm.deals.selectors import visible_deals
from crm.leads.selectors import OPEN_STATES
from crm.pools.models import Holding
from crm.pools.types import DealSpan, Life, Terms
from crm.records.registry import record_kind
from crm.records.search import search_q
from guanxi.access import Actor
from guanxi.audit.selectors import owner_changes
from guanxi.common import clock

KINDS = ("lead", "customer")
# What a pool shows of a record; the pool says which of them are masked or left out.
SHOWN: dict[str, tuple[str, ...]] = {
    "lead": ("company", "phone", "email", "wechat", "city", "source", "need", "budget"),
    "customer": ("phone", "email", "address", "website", "province", "city", "industry", "level", "source"),
}
# What a list leaves out and only a look at the record shows.
ONLY_INSIDE = frozenset({"need", "budget", "address", "website", "email", "wechat"})
BY_SYSTEM = "what pools look at"


def records_of(kind: str) -> QuerySet[Any]:
    """Return all records of a kind, whosever they are; the caller decides who may know of them."""
    return record_kind(kind).model._default_manager.all()


def named_like(kind: str, text: str) -> Q:
    """Return the filter for names with this text: by characters and initials, never by a phone's digits, which the pool
    may mask.
    """
    if any(sign.isdigit() for sign in text):
        by_name = Q(name__icontains=text)
        return by_name | Q(company__icontains=text) if kind == "lead" else by_name
    return search_q(text)


def title_of(kind: str, record: Any) -> str:
    """Return what a record is called before it is claimed: never by its phone."""
    return str(record.name or record.company) if kind == "lead" else str(record.name)


def _deals() -> QuerySet[Any]:
    rows: QuerySet[Any] = visible_deals(Actor.system(BY_SYSTEM)).filter(archived_at__isnull=True)
    return rows


def has_open_deal(kind: str, record_id: int) -> bool:
    """Return whether a deal of the customer is on its way; leads have none."""
    return kind == "customer" and _deals().filter(customer_id=record_id, stage__kind="open").exists()


def held_by(kind: str, member_id: int) -> int:
    """Return how many records a member holds that count: the won and the locked do not."""
    locked = Holding.objects.filter(_locked_now(), kind=kind, owner_id=member_id)
    rows = records_of(kind).filter(owner_id=member_id, archived_at__isnull=True)
    rows = rows.exclude(pk__in=locked.values("record_id"))
    if kind == "lead":
        return rows.filter(state__in=OPEN_STATES).count()
    return rows.exclude(pk__in=_deals().filter(stage__kind="won", customer__isnull=False).values("customer_id")).count()


def _locked_now() -> Q:
    return Q(locked_at__isnull=False) & (Q(locked_until__isnull=True) | Q(locked_until__gt=clock.now()))


def candidates(kind: str, terms: Terms) -> QuerySet[Any]:
    """Return the records that a rule looks at: owned, not archived, of its levels and sources."""
    rows = records_of(kind).filter(owner__isnull=False, archived_at__isnull=True)
    if kind == "lead":
        rows = rows.filter(state__in=OPEN_STATES)
    return _narrowed(rows, kind, terms)


def _narrowed(rows: QuerySet[Any], kind: str, terms: Terms) -> QuerySet[Any]:
    if terms.sources:
        rows = rows.filter(source__in=terms.sources)
    if terms.levels and kind == "customer":
        rows = rows.filter(level__in=terms.levels)
    return rows


def once_candidates(kind: str, terms: Terms, *, until: datetime) -> QuerySet[Any]:
    """Return the records that a rule might have looked at in the past, also those that have succeeded since."""
    rows = records_of(kind).filter(archived_at__isnull=True, created_at__lt=until)
    if kind == "lead":
        rows = rows.exclude(state="invalid")
    return _narrowed(rows, kind, terms)


def lives(kind: str, records: Sequence[Any], *, since: datetime | None = None) -> dict[int, Life]:
    """Return the lives of these records, in a fixed number of queries: with all follow-ups since a moment, or with the
    last one alone, which is what counts for the future.
    """
    ids = [record.pk for record in records]
    if since is None:
        follow_ups = {pk: [at] for pk, at in last_follow_up(kind, ids).items()}
    else:
        follow_ups = follow_ups_since(kind, ids, since)
    owners = owner_changes(kind, ids)
    deals = _deal_spans(ids) if kind == "customer" else {}
    kept = dict(Holding.objects.filter(kind=kind, record_id__in=ids).values_list("record_id", "protected_until"))
    return {
        record.pk: Life(
            created_at=record.created_at,
            owners=_owners(record, owners.get(record.pk, [])),
            follow_ups=tuple(follow_ups.get(record.pk, ())),
            deals=tuple(deals.get(record.pk, ())),
            converted_at=getattr(record, "converted_at", None),
            protected_until=kept.get(record.pk),
        )
        for record in records
    }


def _owners(
    record: Any, changes: list[tuple[datetime, int | None, int | None]]
) -> tuple[tuple[datetime, int | None], ...]:
    # The first change tells whose the record was before it; without any it has always been its owner's.
    first = changes[0][1] if changes else record.owner_id
    return ((record.created_at, first), *((at, after) for at, _, after in changes))


def _deal_spans(customer_ids: Iterable[int]) -> dict[int, list[DealSpan]]:
    spans: dict[int, list[DealSpan]] = {}
    rows = _deals().filter(customer_id__in=list(customer_ids)).order_by("created_at")
    for customer_id, created, closed, how, amount in rows.values_list(
        "customer_id", "created_at", "closed_at", "stage__kind", "amount"
    ):
        spans.setdefault(customer_id, []).append(DealSpan(created, closed, how == "won", amount))
    return spans


def locked_ids(kind: str, record_ids: Iterable[int]) -> set[int]:
    """Return which of these records are locked now."""
    rows = Holding.objects.filter(_locked_now(), kind=kind, record_id__in=list(record_ids))
    return set(rows.values_list("record_id", flat=True))
