"""What the inbox asks for: counts, whose talk it is, leads made from a talk, and files that are sent in one."""

from dataclasses import replace

import pytest

from crm.conversations.models import Conversation
from crm.conversations.selectors import conversation_counts
from crm.conversations.services import (
    lead_of_talk,
    link_person,
    queue_for_person,
    receive_message,
    send_member_message,
    take_over,
)
from crm.conversations.services.machine import audience_of_conversation
from crm.conversations.types import ChannelRef, Inbound
from crm.customers.models import Identity
from crm.customers.services import create_contact, create_customer
from crm.customers.types import PersonKey
from crm.leads.models import Lead
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid, NotFound
from guanxi.events.models import OutboxEvent
from guanxi.events.types import Audience
from guanxi.files.services import store_file
from guanxi.realtime.audiences import admits
from tests.people import Team

CHANNEL = ChannelRef(1, "web")
TEXT = b"price list"


def talk(name: str) -> Conversation:
    """Let somebody write."""
    received = receive_message(
        inbound=Inbound(
            channel=CHANNEL,
            sender=PersonKey(kind="web_visitor", value=f"1:{name}", display_name=name),
            dedupe_key=f"{name}:1",
            kind="text",
            text="在吗",
            sent_at=clock.now(),
        )
    )
    return Conversation.objects.get(pk=received.conversation_id)


def test_counts_are_those_of_the_lists(team: Team) -> None:
    rep, owner = team["rep"], team["owner"]
    talk("bot")
    queued = talk("queued")
    queue_for_person(conversation_id=queued.pk, reason="asked")
    mine = talk("mine")
    queue_for_person(conversation_id=mine.pk, reason="asked")
    take_over(actor=rep, conversation_id=mine.pk)
    counts = conversation_counts(rep)
    assert (counts["mine"], counts["unassigned"], counts["bot"]) == (1, 1, 0), "a rep sees the queue and its own"
    assert conversation_counts(owner) == {"mine": 0, "unassigned": 1, "open": 2, "waiting": 2, "bot": 1, "snoozed": 0}


def test_whoever_may_answer_hears_of_the_queue(team: Team) -> None:
    queued = talk("queued")
    queue_for_person(conversation_id=queued.pk, reason="asked")
    queued.refresh_from_db()
    assert admits(team["agent"], audience_of_conversation(queued))
    assert admits(team["rep2"], audience_of_conversation(queued))
    take_over(actor=team["rep"], conversation_id=queued.pk)
    moved = OutboxEvent.objects.filter(kind="conversation.state_changed").order_by("-id").first()
    assert moved is not None
    assert moved.audience is not None
    assert admits(team["rep2"], Audience.from_json(moved.audience)), "the others hear that it is gone"


def test_a_lead_is_made_of_a_talk_once(rep: Actor) -> None:
    conversation = talk("buyer")
    queue_for_person(conversation_id=conversation.pk, reason="asked")
    first = lead_of_talk(actor=rep, conversation_id=conversation.pk, values={"name": "张三", "phone": "13900001111"})
    second = lead_of_talk(actor=rep, conversation_id=conversation.pk, values={"budget": "5 万", "need": "礼盒"})
    assert first.lead_id == second.lead_id
    lead = Lead.objects.get(conversation_id=conversation.pk)
    assert (lead.phone, lead.budget, lead.source, lead.conversation_id) == (
        "13900001111", "5 万", "web", conversation.pk,
    )  # fmt: skip
    with pytest.raises(Invalid):
        lead_of_talk(actor=rep, conversation_id=conversation.pk, values={"city": "上海"})


def test_a_linked_contact_keeps_the_identity(team: Team) -> None:
    rep = team["rep"]
    conversation = talk("known")
    queue_for_person(conversation_id=conversation.pk, reason="asked")
    customer = create_customer(actor=rep, values={"name": "Tea House"})
    contact = create_contact(actor=rep, values={"name": "Li"}, customer_id=customer.pk)
    linked = link_person(actor=rep, conversation_id=conversation.pk, contact_id=contact.pk, customer_id=customer.pk)
    assert (linked.contact_id, linked.customer_id, linked.owner_id) == (contact.pk, customer.pk, rep.member_id)
    assert Identity.objects.get(pk=conversation.identity_id).contact_id == contact.pk
    foreign = create_customer(actor=team["rep2"], values={"name": "Not mine"})
    with pytest.raises(NotFound):
        link_person(actor=rep, conversation_id=conversation.pk, customer_id=foreign.pk)


def test_nobody_sends_a_file_that_they_may_not_open(team: Team) -> None:
    other = team["rep2"]
    rep = replace(
        team["rep"], grants={name: held for name, held in team["rep"].grants.items() if name != "file.read_all"}
    )
    conversation = talk("files")
    queue_for_person(conversation_id=conversation.pk, reason="asked")
    foreign = store_file(actor=other, name="secret.txt", content=TEXT, purpose="attachment")
    with pytest.raises(NotFound):
        send_member_message(actor=rep, conversation_id=conversation.pk, kind="file", file_id=foreign.pk)
    own = store_file(actor=rep, name="prices.txt", content=TEXT, purpose="message")
    sent = send_member_message(actor=rep, conversation_id=conversation.pk, kind="file", file_id=own.pk)
    assert sent.file_id == own.pk
