"""The script that sites embed, and the page in its frame."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import conditional_page, require_safe

from bots.channels.web.frontend import BuiltFile, loader, widget_part
from bots.channels.web.selectors import web_channel_by_key
from bots.channels.web.types import MAX_FILE_BYTES, WebChannel
from guanxi.common.errors import Problem

SCRIPT_AGE = "public, max-age=3600, stale-while-revalidate=86400"
FOR_EVER = "public, max-age=31536000, immutable"


def _send(request: HttpRequest, file: BuiltFile, caching: str) -> HttpResponse:
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(file.compressed if packed else file.content, content_type=file.content_type)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    response.headers["ETag"] = f'"{file.digest}{"-gz" if packed else ""}"'
    response.headers["Cache-Control"] = caching
    # Pages that isolate themselves, or check the script's digest, load it with CORS.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@require_safe
@conditional_page
def widget_script(request: HttpRequest) -> HttpResponse:
    """Answer `/widget.js`."""
    file = loader()
    if file is None:
        raise Http404
    return _send(request, file, SCRIPT_AGE)


@require_safe
@conditional_page
def widget_asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """Answer a part of the page in the frame. An older digest gets the present file, but is told not to keep it."""
    file = widget_part(name)
    if file is None:
        raise Http404
    return _send(request, file, FOR_EVER if digest == file.digest else "no-cache")


@require_safe
@xframe_options_exempt
@conditional_page
def widget_page(request: HttpRequest, key: str) -> HttpResponse:
    """Answer the page in the frame, which only the channel's own sites may embed."""
    script, style = widget_part("widget.js"), widget_part("widget.css")
    try:
        channel = web_channel_by_key(key)
    except Problem as refusal:
        raise Http404 from refusal
    if script is None or style is None:
        raise Http404
    context = {
        "language": "en" if request.GET.get("lang") == "en" else "zh-CN",
        "name": channel.name,
        "config": page_config(channel),
        "script_url": reverse("widget_asset", args=[script.digest, "widget.js"]),
        "style_url": reverse("widget_asset", args=[style.digest, "widget.css"]),
    }
    response = render(request, "web/widget.html", context)
    response.headers["Content-Security-Policy"] = _policy(channel, request.get_host())
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Cross-Origin-Embedder-Policy"] = "require-corp"
    return response


def _policy(channel: WebChannel, host: str) -> str:
    ancestors = " ".join(channel.settings.allowed_origins) or "*"
    rules = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        # Older Safari does not count sockets as 'self'; which of the two it is, only the browser behind a proxy knows.
        f"connect-src 'self' ws://{host} wss://{host}",
        "base-uri 'none'",
        "form-action 'none'",
        f"frame-ancestors 'self' {ancestors}",
    )
    return "; ".join(rules)


def page_config(channel: WebChannel) -> dict[str, Any]:
    """Return what the page knows before its first call."""
    return {
        **channel.settings.as_json(),
        "key": channel.key,
        "api": "/api/widget/v1",
        "socket": "/ws/widget/",
        "name": channel.name,
        "max_file_bytes": MAX_FILE_BYTES,
    }
