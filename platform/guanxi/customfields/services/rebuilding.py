"""Works the records that were there before a field into its index, its uniqueness, its numbers and its formula."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.customfields.models import CustomField
from guanxi.customfields.ports import host_of, standard_values
from guanxi.customfields.selectors import definitions_of
from guanxi.customfields.services.writing import fill_computed, index_values, standard_names, take_unique
from guanxi.customfields.types import ValueType
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.jobs import Job
from guanxi.jobs.services import advance_job, create_job

JOB = "customfields.rebuild"
BATCH = 500
MAX_CLASHES = 100


def start_rebuild(actor: Actor, field: CustomField) -> None:
    """Let a job bring the records that are there to what the field now says; without records it is done at once."""
    computed = field.type in {ValueType.FORMULA, ValueType.AUTO_NUMBER}
    work = field.is_indexed or field.unique or field.searchable or computed
    there = work and host_of(field.kind).model._default_manager.exists()
    field.indexed_at = None if there else clock.now()
    if there:
        field.job_id = create_job(actor=actor, kind=JOB, params={"field_id": field.pk, "kind": field.kind}).pk
    field.save(update_fields=["indexed_at", "job_id"])


def rebuild_field(job: Job) -> None:
    """Run the job: in the order of the records, from its checkpoint; who clashes with whom goes into its result."""
    field = CustomField.objects.filter(pk=job.params["field_id"]).first()
    if field is None or field.archived_at is not None:
        return
    rows = host_of(field.kind).model._default_manager.order_by("pk")
    last, done = int(job.checkpoint.get("last", 0)), int(job.checkpoint.get("done", 0))
    clashes: list[list[int]] = list(job.checkpoint.get("clashes", []))
    advance_job(job=job, done=done, total=rows.count())
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            clashes += _rebuild_batch(field.pk, ids)
            last, done, clashes = ids[-1], done + len(ids), clashes[:MAX_CLASHES]
            advance_job(job=job, done=done, checkpoint={"last": last, "done": done, "clashes": clashes})
    job.result = {"clashes": clashes, "records": done}
    with transaction.atomic():
        CustomField.objects.filter(pk=field.pk, job_id=job.pk).update(indexed_at=clock.now())
        record_event(
            "custom_field.changed",
            actor=None,
            aggregate=("custom_field", field.pk),
            data={"kind": field.kind, "key": field.key},
            audience=Audience(everyone=True),
        )


def _rebuild_batch(field_id: int, ids: list[int]) -> list[list[int]]:
    field = CustomField.objects.get(pk=field_id)
    fields = definitions_of(field.kind)
    names = standard_names(field.kind)
    found: list[list[int]] = []
    rows: Any = host_of(field.kind).model._default_manager.select_for_update().filter(pk__in=ids).order_by("pk")
    for record in rows:
        _recompute(fields, record, standard_values(record, names))
        index_values([field], record.pk, record.custom, touched=())
        if field.searchable:
            _find_by(field.kind, record)
        if field.unique:
            holder = take_unique(field, record.pk, record.custom.get(field.key))
            found += [[record.pk, holder]] if holder is not None else []
    return found


def _find_by(kind: str, record: Any) -> None:
    """Let a record be found by what its searchable fields hold now."""
    keys_of = host_of(kind).search_keys
    if keys_of is not None:
        record.search_keys = keys_of(record)
        type(record)._default_manager.filter(pk=record.pk).update(search_keys=record.search_keys)


def _recompute(fields: list[CustomField], record: Any, standard: dict[str, Any], *, number: bool = True) -> bool:
    custom = dict(record.custom)
    fill_computed(fields, custom, standard, number=number)
    if custom == record.custom:
        return False
    record.custom = custom
    type(record)._default_manager.filter(pk=record.pk).update(custom=custom)
    return True


def rebuild_record(
    *, kind: str, record: Any, is_new: bool, touched: Iterable[str], fill: dict[str, Any] | None = None
) -> None:
    """Follow a saved record: formulas over what it holds now, numbers of a new one, its index and unique keys.

    `touched` are the keys that were written; `fill` holds the values that a record which our own code made gets by
    default.
    """
    fields = definitions_of(kind)
    if not fields:
        return
    if fill:
        record.custom = {**fill, **record.custom}
        type(record)._default_manager.filter(pk=record.pk).update(custom=record.custom)
    changed = _recompute(fields, record, standard_values(record, standard_names(kind)), number=is_new)
    if (changed or fill) and any(field.searchable for field in fields):
        _find_by(kind, record)
    index_values(fields, record.pk, record.custom, touched=touched, is_new=is_new)
