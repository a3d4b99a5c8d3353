"""Brings search keys that were written in an older shape up to date: a chore of the night starts the job."""

from typing import Any

from django.db import transaction

from crm.records.models import IndexState
from crm.records.search import KEYS_VERSION, Searchable, searchables
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.jobs import Job, create_job, daily, job_runner
from guanxi.jobs.selectors import is_under_way

KIND = "records.reindex"
BATCH = 500


def outdated() -> list[str]:
    """Return the tables whose keys may have an older shape."""
    done = dict(IndexState.objects.filter(version__gte=KEYS_VERSION).values_list("name", "version"))
    return [name for name in sorted(searchables()) if name not in done]


@daily("records.reindex")
def reindex_when_outdated() -> Job | None:
    """Start the job when a table's keys have an older shape and no such job is at it."""
    if not outdated() or is_under_way(KIND):
        return None
    return create_job(actor=Actor.system("search keys have a new shape"), kind=KIND, params={"version": KEYS_VERSION})


@job_runner(KIND)
def run(job: Job) -> None:
    """Renew the keys of every outdated table, batch by batch; a run that was cut goes on at the last batch."""
    names = outdated()
    done = job.done
    for name in names:
        while renewed := _renew_batch(name, searchables()[name]):
            done += renewed
            job.advance(done)
        IndexState.objects.filter(name=name).update(version=KEYS_VERSION, last_id=0, updated_at=clock.now())


@transaction.atomic
def _renew_batch(name: str, table: Searchable) -> int:
    """Renew the keys of the next rows; nothing else of them changes, neither version nor time."""
    IndexState.objects.get_or_create(name=name)
    state = IndexState.objects.select_for_update().get(name=name)
    rows = table.model._default_manager.select_for_update(of=("self",)).select_related(*table.related or (None,))
    batch: list[Any] = list(rows.filter(pk__gt=state.last_id).order_by("pk")[:BATCH])
    if not batch:
        return 0
    changed = []
    for row in batch:
        keys = table.keys_of(row)
        if keys != row.search_keys:
            row.search_keys = keys
            changed.append(row)
    if changed:
        table.model._default_manager.bulk_update(changed, ["search_keys"], batch_size=BATCH)
    state.last_id, state.updated_at = batch[-1].pk, clock.now()
    state.save(update_fields=["last_id", "updated_at"])
    return len(batch)
