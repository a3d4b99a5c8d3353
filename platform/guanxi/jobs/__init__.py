"""Long work with progress, and the base of every Celery task."""

from typing import TYPE_CHECKING

from guanxi.common.lazy import lazy_exports
from guanxi.jobs.registry import daily, job_runner

if TYPE_CHECKING:
    from guanxi.jobs.base import TenantTask
    from guanxi.jobs.models import Job
    from guanxi.jobs.publishing import enqueue
    from guanxi.jobs.services import JobCancelled, cancel_job, create_job

__all__ = ["Job", "JobCancelled", "TenantTask", "cancel_job", "create_job", "daily", "enqueue", "job_runner"]

__getattr__ = lazy_exports(
    __name__,
    {
        "Job": "models",
        "JobCancelled": "services",
        "TenantTask": "base",
        "cancel_job": "services",
        "create_job": "services",
        "enqueue": "publishing",
    },
)
