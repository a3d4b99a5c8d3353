"""The callback: Tencent's check of the address, and what it pushes. It answers whatever comes, and never fails."""

import logging
import time

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bots.channels.models import Channel
from bots.channels.selectors import channel_by_key
from bots.channels.services import count_refused, note_verified
from bots.channels.wechat.reading import read_push, read_verification
from bots.channels.wechat.receiving import receive_push
from bots.channels.wechat.replies import render_reply
from bots.channels.wechat.selectors import credentials_of
from bots.channels.wechat.types import KIND, MAX_BODY, Query, Reason, Refused
from guanxi.common.errors import NotFound
from guanxi.tenancy import current_tenant

log = logging.getLogger(__name__)


@csrf_exempt
def callback(request: HttpRequest, app_id: str) -> HttpResponse:
    """Answer `/wechat/<app id>`."""
    started = time.monotonic()
    if request.method not in {"GET", "POST"}:
        return _plain("", 405)
    channel = _channel(app_id)
    if channel is None:
        return _plain("unknown", 404)
    try:
        return _verify(request, channel) if request.method == "GET" else _receive(request, channel, started)
    except Refused as refusal:
        log.info("callback of channel %s refused: %s", channel.pk, refusal.reason)
        count_refused(channel_id=channel.pk, reason=refusal.reason)
        # One answer to everything that is wrong: the reason is for the channel's page, not for whoever tries.
        return _plain("refused", 403)
    except Exception:
        # A fault of ours, such as a database that is away: nothing was stored, and Tencent sends the message again.
        log.exception("callback of channel %s failed", channel.pk)
        return _plain("later", 503)


def _channel(app_id: str) -> Channel | None:
    if current_tenant() is None:
        return None
    try:
        return channel_by_key(KIND, app_id)
    except NotFound:
        return None


def _verify(request: HttpRequest, channel: Channel) -> HttpResponse:
    echo = read_verification(credentials_of(channel), Query.of(request.GET.dict()))
    note_verified(channel_id=channel.pk)
    return _plain(echo)


def _receive(request: HttpRequest, channel: Channel, started: float) -> HttpResponse:
    if not _length_allowed(request):
        raise Refused(Reason.TOO_LARGE)
    credentials = credentials_of(channel)
    push = read_push(credentials, Query.of(request.GET.dict()), request.body)
    reply = receive_push(channel=channel, push=push, started=started)
    body = render_reply(credentials, push, reply)
    return HttpResponse(body, content_type="text/xml; charset=utf-8" if reply else "text/plain; charset=utf-8")


def _length_allowed(request: HttpRequest) -> bool:
    given = request.headers.get("Content-Length") or "0"
    return given.isdecimal() and int(given) <= MAX_BODY


def _plain(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
