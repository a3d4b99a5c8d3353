"""Makes, changes and removes endpoints."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from crm.integration import events
from crm.integration.catalogue import event_kinds
from crm.integration.live import AUDIENCE
from crm.integration.models import WebhookEndpoint
from crm.integration.signing import fresh_secret, keep_previous, put_secret
from crm.integration.types import MAX_ENDPOINTS, ROTATION_OVERLAP, NewSecret
from guanxi.access import Actor, require
from guanxi.audit.services import record_audit
from guanxi.audit.snapshots import diff, snapshot
from guanxi.common import clock
from guanxi.common.errors import Conflict, Invalid, NotFound, VersionConflict
from guanxi.events.services import record_event
from guanxi.http.outbound import PORTS, is_inside

KIND = "webhook"
FIELDS = ("url", "description", "kinds", "with_record", "active")
# What decides where the record goes: whoever changes it lends the endpoint their own eyes.
READING = ("url", "with_record")


def create_endpoint(*, actor: Actor, values: Mapping[str, Any]) -> NewSecret:
    """Make an endpoint; return its secret, this once."""
    require(actor, "webhook.manage")
    cleaned = _cleaned(values)
    secret = fresh_secret()
    with transaction.atomic():
        if WebhookEndpoint.objects.count() >= MAX_ENDPOINTS:
            raise Conflict(
                "too_many_webhooks",
                f"A workspace has at most {MAX_ENDPOINTS} endpoints.",
                params={"limit": MAX_ENDPOINTS},
            )
        endpoint = WebhookEndpoint.objects.create(created_by_id=actor.member_id, reads_as_id=actor.member_id, **cleaned)
        put_secret(endpoint, secret)
        endpoint.save(update_fields=["secret"])
        changes = {name: (None, value) for name, value in snapshot(endpoint, list(FIELDS)).items()}
        record_audit(actor=actor, action="created", kind=KIND, record_id=endpoint.pk, changes=changes)
        _tell(actor, endpoint)
    return NewSecret(endpoint.pk, secret)


def update_endpoint(
    *, actor: Actor, endpoint_id: int, changes: Mapping[str, Any], version: int | None = None
) -> WebhookEndpoint:
    """Change an endpoint; switching it on again forgets how it failed."""
    require(actor, "webhook.manage")
    cleaned = _cleaned(changes)
    with transaction.atomic():
        endpoint = locked_endpoint(endpoint_id)
        if version is not None and version != endpoint.version:
            raise VersionConflict(endpoint.version)
        before = snapshot(endpoint, list(FIELDS))
        for name, value in cleaned.items():
            setattr(endpoint, name, value)
        changed = diff(before, snapshot(endpoint, list(FIELDS)))
        if not changed:
            return endpoint
        if any(name in changed for name in READING):
            endpoint.reads_as_id = actor.member_id
        if "active" in changed or "url" in changed:
            _forget_failures(endpoint)
        endpoint.version += 1
        endpoint.updated_at = clock.now()
        endpoint.save()
        record_audit(actor=actor, action="updated", kind=KIND, record_id=endpoint.pk, changes=changed)
        _tell(actor, endpoint)
    return endpoint


def rotate_secret(*, actor: Actor, endpoint_id: int) -> NewSecret:
    """Give an endpoint a new secret and return it, this once; the old one signs too for another day."""
    require(actor, "webhook.manage")
    secret = fresh_secret()
    with transaction.atomic():
        endpoint = locked_endpoint(endpoint_id)
        keep_previous(endpoint, clock.now() + ROTATION_OVERLAP)
        put_secret(endpoint, secret)
        endpoint.version += 1
        endpoint.updated_at = clock.now()
        endpoint.save()
        record_audit(actor=actor, action="secret_rotated", kind=KIND, record_id=endpoint.pk)
        _tell(actor, endpoint)
    return NewSecret(endpoint.pk, secret)


def delete_endpoint(*, actor: Actor, endpoint_id: int) -> None:
    """Remove an endpoint with its deliveries; what is on its way is not sent any more."""
    require(actor, "webhook.manage")
    with transaction.atomic():
        endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
        if endpoint is None:
            raise NotFound(KIND, endpoint_id)
        changes = {"url": (endpoint.url, None)}
        record_audit(actor=actor, action="deleted", kind=KIND, record_id=endpoint.pk, changes=changes)
        _tell(actor, endpoint)
        endpoint.delete()


def disable_endpoint(*, endpoint: WebhookEndpoint, reason: str) -> None:
    """Switch a locked endpoint off because of how it answers; its managers are told."""
    endpoint.active = False
    endpoint.disabled_at, endpoint.disabled_reason = clock.now(), reason
    endpoint.version += 1
    actor = Actor.system("an endpoint that takes nothing")
    record_audit(actor=actor, action="disabled", kind=KIND, record_id=endpoint.pk, changes={"active": (True, False)})
    record_event(
        events.WEBHOOK_DISABLED,
        actor=actor,
        aggregate=(KIND, endpoint.pk),
        data={"reason": reason},
        audience=AUDIENCE,
    )


def locked_endpoint(endpoint_id: int) -> WebhookEndpoint:
    """Return an endpoint under lock, or raise NotFound."""
    endpoint = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(KIND, endpoint_id)
    return endpoint


def _forget_failures(endpoint: WebhookEndpoint) -> None:
    endpoint.failures, endpoint.failing_since, endpoint.paused_until = 0, None, None
    endpoint.disabled_at, endpoint.disabled_reason = None, ""


def _tell(actor: Actor, endpoint: WebhookEndpoint) -> None:
    record_event(events.WEBHOOK_CHANGED, actor=actor, aggregate=(KIND, endpoint.pk), audience=AUDIENCE)


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {name: value for name, value in values.items() if name in FIELDS and value is not None}
    if "url" in cleaned:
        cleaned["url"] = _checked_url(cleaned["url"].strip())
    if "kinds" in cleaned:
        cleaned["kinds"] = sorted(set(cleaned["kinds"]))
        unknown = [kind for kind in cleaned["kinds"] if kind not in event_kinds()]
        if unknown:
            raise Invalid("unknown_event_kind", "There is no such kind of event.", fields={"kinds": "unknown"})
    return cleaned


def _checked_url(url: str) -> str:
    """Return the address when it can be called at all; what its name resolves to is checked at each call."""
    refusal = Invalid(
        "webhook_address", "An http or https address on the public internet is needed.", fields={"url": "address"}
    )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as fault:
        raise refusal from fault
    if parts.scheme not in {"http", "https"} or not host or parts.username or parts.password or parts.fragment:
        raise refusal
    port = port or (443 if parts.scheme == "https" else 80)
    if f"{host}:{port}" in settings.GUANXI_OUTBOUND_ALLOW:
        return url
    if port not in PORTS or is_inside(host):
        raise refusal
    return url
