"""Activities, the one timeline, and tasks."""

from django.db import models

from crm.records.base import Record
from guanxi.common import clock
from guanxi.common.models import Timestamped


class Activity(Timestamped):
    """Something that was done or that happened: a note, a call, a visit, a meeting, a message, a step of a record.

    `record_kind` and `record_id` name the record it was written on; it shows on every record of its links.
    """

    class Kind(models.TextChoices):
        """Kinds of activity; `system` entries are written by services."""

        NOTE = "note"
        CALL = "call"
        VISIT = "visit"
        MEETING = "meeting"
        EMAIL = "email"
        MESSAGE = "message"
        SYSTEM = "system"

    kind = models.TextField(choices=Kind.choices)
    record_kind = models.TextField()
    record_id = models.BigIntegerField()
    event = models.TextField(
        default="", blank=True, help_text="which step, for system entries: lead.assigned, deal.stage_changed …"
    )
    subject = models.TextField(default="", blank=True)
    body = models.TextField(default="", blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)
    member = models.ForeignKey("members.Member", null=True, on_delete=models.PROTECT, related_name="+")
    actor_kind = models.TextField(default="member")
    duration_minutes = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)


class ActivityLink(models.Model):
    """The records on whose timeline an activity shows."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="links")
    record_kind = models.TextField()
    record_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "record_kind", "record_id"], name="one_link_a_record")
        ]
        indexes = [models.Index(fields=["record_kind", "record_id", "-at", "-id"], name="timeline")]


class Task(Record):
    """Something to be done by somebody by some time."""

    class State(models.TextChoices):
        """Whether the task still waits."""

        OPEN = "open"
        DONE = "done"
        CANCELLED = "cancelled"

    class Priority(models.IntegerChoices):
        """How much it matters."""

        LOW = 1
        NORMAL = 2
        HIGH = 3

    title = models.TextField()
    body = models.TextField(default="", blank=True)
    kind = models.TextField(default="todo")
    state = models.TextField(choices=State.choices, default=State.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    due_at = models.DateTimeField(default=clock.now)
    remind_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    record_kind = models.TextField(default="", blank=True)
    record_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["owner", "state", "due_at", "id"], name="task_owner_due"),
            models.Index(fields=["record_kind", "record_id"], name="task_record"),
        ]
