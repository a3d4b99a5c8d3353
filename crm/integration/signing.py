"""Signs what goes out, as Stripe does: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`, one v1 for each secret."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from crm.integration.models import WebhookEndpoint
from guanxi.common import clock
from guanxi.common.ids import new_token
from guanxi.secrets import seal, unseal

HEADER = "Guanxi-Signature"
SECRET, PREVIOUS = "integration.webhook_secret", "integration.webhook_previous_secret"
BRAND = "gxs_"


def signature(body: bytes, secrets: Iterable[str], at: datetime) -> str:
    """Return the header's value."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    codes = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={seconds}", *(f"v1={code}" for code in codes)])


def fresh_secret() -> str:
    """Return a new secret."""
    return f"{BRAND}{new_token(nbytes=32)}"


def put_secret(endpoint: WebhookEndpoint, secret: str) -> None:
    """Seal a secret into the endpoint, which has its id already."""
    endpoint.secret = seal(secret, field=SECRET, row=str(endpoint.pk))


def keep_previous(endpoint: WebhookEndpoint, until: datetime) -> None:
    """Keep the present secret as the previous one until a moment."""
    present = unseal(endpoint.secret, field=SECRET, row=str(endpoint.pk))
    endpoint.previous_secret = seal(present, field=PREVIOUS, row=str(endpoint.pk))
    endpoint.previous_until = until


def secrets_of(endpoint: WebhookEndpoint) -> tuple[str, ...]:
    """Return the secrets that sign now, the newest first."""
    row = str(endpoint.pk)
    found = [unseal(endpoint.secret, field=SECRET, row=row)]
    if endpoint.previous_secret and endpoint.previous_until is not None and endpoint.previous_until > clock.now():
        found.append(unseal(endpoint.previous_secret, field=PREVIOUS, row=row))
    return tuple(found)
