"""Moves one chunk of a handover in one transaction, each record exactly once."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from crm.activities.services.handing import give_plans
from crm.conversations.services.giving import give_conversation
from crm.handover.models import Handover, HandoverItem
from crm.handover.selectors.belongings import belongings
from crm.handover.services.common import give_records, tell_chunk
from crm.handover.services.sharing import Sharing
from crm.handover.types import CHUNK, Target, What
from crm.pools.services import put_records
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.common.errors import Problem

State = HandoverItem.State
Items = list[HandoverItem]


@transaction.atomic
def move_chunk(actor: Actor, handover_id: int) -> int | None:
    """Move the next chunk; return how many records it looked at, None when there is nothing left.

    The rows are locked as the giver's own: what somebody else has given away in the meantime is not among them.
    """
    handover = Handover.objects.select_for_update().get(pk=handover_id)
    what = What.from_json(handover.what)
    kinds = [kind for kind in handover.cursor.get("kinds", what.kinds) if kind in what.kinds]
    if not kinds or handover.state != Handover.State.RUNNING:
        return None
    kind, after = kinds[0], int(handover.cursor.get("after", 0))
    rows = belongings(kind, handover.from_owner_id, what).filter(pk__gt=after).order_by("pk")
    chunk = list(rows.select_for_update(of=("self",))[:CHUNK])
    target = Target.from_json(handover.target)
    sharing = Sharing(handover, target, handover.cursor.get("turns", {}))
    items = _move(actor, handover, kind, chunk, target, sharing) if chunk else []
    HandoverItem.objects.bulk_create(items, batch_size=500)
    if len(chunk) < CHUNK:
        kinds, after = kinds[1:], 0
    else:
        after = chunk[-1].pk
    handover.cursor = {"kinds": kinds, "after": after, "turns": dict(sharing.turns)}
    handover.save(update_fields=["cursor"])
    moved = {item.record_id: item.to_owner_id for item in items if item.state == State.MOVED and item.kind == kind}
    tell_chunk(actor, handover, kind, moved)
    return len(chunk)


def _move(
    actor: Actor, handover: Handover, kind: str, rows: list[Any], target: Target, sharing: Sharing
) -> list[HandoverItem]:
    items: Items = []
    if (pool_id := target.pool_ids.get(kind)) is not None:
        rows = _into_pool(actor, handover, kind, rows, pool_id, items, leave=not target.receiver_ids)
    chosen = sharing.choose(kind, rows)
    if kind == "conversation":
        return [*items, *_talks(actor, handover, rows, chosen, queue=target.queue)]
    homeless = [row for row in rows if chosen[row.pk] is None]
    items += [_item(handover, kind, row.pk, State.KEPT, reason="nobody_to_take_it") for row in homeless]
    rows = [row for row in rows if chosen[row.pk] is not None]
    owners = {row.pk: owner_id for row in rows if (owner_id := chosen[row.pk]) is not None}
    if kind == "activity":
        give_plans(actor=actor, owners=owners)
    else:
        give_records(actor, kind, [(row, owners[row.pk]) for row in rows], handover_id=handover.pk)
    return [*items, *(_item(handover, kind, pk, State.MOVED, to_owner_id=owner_id) for pk, owner_id in owners.items())]


def _item(handover: Handover, kind: str, record_id: int, state: str, **more: Any) -> HandoverItem:
    return HandoverItem(
        handover=handover,
        kind=kind,
        record_id=record_id,
        state=state,
        from_owner_id=handover.from_owner_id,
        **more,
    )


def _into_pool(
    actor: Actor, handover: Handover, kind: str, rows: list[Any], pool_id: int, items: Items, *, leave: bool
) -> list[Any]:
    """Lay records into a pool; return those that it does not take and that a member can have."""
    refused: list[Any] = []
    for row in rows:
        contacts = _contacts_below(row, handover.from_owner_id) if kind == "customer" else []
        try:
            put_records(actor=actor, pool_id=pool_id, record_ids=[row.pk], reason="handover")
        except Problem as refusal:
            refused.append(row)
            if leave:
                items.append(_item(handover, kind, row.pk, State.KEPT, reason=refusal.code))
            continue
        items.append(_item(handover, kind, row.pk, State.MOVED, pool_id=pool_id))
        released = record_kind("contact").model._default_manager.filter(pk__in=contacts, owner__isnull=True)
        items += [
            _item(handover, "contact", pk, State.MOVED, pool_id=pool_id) for pk in released.values_list("pk", flat=True)
        ]
    return [] if leave else refused


def _contacts_below(customer: Any, owner_id: int | None) -> list[int]:
    below = customer.contact_links.filter(contact__owner_id=owner_id) if owner_id is not None else None
    return list(below.values_list("contact_id", flat=True)) if below is not None else []


def _talks(
    actor: Actor, handover: Handover, rows: list[Any], chosen: Mapping[int, int | None], *, queue: bool
) -> list[HandoverItem]:
    items: Items = []
    for row in rows:
        to_id = chosen[row.pk]
        given = give_conversation(
            actor=actor, conversation_id=row.pk, from_id=handover.from_owner_id, to_id=to_id, queue=queue
        )
        if given:
            items.append(_item(handover, "conversation", row.pk, State.MOVED, to_owner_id=to_id, former=given))
        else:
            items.append(_item(handover, "conversation", row.pk, State.KEPT, reason="nobody_to_take_it"))
    return items
