"""Fetches pictures and voices that customers sent, while Tencent still has them."""

import logging

from bots.channels.models import Channel
from bots.channels.services import note_fault, switch_capability
from bots.channels.wechat.client import account_of
from bots.channels.wechat.faults import Means, WeChatFault
from crm.conversations.services import attach_file
from guanxi.access import Actor
from guanxi.common.errors import Invalid
from guanxi.files.services import store_file

log = logging.getLogger(__name__)
PURPOSE = "wechat_media"
NAMES = {"image/jpeg": "picture.jpg", "image/png": "picture.png", "image/gif": "picture.gif", "audio/amr": "voice.amr"}


def keep_media(*, channel: Channel, message_id: int, media_id: str) -> float | None:
    """Fetch and keep what came with a message; return after how many seconds to try again, None when it is finished."""
    try:
        content_type, content = account_of(channel).fetch_media(media_id)
    except WeChatFault as fault:
        log.warning("media of message %s cannot be fetched: %s", message_id, fault)
        if fault.meaning.means is Means.ABILITY:
            switch_capability(channel_id=channel.pk, name="media", allowed=False)
        if fault.meaning.means in {Means.TOKEN, Means.CHANNEL}:
            note_fault(channel_id=channel.pk, code=fault.code)
        if fault.retry_after is None:
            attach_file(message_id=message_id, file_id=None, error=fault.code)
        return fault.retry_after
    actor = Actor.system("media of a WeChat message")
    name = NAMES.get(content_type.partition(";")[0].strip(), "media")
    try:
        stored = store_file(actor=actor, name=name, content=content, purpose=PURPOSE)
    except Invalid as refusal:
        attach_file(message_id=message_id, file_id=None, error=refusal.code)
        return None
    attach_file(message_id=message_id, file_id=stored.pk)
    return None
