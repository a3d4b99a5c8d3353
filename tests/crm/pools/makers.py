"""Makes pools and what lies in them, through the services."""

from datetime import timedelta
from itertools import count
from typing import Any

from crm.customers.models import Customer
from crm.customers.services import create_customer
from crm.leads.models import Lead
from crm.leads.services import create_lead
from crm.pools.models import Pool, PoolEntry, RecycleRule
from crm.pools.services import activate_rule, create_pool, draft_rule, put_records, rehearse_rule
from crm.pools.types import Terms
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.jobs.models import Job
from guanxi.jobs.tasks import run_job

_numbers = count(1)


def pool_of(owner: Actor, kind: str = "customer", **values: Any) -> Pool:
    """Make a pool."""
    return create_pool(actor=owner, kind=kind, values={"name": f"Pool {next(_numbers)}", **values})


def customer_of(actor: Actor, **values: Any) -> Customer:
    """Make a customer of the actor's own."""
    number = next(_numbers)
    given = {"name": f"云栖酒店{number}", "phone": f"1391234{number:04d}", **values}
    return create_customer(actor=actor, values=given)


def lead_of(actor: Actor, **values: Any) -> Lead:
    """Make a lead of the actor's own."""
    number = next(_numbers)
    return create_lead(actor=actor, values={"name": f"胡一鸣{number}", "phone": f"1371234{number:04d}", **values})


def entry_of(record: Any) -> PoolEntry:
    """Return where a record lies."""
    kind = "lead" if isinstance(record, Lead) else "customer"
    return PoolEntry.objects.get(kind=kind, record_id=record.pk)


def laid(actor: Actor, pool: Pool, number: int = 1, **values: Any) -> list[PoolEntry]:
    """Let the actor make records and give them up to a pool."""
    make = lead_of if pool.kind == "lead" else customer_of
    records = [make(actor, **values) for _ in range(number)]
    for record in records:
        put_records(actor=actor, pool_id=pool.pk, record_ids=[record.pk], reason="无意向")
    return [entry_of(record) for record in records]


def run(job: Job) -> Job:
    """Run a job as a worker does."""
    run_job(job.pk)
    job.refresh_from_db()
    return job


def run_all(kind: str) -> list[Job]:
    """Run all waiting jobs of a kind."""
    return [run(job) for job in Job.objects.filter(kind=kind, state="queued").order_by("pk")]


def live_rule(owner: Actor, pool: Pool, *, days_ago: int = 0, **terms: Any) -> RecycleRule:
    """Draft, rehearse and switch on a rule, some days ago."""
    with clock.at(clock.now() - timedelta(days=days_ago)):
        rule = draft_rule(actor=owner, pool_id=pool.pk, terms=Terms(**terms))
        run(rehearse_rule(actor=owner, rule_id=rule.pk))
        return activate_rule(actor=owner, rule_id=rule.pk)
