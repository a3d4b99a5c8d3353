"""Notifications: told once, to whom it concerns, in the way that each has chosen."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import PermissionDenied
from guanxi.events.models import OutboxEvent
from guanxi.notifications import Recipient, notify, registry
from guanxi.notifications.api import router
from guanxi.notifications.mails import MAIL
from guanxi.notifications.models import Notification, QuietHours
from guanxi.notifications.services import (
    mark_read,
    prune_notifications,
    quiet_until,
    set_preferences,
    settle_notifications,
)
from guanxi.tenancy import TenantRef, tenant_scope
from guanxi.timers.models import Due
from tests.guanxi.kernel_client import KernelClient, body, member

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)  # 20:00 in Shanghai


def find_recipients(member_ids: Iterable[int]) -> list[Recipient]:
    return [
        Recipient(
            number, f"m{number}@alpha.example.com", f"M{number}", "zh-CN", "Asia/Shanghai", "https://alpha.example.com/"
        )
        for number in member_ids
    ]


@pytest.fixture(autouse=True)
def own_registry(alpha: TenantRef, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_kinds", {})
    monkeypatch.setattr(registry, "_recipients", find_recipients)
    Due.objects.all().delete()
    OutboxEvent.objects.all().delete()
    Notification.objects.all().delete()
    with clock.at(NOON):
        yield


def tell(
    *member_ids: int, kind: str = "lead_assigned", dedupe_key: str = "", record: tuple[str, int] | None = ("lead", 7)
) -> None:
    notify(member_ids=member_ids, kind=kind, params={"name": "王芳"}, record=record, dedupe_key=dedupe_key)


def told(member_id: int) -> int:
    return Notification.objects.filter(member_id=member_id).count()


def test_rows_and_one_live_event_without_personal_data(alpha: TenantRef) -> None:
    tell(1, 2, 1)
    row = Notification.objects.get(member_id=1)
    assert (row.kind, row.params, row.record, row.created_at, row.read_at) == (
        "lead_assigned",
        {"name": "王芳"},
        ("lead", 7),
        NOON,
        None,
    )
    event = OutboxEvent.objects.get()
    assert event.kind == "notification.created" and event.audience and event.audience["member_ids"] == [1, 2]
    assert "王芳" not in str(event.data)
    tell()
    assert OutboxEvent.objects.count() == 1


def test_it_falls_with_its_transaction(alpha: TenantRef) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tell(1)
        raise ZeroDivisionError
    assert not Notification.objects.exists() and not OutboxEvent.objects.exists()


def test_a_key_is_told_once_to_each(alpha: TenantRef) -> None:
    tell(1, dedupe_key="overdue:7")
    tell(1, 2, dedupe_key="overdue:7")
    tell(1, 2, dedupe_key="overdue:8")
    assert (told(1), told(2)) == (2, 2)
    assert [event.audience["member_ids"] for event in OutboxEvent.objects.order_by("id") if event.audience] == [
        [1],
        [2],
        [1, 2],
    ]


def test_who_switched_a_kind_off_is_left_out(alpha: TenantRef) -> None:
    set_preferences(actor=member(alpha, 1), kinds={"lead_assigned": (False, False)})
    tell(1, 2)
    tell(1, kind="deal_won")
    assert (told(1), told(2)) == (1, 1)


def test_mail_goes_to_those_who_want_it_after_their_quiet_hours(alpha: TenantRef) -> None:
    set_preferences(actor=member(alpha, 1), kinds={"lead_assigned": (True, True)})
    set_preferences(actor=member(alpha, 2), kinds={"lead_assigned": (False, True)}, quiet=(time(19), time(8)))
    tell(1, 2, 3)
    at = sorted(due.at for due in Due.objects.filter(kind=MAIL))
    assert len(at) == 2 and at[1] == datetime(2026, 5, 5, 0, tzinfo=UTC), "08:00 in Shanghai"
    assert not told(2)
    registry.register_kind("urgent", email=True)
    tell(3, kind="urgent")
    assert Due.objects.filter(kind=MAIL).count() == 3


@pytest.mark.parametrize(
    ("begins", "ends", "now", "until"),
    [
        (time(22), time(8), datetime(2026, 5, 4, 15, tzinfo=UTC), datetime(2026, 5, 5, 0, tzinfo=UTC)),
        (time(22), time(8), datetime(2026, 5, 4, 20, tzinfo=UTC), datetime(2026, 5, 5, 0, tzinfo=UTC)),
        (time(22), time(8), datetime(2026, 5, 4, 4, tzinfo=UTC), None),
        (time(12), time(14), datetime(2026, 5, 4, 5, tzinfo=UTC), datetime(2026, 5, 4, 6, tzinfo=UTC)),
        (time(12), time(14), datetime(2026, 5, 4, 6, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_are_in_the_members_own_time(
    begins: time, ends: time, now: datetime, until: datetime | None
) -> None:
    (recipient,) = find_recipients([1])
    with clock.at(now):
        assert quiet_until(QuietHours(member_id=1, begins=begins, ends=ends), recipient) == until


def test_reading_counts_down_and_tells_the_other_pages(alpha: TenantRef) -> None:
    tell(1)
    tell(1)
    tell(2)
    ids = list(Notification.objects.filter(member_id=1).values_list("pk", flat=True))
    others = Notification.objects.get(member_id=2)
    assert mark_read(actor=member(alpha, 1), ids=[ids[0], others.pk]) == 1
    others.refresh_from_db()
    assert others.read_at is None, "nobody reads another member's"
    event = OutboxEvent.objects.get(kind="notification.read")
    assert event.audience and event.audience["member_ids"] == [1] and event.data == {"unread": 1}
    assert mark_read(actor=member(alpha, 1), ids=None) == 0
    mark_read(actor=member(alpha, 1), ids=None)
    assert OutboxEvent.objects.filter(kind="notification.read").count() == 2, "nothing changed, nothing told"
    with pytest.raises(PermissionDenied):
        mark_read(actor=Actor.system("test"), ids=None)


def test_the_past_neither_rings_nor_stays_for_ever(alpha: TenantRef) -> None:
    with clock.at(NOON - timedelta(days=400)):
        tell(1)
        tell(2)
        mark_read(actor=member(alpha, 2), ids=None)
    tell(3)
    assert settle_notifications(NOON - timedelta(days=1)) == 1
    assert Notification.objects.filter(read_at__isnull=True).count() == 1
    assert prune_notifications() == 1
    with clock.at(NOON + timedelta(days=366)):
        assert prune_notifications() == 2


def test_api(alpha: TenantRef, beta: TenantRef) -> None:
    for _ in range(3):
        tell(1)
    tell(1, kind="deal_won", record=None)
    tell(2)
    client = KernelClient(router, member(alpha, 1))
    page = body(client.get("/notifications?limit=3"))
    assert [row["kind"] for row in page["items"]] == ["deal_won", "lead_assigned", "lead_assigned"]
    assert (page["items"][0]["record"], page["items"][1]["record"]) == (None, ["lead", 7])
    assert len(body(client.get(f"/notifications?limit=3&cursor={page['next']}"))["items"]) == 1
    assert body(client.get("/notifications/unread")) == {"unread": 4}
    assert body(client.post("/notifications/read", {"ids": [page["items"][0]["id"]]})) == {"unread": 3}
    assert len(body(client.get("/notifications?unread=true"))["items"]) == 3
    assert len(body(client.get("/notifications?kind=deal_won"))["items"]) == 1
    assert body(client.post("/notifications/read", {"all": True})) == {"unread": 0}
    for nonsense in ({}, {"all": True, "ids": [1]}):
        assert body(client.post("/notifications/read", nonsense), 422)["code"] == "ids_or_all"
    body(KernelClient(router, None).get("/notifications"), 401)
    with tenant_scope(beta):
        assert body(KernelClient(router, member(beta, 1)).get("/notifications"))["items"] == []


def test_api_of_preferences(alpha: TenantRef) -> None:
    registry.register_kind("lead_assigned")
    registry.register_kind("report_ready", email=True)
    client = KernelClient(router, member(alpha, 1))
    assert body(client.get("/notifications/preferences")) == {
        "items": [
            {"kind": "lead_assigned", "in_app": True, "email": False},
            {"kind": "report_ready", "in_app": True, "email": True},
        ],
        "quiet_begins": None,
        "quiet_ends": None,
    }
    change = {
        "items": [{"kind": "report_ready", "in_app": False, "email": False}],
        "quiet_begins": "22:00",
        "quiet_ends": "08:00",
    }
    changed = body(client.call("PUT", "/notifications/preferences", change))
    assert changed["items"][1] == {"kind": "report_ready", "in_app": False, "email": False}
    assert (changed["quiet_begins"], changed["quiet_ends"]) == ("22:00:00", "08:00:00")
    assert body(client.call("PUT", "/notifications/preferences", {}))["quiet_begins"] == "22:00:00", (
        "what is left out stays"
    )
    assert (
        body(client.call("PUT", "/notifications/preferences", {"quiet_begins": None, "quiet_ends": None}))[
            "quiet_begins"
        ]
        is None
    )
    for half in ({"quiet_begins": "22:00"}, {"quiet_begins": "22:00", "quiet_ends": "22:00"}):
        body(client.call("PUT", "/notifications/preferences", half), 422)
    assert body(KernelClient(router, member(alpha, 2)).get("/notifications/preferences"))["items"][1]["email"] is True
