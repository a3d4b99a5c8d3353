"""Reads job rows."""

from django.db.models import QuerySet

from guanxi.access import Actor, allows
from guanxi.jobs.models import FINISHED, Job


def visible_jobs(actor: Actor, *, everyones: bool = False) -> QuerySet[Job]:
    """Return the actor's jobs, or everyone's when asked for and granted by `job.read`."""
    if everyones and allows(actor, "job.read"):
        return Job.objects.all()
    return Job.objects.filter(member_id=actor.member_id) if actor.member_id is not None else Job.objects.none()


def job_named(job_id: int | None) -> Job | None:
    """Return a job by its id, None for none; the caller has checked that the actor may know of its work."""
    return Job.objects.filter(pk=job_id).first() if job_id is not None else None


def is_under_way(kind: str) -> bool:
    """Return whether a job of the kind waits or runs."""
    return Job.objects.filter(kind=kind).exclude(state__in=FINISHED).exists()
