"""Webhooks against a real receiver: what arrives, what comes again, and what is never called."""

import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from crm.integration.models import WebhookDelivery
from crm.integration.services import (
    replay_delivery,
    replay_failed,
    rotate_secret,
    send_delivery,
    send_test,
    sending,
    update_endpoint,
)
from crm.integration.services.deliveries import TIMER
from crm.integration.types import BACK_OFF, MAX_TRIES, Outcome
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Conflict
from guanxi.notifications.models import Notification
from guanxi.tenancy import TenantRef, public_scope
from guanxi.timers.models import Due
from guanxi.timers.services import run_due
from tests.crm.integration.receiver import Receiver
from tests.crm.integration.steps import (
    dispatch,
    endpoint,
    endpoint_at,
    later,
    new_lead,
    only_delivery,
    send_all,
    verify,
)
from tests.people import Team


def timers() -> list[Due]:
    return list(Due.objects.filter(kind=TIMER).order_by("at"))


def test_an_event_arrives_signed_with_ids_and_no_personal_data(owner: Actor, receiver: Receiver) -> None:
    made = endpoint_at(owner, receiver.url, kinds=["lead.created"])
    lead = new_lead(owner)
    assert send_all() == 1
    (request,) = receiver.received
    body = request.json()
    assert (body["kind"], body["record"]) == ("lead.created", {"kind": "lead", "id": lead.pk})
    assert body["workspace"] == "alpha"
    assert body["id"].startswith("evt_") and "current" not in body
    assert b"Han Meimei" not in request.body and b"13900001234" not in request.body
    assert request.headers["guanxi-delivery"] == body["id"]
    assert verify(request, made.secret)
    assert not verify(request, made.secret + "x")
    delivery = only_delivery()
    assert (delivery.state, delivery.attempts, delivery.status_code, delivery.answer) == ("delivered", 1, 200, "ok")
    assert timers() == []


def test_only_chosen_kinds_arrive_and_none_chosen_means_all(owner: Actor, receiver: Receiver) -> None:
    endpoint_at(owner, receiver.url, kinds=["deal.won"])
    new_lead(owner)
    assert WebhookDelivery.objects.count() == 0
    endpoint_at(owner, receiver.url)
    new_lead(owner, phone="13900005678")
    kinds = set(WebhookDelivery.objects.values_list("kind", flat=True))
    assert "lead.created" in kinds
    assert not {kind for kind in kinds if kind.startswith(("notification.", "webhook.", "conversation.read"))}


def test_an_event_that_is_dispatched_twice_is_one_delivery(owner: Actor, receiver: Receiver) -> None:
    from crm.integration.services import queue_event
    from guanxi.events.models import OutboxEvent
    from guanxi.events.types import Event

    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    row = OutboxEvent.objects.get(kind="lead.created")
    event = Event(row.pk, row.kind, owner.tenant, row.aggregate_kind, row.aggregate_id, row.occurred_at, row.data)
    assert queue_event(event=event) == 0
    assert WebhookDelivery.objects.count() == 1


def test_the_record_comes_along_as_its_reader_sees_it_and_is_not_kept(team: Team, receiver: Receiver) -> None:
    endpoint_at(team["owner"], receiver.url, kinds=["lead.created"], with_record=True)
    lead = new_lead(team["owner"])
    send_all()
    current = receiver.received[0].json()["current"]
    assert (current["id"], current["name"], current["phone"]) == (lead.pk, "Han Meimei", lead.phone)
    assert current["owner"]["id"] == team["owner"].member_id
    assert "Han Meimei" not in str(only_delivery().payload)


def test_whoever_turns_the_address_elsewhere_lends_their_own_eyes(team: Team, receiver: Receiver) -> None:
    """Otherwise the right to manage webhooks would be the right to read as the owner."""
    endpoint_at(team["owner"], receiver.url, kinds=["lead.created"], with_record=True)
    assert endpoint().reads_as_id == team["owner"].member_id
    update_endpoint(
        actor=team["admin"], endpoint_id=endpoint().pk, changes={"url": receiver.url.replace("/hook", "/other")}
    )
    assert endpoint().reads_as_id == team["admin"].member_id
    update_endpoint(actor=team["owner"], endpoint_id=endpoint().pk, changes={"description": "words"})
    assert endpoint().reads_as_id == team["admin"].member_id


def test_no_record_for_a_reader_who_may_not_see_it(team: Team, receiver: Receiver) -> None:
    endpoint_at(team["owner"], receiver.url, kinds=["lead.created"], with_record=True)
    new_lead(team["owner"])
    hook = endpoint()
    hook.reads_as_id = team["rep"].member_id
    hook.save()
    send_all()
    assert receiver.received[0].json()["current"] is None


def test_both_secrets_sign_for_a_day(owner: Actor, receiver: Receiver) -> None:
    old = endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new = rotate_secret(actor=owner, endpoint_id=old.id)
    assert new.secret != old.secret
    new_lead(owner)
    send_all()
    assert verify(receiver.received[0], old.secret) and verify(receiver.received[0], new.secret)
    with later(hours=25):
        new_lead(owner, phone="13900005678")
        send_all()
        assert not verify(receiver.received[1], old.secret) and verify(receiver.received[1], new.secret)


@pytest.mark.parametrize(("status", "error"), [(500, "status"), (404, "status"), (302, "redirect")])
def test_what_is_refused_comes_again_by_the_schedule_and_then_ends(
    owner: Actor, receiver: Receiver, status: int, error: str
) -> None:
    receiver.status, receiver.headers = status, {"Location": receiver.url}
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    moment = clock.now()
    for pause in [*BACK_OFF, None]:
        with clock.at(moment):
            hook = endpoint()
            hook.paused_until, hook.failing_since = None, None
            hook.save()
            assert send_all() == 1
            delivery = only_delivery()
        assert (delivery.error, delivery.status_code) == (error, status)
        if pause is None:
            assert (delivery.state, timers()) == ("failed", [])
        else:
            assert delivery.next_try_at == moment + pause
            assert [due.at for due in timers()] == [moment + pause]
            moment += pause
    assert len(receiver.received) == MAX_TRIES
    assert len({request.json()["id"] for request in receiver.received}) == 1
    assert [request.headers["guanxi-attempt"] for request in receiver.received] == [
        str(number) for number in range(1, MAX_TRIES + 1)
    ]


def test_a_receiver_that_asks_for_patience_gets_it_for_all_its_deliveries(owner: Actor, receiver: Receiver) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "600"}
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    now = clock.now()
    with clock.at(now):
        send_all()
    assert only_delivery().next_try_at == now + timedelta(seconds=600)
    new_lead(owner, phone="13900005678")
    assert send_all() == 0
    assert len(receiver.received) == 1
    receiver.status, receiver.headers = 200, {}
    with later(seconds=660):
        assert send_all() == 2
    assert endpoint().paused_until is None


def test_nobody_there(owner: Actor, settings: Settings) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.GUANXI_OUTBOUND_ALLOW = (f"127.0.0.1:{port}",)
    endpoint_at(owner, f"http://127.0.0.1:{port}/", kinds=["lead.created"])
    new_lead(owner)
    send_all()
    delivery = only_delivery()
    assert (delivery.state, delivery.error, delivery.status_code) == ("waiting", "unreachable", None)


@pytest.mark.parametrize("dripping", [False, True])
def test_a_slow_receiver_is_cut_off(
    owner: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, dripping: bool
) -> None:
    """One that answers a byte at a time never lets a socket's own timeout come."""
    monkeypatch.setattr(sending, "CALL_SECONDS", 0.6)
    if dripping:
        receiver.answer, receiver.drip_seconds = b"x" * 100, 0.2
    else:
        receiver.before = lambda: time.sleep(3)
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    started = time.monotonic()
    send_all()
    assert time.monotonic() - started < 2
    assert (only_delivery().state, only_delivery().error) == ("waiting", "timeout")


def test_of_a_long_answer_only_the_beginning_is_kept_and_of_an_endless_one_nothing(
    owner: Actor, receiver: Receiver
) -> None:
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    receiver.answer = b"\x00y" * 5000
    new_lead(owner)
    send_all()
    assert (only_delivery().state, len(only_delivery().answer)) == ("delivered", 2048)
    assert "\x00" not in only_delivery().answer
    receiver.answer = b"z" * 200_000
    new_lead(owner, phone="13900005678")
    send_all()
    assert WebhookDelivery.objects.latest("pk").error == "too_large"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://10.1.2.3/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.1.1/",
        "http://[::ffff:192.168.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "https://db.internal/",
        "https://example.com:6379/",
        "https://user:pass@example.com/",
        "ftp://example.com/",
        "https://",
        "https://example.com/#part",
        "http://[::1/",
    ],
)
def test_ways_inside_are_refused_when_they_are_written_down(owner: Actor, settings: Settings, url: str) -> None:
    from guanxi.common.errors import Invalid

    settings.GUANXI_OUTBOUND_ALLOW = ()
    with pytest.raises(Invalid) as refusal:
        endpoint_at(owner, url)
    assert refusal.value.fields == {"url": "address"}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "100.64.0.9"])
def test_a_name_that_leads_inside_later_is_refused_at_the_call(
    owner: Actor, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """DNS rebinding: public when it was written down, inside when it is called."""
    settings.GUANXI_OUTBOUND_ALLOW = ()
    endpoint_at(owner, "http://hooks.example.com/", kinds=["lead.created"])
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    monkeypatch.setattr(
        "guanxi.http.outbound.socket.getaddrinfo", lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", (address, 80))]
    )
    new_lead(owner)
    send_all()
    assert (only_delivery().error, receiver.received) == ("refused_address", [])


def test_the_address_that_was_checked_is_the_one_that_is_called(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, owner: Actor
) -> None:
    """A name is resolved once: a second answer, which leads inside, is never asked for."""
    settings.GUANXI_OUTBOUND_ALLOW = ()
    asked: list[str] = []
    called: list[str] = []

    def resolve(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.215.14" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))]

    def connect(self: Any, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        import httpcore2

        called.append(host)
        raise httpcore2.ConnectError("no network in tests")

    monkeypatch.setattr("guanxi.http.outbound.socket.getaddrinfo", resolve)
    monkeypatch.setattr("httpcore2.SyncBackend.connect_tcp", connect)
    endpoint_at(owner, "http://hooks.example.com/", kinds=["lead.created"])
    new_lead(owner)
    send_all()
    assert (asked, called) == (["hooks.example.com"], ["93.184.215.14"])
    assert only_delivery().error == "unreachable"


def test_a_worker_that_dies_leaves_its_delivery_to_another(owner: Actor, receiver: Receiver) -> None:
    """At least once: the row and its timer survive, and nobody sends twice while the lease holds."""
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    delivery_id = only_delivery().pk
    taken = sending._take(delivery_id)
    assert taken is not None
    sending._call(taken)  # And here the worker is killed: nothing is noted.
    assert send_delivery(delivery_id=delivery_id) is False
    assert [due.at for due in timers()] == [only_delivery().leased_until]
    with later(seconds=46):
        assert send_delivery(delivery_id=delivery_id) is True
    assert only_delivery().state == "delivered"
    assert len({request.json()["id"] for request in receiver.received}) == 1
    assert len(receiver.received) == 2
    # What the dead worker would have noted late has no word any more.
    sending._note(taken, Outcome(error="timeout"))
    assert only_delivery().state == "delivered"


def test_a_lost_task_is_brought_back_by_the_timer(
    owner: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    sent: list[int] = []
    monkeypatch.setattr("crm.integration.subscribers.enqueue", lambda task, pk: sent.append(pk))
    with later(seconds=61), public_scope():
        run_due()
        assert sent == [due.ref_id for due in timers()]
        assert [due.at for due in timers()] == [clock.now() + timedelta(seconds=61)]


def test_a_slow_endpoint_gets_only_some_calls_at_a_time(owner: Actor, receiver: Receiver) -> None:
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    for number in range(sending.AT_ONCE + 2):
        new_lead(owner, phone=f"1390000{number:04d}")
    ids = list(WebhookDelivery.objects.order_by("pk").values_list("pk", flat=True))
    taken = [sending._take(pk) for pk in ids]
    assert [one is not None for one in taken] == [True] * sending.AT_ONCE + [False] * 2


def test_an_endpoint_that_fails_for_days_is_switched_off_and_its_managers_hear_it(
    team: Team, receiver: Receiver
) -> None:
    receiver.status = 500
    endpoint_at(team["owner"], receiver.url, kinds=["lead.created"])
    hook = endpoint()
    hook.failures, hook.failing_since = 30, clock.now() - timedelta(days=4)
    hook.save()
    new_lead(team["owner"])
    send_all()
    hook = endpoint()
    assert (hook.active, hook.disabled_reason) == (False, "failing")
    told = set(Notification.objects.filter(kind="webhook.disabled").values_list("member_id", flat=True))
    assert told == {team["owner"].member_id, team["admin"].member_id}
    assert only_delivery().state == "failed"
    new_lead(team["owner"], phone="13900005678")
    assert WebhookDelivery.objects.count() == 1
    with pytest.raises(Conflict):
        replay_delivery(actor=team["owner"], delivery_id=only_delivery().pk)
    update_endpoint(actor=team["owner"], endpoint_id=hook.pk, changes={"active": True})
    assert (endpoint().failures, endpoint().disabled_at) == (0, None)


def test_a_receiver_that_is_gone_for_good_is_believed(owner: Actor, receiver: Receiver) -> None:
    receiver.status = 410
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    send_all()
    assert (endpoint().active, endpoint().disabled_reason) == (False, "gone")


def test_failing_again_and_again_pauses_the_endpoint(owner: Actor, receiver: Receiver) -> None:
    receiver.status = 503
    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    for number in range(8):
        new_lead(owner, phone=f"1390000{number:04d}")
    assert send_all() == sending.PAUSE_AFTER
    assert endpoint().paused_until is not None
    test = send_test(actor=owner, endpoint_id=endpoint().pk)
    assert send_delivery(delivery_id=test.pk) is True
    assert endpoint().failures == sending.PAUSE_AFTER


def test_a_test_event_arrives_and_is_tried_once(owner: Actor, receiver: Receiver) -> None:
    made = endpoint_at(owner, receiver.url, kinds=["deal.won"])
    test = send_test(actor=owner, endpoint_id=made.id)
    send_delivery(delivery_id=test.pk)
    body = receiver.received[0].json()
    assert (body["kind"], body["id"], body["record"]) == ("webhook.test", f"evt_test_{test.pk}", None)
    receiver.status = 500
    test = send_test(actor=owner, endpoint_id=made.id)
    send_delivery(delivery_id=test.pk)
    test.refresh_from_db()
    assert (test.state, test.attempts) == ("failed", 1)


def test_replays_of_one_and_of_all_that_failed(owner: Actor, receiver: Receiver) -> None:
    made = endpoint_at(owner, receiver.url, kinds=["lead.created"])
    for number in range(3):
        new_lead(owner, phone=f"1390000{number:04d}")
    send_all()
    assert len(receiver.received) == 3
    one = WebhookDelivery.objects.earliest("pk")
    replay_delivery(actor=owner, delivery_id=one.pk)
    assert send_all() == 1
    assert receiver.received[3].json()["id"] == receiver.received[0].json()["id"]
    WebhookDelivery.objects.update(state="failed")
    before = clock.now() - timedelta(hours=1)
    result = replay_failed(actor=owner, endpoint_id=made.id, since=before)
    assert (result.replayed, result.more) == (3, False)
    assert len(timers()) == 3
    assert send_all() == 3
    assert replay_failed(actor=owner, endpoint_id=made.id, since=before).replayed == 0


def test_what_waits_for_a_switched_off_endpoint_ends(owner: Actor, receiver: Receiver) -> None:
    made = endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    update_endpoint(actor=owner, endpoint_id=made.id, changes={"active": False})
    assert send_all() == 0
    assert (only_delivery().state, only_delivery().error, receiver.received) == ("failed", "endpoint_off", [])


def test_each_tenant_hears_its_own_events(owner: Actor, beta: TenantRef, receiver: Receiver) -> None:
    from guanxi.tenancy import tenant_scope
    from tests.people import actor_named

    endpoint_at(owner, receiver.url)
    with tenant_scope(beta):
        new_lead(actor_named("owner"))
    dispatch()
    assert WebhookDelivery.objects.count() == 0


def test_old_deliveries_go(owner: Actor, receiver: Receiver) -> None:
    from crm.integration.services import prune_deliveries

    endpoint_at(owner, receiver.url, kinds=["lead.created"])
    new_lead(owner)
    send_all()
    with later(days=29):
        assert prune_deliveries() == 0
    with later(days=31):
        assert prune_deliveries() == 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("5", 5), ("999999", 86_400), ("", None), ("soon", None), ("-5", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_retry_after_is_read_as_the_standard_says(value: str, seconds: int | None) -> None:
    found = sending.retry_after(value)
    assert found == (None if seconds is None else timedelta(seconds=seconds))
