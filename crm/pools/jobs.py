"""The jobs of pools: reckoning what is due, rehearsing a rule, giving back what a rule took."""

from crm.pools.services.recycling import plan_all, plan_kind
from crm.pools.services.rehearsing import run_give_back, run_rehearsal
from crm.pools.services.rules import GIVE_BACK, PLAN, REHEARSE
from guanxi.jobs import Job, job_runner
from guanxi.jobs.registry import daily

daily("pools.plan")(plan_all)
job_runner(REHEARSE)(run_rehearsal)
job_runner(GIVE_BACK)(run_give_back)


@job_runner(PLAN)
def run_plan(job: Job) -> None:
    """Reckon anew what is due of one kind, since a rule of it was switched."""
    due = plan_kind(str(job.params["kind"]))
    job.finish(message_code="pool_planned", message_params={"due": due}, result={"due": due})
