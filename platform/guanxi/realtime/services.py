"""Keeps the table of numbered events short."""

from datetime import timedelta

from django.db.models import Max

from guanxi.common import clock
from guanxi.jobs import daily
from guanxi.realtime.models import LiveEvent
from guanxi.realtime.selectors import last_seq

KEEP_DAYS = 7
KEEP_EVENTS = 1000


@daily("realtime.prune")
def prune_live_events() -> int:
    """Delete events older than a week, but never the newest thousand; return how many.

    Who was away longer is told to load anew.
    """
    old = LiveEvent.objects.filter(at__lt=clock.now() - timedelta(days=KEEP_DAYS), seq__lte=last_seq() - KEEP_EVENTS)
    newest_old = old.aggregate(seq=Max("seq"))["seq"]
    # All up to it go, so that no gap is left behind by an event that was told late.
    return LiveEvent.objects.filter(seq__lte=newest_old).delete()[0] if newest_old else 0
