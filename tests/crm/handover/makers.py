"""Makes what a member has, hands it over, and lets the job run."""

from typing import Any

from crm.activities.services import create_task, plan_activity
from crm.customers.models import Customer
from crm.customers.services import create_contact, create_customer
from crm.deals.models import Deal, Stage
from crm.deals.services import create_deal, move_deal
from crm.handover.models import Handover
from crm.handover.services import start_handover
from crm.handover.services.running import run_handover
from crm.handover.services.undoing import run_undo, start_undo
from crm.handover.types import Target, What
from crm.leads.services import create_lead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.jobs.models import Job
from guanxi.jobs.services import claim_job


def id_of(actor: Actor) -> int:
    """Return the actor's member id."""
    assert actor.member_id is not None
    return actor.member_id


def belongings_of(actor: Actor, number: int = 2) -> list[Customer]:
    """Give a member customers, each with a contact, an open deal a stage ahead, a task and a plan; and a lead."""
    customers = []
    for turn in range(number):
        customer = create_customer(actor=actor, values={"name": f"客户{turn}", "city": "上海" if turn % 2 else "北京"})
        create_contact(actor=actor, values={"name": f"联系人{turn}"}, customer_id=customer.pk)
        deal = create_deal(actor=actor, values={"name": "年单", "customer_id": customer.pk, "amount": 1000 + turn})
        second = Stage.objects.filter(pipeline=deal.pipeline, kind="open").order_by("position")[1]
        move_deal(actor=actor, deal_id=deal.pk, stage_id=second.pk)
        later = clock.in_future(hours=30)
        create_task(actor=actor, values={"title": "回访", "due_at": later}, record=("customer", customer.pk))
        plan_activity(
            actor=actor, kind="call", subject="电话", at=later, record=("customer", customer.pk), remind_minutes=[30]
        )
        customers.append(customer)
    create_lead(actor=actor, values={"name": "线索"})
    return customers


def win(actor: Actor, deal: Deal) -> None:
    """Let a deal be won."""
    move_deal(actor=actor, deal_id=deal.pk, stage_id=Stage.objects.get(pipeline=deal.pipeline, kind="won").pk)


def started(actor: Actor, giver: Actor | None, *receivers: Actor, what: What | None = None, **target: Any) -> Handover:
    """Begin a handover."""
    return start_handover(
        actor=actor,
        from_member_id=id_of(giver) if giver else None,
        what=what or What(),
        target=Target(member_ids=tuple(map(id_of, receivers)), **target),
    )


def run(handover: Handover) -> Handover:
    """Let the job run as a worker would."""
    job = claim_job(handover.job_id or 0)
    assert isinstance(job, Job)
    run_handover(job)
    handover.refresh_from_db()
    return handover


def handed(actor: Actor, giver: Actor | None, *receivers: Actor, what: What | None = None, **target: Any) -> Handover:
    """Hand over, from the beginning to the end."""
    return run(started(actor, giver, *receivers, what=what, **target))


def undone(actor: Actor, handover: Handover) -> Handover:
    """Undo a handover."""
    start_undo(actor=actor, handover_id=handover.pk)
    handover.refresh_from_db()
    job = claim_job(handover.undo_job_id or 0)
    assert isinstance(job, Job)
    run_undo(job)
    handover.refresh_from_db()
    return handover
