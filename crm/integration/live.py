"""Who hears over the sockets how deliveries go."""

from guanxi.events.types import Audience
from guanxi.realtime.publishing import publish_transient

CHANNEL = "webhooks"
AUDIENCE = Audience(everyone=True, permission="webhook.manage")


def audience_of_channel(_all: int) -> Audience | None:
    """Return who may hear: the channel is one for all endpoints."""
    return AUDIENCE


def tell_of_delivery(*, endpoint_id: int, delivery_id: int, state: str) -> None:
    """Let open pages read a delivery anew; what is lost here is read with the next opening."""
    publish_transient(f"{CHANNEL}:0", {"endpoint_id": endpoint_id, "delivery_id": delivery_id, "state": state})
