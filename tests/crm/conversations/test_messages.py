"""Messages: stored once, sent once, inside the channel's windows; the bot never speaks after a person took over."""

import threading
from datetime import timedelta

import pytest

from crm.conversations.models import Conversation, Message
from crm.conversations.services import (
    deliver_message,
    retry_message,
    send_bot_message,
    send_member_message,
    store_reply,
    take_over,
)
from crm.conversations.types import Received
from crm.outreach.models import SendWindow, Touch
from crm.outreach.selectors import window_state
from crm.outreach.types import SendFault, SendRefused, WindowRule
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import NotFound
from guanxi.events.models import OutboxEvent
from guanxi.tenancy import TenantRef
from tests.crm.makers import CHANNEL_ID, SHORT, at_once, line, talk, written
from tests.people import Team


def _window(received: Received) -> tuple[int | None, int | None, bool]:
    conversation = talk(received)
    state = window_state(channel_id=CHANNEL_ID, channel_kind="test", identity_id=conversation.identity_id)
    return state.remaining, state.bot_remaining, state.open


def _bot(received: Received, key: str) -> Message | None:
    return send_bot_message(conversation_id=received.conversation_id, key=key, text=key)


@pytest.mark.committed
@pytest.mark.parametrize("known", [False, True], ids=["new person", "known person"])
def test_a_message_that_comes_four_times_at_once_is_stored_once(alpha: TenantRef, known: bool) -> None:
    if known:
        written("早", who="buyer", key="wx-0")
    found = at_once(alpha, *[lambda: written("你好", who="buyer", key="wx-1")] * 4)
    assert not [fault for fault in found if isinstance(fault, Exception)], found
    assert sorted(received.duplicate for received in found) == [False, True, True, True]  # type: ignore[union-attr]
    assert (Message.objects.count(), Conversation.objects.count()) == (1 + known, 1)
    assert Conversation.objects.get().unread_count == 1 + known
    assert OutboxEvent.objects.filter(kind="message.received").count() == 1 + known


def test_a_repeated_message_gets_the_reply_it_got(alpha: TenantRef) -> None:
    first = written(who="buyer", key="wx-1")
    store_reply(message_id=first.message_id, reply={"text": "您好"})
    again = written(who="buyer", key="wx-1")
    assert (again.duplicate, again.message_id, again.stored_reply) == (True, first.message_id, {"text": "您好"})


@pytest.mark.committed
def test_the_bot_never_speaks_after_a_person_took_over(alpha: TenantRef, team: Team) -> None:
    """Eight workers answer while a person takes over: what the bot said came before, and nothing goes out late."""
    with line() as out:
        for round_ in range(5):
            received = written(kind="test", who=f"buyer {round_}")
            number = received.conversation_id
            works = [lambda n=n, r=received: _bot(r, f"{r.conversation_id}-{n}") for n in range(8)]
            works.insert(4, lambda r=number: take_over(actor=team["agent"], conversation_id=r))  # type: ignore[arg-type,misc]
            found = at_once(alpha, *works)
            assert not [fault for fault in found if isinstance(fault, Exception)], found
            said = list(Message.objects.filter(conversation_id=number, sender="assistant"))
            assert len(said) == sum(isinstance(each, Message) for each in found)
            taken = talk(received)
            assert (taken.state, taken.assignee_id) == ("open", team["agent"].member_id)
            assert _bot(received, f"{number}-late") is None
            for message in said:
                assert message.created_at <= taken.updated_at
                deliver_message(message_id=message.pk)
            assert out.out == [], "what waited when the person came stays back"
            states = Message.objects.filter(pk__in=[message.pk for message in said]).values_list("state", "error")
            assert set(states) <= {("failed", "taken_over")}


def test_a_message_said_before_a_handover_does_go_out(team: Team) -> None:
    """The assistant's own handover is no take-over: its last word, that somebody comes, must reach the customer."""
    from crm.conversations.services import queue_for_person

    with line() as out:
        received = written(kind="test")
        last = _bot(received, "somebody comes")
        assert last is not None
        queue_for_person(
            conversation_id=received.conversation_id, reason="asked", prefer_member_id=team["rep"].member_id
        )
        assert deliver_message(message_id=last.pk) is None
        assert [message.text for message in out.out] == ["somebody comes"]


def test_the_bot_has_its_share_of_a_window(team: Team) -> None:
    with line(windows=SHORT):
        received = written(kind="test", who="buyer")
        assert _window(received) == (3, 2, True)
        assert _bot(received, "a") and _bot(received, "b")
        assert _bot(received, "b") is not None, "a repeated call takes nothing"
        with pytest.raises(SendRefused) as refused:
            _bot(received, "c")
        assert refused.value.code == "quota_used_up"
        assert _window(received) == (1, 0, True)
        send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="我来")
        with pytest.raises(SendRefused):
            send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="再来")
        assert _window(received) == (0, 0, False)
        assert Message.objects.filter(direction="out").count() == 3, "what was refused left nothing behind"
        written("好", kind="test", who="buyer")
        assert _window(received) == (3, 2, True)


def test_a_window_ends_with_time_and_by_the_channels_word(team: Team) -> None:
    with line(windows=SHORT) as out:
        received = written(kind="test")
        message = send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="a")
        out.faults = [SendFault("window_closed", closes_window=True)]
        assert deliver_message(message_id=message.pk) is None
        assert _window(received)[2] is False
        with clock.at(clock.now() + timedelta(hours=49)):
            with pytest.raises(SendRefused) as refused:
                send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="b")
            assert refused.value.code == "window_closed"


def test_a_short_window_does_not_end_a_longer_one(alpha: TenantRef) -> None:
    windows = {**SHORT, "scan": WindowRule(count=1, lasts=timedelta(minutes=1), bot_count=1)}
    with line(windows=windows):
        received = written(kind="test", who="buyer")
        written(kind="test", who="buyer", opens="scan")
        assert _window(received) == (3, 2, True)
        SendWindow.objects.update(remaining=0)
        written(kind="test", who="buyer", opens="scan")
        assert _window(received) == (1, 1, True)


@pytest.mark.committed
def test_a_window_is_never_overdrawn(alpha: TenantRef, team: Team) -> None:
    with line(windows=SHORT):
        received = written(kind="test")
        found = at_once(alpha, *[lambda n=n: _bot(received, f"k{n}") for n in range(6)])
        sent = [message for message in found if isinstance(message, Message)]
        assert len(sent) == 2 and all(isinstance(each, Message | SendRefused) for each in found), found
        assert _window(received) == (1, 0, True)


def test_a_failed_delivery_is_tried_again_and_ends_visibly(team: Team) -> None:
    with line() as out:
        received = written(kind="test")
        message = send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="a")
        out.faults = [SendFault("busy", retry_after=3)] * 5
        assert [deliver_message(message_id=message.pk) for _ in range(5)] == [3, 3, 3, 3, None]
        message.refresh_from_db()
        assert (message.state, message.error, message.attempts) == ("failed", "busy", 5)
        assert Touch.objects.get(message_id=message.pk).outcome == "failed"
        assert OutboxEvent.objects.filter(kind="message.failed").count() == 1
        assert deliver_message(message_id=message.pk) is None and out.out == []
        with pytest.raises(NotFound):
            retry_message(actor=team["rep"], message_id=message.pk)
        retry_message(actor=team["agent"], message_id=message.pk)
        assert deliver_message(message_id=message.pk) is None
        message.refresh_from_db()
        assert (message.state, message.error, message.payload["external_id"]) == ("sent", "", str(message.pk))
        with pytest.raises(NotFound):
            retry_message(actor=team["agent"], message_id=message.pk)


def test_a_channel_that_cannot_send_ends_visibly(team: Team) -> None:
    with line() as _:
        received = written(kind="test")
        message = send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="a")
    assert deliver_message(message_id=message.pk) is None
    message.refresh_from_db()
    assert (message.state, message.error) == ("failed", "no_sender")


@pytest.mark.committed
def test_two_workers_send_a_message_once(alpha: TenantRef, team: Team) -> None:
    """The second worker finds the lease and comes back after it; a worker that died is followed by another."""
    with line() as out:
        received = written(kind="test")
        message = send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="a")
        inside, release = threading.Event(), threading.Event()

        def hold() -> None:
            inside.set()
            release.wait(20)

        def second() -> float | None:
            assert inside.wait(20)
            try:
                return deliver_message(message_id=message.pk)
            finally:
                release.set()

        out.before = hold
        first, again = at_once(alpha, lambda: deliver_message(message_id=message.pk), second)
        assert first is None and isinstance(again, float) and again > 1, (first, again)
        assert len(out.out) == 1
        out.before = None
        lost = send_member_message(actor=team["agent"], conversation_id=received.conversation_id, text="b")
        Message.objects.filter(pk=lost.pk).update(leased_until=clock.now() + timedelta(seconds=45), attempts=1)
        wait = deliver_message(message_id=lost.pk)
        assert wait is not None and 40 < wait < 50
        with clock.at(clock.now() + timedelta(seconds=wait)):
            assert deliver_message(message_id=lost.pk) is None
        assert [sent.text for sent in out.out] == ["a", "b"]


def test_a_reply_may_be_sent_by_who_is_known_only(rep: Actor) -> None:
    """A rep who neither owns nor works on a talk cannot answer in it."""
    received = written()
    with pytest.raises(NotFound):
        send_member_message(actor=rep, conversation_id=received.conversation_id, text="x")
    assert not Message.objects.filter(direction="out").exists()
