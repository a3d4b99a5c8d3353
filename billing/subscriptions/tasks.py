"""Work on what Stripe told."""

from celery import shared_task

from billing.subscriptions.services.working import work_off_event
from guanxi.jobs import TenantTask


@shared_task(base=TenantTask, name="billing.work_off_stripe_event")
def work_off_stripe_event(event_id: int) -> None:
    """Work one event off, in the public schema."""
    work_off_event(event_id=event_id)
