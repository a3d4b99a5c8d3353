"""Tells members something, and keeps what they have read and chosen."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from guanxi.access import Actor
from guanxi.common import clock
from guanxi.common.errors import Invalid, PermissionDenied
from guanxi.events.services import record_event
from guanxi.events.types import Audience
from guanxi.jobs import daily
from guanxi.notifications.mails import send_mail
from guanxi.notifications.models import Notification, NotificationPreference, QuietHours
from guanxi.notifications.registry import Recipient, kind_of, recipients_of

__all__ = ["mark_read", "notify", "prune_notifications", "send_mail", "set_preferences", "settle_notifications"]
KEEP_READ = timedelta(days=90)
KEEP_UNREAD = timedelta(days=365)
MAX_KINDS = 200


def notify(
    *,
    member_ids: Iterable[int],
    kind: str,
    params: dict[str, Any],
    record: tuple[str, int] | None = None,
    dedupe_key: str = "",
) -> None:
    """Tell members something, in the caller's transaction: on the bell, live, and by mail where they want it.

    With a `dedupe_key` a member is told once, however often it is called. Who has switched the kind off is left out.
    """
    wanted = list(dict.fromkeys(member_ids))
    if not wanted:
        return
    chosen = {row.member_id: row for row in NotificationPreference.objects.filter(member_id__in=wanted, kind=kind)}
    default = kind_of(kind)
    with transaction.atomic():
        fresh = _not_told_yet(wanted, dedupe_key)
        shown = [
            member_id for member_id in fresh if (chosen[member_id].in_app if member_id in chosen else default.in_app)
        ]
        rows = _write(shown, kind, params, record, dedupe_key)
        if rows:
            record_event(
                "notification.created",
                actor=None,
                aggregate=("notification", rows[0].pk),
                data={"kind": kind, "record": list(record) if record else None},
                audience=Audience(member_ids=tuple(row.member_id for row in rows)),
            )
        mailed = [
            member_id for member_id in fresh if (chosen[member_id].email if member_id in chosen else default.email)
        ]
        _mail(mailed, kind, params, record)


def _not_told_yet(member_ids: list[int], dedupe_key: str) -> list[int]:
    if not dedupe_key:
        return member_ids
    told = set(
        Notification.objects.filter(member_id__in=member_ids, dedupe_key=dedupe_key).values_list("member_id", flat=True)
    )
    return [member_id for member_id in member_ids if member_id not in told]


def _write(
    member_ids: list[int], kind: str, params: dict[str, Any], record: tuple[str, int] | None, dedupe_key: str
) -> list[Notification]:
    record_kind, record_id = record or ("", None)
    rows = [
        Notification(
            member_id=member_id,
            kind=kind,
            params=params,
            record_kind=record_kind,
            record_id=record_id,
            dedupe_key=dedupe_key,
        )
        for member_id in member_ids
    ]
    if not dedupe_key:
        return Notification.objects.bulk_create(rows)
    # Two calls at once may both have found nothing: the constraint lets one of them through.
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return list(Notification.objects.filter(member_id__in=member_ids, dedupe_key=dedupe_key).order_by("pk"))


def _mail(member_ids: list[int], kind: str, params: dict[str, Any], record: tuple[str, int] | None) -> None:
    if not member_ids:
        return
    quiet = {row.member_id: row for row in QuietHours.objects.filter(member_id__in=member_ids)}
    for recipient in recipients_of(member_ids):
        hours = quiet.get(recipient.member_id)
        send_mail(
            [f"notifications/{kind}", "notifications/any"],
            to=recipient.email,
            locale=recipient.locale,
            context={"name": recipient.name, "kind": kind, "params": params, "record": record, "url": recipient.url},
            not_before=quiet_until(hours, recipient) if hours else None,
        )


def quiet_until(hours: QuietHours, recipient: Recipient) -> datetime | None:
    """Return when a member's quiet hours end, None when it is not quiet now."""
    here = clock.now().astimezone(ZoneInfo(recipient.timezone))
    over_midnight = hours.begins > hours.ends
    now = here.time()
    is_quiet = (now >= hours.begins or now < hours.ends) if over_midnight else (hours.begins <= now < hours.ends)
    if not is_quiet:
        return None
    ends = here.replace(hour=hours.ends.hour, minute=hours.ends.minute, second=0, microsecond=0)
    return ends if ends > here else ends + timedelta(days=1)


def _own(actor: Actor) -> int:
    if actor.member_id is None:
        raise PermissionDenied("notification.own")
    return actor.member_id


def mark_read(*, actor: Actor, ids: Iterable[int] | None) -> int:
    """Mark the actor's notifications as read, all when `ids` is None; return how many stay unread.

    Other pages of the member follow.
    """
    member_id = _own(actor)
    with transaction.atomic():
        unread = Notification.objects.filter(member_id=member_id, read_at__isnull=True)
        changed = (unread if ids is None else unread.filter(pk__in=list(ids))).update(read_at=clock.now())
        left = unread.count()
        if changed:
            audience = Audience(member_ids=(member_id,))
            record_event(
                "notification.read",
                actor=actor,
                aggregate=("notification_reader", member_id),
                data={"unread": left},
                audience=audience,
            )
    return left


def set_preferences(
    *,
    actor: Actor,
    kinds: dict[str, tuple[bool, bool]] | None = None,
    quiet: tuple[time, time] | None = None,
    quiet_off: bool = False,
) -> None:
    """Set what the actor hears: kind → (on the bell, by mail), and the quiet hours of mails."""
    member_id = _own(actor)
    if quiet is not None and quiet[0] == quiet[1]:
        raise Invalid(
            "quiet_hours_empty", "Quiet hours need a beginning and another end.", fields={"quiet_ends": "same_as_begin"}
        )
    if kinds is not None and len(kinds) > MAX_KINDS:
        raise Invalid("too_many_kinds", "There are not so many kinds.", fields={"items": "too_many"})
    with transaction.atomic():
        for kind, (in_app, email) in (kinds or {}).items():
            NotificationPreference.objects.update_or_create(
                member_id=member_id, kind=kind, defaults={"in_app": in_app, "email": email}
            )
        if quiet_off:
            QuietHours.objects.filter(member_id=member_id).delete()
        elif quiet is not None:
            QuietHours.objects.update_or_create(member_id=member_id, defaults={"begins": quiet[0], "ends": quiet[1]})


def settle_notifications(moment: datetime) -> int:
    """Mark everything up to a moment as read, so that a filled-in past does not ring; return how many there were."""
    return Notification.objects.filter(created_at__lte=moment, read_at__isnull=True).update(read_at=moment)


@daily("notifications.prune")
def prune_notifications() -> int:
    """Delete what was read three months ago, and what nobody read for a year; return how many."""
    now = clock.now()
    read, _ = Notification.objects.filter(read_at__lt=now - KEEP_READ).delete()
    unread, _ = Notification.objects.filter(read_at__isnull=True, created_at__lt=now - KEEP_UNREAD).delete()
    return read + unread
