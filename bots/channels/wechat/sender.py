"""Hands messages to Tencent as customer-service messages; what Tencent says about windows and abilities is believed."""

import io
import logging
from datetime import timedelta
from typing import Any

from bots.channels.models import Channel
from bots.channels.selectors import access_channel
from bots.channels.services import note_fault, note_recovery, switch_capability
from bots.channels.wechat.client import OfficialAccount, account_of
from bots.channels.wechat.faults import Means, WeChatFault
from bots.channels.wechat.parts import split_text
from bots.channels.wechat.progress import parts_sent, remember_part
from bots.channels.wechat.selectors import may, openid_of
from bots.channels.wechat.types import KIND, MAX_TEXT_BYTES, Capability
from bots.channels.wechat.words import menu_items, with_label, word
from crm.customers.selectors import identity_key
from crm.outreach.selectors import window_state
from crm.outreach.services import take_send
from crm.outreach.types import OutboundMessage, Receipt, SendFault, SendRefused, WindowRule
from guanxi.access import Actor
from guanxi.common.errors import NotFound
from guanxi.files.selectors import files_by_id, open_stream

log = logging.getLogger(__name__)
PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif"}
VOICES = {"audio/amr": "amr", "audio/mpeg": "mp3"}
VIDEOS = {"video/mp4": "mp4"}
UPLOADED_AS = (("image", PICTURES), ("voice", VOICES), ("video", VIDEOS))
MINUTE = timedelta(minutes=1)

Body = dict[str, Any]


class WeChatSender:
    """The sender of WeChat channels. Of five messages the assistant takes at most three, so that a person keeps two."""

    kind = KIND
    windows = {
        "message": WindowRule(count=5, lasts=timedelta(hours=48), bot_count=3),
        "menu_click": WindowRule(count=3, lasts=MINUTE, bot_count=2),
        "subscribe": WindowRule(count=3, lasts=MINUTE, bot_count=2),
        "scan": WindowRule(count=3, lasts=MINUTE, bot_count=2),
    }

    def send(self, *, channel_id: int, identity_id: int, message: OutboundMessage) -> Receipt:
        """Send a message, in several parts where it is too long; raise SendFault when Tencent does not take it."""
        try:
            channel = access_channel(Actor.system("a message goes out"), channel_id)
        except NotFound as gone:
            raise SendFault("channel_disconnected", gone.detail) from gone
        openid = openid_of(channel, identity_key(identity_id).value)
        if openid is None:
            raise SendFault("unreachable", "the person is not known to this account")
        if not may(channel, Capability.CUSTOMER_SERVICE):
            raise SendFault("not_allowed", "the account may only answer at once")
        account = account_of(channel)
        try:
            self._send_parts(account, channel, openid, identity_id, message)
        except WeChatFault as fault:
            raise _send_fault(channel, fault) from fault
        note_recovery(channel_id=channel.pk)
        return Receipt()

    def _send_parts(
        self, account: OfficialAccount, channel: Channel, openid: str, identity_id: int, message: OutboundMessage
    ) -> None:
        done = parts_sent(message.message_id)
        bodies = _bodies(account, message, skip=done)
        if len(bodies) > 1:
            _require_room(channel, identity_id, len(bodies) - 1)
        for number, body in enumerate(bodies):
            if number:
                # The first part was taken from the window when the message was written.
                _take_another(channel, identity_id, message)
            account.send({"touser": openid, **body})
            remember_part(message.message_id, done + number + 1)


def _bodies(account: OfficialAccount, message: OutboundMessage, *, skip: int) -> list[Body]:
    text = with_label(message.text) if message.generated and message.text else message.text
    if message.kind == "menu" and menu_items(message.payload):
        bodies = [_menu_body(text, message.payload)]
    else:
        bodies = [{"msgtype": "text", "text": {"content": part}} for part in split_text(text, MAX_TEXT_BYTES)]
    bodies = bodies[skip:]
    if message.file_id is not None:
        bodies.append(_file_body(account, message.file_id))
    if not bodies and not skip:
        raise SendFault("message_empty", "there is nothing to send")
    return bodies


def _menu_body(head: str, payload: Body) -> Body:
    items = [{"id": key, "content": text} for key, text in menu_items(payload)]
    return {
        "msgtype": "msgmenu",
        "msgmenu": {"head_content": head, "list": items, "tail_content": str(payload.get("tail") or "")},
    }


def _file_body(account: OfficialAccount, file_id: int) -> Body:
    stored = files_by_id([file_id]).get(file_id)
    if stored is None:
        raise SendFault("file_gone", "the file is not kept any more")
    for kind, types in UPLOADED_AS:
        if stored.content_type in types:
            with open_stream(stored) as stream:
                content = io.BytesIO(stream.read())
            uploaded = account.media.upload(kind, (f"file.{types[stored.content_type]}", content))
            return {"msgtype": kind, kind: {"media_id": str(uploaded["media_id"])}}
    raise SendFault("file_kind_refused", f"WeChat takes no {word('file')} of this kind")


def _require_room(channel: Channel, identity_id: int, more: int) -> None:
    state = window_state(channel_id=channel.pk, channel_kind=KIND, identity_id=identity_id)
    if state.remaining is not None and state.remaining < more:
        raise SendFault("text_too_long", "the window has no room for all parts of the text")


def _take_another(channel: Channel, identity_id: int, message: OutboundMessage) -> None:
    try:
        take_send(channel_id=channel.pk, channel_kind=KIND, identity_id=identity_id, by_bot=not message.by_person)
    except SendRefused as refusal:
        raise SendFault(refusal.code, refusal.detail) from refusal


def _send_fault(channel: Channel, fault: WeChatFault) -> SendFault:
    """Note on the channel what concerns all of it, and return what concerns the message."""
    log.warning("message over channel %s was not taken: %s", channel.pk, fault)
    if fault.meaning.means in {Means.TOKEN, Means.CHANNEL}:
        note_fault(channel_id=channel.pk, code=fault.code)
    if fault.meaning.means is Means.ABILITY:
        switch_capability(channel_id=channel.pk, name=Capability.CUSTOMER_SERVICE, allowed=False)
        note_fault(channel_id=channel.pk, code=fault.code)
    return SendFault(
        fault.code, str(fault), retry_after=fault.retry_after, closes_window=fault.meaning.means is Means.WINDOW
    )
