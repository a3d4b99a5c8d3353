"""Work on schemas and sign-ups that nobody's request should wait for."""

from celery import shared_task

from guanxi.jobs import TenantTask, daily, enqueue
from tenants.workspaces.provisioning import spares
from tenants.workspaces.services import domains, signing_up

# Long enough for a schema that has to be migrated because no pg_dump is there.
SCHEMA_TIME_LIMIT = 300


@shared_task(
    base=TenantTask,
    name="workspaces.refill_spares",
    time_limit=SCHEMA_TIME_LIMIT,
    soft_time_limit=SCHEMA_TIME_LIMIT - 10,
)
def refill_spares() -> None:
    """Make one spare schema when there are too few, and come back for the next."""
    if spares.refill_spares(at_most=1) and spares.spares_missing():
        enqueue(refill_spares)


@shared_task(
    base=TenantTask,
    name="workspaces.finish_sign_up",
    time_limit=SCHEMA_TIME_LIMIT,
    soft_time_limit=SCHEMA_TIME_LIMIT - 10,
)
def finish_sign_up(sign_up_id: int) -> None:
    """Finish one sign-up that found no spare schema."""
    try:
        signing_up.finish_sign_up(sign_up_id=sign_up_id)
    except Exception as fault:
        signing_up.note_failure(sign_up_id=sign_up_id, fault=fault)
        raise


@shared_task(base=TenantTask, name="workspaces.check_domain", soft_time_limit=30, time_limit=40)
def check_domain(domain_id: int) -> None:
    """Look for the DNS record of a company's own host name."""
    domains.check_domain(domain_id=domain_id)


@daily("workspaces.domains")
def look_for_records() -> int:
    """Look again for the records of names that wait."""
    return domains.check_waiting_domains()
