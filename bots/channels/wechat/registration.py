"""Makes WeChat channels known to everything that works with channels; called once when the app is ready."""

from typing import TYPE_CHECKING

from bots.channels.registry import register_channel_kind
from bots.channels.wechat.kind import WeChatKind
from bots.channels.wechat.media import PURPOSE
from bots.channels.wechat.routing import PREFIX, tenant_of_callback
from bots.channels.wechat.sender import WeChatSender
from crm.conversations.selectors import visible_messages
from crm.outreach.services import register_sender
from guanxi.access import Actor, allows
from guanxi.files.purposes import Purpose, register_purpose
from guanxi.files.sniffing import AUDIO, IMAGES, VIDEO
from guanxi.tenancy.hosts import register_request_tenant

if TYPE_CHECKING:
    from guanxi.files.models import StoredFile

MAX_MEDIA_BYTES = 12 * 1024 * 1024


def _may_open(actor: Actor, stored: "StoredFile") -> bool:
    return allows(actor, "conversation.read") and visible_messages(actor).filter(file_id=stored.pk).exists()


def register_wechat_channel() -> None:
    """Register kind, sender, route and the purpose of fetched media."""
    register_channel_kind(WeChatKind())
    register_sender(WeChatSender())
    register_request_tenant(PREFIX, tenant_of_callback)
    kinds = frozenset(IMAGES | AUDIO | VIDEO)
    register_purpose(Purpose(PURPOSE, kinds=kinds, max_bytes=MAX_MEDIA_BYTES, access=_may_open))
