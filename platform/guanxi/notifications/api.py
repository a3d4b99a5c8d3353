"""The bell: what a member was told, what is unread, what is wanted."""

from typing import Any

from ninja import Query

from guanxi.access import SIGNED_IN
from guanxi.common.errors import Invalid
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter
from guanxi.notifications.schemas import (
    NotificationFilters,
    NotificationOut,
    PreferencesIn,
    PreferencesOut,
    ReadIn,
    UnreadOut,
)
from guanxi.notifications.selectors import preferences_of, unread_count, visible_notifications
from guanxi.notifications.services import mark_read, set_preferences

router = AppRouter(tag="notifications")
OWN_BELL = "a person's own bell, not a program's"


@router.get("/notifications", permission=SIGNED_IN, response=Page[NotificationOut], private=OWN_BELL)
def notifications_list(request: ApiRequest, filters: Query[NotificationFilters], page: Query[PageParams]) -> PageResult:
    """List what you were told, newest first."""
    rows = visible_notifications(request.actor)
    if filters.unread:
        rows = rows.filter(read_at__isnull=True)
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    return paginate(rows, page, order=("-id",))


@router.get("/notifications/unread", permission=SIGNED_IN, response=UnreadOut, private=OWN_BELL)
def notifications_unread(request: ApiRequest) -> dict[str, int]:
    """Count what you have not read."""
    return {"unread": unread_count(request.actor)}


@router.post("/notifications/read", permission=SIGNED_IN, response=UnreadOut, private=OWN_BELL)
def notifications_read(request: ApiRequest, data: ReadIn) -> dict[str, int]:
    """Mark some or all as read."""
    if data.all == bool(data.ids):
        raise Invalid("ids_or_all", "Send ids, or all.", fields={"ids": "ids_or_all"})
    return {"unread": mark_read(actor=request.actor, ids=None if data.all else data.ids)}


@router.get("/notifications/preferences", permission=SIGNED_IN, response=PreferencesOut, private=OWN_BELL)
def notifications_preferences(request: ApiRequest) -> dict[str, Any]:
    """Return what you hear, and your quiet hours."""
    return preferences_of(request.actor)


@router.put("/notifications/preferences", permission=SIGNED_IN, response=PreferencesOut, private=OWN_BELL)
def notifications_set_preferences(request: ApiRequest, data: PreferencesIn) -> dict[str, Any]:
    """Change what you hear, and your quiet hours."""
    given = {"quiet_begins", "quiet_ends"} & data.model_fields_set
    if (data.quiet_begins is None) is not (data.quiet_ends is None):
        raise Invalid("quiet_hours_half", "Quiet hours need a beginning and an end.", fields={"quiet_ends": "missing"})
    set_preferences(
        actor=request.actor,
        kinds={item.kind: (item.in_app, item.email) for item in data.items},
        quiet=(data.quiet_begins, data.quiet_ends)
        if data.quiet_begins is not None and data.quiet_ends is not None
        else None,
        quiet_off=bool(given) and data.quiet_begins is None,
    )
    return preferences_of(request.actor)
