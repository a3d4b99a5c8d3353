"""The visitors' socket at /ws/widget/: one conversation, nothing numbered; what was missed is read from the widget's
API.
"""

import asyncio
from typing import Any

from guanxi.realtime.authentication import host_name
from guanxi.realtime.consumers import HELLO_SECONDS, SocketConsumer
from guanxi.realtime.hub import hub
from guanxi.realtime.messages import frame
from guanxi.realtime.outbox import CloseCode, Outbox
from guanxi.realtime.registry import visitor_authenticator, visitor_message_handler
from guanxi.tenancy import TenantRef, in_public, in_tenant


class VisitorConsumer(SocketConsumer):
    """Says `{"type": "hello", "token": …}` first: a token in the address would end up in logs."""

    tenant: TenantRef
    conversation_key = ""
    channel = ""
    greeted = False

    async def admit(self, outbox: Outbox) -> None:
        """Wait for the hello."""
        self.keep(self._wait_for_hello(outbox))

    async def _wait_for_hello(self, outbox: Outbox) -> None:
        await asyncio.sleep(HELLO_SECONDS)
        if not self.greeted:
            outbox.close(CloseCode.NO_HELLO)

    async def on_message(self, message: dict[str, Any]) -> None:
        """Greet, or hand the message to whoever registered for it."""
        if self.outbox is None:
            return
        if message["type"] == "hello":
            await self._hello(self.outbox, message.get("token"))
            return
        handler = visitor_message_handler(message["type"])
        if handler is None or not self.channel:
            self.outbox.put(frame("error", code="unknown_message", about=message["type"]))
            return
        await in_tenant(self.tenant, handler, self.conversation_key, message)

    async def _hello(self, outbox: Outbox, token: object) -> None:
        authenticate = visitor_authenticator()
        if self.greeted or authenticate is None or not isinstance(token, str):
            outbox.close(CloseCode.NOT_SIGNED_IN)
            return
        self.greeted = True
        known = await in_public(authenticate, token, host_name(self.scope))
        if known is None:
            outbox.close(CloseCode.NOT_SIGNED_IN)
            return
        self.tenant, self.conversation_key = known
        self.channel = await hub().join_visitor(self.tenant, self.conversation_key, outbox)
        outbox.put(frame("ready"))

    async def left(self) -> None:
        """Take the socket off its conversation."""
        if self.channel and self.outbox is not None:
            await hub().leave_visitor(self.channel, self.outbox)
