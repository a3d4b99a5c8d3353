"""Keys that records are compared by, the rules of what happens when two agree, and what was found and asked."""

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped

UNDO_FOR = timedelta(days=30)


class DuplicateKey(models.Model):
    """One thing that a record is known by, in the form in which it is compared.

    Names have `variants` too: what else they are found under, so that a slip of the pen is found by equality.
    """

    class Sort(models.TextChoices):
        """What sort of key it is."""

        PHONE = "phone"
        EMAIL = "email"
        WECHAT = "wechat"
        TAX = "tax"
        NAME = "name"

    kind = models.TextField()
    record_id = models.BigIntegerField()
    sort = models.TextField(choices=Sort.choices)
    value = models.TextField()
    variants = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id", "sort", "value"], name="one_duplicate_key_a_value")
        ]
        indexes = [
            models.Index(fields=["sort", "value"], name="duplicatekey_value"),
            GinIndex(fields=["variants"], name="duplicatekey_variants"),
        ]


class DuplicateRule(Timestamped):
    """What happens when a new record of a kind that comes by an entry is known already; without a row the default."""

    class Action(models.TextChoices):
        """What becomes of the new record."""

        ALLOW = "allow"
        WARN = "warn"
        BLOCK = "block"

    kind = models.TextField()
    entry = models.TextField()
    action = models.TextField(choices=Action.choices)
    sorts = models.JSONField(default=list)
    joins = models.BooleanField(default=False)
    requests = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "entry"], name="one_duplicate_rule_an_entry")]


class DuplicatePair(models.Model):
    """Two records that may be one; the lesser (kind, id) stands first."""

    class State(models.TextChoices):
        """What people made of it."""

        OPEN = "open"
        IGNORED = "ignored"
        MERGED = "merged"

    kind = models.TextField()
    record_id = models.BigIntegerField()
    other_kind = models.TextField()
    other_id = models.BigIntegerField()
    sorts = models.JSONField(default=list)
    score = models.FloatField()
    state = models.TextField(choices=State.choices, default=State.OPEN)
    found_at = models.DateTimeField(default=clock.now)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "record_id", "other_kind", "other_id"], name="one_duplicate_pair")
        ]
        indexes = [
            models.Index(fields=["state", "-found_at", "-id"], name="duplicatepair_newest"),
            models.Index(fields=["other_kind", "other_id"], name="duplicatepair_other"),
        ]


class TransferRequest(Timestamped):
    """Somebody who met a record of another owner asks to be given it."""

    class State(models.TextChoices):
        """Where the request stands."""

        OPEN = "open"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    kind = models.TextField()
    record_id = models.BigIntegerField()
    by = models.ForeignKey("members.Member", on_delete=models.CASCADE, related_name="+")
    asked_id = models.BigIntegerField(null=True)
    manager_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="", blank=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    answer = models.TextField(default="", blank=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record_id", "by"], condition=models.Q(state="open"), name="one_open_transfer_request"
            )
        ]
        indexes = [models.Index(fields=["state", "-created_at", "-id"], name="transferrequest_newest")]


class CheckCount(models.Model):
    """How often a member asked on one day, and which records were met that the member may not see."""

    member_id = models.BigIntegerField(default=0)
    day = models.DateField()
    checks = models.PositiveIntegerField(default=0)
    met = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member_id", "day"], name="one_check_count_a_day")]


class KeyProgress(Timestamped):
    """How far the rows that were there before their keys have been given keys."""

    kind = models.TextField(unique=True)
    version = models.PositiveIntegerField(default=0)
    last_id = models.BigIntegerField(default=0)


class DuplicateMerge(models.Model):
    """Records that were made one: what the winner held before, and which references were moved, so that it can be
    undone.

    `moved` holds, for each column of each table, the loser that its rows pointed at and their ids.
    """

    kind = models.TextField()
    winner_id = models.BigIntegerField()
    loser_ids = models.JSONField(default=list)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    moved = models.JSONField(default=list)
    by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    undone_at = models.DateTimeField(null=True)
    undone_by_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="duplicatemerge_newest")]

    @property
    def undo_until(self) -> datetime:
        """Return until when the merge can be taken back."""
        return self.at + UNDO_FOR


class MergedRecord(models.Model):
    """Where a record that was merged away has gone."""

    kind = models.TextField()
    record_id = models.BigIntegerField()
    merged_into_id = models.BigIntegerField()
    merge = models.ForeignKey(DuplicateMerge, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="one_merge_a_record")]
        indexes = [models.Index(fields=["kind", "merged_into_id"], name="mergedrecord_winner")]
