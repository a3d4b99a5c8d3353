"""Secret addresses at which calendar programs read a member's calendar."""

from django.db import transaction

from crm.activities.models import CalendarFeed
from guanxi.access import Actor, ActorKind
from guanxi.audit.services import record_audit
from guanxi.common import clock
from guanxi.common.errors import PermissionDenied
from guanxi.common.ids import digest, new_token


def _member(actor: Actor) -> int:
    if actor.kind is not ActorKind.MEMBER or actor.member_id is None:
        raise PermissionDenied("calendar_feed")
    return actor.member_id


@transaction.atomic
def create_feed(*, actor: Actor) -> str:
    """Make the member's address anew and return its token, which is shown this once; the old address ends."""
    member_id, token, now = _member(actor), new_token(nbytes=32), clock.now()
    values = {"token_digest": digest(token), "last_read_at": None, "created_at": now, "updated_at": now}
    feed, _ = CalendarFeed.objects.update_or_create(member_id=member_id, defaults=values)
    record_audit(actor=actor, action="create", kind="calendar_feed", record_id=feed.pk)
    return token


@transaction.atomic
def revoke_feed(*, actor: Actor) -> bool:
    """End the member's address; return whether there was one."""
    feed = CalendarFeed.objects.select_for_update().filter(member_id=_member(actor)).first()
    if feed is None:
        return False
    record_audit(actor=actor, action="revoke", kind="calendar_feed", record_id=feed.pk)
    feed.delete()
    return True


def note_feed_read(*, feed: CalendarFeed) -> None:
    """Keep when a program last read the calendar."""
    CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=clock.now())
