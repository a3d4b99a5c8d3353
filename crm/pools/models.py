"""Pools, what lies in them, the rules that bring records back, and the ledger of every move."""

from django.db import models

from guanxi.common import clock
from guanxi.common.models import Timestamped


class Pool(Timestamped):
    """A place for records that are nobody's, with who may look into it and how they are taken.

    Without members and departments everybody with the permission looks into it. Limits of null are none.
    """

    class Kind(models.TextChoices):
        """What kind of record lies in a pool."""

        LEAD = "lead"
        CUSTOMER = "customer"

    name = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    position = models.PositiveIntegerField(default=0)
    manager_ids = models.JSONField(default=list)
    member_ids = models.JSONField(default=list)
    department_ids = models.JSONField(default=list)
    masked_fields = models.JSONField(default=list)
    hidden_fields = models.JSONField(default=list)
    return_reasons = models.JSONField(default=list)
    daily_quota = models.PositiveIntegerField(null=True)
    held_limit = models.PositiveIntegerField(null=True)
    cooldown_days = models.PositiveIntegerField(default=0)
    delay_hours = models.PositiveIntegerField(default=0)
    view_limit = models.PositiveIntegerField(null=True)
    protection_days = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    archived_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class RecycleRule(Timestamped):
    """One version of the rule that brings records back into a pool. Its terms never change once it has been live."""

    class State(models.TextChoices):
        """Where the version stands; a pool has at most one live."""

        DRAFT = "draft"
        LIVE = "live"
        RETIRED = "retired"
        ROLLED_BACK = "rolled_back"

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="rules")
    number = models.PositiveIntegerField()
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    terms = models.JSONField(default=dict)
    note = models.TextField(default="", blank=True)
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    rehearsal_job_id = models.BigIntegerField(null=True)
    rehearsed_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    created_by_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "number"], name="one_rule_a_number"),
            models.UniqueConstraint(fields=["pool"], condition=models.Q(state="live"), name="one_live_rule_a_pool"),
        ]


class PoolEntry(models.Model):
    """A record that lies in a pool; the record has no owner as long as it does."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="entries")
    kind = models.TextField()
    record_id = models.BigIntegerField()
    since = models.DateTimeField(default=clock.now)
    claimable_at = models.DateTimeField(default=clock.now)
    previous_owner_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="one_pool_a_record")]
        indexes = [models.Index(fields=["pool", "-since", "-id"], name="pool_newest")]


class Holding(models.Model):
    """What pools know of a record that somebody owns: protection, a lock, and when it is due to come back.

    There is a row only for records of which there is something to know.
    """

    kind = models.TextField()
    record_id = models.BigIntegerField()
    owner_id = models.BigIntegerField(null=True)
    protected_until = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    locked_by_id = models.BigIntegerField(null=True)
    lock_reason = models.TextField(default="", blank=True)
    rule = models.ForeignKey(RecycleRule, null=True, on_delete=models.SET_NULL, related_name="+")
    due_at = models.DateTimeField(null=True)
    # The last warning that went out for this due date: so many days before it.
    warned_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "record_id"], name="one_holding_a_record")]
        indexes = [
            models.Index(
                fields=["owner_id", "due_at", "id"], condition=models.Q(due_at__isnull=False), name="holding_due"
            )
        ]


class ClaimQuota(models.Model):
    """How much a member took from a pool, and looked at in it, on one day; the row is locked by every claim."""

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="+")
    member_id = models.BigIntegerField()
    day = models.DateField()
    claimed = models.PositiveIntegerField(default=0)
    viewed_ids = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member_id", "pool", "day"], name="one_quota_a_day")]


class PoolMove(models.Model):
    """One line of the ledger: what went where, who did it and why. A trigger refuses to change or delete it."""

    class Action(models.TextChoices):
        """What happened."""

        PUT = "put"
        RETURNED = "returned"
        RECYCLED = "recycled"
        CLAIMED = "claimed"
        ASSIGNED = "assigned"
        LEFT = "left"
        GIVEN_BACK = "given_back"
        LOCKED = "locked"
        UNLOCKED = "unlocked"
        WARNED = "warned"

    pool_id = models.BigIntegerField(null=True)
    kind = models.TextField()
    record_id = models.BigIntegerField()
    action = models.TextField(choices=Action.choices)
    from_owner_id = models.BigIntegerField(null=True)
    to_owner_id = models.BigIntegerField(null=True)
    actor_kind = models.TextField()
    actor_id = models.BigIntegerField(null=True)
    reason = models.TextField(default="", blank=True)
    rule_id = models.BigIntegerField(null=True)
    rule_number = models.PositiveIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["pool_id", "-at", "-id"], name="ledger_of_pool"),
            models.Index(fields=["kind", "record_id", "-id"], name="ledger_of_record"),
        ]
