"""One tenant's stream of events in one process: reads it in order, without gaps, and fans it out to the tenant's
sockets.
"""

import asyncio
import logging
import time
from collections import deque
from typing import Any

from guanxi.events.types import Audience
from guanxi.realtime.audiences import admits
from guanxi.realtime.members import MemberSocket
from guanxi.realtime.messages import LiveMessage, frame, live_message
from guanxi.realtime.outbox import CloseCode
from guanxi.realtime.registry import audience_of_channel
from guanxi.realtime.selectors import events_after, last_seq
from guanxi.tenancy import TenantRef, in_tenant

log = logging.getLogger(__name__)
KEEP_RECENT = 500
MAX_REPLAY = 1000
BATCH = 250
AUDIENCE_SECONDS = 20
CATCH_UP: dict[str, Any] = {"t": "catch_up"}


class Feed:
    """The sockets of one tenant in this process, and the number of the last event that they were told."""

    def __init__(self, tenant: TenantRef) -> None:
        self.tenant = tenant
        self.sockets: set[MemberSocket] = set()
        self.last_seq = 0
        self.started = asyncio.Event()
        self.heard_at = self.empty_since = time.monotonic()
        self._recent: deque[LiveMessage] = deque(maxlen=KEEP_RECENT)
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._audiences: dict[str, tuple[float, Audience | None]] = {}
        self._pump: asyncio.Task[None] | None = None

    def hear(self, message: dict[str, Any]) -> None:
        """Take a message from Redis."""
        self.heard_at = time.monotonic()
        self._inbox.put_nowait(message)

    async def start(self) -> None:
        """Begin at the tenant's last event.

        The subscription is confirmed already, so that nothing can pass in between.
        """
        self.last_seq = await in_tenant(self.tenant, last_seq)
        self._pump = asyncio.create_task(self._run(), name=f"feed-{self.tenant.schema}")
        self.started.set()

    async def stop(self) -> None:
        """End the feed."""
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    def join(self, socket: MemberSocket) -> None:
        """Count a socket in; it hears numbered events once it has caught up."""
        self.sockets.add(socket)

    def leave(self, socket: MemberSocket) -> None:
        """Count a socket out."""
        self.sockets.discard(socket)
        if not self.sockets:
            self.empty_since = time.monotonic()

    def member_ids(self) -> set[int]:
        """Return whose sockets are here."""
        return {socket.member_id for socket in self.sockets}

    async def catch_up(self, socket: MemberSocket, seq: int | None) -> None:
        """Bring a socket from the number it knows to the present, then let it hear what comes.

        It may do so again: a page that finds a gap asks from where it stands. Between the last look at
        `self.last_seq` and `live = True` nothing is awaited, so no event can slip through.
        """
        socket.live = False
        if seq is None:
            socket.begin(self.last_seq)
        else:
            socket.begin(seq)
            if not await self._replay(socket):
                socket.begin(self.last_seq)
                socket.outbox.put(frame("resync", seq=socket.seq))
        socket.live = True
        socket.say_seq()
        socket.outbox.put(frame("ready", seq=socket.seq))

    async def _replay(self, socket: MemberSocket) -> bool:
        """Offer everything that the socket missed; return whether that was possible without a gap."""
        if socket.seq > self.last_seq:
            # Either this process has not heard of the newest events yet, or the number is of another life of the
            # database.
            return socket.seq <= await in_tenant(self.tenant, last_seq)
        while socket.seq < self.last_seq:
            if self._recent and self._recent[0].seq <= socket.seq + 1:
                for message in self._recent:
                    socket.offer(message)
            elif self.last_seq - socket.seq > MAX_REPLAY:
                return False
            else:
                missed = await in_tenant(self.tenant, events_after, socket.seq, BATCH)
                if not missed or missed[0].seq != socket.seq + 1:
                    return False
                for message in missed:
                    socket.offer(message)
        return True

    async def _run(self) -> None:
        while True:
            message = await self._inbox.get()
            try:
                await self._take(message)
            except Exception:
                log.exception("the live feed of %s stumbled; it reads the table again", self.tenant.schema)
                await asyncio.sleep(1)
                self._inbox.put_nowait(CATCH_UP)

    async def _take(self, message: dict[str, Any]) -> None:
        kind = message["t"]
        if kind == "event":
            await self._take_event(live_message(message["e"], message["a"]))
        elif kind == "catch_up":
            await self._read_table()
        elif kind == "transient":
            await self._take_transient(message)
        elif kind == "control":
            self._control(message["do"], message["members"])

    async def _take_event(self, message: LiveMessage) -> None:
        if message.seq == self.last_seq + 1:
            self._fan_out(message)
        elif message.seq > self.last_seq:
            # Two workers published in another order than they committed, or a message was lost: the table has them all.
            await self._read_table()

    async def _read_table(self) -> None:
        while True:
            missed = await in_tenant(self.tenant, events_after, self.last_seq, BATCH)
            for message in missed:
                self._fan_out(message)
            if len(missed) < BATCH:
                return

    def _fan_out(self, message: LiveMessage) -> None:
        if message.seq != self.last_seq + 1:
            self._recent.clear()
        self._recent.append(message)
        self.last_seq = message.seq
        for socket in self.sockets:
            if socket.live:
                socket.offer(message)

    async def _take_transient(self, message: dict[str, Any]) -> None:
        given, channel = message["a"], message["c"]
        audience = Audience.from_json(given) if given else await self._audience(channel)
        if audience is None:
            return
        text = frame("transient", channel=channel, payload=message["p"])
        to_all = given is not None or channel == "everyone" or channel.startswith("member:")
        for socket in self.sockets:
            if admits(socket.actor, audience) and (to_all or socket.watches(channel)):
                socket.outbox.put(text)

    async def _audience(self, channel: str) -> Audience | None:
        if channel == "everyone":
            return Audience(everyone=True)
        kind, _, number = channel.partition(":")
        if not number.isdecimal():
            return None
        if kind == "member":
            return Audience(member_ids=(int(number),))
        known = self._audiences.get(channel)
        if known is not None and time.monotonic() - known[0] < AUDIENCE_SECONDS:
            return known[1]
        ask = audience_of_channel(kind)
        if ask is None:
            return None
        if len(self._audiences) > 1000:
            self._audiences.clear()
        audience = await in_tenant(self.tenant, ask, int(number))
        self._audiences[channel] = (time.monotonic(), audience)
        return audience

    def _control(self, action: str, member_ids: list[int] | None) -> None:
        for socket in list(self.sockets):
            if member_ids is None or socket.member_id in member_ids:
                if action == "close":
                    socket.outbox.close(CloseCode.NOT_SIGNED_IN)
                else:
                    socket.stale = True
