"""Keeps the keys of records: with each write, for chunks of an import, and for rows that were there before."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from crm.duplicates.keys import KEYS_VERSION, Keys, keys_of_record
from crm.duplicates.models import DuplicateKey, KeyProgress
from crm.duplicates.types import subjects
from crm.records.fields import fields_of
from crm.records.registry import record_kind
from guanxi.access import Actor
from guanxi.common import clock

BATCH = 1000
# Enough for a night; a larger base goes on in the next.
MAX_BATCHES = 500


def save_keys(kind: str, record: Any, *, new: bool = False) -> None:
    """Bring the keys of one record up to date."""
    wanted = keys_of_record(kind, record)
    if new:
        DuplicateKey.objects.bulk_create(_rows(kind, record.pk, wanted))
        return
    present = {(row.sort, row.value): row for row in DuplicateKey.objects.filter(kind=kind, record_id=record.pk)}
    gone = [row.pk for key, row in present.items() if key not in wanted or row.variants != wanted[key]]
    if gone:
        DuplicateKey.objects.filter(pk__in=gone).delete()
    missing = {
        key: variants for key, variants in wanted.items() if key not in present or present[key].variants != variants
    }
    DuplicateKey.objects.bulk_create(_rows(kind, record.pk, missing))


def _rows(kind: str, record_id: int, keys: Keys) -> list[DuplicateKey]:
    return [
        DuplicateKey(kind=kind, record_id=record_id, sort=sort, value=value, variants=variants)
        for (sort, value), variants in keys.items()
    ]


@transaction.atomic
def save_many_keys(kind: str, records: Sequence[Any]) -> None:
    """Bring the keys of a chunk up to date in two statements."""
    fields = fields_of(kind)
    DuplicateKey.objects.filter(kind=kind, record_id__in=[record.pk for record in records]).delete()
    rows = [row for record in records for row in _rows(kind, record.pk, keys_of_record(kind, record, fields))]
    DuplicateKey.objects.bulk_create(rows, batch_size=2000)


def index_records(kind: str, ids: Iterable[int]) -> None:
    """Bring the keys of these records up to date, for whoever writes past the hooks."""
    if kind in subjects():
        save_many_keys(kind, list(record_kind(kind).model._default_manager.filter(pk__in=list(ids))))


def index_old_records(*, batch: int = BATCH, batches: int = MAX_BATCHES) -> int:
    """Give keys to the rows that have none of the present version, batch by batch; return how many rows were read."""
    done = 0
    for kind in subjects():
        for _ in range(batches):
            read = _next_batch(kind, batch)
            done += read
            if read < batch:
                break
    return done


@transaction.atomic
def _next_batch(kind: str, batch: int) -> int:
    KeyProgress.objects.get_or_create(kind=kind)
    progress = KeyProgress.objects.select_for_update().get(kind=kind)
    if progress.version >= KEYS_VERSION:
        return 0
    rows = record_kind(kind).model._default_manager.filter(Q(pk__gt=progress.last_id)).order_by("pk")
    records = list(rows.select_for_update(of=("self",))[:batch])
    save_many_keys(kind, records)
    if len(records) < batch:
        progress.version, progress.last_id = KEYS_VERSION, 0
    else:
        progress.last_id = records[-1].pk
    progress.updated_at = clock.now()
    progress.save()
    return len(records)


def save_many(actor: Actor, kind: str, records: Sequence[Any], fields: frozenset[str]) -> None:
    """Follow a chunk of an import."""
    if kind in subjects():
        save_many_keys(kind, records)
