"""Asks at the door: what happens to a new record that is in the base already."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from typing import Any

from django.core.cache import cache
from django.db import transaction
from redis.exceptions import RedisError

from crm.duplicates.keys import values_of
from crm.duplicates.models import CheckCount, DuplicatePair, DuplicateRule
from crm.duplicates.selectors import find_duplicates, raw_matches, rule_for
from crm.duplicates.services.indexing import save_keys
from crm.duplicates.types import Entry, Match, subjects
from crm.records.base import Record
from crm.records.hooks import Values
from guanxi.access import Actor, ActorKind
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.context import request_info
from guanxi.common.errors import Conflict, RateLimited

CONFIRM = "duplicate"
A_MINUTE, A_DAY = 40, 1000
_unchecked: ContextVar[bool] = ContextVar("guanxi_duplicates_unchecked", default=False)


@contextmanager
def unchecked() -> Iterator[None]:
    """Let records be made without asking: a lead that is converted is the customer that it becomes."""
    token = _unchecked.set(True)
    try:
        yield
    finally:
        _unchecked.reset(token)


def entry_of(actor: Actor) -> Entry:
    """Return by which way the actor's record comes in: a member's request is by hand, a member's job an import."""
    if actor.kind is ActorKind.API_KEY:
        return Entry.API
    if actor.kind is ActorKind.MEMBER:
        return Entry.MANUAL if request_info() is not None else Entry.IMPORT
    return Entry.CHANNEL


def clean_hook(actor: Actor, kind: str, record: Record | None, values: Values) -> Values:
    """Refuse a new record that is known already where the rule warns or blocks; `X-Confirm: duplicate` passes a
    warning.
    """
    if record is not None or kind not in subjects() or _unchecked.get():
        return values
    entry = entry_of(actor)
    if entry is Entry.IMPORT or not values:
        return values
    rule = rule_for(kind, entry)
    info = request_info()
    warned = info is not None and CONFIRM in info.confirms
    if rule.action == DuplicateRule.Action.ALLOW or (rule.action == DuplicateRule.Action.WARN and warned):
        return values
    matches = find_duplicates(actor, kind, values, sorts=rule.sorts)
    if matches:
        take_check(actor)
        raise Conflict(
            "duplicate_suspected",
            "This is in the base already. Nothing was saved.",
            params={"matches": [as_json(match) for match in matches], "action": rule.action, "kind": kind},
        )
    return values


def as_json(match: Match) -> dict[str, Any]:
    """Return a match as an answer holds it."""
    until = match.protected_until
    return {**asdict(match), "sorts": list(match.sorts), "protected_until": until.isoformat() if until else None}


def saved_hook(actor: Actor, kind: str, record: Any, fields: frozenset[str]) -> None:
    """Keep the keys of a saved record, and mark what a new one agrees with."""
    if kind not in subjects():
        return
    new = "id" in fields
    save_keys(kind, record, new=new)
    if new and entry_of(actor) is not Entry.IMPORT and not _unchecked.get():
        mark_pairs(kind, record)


def mark_pairs(kind: str, record: Any) -> int:
    """Keep which records may be the same as this one; return how many there are."""
    found, _ = raw_matches(kind, values_of(kind, record), exclude=(kind, record.pk))
    pairs = []
    for other, scores in found.items():
        first, second = sorted([(kind, record.pk), other])
        pairs.append(
            DuplicatePair(
                kind=first[0],
                record_id=first[1],
                other_kind=second[0],
                other_id=second[1],
                sorts=sorted(scores),
                score=max(scores.values()),
            )
        )
    DuplicatePair.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


def take_check(actor: Actor) -> None:
    """Count a question; raise RateLimited when somebody reads the base by asking.

    The count is kept outside of the transaction, so that refused writes count too.
    """
    now = clock.now()
    who = f"{actor.kind.value}_{actor.member_id or actor.name}"
    seconds = int(now.timestamp())
    for span, most in ((60, A_MINUTE), (86_400, A_DAY)):
        key = f"duplicate_checks_{who}_{span}_{seconds // span}"
        try:
            cache.add(key, 0, span * 2)
            taken = cache.incr(key)
        except (RedisError, ValueError):
            return
        if taken > most:
            raise RateLimited(span - seconds % span)


@transaction.atomic
def check_duplicates(*, actor: Actor, kind: str, values: Mapping[str, Any]) -> list[Match]:
    """Answer a person who asks before entering; counted, and audited for each record that one may not see."""
    take_check(actor)
    matches = find_duplicates(actor, kind, values)
    _count(actor, [match for match in matches if not match.visible])
    return matches


def _count(actor: Actor, hidden: list[Match]) -> None:
    today = clock.now().date()
    CheckCount.objects.get_or_create(member_id=actor.member_id or 0, day=today)
    row = CheckCount.objects.select_for_update().get(member_id=actor.member_id or 0, day=today)
    row.checks += 1
    for match in hidden:
        name = f"{match.kind}:{match.record_id}"
        if name not in row.met:
            row.met = [*row.met, name]
            record_audit(
                actor=actor,
                action="duplicate_check",
                kind=match.kind,
                record_id=match.record_id,
                changes={"matched": (None, ", ".join(match.sorts))},
            )
    row.save()
