"""Reads notifications and preferences."""

from typing import Any

from django.db.models import QuerySet

from guanxi.access import Actor
from guanxi.notifications.models import Notification, NotificationPreference, QuietHours
from guanxi.notifications.registry import kind_of, known_kinds


def visible_notifications(actor: Actor) -> QuerySet[Notification]:
    """Return the actor's own notifications: nobody reads another member's."""
    return (
        Notification.objects.filter(member_id=actor.member_id)
        if actor.member_id is not None
        else Notification.objects.none()
    )


def unread_count(actor: Actor) -> int:
    """Return how many of the actor's notifications are unread."""
    return visible_notifications(actor).filter(read_at__isnull=True).count()


def preferences_of(actor: Actor) -> dict[str, Any]:
    """Return what the actor hears, for every known kind and every one chosen about, and the quiet hours."""
    member_id = actor.member_id or 0
    chosen = {row.kind: row for row in NotificationPreference.objects.filter(member_id=member_id)}
    codes = sorted({*chosen, *(kind.code for kind in known_kinds())})
    items = []
    for code in codes:
        source = chosen.get(code) or kind_of(code)
        items.append({"kind": code, "in_app": source.in_app, "email": source.email})
    quiet = QuietHours.objects.filter(member_id=member_id).first()
    return {
        "items": items,
        "quiet_begins": quiet.begins if quiet else None,
        "quiet_ends": quiet.ends if quiet else None,
    }
