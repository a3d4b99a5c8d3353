"""Jobs: their progress, stopping and starting again."""

from ninja import Query

from guanxi.access import SIGNED_IN
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from guanxi.jobs.models import Job
from guanxi.jobs.schemas import JobFilters, JobOut
from guanxi.jobs.selectors import visible_jobs
from guanxi.jobs.services import access_job, cancel_job, retry_job

router = AppRouter(tag="jobs")


@router.get("/jobs", permission=SIGNED_IN, response=Page[JobOut])
def jobs_list(request: ApiRequest, filters: Query[JobFilters], page: Query[PageParams]) -> PageResult:
    """List your jobs, newest first."""
    jobs = visible_jobs(request.actor, everyones=filters.everyones)
    if filters.state:
        jobs = jobs.filter(state=filters.state)
    if filters.kind:
        jobs = jobs.filter(kind=filters.kind)
    return paginate(jobs, page, order=("-id",))


@router.get("/jobs/{int:job_id}", permission=SIGNED_IN, response=JobOut)
def jobs_get(request: ApiRequest, job_id: int) -> Job:
    """Return one job."""
    return access_job(request.actor, job_id)


@router.post("/jobs/{int:job_id}/cancel", permission=SIGNED_IN, response=JobOut)
def jobs_cancel(request: ApiRequest, job_id: int) -> Job:
    """Ask a job to stop: at once while it waits, at its next step while it runs."""
    return cancel_job(actor=request.actor, job_id=job_id)


@router.post("/jobs/{int:job_id}/retry", permission=SIGNED_IN, response=JobOut)
def jobs_retry(request: ApiRequest, job_id: int) -> Job:
    """Start a failed or cancelled job again; it goes on where it stopped."""
    return retry_job(actor=request.actor, job_id=job_id)
