"""What Stripe tells is kept before it is answered."""

from datetime import timedelta

from django.db import transaction

from billing.gateways import stripe_gateway
from billing.subscriptions.models import StripeEvent
from guanxi.common import clock
from guanxi.jobs import enqueue
from guanxi.tenancy import public_scope
from guanxi.timers import on_due, set_timer

RETRY = "billing.stripe_event"
# When the task that was sent is lost with its broker, this brings it back.
SAFETY_NET = timedelta(seconds=60)
MOST_ATTEMPTS = 12


def take_stripe_event(*, body: bytes, signature: str) -> bool:
    """Keep a notification and send its work on the way; return False for one that had come before.

    Raises NotificationRefused for anything that Stripe did not sign within the last and next five minutes.
    """
    told = stripe_gateway.read_notification(body, signature)
    with public_scope(), transaction.atomic():
        kept = StripeEvent.objects.filter(event_id=told.id)
        if kept.exists():
            return False
        StripeEvent.objects.bulk_create(
            [
                StripeEvent(
                    event_id=told.id,
                    kind=told.kind,
                    created=told.created,
                    api_version=told.api_version,
                    customer_id=told.customer_id,
                    payload=told.payload,
                )
            ],
            ignore_conflicts=True,
        )
        event = kept.get()
        set_timer(RETRY, event.pk, clock.now() + SAFETY_NET)
        _send(event.pk)
    return True


@on_due(RETRY)
def work_again(event_id: int) -> None:
    """Send the work of an event again that is not done; the next time comes later each time."""
    event = StripeEvent.objects.filter(pk=event_id, state__in=["received", "failed"]).first()
    if event is None or event.attempts >= MOST_ATTEMPTS:
        return
    set_timer(RETRY, event_id, clock.now() + SAFETY_NET)
    _send(event_id)


def _send(event_id: int) -> None:
    from billing.subscriptions import tasks

    enqueue(tasks.work_off_stripe_event, event_id)
