"""The task that sends a delivery."""

from celery import shared_task

from guanxi.jobs.base import TenantTask


@shared_task(base=TenantTask, name="crm.integration.send")
def send(delivery_id: int) -> None:
    """Send a delivery; when and whether it comes again is its timer's business."""
    from crm.integration.services.sending import send_delivery

    send_delivery(delivery_id=delivery_id)
