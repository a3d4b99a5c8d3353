"""Stripe's webhook, on the base host: 200 means that the event is kept; whatever else, Stripe sends it again."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from billing.gateways.types import NotificationRefused
from billing.subscriptions.services import take_stripe_event
from guanxi.common.errors import Problem
from guanxi.tenancy import current_tenant

log = logging.getLogger(__name__)
MAX_BODY = 1024 * 1024


@csrf_exempt
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Answer `/stripe/webhook`."""
    if current_tenant() is not None:
        return _plain("unknown", 404)
    if request.method != "POST":
        return _plain("", 405)
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > MAX_BODY:
        return _plain("too large", 413)
    try:
        take_stripe_event(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except NotificationRefused as refusal:
        log.warning("a call of the webhook was refused: %s", refusal)
        # One answer to everything that is wrong: the reason is for the log, not for whoever tries.
        return _plain("refused", 400)
    except Problem as problem:
        return _plain(problem.code, problem.status)
    except Exception:
        # A fault of ours, such as a database that is away: nothing was kept, and Stripe sends the event again.
        log.exception("the webhook failed")
        return _plain("later", 503)
    return _plain("kept", 200)


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
