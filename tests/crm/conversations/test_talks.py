"""Who has the word: every step of a conversation, the queue, snoozing, coming back."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from crm.conversations.models import Conversation, Message
from crm.conversations.selectors import access_conversation, find_conversations
from crm.conversations.services import (
    add_note,
    assign_conversation,
    hand_back,
    queue_for_person,
    reopen_conversation,
    resolve_conversation,
    send_bot_message,
    send_member_message,
    snooze_conversation,
    take_over,
)
from crm.conversations.services.machine import ALLOWED, lock_conversation, transition
from crm.records.models import StateChange
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound
from tenants.members.models import Member
from tests.crm.makers import go_by, talk, written
from tests.people import Team
from tests.tenants.forms import id_of

STATES = [state.value for state in Conversation.State]


@pytest.fixture
def agent(team: Team) -> Actor:
    """Somebody who answers."""
    return team["agent"]


@pytest.mark.parametrize(("before", "to"), list(product(STATES, STATES)))
def test_every_step(agent: Actor, before: str, to: str) -> None:
    received = written()
    Conversation.objects.filter(pk=received.conversation_id).update(state=before)
    conversation = lock_conversation(received.conversation_id)
    if before != to and to not in ALLOWED[before]:
        with pytest.raises(Conflict):
            transition(conversation, to, actor=agent)
        assert talk(received).state == before
        return
    assert transition(conversation, to, actor=agent) is (before != to)
    assert talk(received).state == to
    steps = StateChange.objects.filter(kind="conversation", record_id=conversation.pk)
    assert steps.count() == (before != to)


def test_the_queue_is_everybodys_until_one_takes_it(team: Team) -> None:
    received = written()
    rep, rep2 = team["rep"], team["rep2"]
    with pytest.raises(NotFound):
        access_conversation(rep, received.conversation_id)
    waiting = queue_for_person(conversation_id=received.conversation_id, reason="asked")
    assert waiting.waiting_since is not None and waiting.handover_reason == "asked"
    assert {found.pk for found in find_conversations(rep2, {"view": "unassigned"})} == {received.conversation_id}
    taken = take_over(actor=rep, conversation_id=received.conversation_id)
    assert (taken.state, taken.assignee_id, taken.last_assignee_id) == ("open", rep.member_id, rep.member_id)
    with pytest.raises(NotFound):
        access_conversation(rep2, received.conversation_id)
    assert queue_for_person(conversation_id=received.conversation_id, reason="late").state == "open"


@pytest.mark.parametrize("state", ["open", "snoozed"])
def test_what_a_colleague_has_is_not_taken(team: Team, state: str) -> None:
    received = written()
    take_over(actor=team["agent"], conversation_id=received.conversation_id)
    if state == "snoozed":
        later = clock.now() + timedelta(hours=1)
        snooze_conversation(actor=team["agent"], conversation_id=received.conversation_id, until=later)
    with pytest.raises(Conflict) as refused:
        take_over(actor=team["manager"], conversation_id=received.conversation_id)
    assert refused.value.params == {"member_id": team["agent"].member_id}
    given = assign_conversation(
        actor=team["manager"], conversation_id=received.conversation_id, member_id=team["rep"].member_id or 0
    )
    assert (given.assignee_id, given.state) == (team["rep"].member_id, "open")


def test_a_preferred_member_gets_it_at_once(team: Team) -> None:
    received = written()
    given = queue_for_person(
        conversation_id=received.conversation_id, reason="asked", prefer_member_id=team["rep"].member_id
    )
    assert (given.state, given.assignee_id) == ("open", team["rep"].member_id)


def test_handing_back_gives_the_word_to_the_assistant(agent: Actor) -> None:
    received = written()
    take_over(actor=agent, conversation_id=received.conversation_id)
    assert send_bot_message(conversation_id=received.conversation_id, key="a", text="x", passive=True) is None
    back = hand_back(actor=agent, conversation_id=received.conversation_id)
    assert (back.state, back.assignee_id, back.waiting_since) == ("bot", None, None)
    assert send_bot_message(conversation_id=received.conversation_id, key="a", text="x", passive=True) is not None


def test_a_snoozed_talk_wakes_at_its_time(agent: Actor) -> None:
    received = written()
    until = clock.now() + timedelta(hours=1)
    snooze_conversation(actor=agent, conversation_id=received.conversation_id, until=until)
    assert talk(received).state == "snoozed"
    go_by(until - timedelta(seconds=1))
    assert talk(received).state == "snoozed"
    go_by(until + timedelta(seconds=1))
    assert (talk(received).state, talk(received).assignee_id) == ("open", agent.member_id)
    with pytest.raises(Invalid):
        snooze_conversation(actor=agent, conversation_id=received.conversation_id, until=clock.now())


def test_a_snoozed_talk_wakes_when_the_customer_writes(agent: Actor) -> None:
    received = written(who="buyer")
    until = clock.now() + timedelta(hours=1)
    snooze_conversation(actor=agent, conversation_id=received.conversation_id, until=until)
    written("还在吗", who="buyer")
    awake = talk(received)
    assert (awake.state, awake.assignee_id, awake.snoozed_until) == ("open", agent.member_id, None)
    resolve_conversation(actor=agent, conversation_id=received.conversation_id)
    go_by(until + timedelta(seconds=1))
    assert talk(received).state == "resolved", "the old snooze wakes nothing"


@pytest.mark.parametrize(
    ("hours", "away", "state"), [(1, False, "open"), (25, False, "bot"), (1, True, "bot"), (23.9, False, "open")]
)
def test_who_comes_back_after_it_was_resolved(team: Team, hours: float, away: bool, state: str) -> None:
    agent, received = team["agent"], written(who="buyer")
    take_over(actor=agent, conversation_id=received.conversation_id)
    done = resolve_conversation(actor=agent, conversation_id=received.conversation_id)
    assert (done.assignee_id, done.last_assignee_id, done.context) == (None, agent.member_id, {})
    Member.objects.filter(pk=id_of(agent)).update(settings={"away": away})
    with clock.at(clock.now() + timedelta(hours=hours)):
        written("又来了", who="buyer")
    back = talk(received)
    assert (back.state, back.assignee_id) == (state, agent.member_id if state == "open" else None)
    assert (back.waiting_since is not None) is (state == "open")


def test_reopening(agent: Actor) -> None:
    received = written()
    resolve_conversation(actor=agent, conversation_id=received.conversation_id)
    again = reopen_conversation(actor=agent, conversation_id=received.conversation_id)
    assert (again.state, again.assignee_id) == ("open", agent.member_id)


def test_answering_takes_over_and_a_note_does_not(agent: Actor) -> None:
    received = written()
    note = add_note(actor=agent, conversation_id=received.conversation_id, text=" 老客户 ")
    assert (talk(received).state, note.text, note.kind) == ("bot", "老客户", "note")
    assert talk(received).last_message_preview == "在吗", "a note is not shown as the last word"
    first = send_member_message(actor=agent, conversation_id=received.conversation_id, text="您好", key="k")
    again = send_member_message(actor=agent, conversation_id=received.conversation_id, text="您好", key="k")
    assert first.pk == again.pk
    now = talk(received)
    assert (now.state, now.assignee_id, now.waiting_since, now.unread_count) == ("open", agent.member_id, None, 0)
    assert now.first_replied_at is not None


@pytest.mark.parametrize(("text", "code"), [("  ", "message_empty"), ("长" * 4001, "message_too_long")])
def test_what_is_no_message(agent: Actor, text: str, code: str) -> None:
    received = written()
    with pytest.raises(Invalid) as refused:
        send_member_message(actor=agent, conversation_id=received.conversation_id, text=text)
    assert refused.value.code == code
    assert Message.objects.count() == 1 and talk(received).state == "bot"


def test_a_rep_sees_what_the_api_did_also_when_it_takes_the_talk_away(team: Team, browser_of: Any) -> None:
    """Resolving or passing on a talk that is nobody's takes it out of a rep's sight; the answer still shows it."""
    client = browser_of("alpha", "rep")
    for action, body, state in (
        ("resolve", None, "resolved"), ("hand-back", None, "bot"),
        ("assign", {"member_id": team["rep2"].member_id}, "open"),
    ):  # fmt: skip
        received = written()
        take_over(actor=team["agent"], conversation_id=received.conversation_id)
        Conversation.objects.update(assignee_id=team["rep"].member_id)
        path = f"/api/v1/conversations/{received.conversation_id}"
        answer = client.post(f"{path}/{action}", body, content_type="application/json")
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.content
        assert client.get(path).status_code == 404
