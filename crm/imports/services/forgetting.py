"""Forgets what imports have left behind: tables full of people, a month after they came."""

from datetime import timedelta

from django.db import transaction

from crm.imports.models import Import, ImportChunk
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.files.services import delete_file

KEPT = timedelta(days=30)
BATCH = 200


@transaction.atomic
def forget_old_tables() -> int:
    """Delete the uploaded tables, the error files and the cells of imports that are a month old; return how many."""
    old = Import.objects.filter(created_at__lt=clock.now() - KEPT, file_id__gt=0).order_by("pk")
    runs = list(old.select_for_update(skip_locked=True)[:BATCH])
    for run in runs:
        for file_id in (run.file_id, run.error_file_id):
            _drop(file_id)
        run.file_id, run.error_file_id, run.sample = 0, None, []
        run.report = {**run.report, "problems": []}
        run.save(update_fields=["file_id", "error_file_id", "sample", "report"])
        ImportChunk.objects.filter(run=run).update(refused=[], changed=[])
    return len(runs)


def _drop(file_id: int | None) -> None:
    if file_id:
        try:
            delete_file(actor=Actor.system("old tables are forgotten"), file_id=file_id)
        except NotFound:
            return
