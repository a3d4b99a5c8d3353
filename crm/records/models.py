"""History, saved views and shares of any record."""

from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class StateChange(models.Model):
    """One step of a record through its state machine or its stages; never changed afterwards."""

    kind = models.TextField()
    record_id = models.BigIntegerField()
    field = models.TextField(default="state")
    before = models.TextField(default="")
    after = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    seconds_before = models.BigIntegerField(null=True, help_text="how long the record had been in `before`")
    note = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["kind", "record_id", "at"], name="statechange_record")]


class SavedView(Timestamped):
    """A named list: filters, columns and order of one kind.

    A shared view with a `department_path` is shared with that department and those below it, else with everybody.
    `widths` are the columns' widths in pixels by column.
    """

    kind = models.TextField()
    name = models.TextField()
    member = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    order = models.TextField(default="")
    position = models.PositiveIntegerField(default=0)
    department_path = models.TextField(default="", db_default="", blank=True)
    widths = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "member"], name="savedview_list")]


class ListChoice(Timestamped):
    """How a member has a kind's list: the view it opens with, and the views that are pinned, in their order.

    Views are named by their id, those that come with the product by their code.
    """

    kind = models.TextField()
    member = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="+")
    default_view = models.TextField(default="", blank=True)
    pinned = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="one_choice_a_list")]


class IndexState(Timestamped):
    """How far the search keys of a table have been renewed: `version` is done, `last_id` is where the next one is."""

    name = models.TextField(unique=True)
    version = models.PositiveIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)


class BulkRow(models.Model):
    """What a bulk edit did to a record: the values before, and the version after, by which it can be taken back.

    `error` is the code of what refused the edit, `undo_error` of what refused to take it back.
    """

    job_id = models.BigIntegerField()
    kind = models.TextField()
    record_id = models.BigIntegerField()
    before = models.JSONField(default=dict)
    version_after = models.PositiveIntegerField(null=True)
    error = models.TextField(default="", blank=True)
    undo_error = models.TextField(default="", blank=True)
    undone_at = models.DateTimeField(null=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job_id", "record_id"], name="one_row_a_bulk_edit")]
        indexes = [models.Index(fields=["at"], name="bulkrow_age")]


class RecordShare(Timestamped):
    """A record that somebody beside its owner works on: a member, a team, or a department with all below it.

    `subject` is `member:7`, `team:3` or `department:4`.
    """

    class Level(models.TextChoices):
        """What the subject may do."""

        READ = "read"
        EDIT = "edit"

    kind = models.TextField()
    record_id = models.BigIntegerField()
    subject = models.TextField()
    level = models.TextField(choices=Level.choices, default=Level.READ)
    until = models.DateTimeField(null=True)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "record_id", "subject"], name="one_share_a_subject")]
        indexes = [
            models.Index(
                fields=["subject", "kind", "record_id"], include=["level", "until"], name="recordshare_subject"
            )
        ]
