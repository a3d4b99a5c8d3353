"""The task that hands messages to their channels."""

from typing import Any

from celery import shared_task

from crm.conversations.services import deliver_message
from guanxi.jobs.base import TenantTask


@shared_task(base=TenantTask, bind=True, name="crm.conversations.deliver", max_retries=None)
def deliver(self: Any, message_id: int) -> None:
    """Deliver one message; try again when the channel says that it may work later."""
    again = deliver_message(message_id=message_id)
    if again is not None:
        raise self.retry(countdown=again)
