"""The demo's company agrees with itself: funnel, money and talks; nothing of its past rings today; the same seed tells
the same.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command

from crm.activities.models import Task
from crm.conversations.models import Conversation, Message
from crm.customers.models import Customer
from crm.deals.models import Deal
from crm.leads.models import Lead
from crm.pools.models import Holding, Pool, PoolEntry, PoolMove, RecycleRule
from guanxi.common import clock
from guanxi.config.demo.company import MINGXI, Company, connect_channels, found, hire, mark_finished
from guanxi.config.demo.dice import Dice
from guanxi.config.demo.fields import define_fields, fill_fields
from guanxi.config.demo.history import History
from guanxi.config.demo.pools import fill_pools
from guanxi.config.demo.today import arrange_today
from guanxi.events.models import OutboxEvent
from guanxi.jobs.models import Job
from guanxi.notifications.models import Notification
from guanxi.tenancy import public_scope, tenant_scope
from guanxi.timers.models import Due

pytestmark = [pytest.mark.committed, pytest.mark.slow]


def fill(slug: str, *, today: bool) -> Company:
    plan = replace(MINGXI, slug=slug)
    with public_scope():
        call_command("refill_spares", verbosity=0)
        company = Company(plan, found(plan))
    with tenant_scope(company.tenant):
        hire(company)
        connect_channels(company)
        define_fields(company)
        dice = Dice("the same", clock.now())
        History(company, dice).tell(2, leads_a_month=8, say=lambda text: None)
        if today:
            fill_pools(company, dice)
            arrange_today(company, dice)
            fill_fields(company, dice)
        mark_finished()
    return company


def test_the_company_agrees_with_itself(database: None) -> None:
    company = fill("mingxi-a", today=True)
    with tenant_scope(company.tenant):
        now = clock.now()
        assert len(company.people) == 8
        leads = list(Lead.objects.all())
        assert len(leads) > 12
        numbers = [customer.custom["number"] for customer in Customer.objects.all()]
        assert len(set(numbers)) == len(numbers) > 5
        assert Customer.objects.filter(custom__has_key="teas").count() > 3
        for deal in Deal.objects.filter(custom__has_key="cost"):
            assert deal.custom["profit"] == pytest.approx(float(deal.amount) - float(deal.custom["cost"]))
        pooled = set(PoolEntry.objects.filter(kind="lead").values_list("record_id", flat=True))
        for lead in leads:
            assert lead.created_at <= now
            assert (lead.state == "converted") == (lead.converted_customer_id is not None)
            assert (lead.owner_id is None) == (lead.pk in pooled), "a lead is nobody's"
        for deal in Deal.objects.select_related("stage"):
            assert (deal.stage.kind != "open") == (deal.closed_at is not None)
            assert deal.stage.kind != "lost" or deal.lost_reason
            assert deal.amount > 0
            assert deal.stage_entered_at <= now
        talks = Conversation.objects.filter(lead_id__isnull=False)
        assert talks.exists()
        for talk in talks:
            assert talk.lead_id is not None
            phone = Lead.objects.get(pk=talk.lead_id).phone
            texts = Message.objects.filter(conversation=talk, direction="in").values_list("text", flat=True)
            assert any(phone in text for text in texts), "the talk never named the phone"
        assert Conversation.objects.filter(state="queued").count() == 3
        assert Conversation.objects.filter(state="open").count() == 2
        assert Task.objects.filter(state="open", due_at__lt=now).exists()
        assert Task.objects.filter(state="open", due_at__gt=now).exists()
        assert Deal.objects.filter(stage__kind="open").count() >= 9
        assert {pool.name for pool in Pool.objects.all()} == {"线索公海", "客户公海"}
        assert 15 <= len(pooled) <= 26
        assert RecycleRule.objects.filter(state="live").count() == 1
        assert RecycleRule.objects.filter(state="draft", rehearsed_at__isnull=False).count() == 2
        assert Job.objects.filter(kind="pools.rehearse", state="succeeded").count() == 3
        assert Holding.objects.filter(due_at__lt=now + timedelta(days=1, hours=6)).count() >= 3, "tomorrow's"
        assert {"claimed", "put", "returned", "warned"} <= set(PoolMove.objects.values_list("action", flat=True))
        assert Notification.objects.filter(kind="pool_warning", read_at__isnull=True).exists()
        assert not Message.objects.filter(state="pending", sender="assistant").exists()
        old = Notification.objects.filter(created_at__lt=now - timedelta(days=1), read_at__isnull=True)
        assert not old.exists(), "the bell rings for the past"
        assert Notification.objects.filter(read_at__isnull=True).exists(), "nothing rings today"
    waiting = OutboxEvent.objects.filter(tenant_schema=company.tenant.schema, state="pending")
    assert not waiting.filter(occurred_at__lt=clock.now() - timedelta(days=1)).exists()
    due = Due.objects.filter(tenant_schema=company.tenant.schema, at__lt=clock.now() - timedelta(days=1))
    assert not due.exists(), "something of the past would come due"


def test_the_same_seed_tells_the_same(database: None) -> None:
    told = []
    moment = clock.now()
    for slug in ("mingxi-b", "mingxi-c"):
        with clock.at(moment):
            company = fill(slug, today=False)
        with tenant_scope(company.tenant):
            told.append(
                (
                    list(Lead.objects.order_by("id").values_list("name", "phone", "state", "created_at")),
                    list(Customer.objects.order_by("id").values_list("name", "level")),
                    list(Deal.objects.order_by("id").values_list("name", "amount", "stage__name")),
                )
            )
    assert told[0] == told[1]
