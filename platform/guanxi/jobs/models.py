"""Job rows, in the tenant's schema."""

from typing import Any

from django.db import models

from guanxi.common.models import Timestamped


class Job(Timestamped):
    """A long piece of work that a member can watch and cancel."""

    class State(models.TextChoices):
        """Where the work stands."""

        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.TextField()
    params = models.JSONField(default=dict)
    state = models.TextField(choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    # What the page says about the end: a code of its catalog and the values that the sentence shows.
    message_code = models.TextField(default="")
    message_params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    result_file_id = models.BigIntegerField(null=True)
    # Where a runner goes on when its first worker was killed.
    checkpoint = models.JSONField(default=dict)
    member_id = models.BigIntegerField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_token = models.TextField(default="")
    heartbeat_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["member_id", "-id"], name="job_by_member")]

    @property
    def is_finished(self) -> bool:
        """Return whether the work has ended, in whichever way."""
        return self.state in FINISHED

    def advance(self, done: int, total: int | None = None, *, checkpoint: dict[str, Any] | None = None) -> None:
        """Note how far the work is; raise JobCancelled when somebody asked to stop it."""
        from guanxi.jobs.services import advance_job

        advance_job(job=self, done=done, total=total, checkpoint=checkpoint)

    def finish(
        self,
        *,
        message_code: str = "",
        message_params: dict[str, Any] | None = None,
        result: dict[str, Any] | None = None,
        result_file_id: int | None = None,
    ) -> None:
        """End with success."""
        from guanxi.jobs.services import finish_job

        finish_job(
            job=self,
            message_code=message_code,
            message_params=message_params,
            result=result,
            result_file_id=result_file_id,
        )

    def fail(self, code: str, *, params: dict[str, Any] | None = None) -> None:
        """End with failure; `code` is one that the page's catalog knows."""
        from guanxi.jobs.services import fail_job

        fail_job(job=self, code=code, params=params)


FINISHED = frozenset({Job.State.SUCCEEDED, Job.State.FAILED, Job.State.CANCELLED})
