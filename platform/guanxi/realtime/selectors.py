"""Reads numbered events."""

from guanxi.realtime.messages import LiveMessage, event_values, live_message
from guanxi.realtime.models import LiveCounter, LiveEvent


def last_seq() -> int:
    """Return the number of the tenant's last event, 0 before the first."""
    return LiveCounter.objects.filter(pk=1).values_list("last_seq", flat=True).first() or 0


def events_after(seq: int, limit: int) -> list[LiveMessage]:
    """Return the events after a number, in order."""
    return [
        live_message(event_values(event), event.audience)
        for event in LiveEvent.objects.filter(seq__gt=seq).order_by("seq")[:limit]
    ]
