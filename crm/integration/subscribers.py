"""Lets every event that may be told find its endpoints, and brings back what is due."""

from datetime import timedelta

from crm.integration import tasks
from crm.integration.models import WebhookDelivery
from crm.integration.services import queue_event
from crm.integration.services.deliveries import SAFETY, TIMER
from guanxi.common import clock
from guanxi.events.registry import subscribe
from guanxi.events.types import Event
from guanxi.jobs.publishing import enqueue
from guanxi.timers import on_due, set_timer

__all__ = ["queue", "send_due"]


@subscribe("*", name="integration.webhooks")
def queue(event: Event) -> None:
    """Write the event's deliveries, in the transaction of its dispatch."""
    if event.tenant is not None:
        queue_event(event=event)


@on_due(TIMER)
def send_due(ref_id: int) -> None:
    """Let a worker send what is due; the timer stays behind it until the delivery has ended."""
    if WebhookDelivery.objects.filter(pk=ref_id, state=WebhookDelivery.State.WAITING).exists():
        set_timer(TIMER, ref_id, clock.now() + SAFETY + timedelta(seconds=1))
        enqueue(tasks.send, ref_id)
