"""Reads endpoints and deliveries."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from crm.integration.models import WebhookDelivery, WebhookEndpoint
from guanxi.access import Actor, require
from guanxi.common import clock
from guanxi.common.errors import NotFound

LATELY = timedelta(hours=24)


def visible_endpoints(actor: Actor) -> QuerySet[WebhookEndpoint]:
    """Return all endpoints for those who manage them."""
    require(actor, "webhook.manage")
    return WebhookEndpoint.objects.select_related("created_by", "reads_as")


def access_endpoint(actor: Actor, endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint, or raise NotFound."""
    endpoint = visible_endpoints(actor).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound("webhook", endpoint_id)
    return endpoint


def lately(endpoint_ids: list[int]) -> dict[int, dict[str, int]]:
    """Return how many deliveries of the last day are in which state, by endpoint."""
    found: dict[int, dict[str, int]] = {endpoint_id: {} for endpoint_id in endpoint_ids}
    recent = WebhookDelivery.objects.filter(endpoint_id__in=endpoint_ids, created_at__gte=clock.now() - LATELY)
    for endpoint_id, state, number in recent.values_list("endpoint_id", "state").annotate(Count("id")):
        found[endpoint_id][state] = number
    return found


def find_deliveries(actor: Actor, filters: dict[str, Any]) -> QuerySet[WebhookDelivery]:
    """Return deliveries by endpoint, kind, state and time, without what they carry."""
    require(actor, "webhook.manage")
    found = WebhookDelivery.objects.defer("payload", "answer", "history")
    for name in ("endpoint_id", "kind", "state"):
        if filters.get(name):
            found = found.filter(**{name: filters[name]})
    since: datetime | None = filters.get("since")
    return found.filter(created_at__gte=since) if since else found


def access_delivery(actor: Actor, delivery_id: int) -> WebhookDelivery:
    """Return a delivery with all that it carries, or raise NotFound."""
    require(actor, "webhook.manage")
    delivery = WebhookDelivery.objects.select_related("endpoint").filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFound("webhook_delivery", delivery_id)
    return delivery
