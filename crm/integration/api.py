"""The API of webhooks. Keys have no part in it: a program must not open ways out of a workspace."""

from typing import Any

from django.http import HttpResponse
from ninja import Query

from crm.integration import selectors, services
from crm.integration.catalogue import grouped_kinds
from crm.integration.models import WebhookDelivery, WebhookEndpoint
from crm.integration.schemas import (
    DeliveryDetailOut,
    DeliveryFilters,
    DeliveryOut,
    EventKindsOut,
    WebhookIn,
    WebhookOut,
    WebhookPatch,
    WebhookReplayedOut,
    WebhookReplayIn,
    WebhookSecretOut,
)
from crm.integration.types import NewSecret, Replayed
from guanxi.http.pages import Page, PageParams, PageResult, paginate
from guanxi.http.router import ApiRequest, AppRouter, if_match, set_etag

router = AppRouter(tag="webhooks")
MANAGE = "webhook.manage"
BY_PEOPLE = "a key must not open ways out of the workspace"


def _with_numbers(endpoints: list[WebhookEndpoint]) -> list[WebhookEndpoint]:
    numbers = selectors.lately([endpoint.pk for endpoint in endpoints])
    for endpoint in endpoints:
        endpoint.lately = numbers[endpoint.pk]  # type: ignore[attr-defined]
    return endpoints


@router.get("/webhooks", permission=MANAGE, response=Page[WebhookOut], private=BY_PEOPLE)
def webhooks_list(request: ApiRequest, page: Query[PageParams]) -> PageResult:
    """List endpoints, newest first."""
    result = paginate(selectors.visible_endpoints(request.actor), page)
    return {"items": _with_numbers(result["items"]), "next": result["next"]}


@router.post("/webhooks", permission=MANAGE, response={201: WebhookSecretOut}, private=BY_PEOPLE)
def webhooks_create(request: ApiRequest, body: WebhookIn) -> tuple[int, NewSecret]:
    """Make an endpoint; its secret is shown this once."""
    return 201, services.create_endpoint(actor=request.actor, values=body.dict())


@router.get("/webhooks/{int:endpoint_id}", permission=MANAGE, response=WebhookOut, private=BY_PEOPLE)
def webhooks_get(request: ApiRequest, response: HttpResponse, endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint."""
    return set_etag(response, _with_numbers([selectors.access_endpoint(request.actor, endpoint_id)])[0])


@router.patch("/webhooks/{int:endpoint_id}", permission=MANAGE, response=WebhookOut, private=BY_PEOPLE)
def webhooks_update(
    request: ApiRequest, response: HttpResponse, endpoint_id: int, body: WebhookPatch
) -> WebhookEndpoint:
    """Change an endpoint, switch it off or on."""
    changes = body.dict(exclude_unset=True)
    endpoint = services.update_endpoint(
        actor=request.actor, endpoint_id=endpoint_id, changes=changes, version=if_match(request)
    )
    return set_etag(response, _with_numbers([endpoint])[0])


@router.delete("/webhooks/{int:endpoint_id}", permission=MANAGE, response={204: None}, private=BY_PEOPLE)
def webhooks_delete(request: ApiRequest, endpoint_id: int) -> tuple[int, None]:
    """Remove an endpoint with its log."""
    services.delete_endpoint(actor=request.actor, endpoint_id=endpoint_id)
    return 204, None


@router.post("/webhooks/{int:endpoint_id}/secret", permission=MANAGE, response=WebhookSecretOut, private=BY_PEOPLE)
def webhooks_rotate(request: ApiRequest, endpoint_id: int) -> NewSecret:
    """Give an endpoint a new secret, shown this once; the old one signs too for a day."""
    return services.rotate_secret(actor=request.actor, endpoint_id=endpoint_id)


@router.post("/webhooks/{int:endpoint_id}/test", permission=MANAGE, response={202: DeliveryOut}, private=BY_PEOPLE)
def webhooks_test(request: ApiRequest, endpoint_id: int) -> tuple[int, WebhookDelivery]:
    """Send a test event."""
    return 202, services.send_test(actor=request.actor, endpoint_id=endpoint_id)


@router.post(
    "/webhooks/{int:endpoint_id}/replay", permission=MANAGE, response={202: WebhookReplayedOut}, private=BY_PEOPLE
)
def webhooks_replay(request: ApiRequest, endpoint_id: int, body: WebhookReplayIn) -> tuple[int, Replayed]:
    """Send all that failed since a moment once more."""
    return 202, services.replay_failed(actor=request.actor, endpoint_id=endpoint_id, since=body.since)


@router.get("/webhook-events", permission=MANAGE, response=EventKindsOut, private=BY_PEOPLE)
def webhooks_event_kinds(request: ApiRequest) -> dict[str, Any]:
    """Return which kinds of events there are."""
    return {"items": [{"group": group, "kinds": kinds} for group, kinds in grouped_kinds().items()]}


@router.get("/webhook-deliveries", permission=MANAGE, response=Page[DeliveryOut], private=BY_PEOPLE)
def deliveries_list(request: ApiRequest, filters: Query[DeliveryFilters], page: Query[PageParams]) -> PageResult:
    """List deliveries, newest first."""
    return paginate(selectors.find_deliveries(request.actor, filters.dict()), page, order=("-id",))


@router.get("/webhook-deliveries/{int:delivery_id}", permission=MANAGE, response=DeliveryDetailOut, private=BY_PEOPLE)
def deliveries_get(request: ApiRequest, delivery_id: int) -> WebhookDelivery:
    """Return a delivery with what was sent and answered."""
    return selectors.access_delivery(request.actor, delivery_id)


@router.post(
    "/webhook-deliveries/{int:delivery_id}/replay", permission=MANAGE, response={202: DeliveryOut}, private=BY_PEOPLE
)
def deliveries_replay(request: ApiRequest, delivery_id: int) -> tuple[int, WebhookDelivery]:
    """Send a delivery once more, with the same id."""
    return 202, services.replay_delivery(actor=request.actor, delivery_id=delivery_id)
