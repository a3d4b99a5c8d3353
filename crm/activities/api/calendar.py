"""The API of calendars, and the address at which calendar programs read one's own."""

from datetime import datetime, timedelta
from typing import Any

from crm.activities import selectors, services
from crm.activities.schemas import CalendarEntryOut, CalendarPersonOut, FeedCreatedOut, FeedOut
from guanxi.common import clock
from guanxi.http.router import ApiRequest, AppRouter

WEEK = timedelta(days=7)
router = AppRouter(tag="calendar")
PERSONAL = "the address belongs to a member's own calendar"


@router.get("/calendar", permission="activity.read", response=list[CalendarEntryOut])
def calendar_list(
    request: ApiRequest, since: datetime | None = None, until: datetime | None = None, members: str = ""
) -> Any:
    """List what stands in calendars in a span of at most 62 days, the coming week by itself: in one's own, or in those
    of `members`, such as `3,7`.
    """
    since = since or clock.now()
    until = until or since + WEEK
    chosen = [int(part) for part in members.split(",") if part.isdigit()]
    return selectors.calendar(request.actor, since=since, until=until, member_ids=chosen)


@router.get("/calendar/people", permission="activity.read", response=list[CalendarPersonOut])
def calendar_people(request: ApiRequest) -> Any:
    """List whose calendars one may see."""
    return selectors.calendar_people(request.actor)


@router.get("/calendar/feed", permission="activity.read", response=FeedOut, private=PERSONAL)
def calendar_feed(request: ApiRequest) -> Any:
    """Return whether one's calendar has an address, and when it was last read."""
    return selectors.feed_state(request.actor)


@router.post("/calendar/feed", permission="activity.read", response={201: FeedCreatedOut}, private=PERSONAL)
def calendar_feed_create(request: ApiRequest) -> tuple[int, Any]:
    """Make the address of one's calendar anew; it is shown this once, and the old one ends."""
    token = services.create_feed(actor=request.actor)
    return 201, {"url": request.build_absolute_uri(f"/calendar/{token}.ics")}


@router.delete("/calendar/feed", permission="activity.read", response={204: None}, private=PERSONAL)
def calendar_feed_revoke(request: ApiRequest) -> tuple[int, None]:
    """End the address of one's calendar."""
    services.revoke_feed(actor=request.actor)
    return 204, None
