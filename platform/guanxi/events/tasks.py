"""The task by which a worker takes an event."""

from celery import shared_task

from guanxi.events.dispatch import dispatch_event
from guanxi.events.services import wake_relay


@shared_task(name="guanxi.events.deliver", acks_late=True, ignore_result=True, time_limit=120, soft_time_limit=110)
def deliver(event_id: int) -> None:
    """Dispatch an event, then wake the relay: the next event of the same aggregate may go now."""
    if dispatch_event(event_id):
        wake_relay(event_id)
