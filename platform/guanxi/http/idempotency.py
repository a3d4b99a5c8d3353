"""A POST that carries an Idempotency-Key happens once; repeated, it gets the first answer again."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from guanxi.common import clock
from guanxi.common.errors import Invalid
from guanxi.http.models import IdempotencyRecord
from guanxi.http.problems import problem_response
from guanxi.tenancy import current_tenant

MAX_KEY = 200
# Nobody repeats a call after longer than this; what its answer said is no longer kept then.
LIFE = timedelta(days=7)
PRUNE_BATCH = 2000


def _caller(request: HttpRequest) -> str:
    authorization = request.headers.get("Authorization", "")
    if authorization:
        return "key:" + hashlib.sha256(authorization.encode()).hexdigest()
    user = getattr(request, "user", None)
    return (
        f"user:{user.pk}"
        if user is not None and user.is_authenticated
        else f"address:{request.META.get('REMOTE_ADDR', '')}"
    )


def forget_old_keys(*, limit: int = PRUNE_BATCH) -> int:
    """Delete the keys of the current tenant that are past their life, batch by batch; return how many."""
    before, forgotten = clock.now() - LIFE, 0
    while True:
        old = IdempotencyRecord.objects.filter(created_at__lt=before).order_by("created_at")
        ids = list(old.values_list("pk", flat=True)[:limit])
        IdempotencyRecord.objects.filter(pk__in=ids).delete()
        forgotten += len(ids)
        if len(ids) < limit:
            return forgotten


def idempotent(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a Ninja operation's run: store the answer with its effects in one transaction; refused requests are not
    remembered.
    """

    @wraps(run)
    def wrapper(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key", "")
        if not key or request.method != "POST" or current_tenant() is None:
            return run(request, **kwargs)
        if len(key) > MAX_KEY:
            return problem_response(
                Invalid("idempotency_key_too_long", f"An Idempotency-Key has at most {MAX_KEY} characters.")
            )
        return _once(run, request, key, kwargs)

    return wrapper


def _once(run: Callable[..., HttpResponse], request: HttpRequest, key: str, kwargs: dict[str, Any]) -> HttpResponse:
    route = request.path
    digest = hashlib.sha256(request.body).hexdigest()
    caller = _caller(request)
    with transaction.atomic():
        try:
            # A second request with the same key waits here until the first one has committed or given up.
            with transaction.atomic():
                record = IdempotencyRecord.objects.create(caller=caller, key=key, route=route, body_digest=digest)
        except IntegrityError:
            return _again(caller, key, route, digest)
        response = run(request, **kwargs)
        if response.status_code >= 400:
            transaction.set_rollback(True)
            return response
        record.status, record.body = response.status_code, response.content.decode()
        record.save(update_fields=["status", "body"])
        return response


def _again(caller: str, key: str, route: str, digest: str) -> HttpResponse:
    known = IdempotencyRecord.objects.get(caller=caller, key=key)
    if (known.route, known.body_digest) != (route, digest):
        return problem_response(
            Invalid(
                "idempotency_key_reused", "This Idempotency-Key came before with another request. Nothing was done."
            )
        )
    response = HttpResponse(known.body, status=known.status or 200, content_type="application/json; charset=utf-8")
    response.headers["Idempotency-Replayed"] = "true"
    return response
