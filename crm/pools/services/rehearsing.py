"""Replays a recycle rule on the past: whom it would have touched, and what would have been lost by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.pools import events
from crm.pools.models import PoolEntry, PoolMove, RecycleRule
from crm.pools.selectors.kinds import lives, locked_ids, once_candidates
from crm.pools.services.claiming import give_back
from crm.pools.services.common import tell_pool
from crm.pools.services.recycling import CHUNK, chunks
from crm.pools.types import GRACE, Life, Terms, first_due
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.jobs import Job
from tenants.members.selectors import active_member_ids

LOOK_BACK = timedelta(days=90)
ZONE = ZoneInfo("Asia/Shanghai")
EXAMPLES = 40


@dataclass
class Rehearsal:
    """What a replay has found so far; it is a job's checkpoint and in the end its result."""

    begin: datetime
    end: datetime
    looked_at: int = 0
    touched: int = 0
    saved: int = 0
    worth: Decimal = Decimal(0)
    days: dict[str, list[int]] = field(default_factory=dict)
    owners: dict[str, list[int]] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)
    saved_examples: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Rehearsal":
        """Read the stored form."""
        known = {name: value[name] for name in ("looked_at", "touched", "saved", "days", "owners")}
        return cls(
            begin=datetime.fromisoformat(value["begin"]),
            end=datetime.fromisoformat(value["end"]),
            worth=Decimal(value["worth"]),
            examples=value["examples"],
            saved_examples=value["saved_examples"],
            **known,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the stored form: ids and numbers alone."""
        return {**vars(self), "begin": self.begin.isoformat(), "end": self.end.isoformat(), "worth": str(self.worth)}

    def note(self, record_id: int, life: Life, due: datetime) -> None:
        """Count a record that the rule would have taken at a moment, and whether it came to a success later."""
        success = life.won_after(due)
        saved = int(success is not None)
        self.touched += 1
        self.saved += saved
        self.worth += success[1] if success else Decimal(0)
        owner_id = life.owner_at(due)
        for tally, key in ((self.days, due.astimezone(ZONE).date().isoformat()), (self.owners, str(owner_id))):
            number, of_them = tally.get(key, [0, 0])
            tally[key] = [number + 1, of_them + saved]
        examples = self.saved_examples if success else self.examples
        if len(examples) < EXAMPLES:
            last = max((at for at in life.follow_ups if at <= due), default=None)
            examples.append(
                {
                    "record_id": record_id,
                    "owner_id": owner_id,
                    "due_at": due.isoformat(),
                    "last_follow_up": last.isoformat() if last else None,
                    "won_at": success[0].isoformat() if success else None,
                    "worth": str(success[1]) if success else None,
                }
            )


def run_rehearsal(job: Job) -> None:
    """Replay a rule over the last 90 days, some hundred records at a time; a worker that takes over goes on where the
    last one stood.
    """
    rule = RecycleRule.objects.select_related("pool").get(pk=int(job.params["rule_id"]))
    terms, kind = Terms.from_json(rule.terms), rule.pool.kind
    stored = job.checkpoint.get("found")
    now = clock.now()
    found = Rehearsal.from_json(stored) if stored else Rehearsal(begin=now - LOOK_BACK, end=now)
    rows = once_candidates(kind, terms, until=found.end)
    total, last = rows.count(), int(job.checkpoint.get("last", 0))
    job.advance(found.looked_at, total)
    longest = timedelta(days=max(terms.no_follow_up_days or 0, terms.no_deal_days or 0))
    for records in chunks(rows.filter(pk__gt=last)):
        known = lives(kind, records, since=found.begin - longest)
        locked = locked_ids(kind, [record.pk for record in records])
        for record in records:
            if record.pk not in locked:
                _replay(found, terms, record.pk, known[record.pk])
        found.looked_at += len(records)
        job.advance(
            found.looked_at, max(total, found.looked_at), checkpoint={"last": records[-1].pk, "found": found.to_json()}
        )
    _finish(job, rule, found)


def _replay(found: Rehearsal, terms: Terms, record_id: int, life: Life) -> None:
    due = first_due(terms, life, begin=found.begin + GRACE, end=found.end)
    if due is not None:
        found.note(record_id, life, due)


def _finish(job: Job, rule: RecycleRule, found: Rehearsal) -> None:
    with transaction.atomic():
        locked = RecycleRule.objects.select_for_update(of=("self",)).select_related("pool").get(pk=rule.pk)
        locked.rehearsed_at, locked.rehearsal_job_id = clock.now(), job.pk
        locked.updated_at = clock.now()
        locked.save(update_fields=["rehearsed_at", "rehearsal_job_id", "updated_at"])
        tell_pool(None, locked.pool, events.RULE_CHANGED, rule_id=rule.pk)
    counts = {"touched": found.touched, "saved": found.saved, "looked_at": found.looked_at}
    result = {**found.to_json(), "rule_id": rule.pk, "rule_number": rule.number, "kind": rule.pool.kind}
    job.finish(message_code="pool_rehearsed", message_params=counts, result=result)


def run_give_back(job: Job) -> None:
    """Return what a rolled back rule has taken to whom it was taken from, as far as it still lies there."""
    rule = RecycleRule.objects.select_related("pool").get(pk=int(job.params["rule_id"]))
    moves = PoolMove.objects.filter(pool_id=rule.pool_id, rule_id=rule.pk, action=PoolMove.Action.RECYCLED)
    counts = {"given_back": 0, "taken_since": 0, "owner_gone": 0, **job.checkpoint.get("counts", {})}
    actor = Actor.system(f"recycle rule {rule.number} was rolled back")
    total, last = moves.count(), int(job.checkpoint.get("last", 0))
    done = sum(counts.values())
    while rows := list(moves.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        entries = {
            entry.record_id: entry
            for entry in PoolEntry.objects.filter(pool=rule.pool, record_id__in=[move.record_id for move in rows])
        }
        at_work = set(active_member_ids([move.from_owner_id or 0 for move in rows]))
        for move in rows:
            entry = entries.get(move.record_id)
            if entry is None or entry.since != move.at:
                counts["taken_since"] += 1
            elif move.from_owner_id not in at_work:
                counts["owner_gone"] += 1
            else:
                went = give_back(actor=actor, move=move, entry=entry, pool=rule.pool)
                counts["given_back" if went else "taken_since"] += 1
        done, last = done + len(rows), rows[-1].pk
        job.advance(done, max(total, done), checkpoint={"last": last, "counts": counts})
    job.finish(message_code="pool_given_back", message_params=counts, result=counts)
