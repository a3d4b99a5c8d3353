"""Handovers, and each record that one of them has moved or left where it was."""

from django.db import models

from guanxi.common.models import Timestamped


class Handover(Timestamped):
    """What one member had, or what nobody had, on its way to others.

    `from_owner` and `from_owner_department_path` say whose it was; the scope of the permission reads them. `cursor`
    tells how far the run has come: it is saved with each chunk, so that a worker who takes over goes on there.
    """

    class State(models.TextChoices):
        """Where the handover stands."""

        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        UNDOING = "undoing"
        UNDONE = "undone"

    from_owner = models.ForeignKey("members.Member", null=True, on_delete=models.PROTECT, related_name="+")
    from_owner_department_path = models.TextField(default="", blank=True)
    made_by_id = models.BigIntegerField()
    state = models.TextField(choices=State.choices, default=State.RUNNING)
    what = models.JSONField(default=dict, help_text="kinds, chosen ids by kind, closed ones too, places too")
    target = models.JSONField(default=dict, help_text="members and their rule, pools, who gets conversations")
    receiver_ids = models.JSONField(default=list)
    note = models.TextField(default="", blank=True)
    preview = models.JSONField(default=dict, help_text="what was counted before the run")
    counts = models.JSONField(default=dict, help_text="kind → moved, kept")
    places = models.JSONField(default=list, help_text="what else named the member, and what became of it")
    cursor = models.JSONField(default=dict)
    job_id = models.BigIntegerField(null=True)
    undo_job_id = models.BigIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-id"], name="handover_recent"),
            models.Index(fields=["from_owner", "-id"], name="handover_from"),
        ]


class HandoverItem(models.Model):
    """One record of a handover. The key lets no record move twice in one handover.

    `former` keeps what undoing needs beside the owner. `changed_hands_at` is set when the record gets another owner
    after the handover: undoing leaves it alone then.
    """

    class State(models.TextChoices):
        """What became of the record."""

        MOVED = "moved"
        KEPT = "kept"
        RETURNED = "returned"
        STAYED = "stayed"

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="items")
    kind = models.TextField()
    record_id = models.BigIntegerField()
    state = models.TextField(choices=State.choices)
    reason = models.TextField(default="", blank=True)
    from_owner_id = models.BigIntegerField(null=True)
    to_owner_id = models.BigIntegerField(null=True)
    pool_id = models.BigIntegerField(null=True)
    former = models.JSONField(default=dict)
    changed_hands_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handover", "kind", "record_id"], name="one_item_a_handed_record")
        ]
        indexes = [
            models.Index(
                fields=["kind", "record_id"],
                condition=models.Q(state="moved", changed_hands_at__isnull=True),
                name="handed_over_last",
            ),
            models.Index(fields=["handover", "state", "id"], name="handover_items"),
        ]
