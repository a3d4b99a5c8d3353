"""Completes the description of an API with what holds for all its operations: refusals, limits, headers."""

from typing import Any

PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "Why a call was refused (RFC 9457). Decide by `code`.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "params": {"type": "object"},
        "request_id": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail", "code", "fields", "params", "request_id"],
}
REFUSALS = {
    "400": "The request cannot be read",
    "401": "No key, or one that is unknown or has ended",
    "402": "The workspace's plan does not have it, or not so much of it",
    "403": "The key has no such permission",
    "404": "No such record, or none that the key may see",
    "409": "The record's present state does not allow it",
    "410": "It has ended",
    "412": "Somebody changed the record since",
    "413": "The request is too large",
    "422": "Understood, but not acceptable; see `fields`",
    "429": "Too many calls; wait for `Retry-After`",
    "500": "Ours; it is logged under `request_id`",
    "503": "Something that it needs is away; try again",
}
OF_ALL = ("400", "401", "402", "403", "404", "409", "410", "422", "429", "500", "503")
OF_WRITES = ("412", "413")
LIMITS = {
    "RateLimit-Limit": "Calls a minute",
    "RateLimit-Remaining": "Calls that are left of them",
    "RateLimit-Reset": "Seconds until the count begins anew",
}
IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key with the same request happens once and gets the first answer again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[A-Za-z0-9_.:-]+$"},
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag that was read; refused with 412 when the record has changed since",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
}


def complete(document: dict[str, Any], *, limited: bool) -> dict[str, Any]:
    """Add to every operation what may be answered besides success, and the headers that it takes and gives.

    What all share stands once, among the components.
    """
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["headers"] = _headers()
    components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY, "IfMatch": IF_MATCH}
    components["responses"] = {f"Refusal{status}": _refusal(status, limited=limited) for status in REFUSALS}
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete_operation(method, operation, limited=limited)
    return document


def _complete_operation(method: str, operation: dict[str, Any], *, limited: bool) -> None:
    responses = {str(status): answer for status, answer in operation["responses"].items()}
    for answer in responses.values():
        if limited:
            answer["headers"] = _limit_headers()
    for status in OF_ALL if method == "get" else OF_ALL + OF_WRITES:
        responses.setdefault(status, {"$ref": f"#/components/responses/Refusal{status}"})
    operation["responses"] = dict(sorted(responses.items()))
    parameters = operation.setdefault("parameters", [])
    if method == "post":
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    elif method == "patch":
        parameters.append({"$ref": "#/components/parameters/IfMatch"})


def _headers() -> dict[str, Any]:
    told = {**LIMITS, "Retry-After": "Seconds to wait"}
    return {name: {"description": text, "schema": {"type": "integer"}} for name, text in told.items()}


def _limit_headers() -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in LIMITS}


def _refusal(status: str, *, limited: bool) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = _limit_headers() if limited else {}
    if status == "429":
        headers["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
    answer: dict[str, Any] = {"description": REFUSALS[status], "content": content}
    return {**answer, "headers": headers} if headers else answer
