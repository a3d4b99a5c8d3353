"""The home page: what waits, for whom, and a bounded number of queries."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm.activities.services import create_task
from crm.customers.services import create_customer
from crm.deals.models import Stage
from crm.deals.services import create_deal, move_deal
from crm.leads.services import create_lead
from crm.workday.selectors import my_day
from guanxi.common import clock
from tests.people import Team


def test_my_day(team: Team, django_assert_max_num_queries: Any) -> None:
    rep = team["rep"]
    now = clock.now()
    create_task(actor=rep, values={"title": "Call back", "due_at": now - timedelta(hours=1)})
    create_task(actor=rep, values={"title": "Next week", "due_at": now + timedelta(days=7)})
    lead = create_lead(actor=rep, values={"name": "Waiting", "phone": "13900001111"})
    customer = create_customer(actor=rep, values={"name": "Buyer"})
    with clock.at(now - timedelta(days=40)):
        quiet = create_deal(actor=rep, values={"name": "Quiet", "amount": Decimal(500), "customer_id": customer.pk})
    won = create_deal(actor=rep, values={"name": "Won", "amount": Decimal(1200)})
    move_deal(actor=rep, deal_id=won.pk, stage_id=Stage.objects.get(kind="won").pk)
    with django_assert_max_num_queries(24):
        day = my_day(rep)
    assert (day.overdue_tasks, [task.title for task in day.tasks]) == (1, ["Call back"])
    assert [waiting.pk for waiting in day.leads_waiting] == [lead.pk]
    assert [deal.pk for deal in day.deals_at_risk] == [quiet.pk]
    assert (day.numbers.won_amount, day.numbers.open_amount) == (Decimal(1200), Decimal(500))
    assert day.weeks[-1].won_amount == Decimal(1200)
    others = my_day(team["rep2"])
    assert (others.tasks, others.leads_waiting, others.numbers.won_amount) == ([], [], Decimal(0))
