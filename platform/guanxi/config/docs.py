"""The interactive description of the API for programs, from this server's own files."""

import hashlib
from functools import lru_cache

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils.translation import get_language_from_request

from guanxi.config.api import public_api

PREFIX = "/api/public/v1/"


@lru_cache(maxsize=1)
def public_description() -> tuple[bytes, str]:
    """Return the description of `/api/public/v1` and its ETag; it changes with the code alone."""
    content = orjson.dumps(
        public_api().get_openapi_schema(path_prefix=PREFIX), default=str, option=orjson.OPT_NON_STR_KEYS
    )
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def openapi_json(request: HttpRequest) -> HttpResponse:
    """Answer with the description as a file."""
    content, etag = public_description()
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    return HttpResponse(content, content_type="application/json", headers={"ETag": etag, "Cache-Control": "no-cache"})


def docs_page(request: HttpRequest) -> HttpResponse:
    """Answer with the page on which the API can be read and tried with a key."""
    wished = request.GET.get("lang") or get_language_from_request(request)
    language = "en" if wished.startswith("en") else "zh"
    return render(
        request, "guanxi/api_docs.html", {"language": language, "limit": f"{settings.GUANXI_API_CALLS_A_MINUTE:,}"}
    )
