"""Who left the demo's company: one with a finished handover, and one whose customers nobody has taken over yet."""

from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from crm.activities.services import create_task, log_activity
from crm.customers.services import create_contact, create_customer
from crm.deals.services import create_deal
from crm.handover.services import start_handover
from crm.handover.types import Target, What
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.config.demo import words
from guanxi.config.demo.company import Company
from guanxi.jobs.tasks import run_job
from tenants.members.selectors import actor_of_member, visible_departments
from tenants.members.services import add_member, switch_member_off

HANDED = ("许文涛", "xu.wentao", ("湖州安吉竹韵茶社", "嘉兴南湖礼品行", "绍兴兰亭文旅"))
LEFT = ("冯小雅", "feng", ("金华双龙酒店", "衢州南孔书院茶室"))
NOTE = "老板娘下午三点后才方便接电话；对年份和产地要求严，先寄样再报价。"


def let_people_leave(company: Company) -> None:
    """Let one leave a month ago after a handover, and one three days ago without any."""
    owner, now = company.people["owner"], clock.now()
    receivers = tuple(pk for part in ("rep1", "rep2") if (pk := company.people[part].member_id))
    gone = _hired(company, HANDED, now - timedelta(days=75))
    month_ago = now - timedelta(days=30)
    with clock.at(month_ago):
        handover = start_handover(
            actor=owner, from_member_id=gone, what=What(), target=Target(member_ids=receivers), note="离职交接"
        )
        run_job(handover.job_id)
    with clock.at(month_ago + timedelta(hours=1)):
        switch_member_off(actor=owner, member_id=gone)
    forgotten = _hired(company, LEFT, now - timedelta(days=60))
    with clock.at(now - timedelta(days=3)):
        switch_member_off(actor=owner, member_id=forgotten)


def _hired(company: Company, person: tuple[str, str, tuple[str, ...]], since: datetime) -> int:
    owner = company.people["owner"]
    name, mail, customers = person
    sales = next(one for one in visible_departments(owner) if one.name == company.plan.departments.get("sales"))
    with clock.at(since):
        member = add_member(
            actor=owner,
            email=f"{mail}@{company.plan.slug}.example.com",
            name=name,
            roles=["rep"],
            department_id=sales.pk,
            manager_id=company.people["manager"].member_id,
            password_hash=make_password(words.PASSWORD),
            title="客户经理",
            email_proven=True,
        )
        actor = actor_of_member(member.pk)
        for number, customer in enumerate(customers):
            _work_on(actor, customer, 12_000 + 6_500 * number)
    return member.pk


def _work_on(actor: Actor, name: str, amount: int) -> None:
    customer = create_customer(actor=actor, values={"name": name, "source": "referral"})
    create_contact(actor=actor, values={"name": f"{name[2]}经理", "title": "采购经理"}, customer_id=customer.pk)
    create_deal(actor=actor, values={"name": f"{name} 秋茶", "customer_id": customer.pk, "amount": amount})
    record = ("customer", customer.pk)
    log_activity(actor=actor, kind="note", record=record, body=NOTE)
    log_activity(actor=actor, kind="call", record=record, body="谈了秋茶的数量和账期", outcome="positive")
    due = clock.now() + timedelta(days=120)
    create_task(actor=actor, values={"title": f"回访 {name}", "due_at": due}, record=record)
