"""The task by which a worker sends a mail."""

from celery import shared_task

from guanxi.jobs.base import TenantTask
from guanxi.notifications.mails import deliver


@shared_task(base=TenantTask, name="guanxi.notifications.deliver_mail")
def deliver_mail(ref_id: int) -> None:
    """Send a kept mail."""
    deliver(ref_id)
