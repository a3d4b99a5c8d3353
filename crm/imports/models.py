"""Imports, their chunks, remembered mappings, and exports."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from guanxi.common.models import Timestamped


class Import(Timestamped):
    """A table that somebody takes in: uploaded, mapped, checked, run, perhaps undone."""

    class State(models.TextChoices):
        """Where the import stands."""

        UPLOADED = "uploaded"
        CHECKING = "checking"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        UNDOING = "undoing"
        UNDONE = "undone"

    kind = models.TextField()
    state = models.TextField(choices=State.choices, default=State.UPLOADED)
    member_id = models.BigIntegerField()
    file_id = models.BigIntegerField()
    file_name = models.TextField()
    table = models.JSONField(default=dict, help_text="format, encoding, delimiter, number of the header's row")
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=list, help_text="the target of each header, empty for none")
    options = models.JSONField(default=dict)
    sample = models.JSONField(default=list)
    report = models.JSONField(default=dict, help_text="what the check found")
    counts = models.JSONField(default=dict, help_text="what the run did")
    check_job_id = models.BigIntegerField(null=True)
    run_job_id = models.BigIntegerField(null=True)
    undo_job_id = models.BigIntegerField(null=True)
    error_file_id = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="import_recent"),
            models.Index(fields=["member_id", "-id"], name="import_member"),
        ]


class ImportChunk(models.Model):
    """What one transaction of a run did. The pair of run and number is unique: no chunk is ever written twice.

    `changed` holds of each changed record its id, its version afterwards and the values that it had before.
    """

    run = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    created_ids = ArrayField(models.BigIntegerField(), default=list)
    contact_ids = ArrayField(models.BigIntegerField(), default=list)
    changed = models.JSONField(default=list)
    skipped = models.PositiveIntegerField(default=0)
    refused = models.JSONField(default=list, help_text="rows with errors: number, cells, problems")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="one_chunk_a_number")]


class RememberedMapping(Timestamped):
    """How a member mapped a header last time."""

    member_id = models.BigIntegerField()
    kind = models.TextField()
    header_digest = models.CharField(max_length=64)
    targets = models.JSONField(default=dict, help_text="header in plain form → target")
    options = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member_id", "kind", "header_digest"], name="one_mapping_a_header")
        ]


class Export(Timestamped):
    """A table that somebody took out: who, what, which columns, how many."""

    class State(models.TextChoices):
        """Where the export stands."""

        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    kind = models.TextField()
    state = models.TextField(choices=State.choices, default=State.RUNNING)
    member_id = models.BigIntegerField()
    format = models.TextField()
    columns = models.JSONField(default=list)
    filters = models.JSONField(default=dict)
    ids = ArrayField(models.BigIntegerField(), null=True)
    rows = models.PositiveIntegerField(default=0)
    job_id = models.BigIntegerField(null=True)
    file_id = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="export_recent"),
            models.Index(fields=["member_id", "-id"], name="export_member"),
        ]
