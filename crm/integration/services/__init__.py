"""What is done with webhooks: their endpoints, the deliveries, the sending."""

from crm.integration.services.deliveries import (
    prune_deliveries,
    queue_event,
    replay_delivery,
    replay_failed,
    send_test,
)
from crm.integration.services.endpoints import (
    create_endpoint,
    delete_endpoint,
    rotate_secret,
    update_endpoint,
)
from crm.integration.services.sending import send_delivery

__all__ = [
    "create_endpoint",
    "delete_endpoint",
    "prune_deliveries",
    "queue_event",
    "replay_delivery",
    "replay_failed",
    "rotate_secret",
    "send_delivery",
    "send_test",
    "update_endpoint",
]
