"""Notes that a record which had been handed over has got yet another owner, so that undoing leaves it alone."""

from collections.abc import Sequence

from crm.handover.models import HandoverItem
from crm.records.base import Record
from guanxi.access import Actor
from guanxi.common import clock


def note_owner_change(actor: Actor, kind: str, record: Record, fields: frozenset[str]) -> None:
    """Mark the record's places in handovers; a new record has none."""
    if "owner_id" in fields and "id" not in fields:
        note_owner_changes(kind, [record.pk])


def note_owner_changes_of_many(actor: Actor, kind: str, records: Sequence[Record], fields: frozenset[str]) -> None:
    """Mark the places of a chunk of records at once."""
    if "owner_id" in fields and "id" not in fields:
        note_owner_changes(kind, [record.pk for record in records])


def note_owner_changes(kind: str, record_ids: list[int]) -> None:
    """Mark the places of many records."""
    rows = HandoverItem.objects.filter(
        kind=kind, record_id__in=record_ids, state=HandoverItem.State.MOVED, changed_hands_at__isnull=True
    )
    rows.update(changed_hands_at=clock.now())
