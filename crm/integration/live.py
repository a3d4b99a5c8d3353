"""Who hears over the sockets how deliveries go."""

from crm.integration.models import WebhookEndpoint
from guanxi.events.types import Audience
from guanxi.realtime.publishing import publish_transient

CHANNEL = "endpoint"
AUDIENCE = Audience(everyone=True, permission="webhook.manage")


def audience_of_channel(endpoint_id: int) -> Audience | None:
    """Return who may hear of an endpoint's deliveries, None when there is no such endpoint."""
    return AUDIENCE if WebhookEndpoint.objects.filter(pk=endpoint_id).exists() else None


def tell_of_delivery(*, endpoint_id: int, delivery_id: int, state: str) -> None:
    """Let open pages read a delivery anew; what is lost here is read with the next opening."""
    publish_transient(f"{CHANNEL}:{endpoint_id}", {"delivery_id": delivery_id, "state": state})
