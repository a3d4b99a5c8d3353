"""Errors as problem+json (RFC 9457)."""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from psycopg.errors import DeadlockDetected, LockNotAvailable, NotNullViolation, SerializationFailure

from guanxi.common.context import request_info
from guanxi.common.errors import NotSignedIn, Problem, RateLimited

log = logging.getLogger(__name__)
# PostgreSQL gave up one of two writes that waited for each other; the other one went through.
COLLISIONS = (DeadlockDetected, LockNotAvailable, SerializationFailure)


def problem_response(problem: Problem) -> HttpResponse:
    """Return the answer for a problem: type, title, status, detail, code, fields, params, request_id."""
    info = request_info()
    body = {
        "type": f"urn:guanxi:problem:{problem.code}",
        "title": problem.code.replace("_", " ").replace(".", ": ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "fields": problem.fields,
        "params": problem.params,
        "request_id": info.request_id if info else "",
    }
    response = HttpResponse(orjson.dumps(body), status=problem.status, content_type="application/problem+json")
    if isinstance(problem, RateLimited):
        response.headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="guanxi"'
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a request whose CSRF token is missing or old."""
    return problem_response(
        Problem("csrf_failed", status=403, detail="The page was open for too long; reload it. Nothing was saved.")
    )


def _field_codes(errors: list[dict[str, Any]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for error in errors:
        # The first part is where the value came from, the second the parameter's name when it is the body.
        path = [str(part) for part in error["loc"]]
        fields[
            ".".join(path[2:] if len(path) > 2 and path[0] in {"body", "query", "form"} else path[1:]) or path[0]
        ] = str(error["type"])
    return fields


def _name_of(fault: Exception | type[Exception]) -> str:
    return (fault if isinstance(fault, type) else type(fault)).__name__


def install_problem_handlers(api: NinjaAPI) -> None:
    """Let every error of an API end as problem+json, without a word of what is inside."""

    @api.exception_handler(Problem)
    def on_problem(request: HttpRequest, fault: Problem) -> HttpResponse:
        return problem_response(fault)

    @api.exception_handler(ValidationError)
    def on_validation(request: HttpRequest, fault: ValidationError) -> HttpResponse:
        fields = _field_codes(fault.errors)
        detail = "Some fields are missing or wrong; see `fields`. Nothing was saved."
        return problem_response(Problem("invalid_input", status=422, detail=detail, fields=fields))

    @api.exception_handler(AuthenticationError)
    def on_anonymous(request: HttpRequest, fault: AuthenticationError) -> HttpResponse:
        return problem_response(NotSignedIn())

    @api.exception_handler(Throttled)
    def on_throttled(request: HttpRequest, fault: Throttled) -> HttpResponse:
        return problem_response(RateLimited(max(1, int(fault.wait or 1))))

    @api.exception_handler(Http404)
    def on_missing(request: HttpRequest, fault: Http404) -> HttpResponse:
        return problem_response(Problem("not_found", status=404, detail="There is nothing here."))

    @api.exception_handler(RequestDataTooBig)
    def on_too_big(request: HttpRequest, fault: RequestDataTooBig) -> HttpResponse:
        return problem_response(Problem("too_large", status=413, detail="The request is too large. Nothing was saved."))

    def on_malformed(request: HttpRequest, fault: Exception | type[Exception]) -> HttpResponse:
        return problem_response(Problem("malformed_request", status=400, detail="The request cannot be read."))

    for malformed in (BadRequest, MultiPartParserError, SuspiciousOperation):
        api.add_exception_handler(malformed, on_malformed)

    def on_out_of_range(request: HttpRequest, fault: Exception | type[Exception]) -> HttpResponse:
        log.warning("a value out of range at %s %s: %s", request.method, request.path, _name_of(fault))
        detail = "A number or a date is too large to be stored. Nothing was saved."
        return problem_response(Problem("invalid_input", status=422, detail=detail))

    for out_of_range in (DataError, OverflowError):
        api.add_exception_handler(out_of_range, on_out_of_range)

    @api.exception_handler(HttpError)
    def on_http_error(request: HttpRequest, fault: HttpError) -> HttpResponse:
        code = "malformed_request" if fault.status_code == 400 else "refused"
        return problem_response(Problem(code, status=fault.status_code, detail=str(fault)))

    @api.exception_handler(Exception)
    def on_fault(request: HttpRequest, fault: Exception) -> HttpResponse:
        log.error("unexpected fault at %s %s", request.method, request.path, exc_info=fault)
        detail = (
            "Something broke on our side; it was logged. Nothing was saved. "
            "Try again, and give us the request id if it stays."
        )
        return problem_response(Problem("internal_error", status=500, detail=detail))

    _install_database_handlers(api, on_fault)


def _install_database_handlers(api: NinjaAPI, on_fault: Callable[[HttpRequest, Exception], HttpResponse]) -> None:
    @api.exception_handler(IntegrityError)
    def on_missing_value(request: HttpRequest, fault: IntegrityError) -> HttpResponse:
        cause = fault.__cause__
        if not isinstance(cause, NotNullViolation):
            return on_fault(request, fault)
        detail = "A field that must have a value was set to null. Nothing was saved."
        fields = {cause.diag.column_name or "": "missing"}
        return problem_response(Problem("invalid_input", status=422, detail=detail, fields=fields))

    @api.exception_handler(OperationalError)
    def on_collision(request: HttpRequest, fault: OperationalError) -> HttpResponse:
        if not isinstance(fault.__cause__, COLLISIONS):
            return on_fault(request, fault)
        log.warning("two writes collided at %s %s: %s", request.method, request.path, _name_of(fault.__cause__))
        detail = "Somebody changed the same records at the same moment. Nothing was saved; try again."
        answer = problem_response(Problem("busy", status=503, detail=detail))
        answer.headers["Retry-After"] = "1"
        return answer
