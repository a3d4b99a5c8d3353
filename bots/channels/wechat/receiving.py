"""Takes in what was pushed: stored once, answered at once where that is possible, else left to the worker."""

import logging
import threading
import time
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from bots.channels.models import Channel, QrCode
from bots.channels.services import note_inbound
from bots.channels.tasks import fetch_media
from bots.channels.wechat.replies import passive_text, reply_of
from bots.channels.wechat.selectors import may, person_key, qr_code_of_scene
from bots.channels.wechat.types import (
    KIND,
    LATEST_ANSWER_SECONDS,
    PASSIVE_ONLY_SECONDS,
    PASSIVE_SECONDS,
    Capability,
    Push,
)
from crm.conversations.services import receive_message, respond_passively, store_reply
from crm.conversations.types import ChannelRef, Inbound, Received
from crm.outreach.services import close_window
from guanxi.jobs import enqueue

log = logging.getLogger(__name__)
IN_FLIGHT = threading.BoundedSemaphore(getattr(settings, "GUANXI_PASSIVE_IN_FLIGHT", 8))
FETCHED = {"image", "voice", "video"}


class _NotPassive(Exception):
    """What the assistant said cannot go into the answer to this callback."""


def receive_push(*, channel: Channel, push: Push, started: float) -> dict[str, Any] | None:
    """Store what was pushed and return the passive reply, None to stay silent.

    Everything is one transaction: the worker hears of the message only when its passive answer, if any, stands beside
    it; and whoever sends the message again waits on the conversation's lock and then finds the stored reply.
    """
    if not push.concerns_talk:
        return None
    with transaction.atomic():
        received = receive_message(inbound=_inbound(channel, push))
        if received.duplicate:
            return received.stored_reply
        _follow_up(channel, push, received)
        reply = _answer(channel, push, received, started)
        if reply is not None:
            store_reply(message_id=received.message_id, reply=reply)
        note_inbound(channel_id=channel.pk, sender=push.openid)
    return reply


def _inbound(channel: Channel, push: Push) -> Inbound:
    return Inbound(
        channel=ChannelRef(channel.pk, KIND),
        sender=person_key(channel, push.openid),
        dedupe_key=push.dedupe_key,
        kind=push.kind,
        text=push.text,
        sent_at=push.sent_at,
        payload=push.payload,
        opens=push.opens,
        attribution=_attribution(channel, push),
    )


def _attribution(channel: Channel, push: Push) -> dict[str, Any]:
    if push.event not in {"subscribe", "scan"}:
        return {}
    origin: dict[str, Any] = {"channel": KIND, "channel_id": channel.pk, "at": push.sent_at.isoformat()}
    if push.scene:
        code = qr_code_of_scene(channel, push.scene)
        origin |= {
            "source": "qr",
            "scene": push.scene,
            **({"qr_code_id": code.pk, "label": code.label} if code else {}),
        }
    else:
        origin["source"] = "follow"
    return origin


def _follow_up(channel: Channel, push: Push, received: Received) -> None:
    if push.scene:
        counted = {"scans": F("scans") + 1}
        if push.event == "subscribe":
            counted["follows"] = F("follows") + 1
        QrCode.objects.filter(channel=channel, scene=push.scene).update(**counted)
    if push.event == "unsubscribe":
        close_window(channel_id=channel.pk, identity_id=received.identity_id, reason="unsubscribed")
    if push.media_id and push.kind in FETCHED and may(channel, Capability.MEDIA):
        enqueue(fetch_media, channel.pk, received.message_id, push.media_id)


def _answer(channel: Channel, push: Push, received: Received, started: float) -> dict[str, Any] | None:
    if push.event in {"unsubscribe", "view", "location"} or received.state != "bot":
        return None
    only_way = not may(channel, Capability.CUSTOMER_SERVICE)
    if not IN_FLIGHT.acquire(blocking=False):
        log.warning("no passive answer tried: too many callbacks are in flight")
        return None
    try:
        with transaction.atomic():
            return _respond(received, PASSIVE_ONLY_SECONDS if only_way else PASSIVE_SECONDS, started)
    except _NotPassive:
        log.warning("message %s cannot be answered at once; the worker answers", received.message_id)
    except Exception:
        # The message is safe whatever the assistant does; the worker tries in its own way.
        log.exception("the passive answer to message %s failed", received.message_id)
    finally:
        IN_FLIGHT.release()
    return None


def _respond(received: Received, seconds: float, started: float) -> dict[str, Any] | None:
    left = min(seconds, LATEST_ANSWER_SECONDS - (time.monotonic() - started))
    if left <= 0:
        raise _NotPassive
    said = respond_passively(conversation_id=received.conversation_id, message_id=received.message_id, seconds=left)
    if said is None:
        return None
    text = passive_text(said)
    if text is None or time.monotonic() - started > LATEST_ANSWER_SECONDS:
        # What was said is taken back with the savepoint, so that the worker can send it in another way.
        raise _NotPassive
    return reply_of(text)
