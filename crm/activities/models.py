"""Activities, the one timeline, and tasks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from crm.records.base import Record
from guanxi.common import clock
from guanxi.common.models import Timestamped


class Activity(Timestamped):
    """Something that was done, that happened, or that is planned: a note, a call, a visit, a meeting, a message.

    `record_kind` and `record_id` name the record it was written on; it shows on every record of its links. A plan may
    name none. `member` is who did it, or in whose calendar the plan stands. `qualifying` ones count as follow-up.
    """

    class Kind(models.TextChoices):
        """Kinds of activity; `system` entries are written by services."""

        NOTE = "note"
        CALL = "call"
        VISIT = "visit"
        MEETING = "meeting"
        EMAIL = "email"
        LETTER = "letter"
        MESSAGE = "message"
        SYSTEM = "system"

    class State(models.TextChoices):
        """Whether it was done; what is only planned is no follow-up yet."""

        PLANNED = "planned"
        DONE = "done"
        CANCELLED = "cancelled"

    kind = models.TextField(choices=Kind.choices)
    state = models.TextField(choices=State.choices, default=State.DONE, db_default=State.DONE)
    record_kind = models.TextField(default="", blank=True)
    record_id = models.BigIntegerField(null=True)
    event = models.TextField(
        default="", blank=True, help_text="which step, for system entries: lead.assigned, deal.stage_changed …"
    )
    subject = models.TextField(default="", blank=True)
    body = models.TextField(default="", blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField(null=True)
    place = models.TextField(default="", db_default="", blank=True)
    outcome = models.TextField(default="", db_default="", blank=True)
    next_step = models.TextField(default="", db_default="", blank=True)
    remind_minutes = ArrayField(models.PositiveIntegerField(), default=list, null=True)
    qualifying = models.BooleanField(default=False, db_default=False)
    member = models.ForeignKey("members.Member", null=True, on_delete=models.PROTECT, related_name="+")
    actor_kind = models.TextField(default="member")
    duration_minutes = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["member", "at"],
                condition=models.Q(kind__in=["call", "visit", "meeting"], deleted_at__isnull=True),
                name="activity_calendar",
            )
        ]


class ActivityLink(models.Model):
    """The records on whose timeline an activity shows.

    `qualifying` and `planned` repeat what the activity says, so that one index tells a record's last follow-up and
    another its next step.
    """

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="links")
    record_kind = models.TextField()
    record_id = models.BigIntegerField()
    at = models.DateTimeField()
    qualifying = models.BooleanField(default=False, db_default=False)
    planned = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "record_kind", "record_id"], name="one_link_a_record")
        ]
        indexes = [
            models.Index(fields=["record_kind", "record_id", "-at", "-id"], name="timeline"),
            models.Index(
                fields=["record_kind", "record_id", "-at"], condition=models.Q(qualifying=True), name="follow_up"
            ),
            models.Index(
                fields=["record_kind", "record_id", "-at"], condition=models.Q(planned=True), name="planned_step"
            ),
        ]


class Participant(models.Model):
    """Who takes part in an activity: a member, in whose calendar it shows too, or a contact of the customer."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="participants")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.CASCADE, related_name="+")
    contact_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "member"], name="one_part_a_member"),
            models.UniqueConstraint(fields=["activity", "contact_id"], name="one_part_a_contact"),
            models.CheckConstraint(
                condition=models.Q(member__isnull=False) ^ models.Q(contact_id__isnull=False), name="part_of_somebody"
            ),
        ]


class CheckIn(models.Model):
    """Where a member was on a visit: the position that the phone told, and when by the server's clock."""

    activity = models.OneToOneField(Activity, on_delete=models.CASCADE, related_name="check_in")
    record_kind = models.TextField(default="", blank=True)
    record_id = models.BigIntegerField(null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    accuracy = models.PositiveIntegerField(null=True, help_text="in metres, as the phone estimates")
    address = models.TextField(default="", blank=True)
    distance = models.PositiveIntegerField(null=True, help_text="in metres from the record's check-in before this one")
    file_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["record_kind", "record_id", "-at"], name="checkin_record"),
            models.Index(fields=["file_id"], name="checkin_file"),
        ]


class CalendarFeed(Timestamped):
    """The secret address at which a member's calendar programs read; only the digest of its token is kept."""

    member = models.OneToOneField("members.Member", on_delete=models.CASCADE, related_name="+")
    token_digest = models.TextField(unique=True)
    last_read_at = models.DateTimeField(null=True)


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
            models.Index(
                fields=["record_kind", "record_id", "due_at"],
                condition=models.Q(state="open", archived_at__isnull=True),
                name="task_next_step",
            ),
        ]
