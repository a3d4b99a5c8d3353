"""The table of what is due, in the public schema."""

from django.db import models

from guanxi.common import clock


class Due(models.Model):
    """Something to be done for a tenant at a moment.

    `payload` holds ids and sealed text only: the table is shared by all tenants.
    """

    class State(models.TextChoices):
        """Whether it still waits."""

        WAITING = "waiting"
        DEAD = "dead"

    tenant_id = models.BigIntegerField(null=True)
    tenant_schema = models.TextField()
    kind = models.TextField()
    ref_id = models.BigIntegerField()
    at = models.DateTimeField()
    payload = models.JSONField(default=dict)
    # Rises whenever the timer is set anew, so that a handler that is under way notices that its moment was taken back.
    generation = models.PositiveIntegerField(default=1)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    error = models.TextField(default="")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant_schema", "kind", "ref_id"], name="one_timer_a_thing")]
        indexes = [
            models.Index(fields=["at"], condition=models.Q(state="waiting"), name="due_waiting"),
            models.Index(fields=["id"], condition=models.Q(state="dead"), name="due_dead"),
        ]
