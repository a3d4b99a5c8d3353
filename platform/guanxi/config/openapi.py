"""The description of the API, as it is committed in openapi.json.

It holds every operation of `/api/v1`. Those that carry `x-private` stand only there, for the reason given; all others
stand under `/api/public/v1` too, where a key takes the place of the session.
"""

import json
from typing import Any

import orjson

from guanxi.config.api import app_routers, internal_api
from guanxi.config.env import ROOT

FILE = ROOT / "openapi.json"


def openapi_document() -> dict[str, Any]:
    """Return the document."""
    document: dict[str, Any] = json.loads(
        json.dumps(internal_api().get_openapi_schema(path_prefix="/api/v1/"), default=str)
    )
    private = {
        route.operation_id: route.private for router in app_routers() for route in router.routes if route.private
    }
    for path in document["paths"].values():
        for operation in path.values():
            if reason := private.get(operation["operationId"]):
                operation["x-private"] = reason
    return document


def openapi_bytes() -> bytes:
    """Return the document as it is stored: sorted, indented, one newline at the end."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(openapi_document(), option=options)
