"""Plans and timelines when records change hands in numbers. Whoever calls has checked the rights."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.models import Activity, ActivityLink
from guanxi.access import Actor
from guanxi.audit.services import record_audits
from guanxi.common import clock


@transaction.atomic
def give_plans(*, actor: Actor, owners: Mapping[int, int]) -> None:
    """Put plans into other members' calendars: plan's id → whose it is now. Reminders go to the new ones by themselves;
    a new one who took part already takes part once.
    """
    plans = Activity.objects.select_for_update().filter(pk__in=owners, state=Activity.State.PLANNED)
    changes: dict[int, dict[str, tuple[Any, Any]]] = {}
    changed: list[Activity] = []
    for plan in plans.order_by("pk"):
        owner_id = owners[plan.pk]
        changes[plan.pk] = {"member_id": (plan.member_id, owner_id)}
        plan.participants.filter(member_id=owner_id).delete()
        plan.member_id = owner_id
        plan.version += 1
        changed.append(plan)
    Activity.objects.bulk_update(changed, ["member", "version"])
    record_audits(actor=actor, action="handover", kind="activity", changes=changes)


@transaction.atomic
def log_system_many(*, actor: Actor, event: str, kind: str, lines: Mapping[int, dict[str, Any]]) -> None:
    """Write the same step onto the timelines of many records of a kind: record's id → the line's data."""
    now = clock.now()
    written = Activity.objects.bulk_create(
        [
            Activity(
                kind=Activity.Kind.SYSTEM,
                event=event,
                record_kind=kind,
                record_id=record_id,
                data=data,
                at=now,
                member_id=actor.member_id,
                actor_kind=actor.kind.value,
                created_at=now,
                updated_at=now,
            )
            for record_id, data in lines.items()
        ],
        batch_size=500,
    )
    ActivityLink.objects.bulk_create(
        [ActivityLink(activity=line, record_kind=kind, record_id=line.record_id or 0, at=now) for line in written],
        batch_size=500,
    )
