"""Shows talks on the timelines of the person's lead, contact and customer."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Q
from django.db.models.functions import TruncDate

from crm.activities.services import write_talk_days
from crm.activities.types import TalkDay
from crm.conversations.models import Conversation, Message
from crm.conversations.services.inbound import PREVIEW
from tenants.workspaces.selectors import current_workspace

# Neither is said to the customer or by them.
NO_TALK = ("note", "event")


def show_message_on_timelines(*, conversation_id: int, message_id: int) -> None:
    """Let the line of a message's day say the newest."""
    message = Message.objects.filter(pk=message_id).exclude(kind__in=NO_TALK).only("created_at").first()
    if message is not None:
        show_talk_on_timelines(conversation_id=conversation_id, since=message.created_at)


def show_talk_on_timelines(*, conversation_id: int, since: datetime | None = None) -> int:
    """Write the lines of a talk's days, all or those since a moment's day; return how many are new.

    A talk that is joined to nobody yet shows nowhere.
    """
    conversation = Conversation.objects.get(pk=conversation_id)
    named = (
        ("lead", conversation.lead_id),
        ("contact", conversation.contact_id),
        ("customer", conversation.customer_id),
    )
    records = [(kind, pk) for kind, pk in named if pk is not None]
    days = _days(conversation_id, since) if records else []
    if not days:
        return 0
    return write_talk_days(
        talk=("conversation", conversation_id), channel=conversation.channel_kind, days=days, records=records
    )


def _days(conversation_id: int, since: datetime | None) -> list[TalkDay]:
    zone = ZoneInfo(current_workspace().timezone)
    said = Message.objects.filter(conversation_id=conversation_id).exclude(kind__in=NO_TALK)
    if since is not None:
        said = said.filter(created_at__gte=_midnight(since, zone))
    by_members = Q(sender=Message.Sender.MEMBER)
    days = list(
        said.annotate(day=TruncDate("created_at", tzinfo=zone))
        .order_by("day")
        .values("day")
        .annotate(messages=Count("id"), last_id=Max("id"), member_last=Max("id", filter=by_members))
    )
    ids = {day[name] for day in days for name in ("last_id", "member_last")} - {None}
    rows = {row.pk: row for row in Message.objects.filter(pk__in=ids).defer("search_keys", "payload")}
    return [
        TalkDay(
            day=day["day"],
            begins_at=datetime.combine(day["day"], time(), zone),
            at=rows[day["last_id"]].created_at,
            messages=day["messages"],
            last=rows[day["last_id"]].text[:PREVIEW] or f"[{rows[day['last_id']].kind}]",
            member_id=rows[day["member_last"]].member_id if day["member_last"] else None,
        )
        for day in days
    ]


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(moment.astimezone(zone).date(), time(), zone)
