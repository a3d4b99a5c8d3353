"""A talk shows on the timelines of its people: one line a day, always the newest, never a row a message."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.activities.models import Activity, ActivityLink
from crm.activities.selectors import last_follow_up, timeline
from crm.conversations.services import (
    add_note,
    link_conversation,
    send_bot_message,
    send_member_message,
    show_message_on_timelines,
    show_talk_on_timelines,
    take_over,
)
from crm.customers.models import Customer
from crm.customers.services import create_contact, create_customer
from crm.leads.services import create_lead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.events.models import OutboxEvent
from tests.crm.makers import settle, talk, written

BUDGET = 16


def _lines(actor: Actor, kind: str, pk: int) -> list[Activity]:
    return [link.activity for link in timeline(actor, kind, pk, kinds=["message"])]


@pytest.fixture
def customer(rep: Actor) -> Customer:
    return create_customer(actor=rep, values={"name": "云岭茶行"})


def _linked(customer: Customer, rep: Actor, **more: Any) -> int:
    received = written("你好，礼盒怎么卖", who="wang")
    link_conversation(conversation_id=received.conversation_id, customer_id=customer.pk, owner_id=rep.member_id, **more)
    settle()
    return received.conversation_id


def test_a_day_is_one_line_that_says_the_newest(rep: Actor, customer: Customer) -> None:
    conversation_id = _linked(customer, rep)
    written("可以印 logo 吗", who="wang")
    send_bot_message(conversation_id=conversation_id, key="a", text="可以的，100 盒起印", passive=True)
    settle()
    (line,) = _lines(rep, "customer", customer.pk)
    assert (line.event, line.record_kind, line.record_id) == ("conversation.talk", "conversation", conversation_id)
    assert (line.body, line.data["messages"], line.data["channel"]) == ("可以的，100 盒起印", 3, "web")
    assert (line.actor_kind, line.member_id, line.qualifying) == ("assistant", None, False)
    assert Customer.objects.get(pk=customer.pk).last_activity_at == line.at
    assert last_follow_up("customer", [customer.pk]) == {}


def test_the_next_day_is_another_line(rep: Actor, customer: Customer) -> None:
    _linked(customer, rep)
    with clock.at(clock.now() + timedelta(days=1)):
        written("今天能发货吗", who="wang")
        settle()
    assert [line.body for line in _lines(rep, "customer", customer.pk)] == ["今天能发货吗", "你好，礼盒怎么卖"]


def test_a_colleague_who_answers_follows_up(team: dict[str, Actor], rep: Actor, customer: Customer) -> None:
    conversation_id = _linked(customer, rep)
    agent = team["agent"]
    take_over(actor=agent, conversation_id=conversation_id)
    send_member_message(actor=agent, conversation_id=conversation_id, text="您好，我来帮您")
    add_note(actor=agent, conversation_id=conversation_id, text="老客户")
    settle()
    (line,) = _lines(rep, "customer", customer.pk)
    assert (line.member_id, line.actor_kind, line.qualifying) == (agent.member_id, "member", True)
    assert (line.body, line.data["messages"]) == ("您好，我来帮您", 2), "a note is no message"
    assert last_follow_up("customer", [customer.pk]) == {customer.pk: line.at}


def test_all_of_the_persons_records_show_it_and_earlier_days_too(rep: Actor, customer: Customer) -> None:
    with clock.at(clock.now() - timedelta(days=3)):
        written("三天前", who="wang")
        settle()
    assert Activity.objects.filter(event="conversation.talk").count() == 0, "joined to nobody yet"
    contact = create_contact(actor=rep, values={"name": "王丽"}, customer_id=customer.pk)
    lead = create_lead(actor=rep, values={"name": "王丽"})
    _linked(customer, rep, contact_id=contact.pk, lead_id=lead.pk)
    for kind, pk in (("customer", customer.pk), ("contact", contact.pk), ("lead", lead.pk)):
        assert [line.body for line in _lines(rep, kind, pk)] == ["你好，礼盒怎么卖", "三天前"], kind
    assert Activity.objects.filter(event="conversation.talk").count() == 2


def test_joined_to_another_customer_the_lines_move(rep: Actor, customer: Customer) -> None:
    conversation_id = _linked(customer, rep)
    other = create_customer(actor=rep, values={"name": "另一家"})
    link_conversation(conversation_id=conversation_id, customer_id=other.pk)
    settle()
    assert _lines(rep, "customer", customer.pk) == []
    assert len(_lines(rep, "customer", other.pk)) == 1


def test_told_again_nothing_doubles_and_only_a_new_line_is_told(rep: Actor, customer: Customer) -> None:
    conversation_id = _linked(customer, rep)
    OutboxEvent.objects.all().delete()
    message_id = written("再问一句", who="wang").message_id
    for _ in range(2):
        show_message_on_timelines(conversation_id=conversation_id, message_id=message_id)
    assert show_talk_on_timelines(conversation_id=conversation_id) == 0
    assert (
        ActivityLink.objects.filter(record_kind="customer", record_id=customer.pk, activity__kind="message").count()
        == 1
    )
    assert not OutboxEvent.objects.filter(kind="activity.logged").exists()
    with clock.at(clock.now() + timedelta(days=1)):
        show_message_on_timelines(
            conversation_id=conversation_id, message_id=written("新的一天", who="wang").message_id
        )
    assert OutboxEvent.objects.filter(kind="activity.logged", aggregate_kind="conversation").count() == 1


def _queries_of_a_message(conversation_id: int) -> int:
    last = [written("一句", who="wang").message_id for _ in range(8)][-1]
    with CaptureQueriesContext(connection) as queries:
        show_message_on_timelines(conversation_id=conversation_id, message_id=last)
    return len(queries)


def test_a_long_talk_costs_no_more_than_a_short_one(rep: Actor, customer: Customer) -> None:
    conversation_id = _linked(customer, rep)
    counted = [_queries_of_a_message(conversation_id) for _ in range(2)]
    assert counted[0] == counted[1] <= BUDGET
    assert talk(written("结束", who="wang")).pk == conversation_id
