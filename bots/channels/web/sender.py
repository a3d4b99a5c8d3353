"""Hands outbound messages to the visitor's browser: live when it listens, and in the API for when it comes back."""

from bots.channels.web.live import tell_message
from bots.channels.web.types import KIND
from crm.outreach.types import OutboundMessage, Receipt, SendFault, WindowRule
from guanxi.common.errors import NotFound


class WebSender:
    """A site sets no windows: the stored message is the delivery, and the socket only makes it quick."""

    kind = KIND
    windows: dict[str, WindowRule] = {}

    def send(self, *, channel_id: int, identity_id: int, message: OutboundMessage) -> Receipt:
        """Tell the visitor's open pages; raise SendFault when the channel has been taken off."""
        try:
            tell_message(message.message_id)
        except NotFound as gone:
            raise SendFault("channel_disconnected", gone.detail) from gone
        return Receipt()
