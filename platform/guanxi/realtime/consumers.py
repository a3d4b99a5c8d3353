"""The members' socket at /ws/."""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Any

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer

from guanxi.access import Actor
from guanxi.common.errors import Problem
from guanxi.realtime.authentication import host_name, is_same_origin, load_session_actor, session_key
from guanxi.realtime.feed import Feed
from guanxi.realtime.hub import hub
from guanxi.realtime.members import MemberSocket
from guanxi.realtime.messages import frame
from guanxi.realtime.outbox import CloseCode, Outbox
from guanxi.realtime.registry import member_message_handler
from guanxi.tenancy import TenantRef, in_public, in_tenant
from guanxi.tenancy.hosts import HostKind, resolve_host

HELLO_SECONDS = 10.0
MAX_TEXT = 16 * 1024
MESSAGES_A_SECOND = 20
CHECK_SECONDS = 1.0
RECHECK_SECONDS = 300.0


class SocketConsumer(AsyncWebsocketConsumer):
    """What both sockets share: the handshake's checks, an outbox, limits on what the other side sends."""

    outbox: Outbox | None = None

    def __init__(self) -> None:
        super().__init__()
        self._tasks: set[asyncio.Task[None]] = set()
        self._window, self._count = 0.0, 0

    async def connect(self) -> None:
        """Accept, so that a refusal can carry its code, then look who it is."""
        await self.accept()
        self.outbox = Outbox(self.send, self.close)
        if not is_same_origin(self.scope):
            self.outbox.close(CloseCode.FOREIGN_ORIGIN)
        elif hub().draining:
            self.outbox.close(CloseCode.RESTART)
        else:
            await self.admit(self.outbox)

    async def admit(self, outbox: Outbox) -> None:
        """Let the other side in, or close."""
        raise NotImplementedError

    async def on_message(self, message: dict[str, Any]) -> None:
        """Handle one message of the other side."""
        raise NotImplementedError

    async def left(self) -> None:
        """Clean up after the other side has gone."""
        raise NotImplementedError

    def keep(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a task for as long as the socket is open."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Check a message's size, pace and form, then handle it."""
        outbox = self.outbox
        if outbox is None or outbox.closing:
            return
        if text_data is None or len(text_data) > MAX_TEXT:
            outbox.close(CloseCode.TOO_BIG)
        elif self._is_too_fast():
            outbox.close(CloseCode.TOO_MANY)
        else:
            await self._handle(outbox, text_data)

    def _is_too_fast(self) -> bool:
        now = time.monotonic()
        if now - self._window >= 1:
            self._window, self._count = now, 0
        self._count += 1
        return self._count > MESSAGES_A_SECOND

    async def _handle(self, outbox: Outbox, text: str) -> None:
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            outbox.put(frame("error", code="malformed_message"))
        elif message["type"] == "ping":
            outbox.put(frame("pong"))
        else:
            try:
                await self.on_message(message)
            except Problem as refusal:
                outbox.put(frame("error", code=refusal.code, about=message["type"]))

    async def disconnect(self, code: int) -> None:
        """End the socket's tasks."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.outbox is not None:
            await self.outbox.stop()
        await self.left()


class MemberConsumer(SocketConsumer):
    """Numbered events, transients, typing."""

    tenant: TenantRef
    socket: MemberSocket | None = None
    feed: Feed | None = None
    greeted = False

    async def admit(self, outbox: Outbox) -> None:
        """Let a signed-in member of the host's tenant in."""
        kind, tenant = await in_public(resolve_host, host_name(self.scope))
        if kind is not HostKind.WORKSPACE or tenant is None:
            outbox.close(CloseCode.UNKNOWN_HOST)
            return
        self.tenant = tenant
        actor = await self._load_actor()
        if actor is None or actor.member_id is None:
            outbox.close(CloseCode.NOT_SIGNED_IN)
            return
        self.socket = MemberSocket(actor.member_id, actor, outbox)
        self.feed = await hub().join(tenant, self.socket)
        self.keep(self._look_after(self.socket))

    async def _load_actor(self) -> Actor | None:
        return await in_tenant(self.tenant, load_session_actor, session_key(self.scope))

    async def on_message(self, message: dict[str, Any]) -> None:
        """Greet, note what the page watches, or hand the message to whoever registered for it."""
        if self.socket is None or self.feed is None:
            return
        if message["type"] == "hello":
            await self._hello(self.feed, self.socket, message)
            return
        if message["type"] in {"watch", "unwatch"}:
            self.socket.watch(str(message.get("channel", ""))[:200], on=message["type"] == "watch")
            return
        handler = member_message_handler(message["type"])
        if handler is None:
            self.socket.outbox.put(frame("error", code="unknown_message", about=message["type"]))
            return
        await in_tenant(self.tenant, handler, self.socket.actor, message)

    async def _hello(self, feed: Feed, socket: MemberSocket, message: dict[str, Any]) -> None:
        seq = message.get("last_seq")
        if not (seq is None or (isinstance(seq, int) and not isinstance(seq, bool) and seq >= 0)):
            socket.outbox.put(frame("error", code="malformed_message", about="hello"))
            return
        self.greeted = True
        await feed.catch_up(socket, seq)

    async def _look_after(self, socket: MemberSocket) -> None:
        """Close a socket that never greets; read the member's rights anew when they changed, and now and then."""
        opened = checked = time.monotonic()
        while not socket.outbox.closing:
            await asyncio.sleep(CHECK_SECONDS)
            now = time.monotonic()
            if not self.greeted and now - opened > HELLO_SECONDS:
                socket.outbox.close(CloseCode.NO_HELLO)
            elif socket.stale or now - checked > RECHECK_SECONDS:
                checked, socket.stale = now, False
                actor = await self._load_actor()
                if actor is None or actor.member_id != socket.member_id:
                    socket.outbox.close(CloseCode.NOT_SIGNED_IN)
                else:
                    socket.actor = actor

    async def left(self) -> None:
        """Take the socket out of its feed."""
        if self.feed is not None and self.socket is not None:
            with contextlib.suppress(OSError):
                await hub().leave(self.feed, self.socket)
