"""Makes the web channel known to everything that works with channels; called once when the app is ready."""

from typing import TYPE_CHECKING

from bots.channels.registry import register_channel_kind
from bots.channels.web import live, subscribers  # noqa: F401
from bots.channels.web.kind import WebKind
from bots.channels.web.routing import API_PREFIX, PAGE_PREFIX, tenant_of_call, tenant_of_page
from bots.channels.web.sender import WebSender
from bots.channels.web.services import FILE_PURPOSE
from bots.channels.web.types import MAX_FILE_BYTES
from crm.conversations.selectors import visible_messages
from crm.outreach.services import register_sender
from guanxi.access import Actor, allows
from guanxi.files.purposes import Purpose, register_purpose
from guanxi.files.sniffing import IMAGES
from guanxi.realtime import register_client_message, register_visitor_authenticator, register_visitor_message
from guanxi.tenancy.hosts import register_request_tenant

if TYPE_CHECKING:
    from guanxi.files.models import StoredFile


def _may_open(actor: Actor, stored: "StoredFile") -> bool:
    return allows(actor, "conversation.read") and visible_messages(actor).filter(file_id=stored.pk).exists()


def register_web_channel() -> None:
    """Register kind, sender, routes, the visitors' socket and the purpose of their files."""
    register_channel_kind(WebKind())
    register_sender(WebSender())
    register_request_tenant(API_PREFIX, tenant_of_call)
    register_request_tenant(PAGE_PREFIX, tenant_of_page)
    register_visitor_authenticator(live.authenticate_visitor)
    register_visitor_message("typing")(live.hear_typing)
    register_client_message("typing")(live.hear_member_typing)
    register_purpose(Purpose(FILE_PURPOSE, kinds=IMAGES, max_bytes=MAX_FILE_BYTES, access=_may_open))
