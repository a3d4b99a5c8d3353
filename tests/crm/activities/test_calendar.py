"""Calendars: whose one may see, what stands in them, and the address at which programs read one's own."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from crm.activities.models import CalendarFeed
from crm.activities.selectors import calendar, calendar_people
from crm.activities.services import complete_plan, create_feed, create_task, plan_activity, revoke_feed
from crm.customers.services import create_customer
from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.files.models import StoredFile
from guanxi.tenancy import TenantRef
from tests.people import Team

SPAN = timedelta(days=7)


def _span() -> dict[str, Any]:
    now = clock.now()
    return {"since": now - SPAN, "until": now + SPAN}


def _titles(actor: Actor, *people: Actor) -> list[str]:
    found = calendar(actor, **_span(), member_ids=[person.member_id or 0 for person in people])
    return [entry.title for entry in found]


def test_whose_calendar_one_sees(team: Team) -> None:
    soon = clock.now() + timedelta(hours=1)
    for part in ("rep", "rep2", "owner"):
        plan_activity(actor=team[part], kind="meeting", subject=part, at=soon)
    everybody = [team[part] for part in ("rep", "rep2", "owner")]
    assert sorted(_titles(team["owner"], *everybody)) == ["owner", "rep", "rep2"]
    assert sorted(_titles(team["manager"], *everybody)) == ["rep", "rep2"]
    assert _titles(team["rep"], *everybody) == ["rep"]
    assert _titles(team["rep"]) == ["rep"], "one's own when nobody is named"
    assert [person["id"] for person in calendar_people(team["agent"])] == [team["agent"].member_id]
    assert calendar_people(team["manager"])[0]["id"] == team["manager"].member_id


def test_what_stands_in_a_calendar(team: Team) -> None:
    rep, rep2 = team["rep"], team["rep2"]
    customer = create_customer(actor=rep, values={"name": "西湖茶业"})
    soon = clock.now() + timedelta(hours=1)
    plan_activity(
        actor=rep, kind="visit", subject="拜访", at=soon, record=("customer", customer.pk),
        participants={"member_ids": [rep2.member_id or 0]},
    )  # fmt: skip
    create_task(actor=rep, values={"title": "寄样品", "due_at": soon}, record=("customer", customer.pk))
    mine = calendar(rep, **_span())
    assert [(entry.source, entry.title, entry.record_title, entry.own) for entry in mine] == [
        ("activity", "拜访", "西湖茶业", True),
        ("task", "寄样品", "西湖茶业", True),
    ]
    theirs = calendar(rep2, **_span())
    assert [(entry.title, entry.record_title, entry.record_id, entry.own) for entry in theirs] == [
        ("拜访", "", None, False)
    ], "who takes part sees the visit, and of the customer what the roles give"
    with pytest.raises(Invalid):
        calendar(rep, since=clock.now(), until=clock.now() + timedelta(days=63))


def test_a_program_reads_the_calendar(team: Team, browser_of: Any) -> None:
    rep = team["rep"]
    soon = (clock.now() + timedelta(hours=2)).replace(microsecond=0)
    plan = plan_activity(
        actor=rep, kind="meeting", subject="周会；议程, 第一", body="第一行\n第二行", at=soon,
        ends_at=soon + timedelta(hours=1), place="会议室", remind_minutes=[15],
    )  # fmt: skip
    plan_activity(actor=team["rep2"], kind="meeting", subject="别人的", at=soon)
    create_task(actor=rep, values={"title": "回电话", "due_at": soon, "priority": 3})
    signed_in = browser_of("alpha", "rep")
    assert signed_in.get("/api/v1/calendar/feed").json()["active"] is False
    url = signed_in.post("/api/v1/calendar/feed", content_type="application/json").json()["url"]
    answer = browser_of("alpha", None).get(url)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    read = icalendar.Calendar.from_ical(answer.content)
    events, todos = read.walk("VEVENT"), read.walk("VTODO")
    assert [str(event["summary"]) for event in events] == ["周会；议程, 第一"]
    event: Any = events[0]
    assert event.decoded("dtstart") == soon.astimezone(ZoneInfo("UTC")) and str(event["location"]) == "会议室"
    assert str(event["description"]) == "第一行\n第二行" and len(event.walk("VALARM")) == 1
    assert [str(todo["summary"]) for todo in todos] == ["回电话"]
    assert all(len(line.encode()) <= 75 for line in answer.content.decode().split("\r\n"))
    complete_plan(actor=rep, activity_id=plan.pk, outcome="positive")
    again: Any = icalendar.Calendar.from_ical(browser_of("alpha", None).get(url).content).walk("VEVENT")[0]
    assert again["uid"] == event["uid"] and again["sequence"] > event["sequence"]
    feed = CalendarFeed.objects.get()
    assert feed.last_read_at is not None and feed.token_digest not in url


def test_an_address_ends(rep: Actor, beta: TenantRef, browser_of: Any) -> None:
    nobody = browser_of("alpha", None)
    first = create_feed(actor=rep)
    second = create_feed(actor=rep)
    assert nobody.get(f"/calendar/{first}.ics").status_code == 404, "a new address ends the old one"
    assert nobody.get(f"/calendar/{second}.ics").status_code == 200
    assert browser_of("beta", None).get(f"/calendar/{second}.ics").status_code == 404, "of another tenant there is none"
    assert revoke_feed(actor=rep) and not revoke_feed(actor=rep)
    assert nobody.get(f"/calendar/{second}.ics").status_code == 404


def test_a_visit_over_the_api(team: Team, browser_of: Any) -> None:
    customer = create_customer(actor=team["rep"], values={"name": "西湖茶业"})
    client = browser_of("alpha", "rep")
    image = BytesIO()
    Image.new("RGB", (40, 30), "green").save(image, "JPEG")
    upload = {"file": SimpleUploadedFile("a.jpg", image.getvalue(), "image/jpeg"), "purpose": "visit_photo"}
    photo = client.post("/api/v1/files?purpose=visit_photo", upload)
    assert photo.status_code == 200, photo.content
    plan = {
        "kind": "visit", "subject": "送样品", "at": (clock.now() + timedelta(hours=1)).isoformat(),
        "record_kind": "customer", "record_id": customer.pk, "remind_minutes": [30],
    }  # fmt: skip
    made = client.post("/api/v1/plans", plan, content_type="application/json").json()
    assert (made["state"], made["remind_minutes"], made["check_in"]) == ("planned", [30], None)
    here = {"latitude": 30.27, "longitude": 120.15, "accuracy": 12, "address": "杭州", "file_id": photo.json()["id"]}
    seen = client.post(f"/api/v1/activities/{made['id']}/check-in", here, content_type="application/json").json()
    assert seen["check_in"]["address"] == "杭州" and seen["check_in"]["file_id"] == photo.json()["id"]
    result = {"outcome": "positive", "summary": "要 100 盒"}
    done = client.post(f"/api/v1/activities/{made['id']}/result", result, content_type="application/json").json()
    assert (done["state"], done["qualifying"]) == ("done", True)
    line = client.get(f"/api/v1/timeline/customer/{customer.pk}?kinds=visit").json()["items"][0]
    assert line["activity"]["check_in"]["distance"] is None
    stored = StoredFile.objects.get(pk=photo.json()["id"])
    assert stored.purpose == "visit_photo" and (stored.width, stored.height) == (40, 30)
    assert browser_of("alpha", "rep2").get(f"/api/v1/files/{stored.pk}").status_code == 404
    assert browser_of("alpha", "manager").get(f"/api/v1/files/{stored.pk}").status_code == 200
