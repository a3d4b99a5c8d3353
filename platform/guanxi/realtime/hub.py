"""One subscription to Redis for the whole process, and the feeds that hang on it."""

import asyncio
import contextlib
import logging
import time
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import redis.asyncio
from redis.exceptions import RedisError

from guanxi.common.redis import async_client
from guanxi.realtime.close_codes import allow_server_codes
from guanxi.realtime.draining import on_shutdown
from guanxi.realtime.feed import CATCH_UP, Feed
from guanxi.realtime.members import MemberSocket
from guanxi.realtime.outbox import CloseCode, Outbox
from guanxi.realtime.presence import BEAT_SECONDS, note_offline, note_online, process_id
from guanxi.realtime.publishing import live_channel, visitor_channel
from guanxi.tenancy import TenantRef

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
LINGER_SECONDS = 60.0
# A feed that heard nothing for so long looks into the table: a publisher may have died between its commit and its word.
LOOK_SECONDS = 15.0
LOOK_SECONDS_WITHOUT_REDIS = 3.0
CONFIRM_SECONDS = 3.0
SILENCE_SECONDS = 25.0
PING_SECONDS = 8.0
DRAIN_SECONDS = 5.0


class Hub:
    """Fans out to the sockets of one event loop."""

    def __init__(self) -> None:
        self.process = process_id()
        self.draining = False
        self._redis = async_client()
        self._pubsub: redis.asyncio.client.PubSub | None = None
        self._feeds: dict[str, Feed] = {}
        self._visitors: dict[str, set[Outbox]] = {}
        self._confirmed: dict[str, asyncio.Event] = {}
        self._heard_at = time.monotonic()
        self._tasks = [
            asyncio.create_task(self._listen(), name="hub-listen"),
            asyncio.create_task(self._tick(), name="hub-tick"),
        ]
        allow_server_codes()
        on_shutdown(self.drain)

    # --- sockets ---

    async def join(self, tenant: TenantRef, socket: MemberSocket) -> Feed:
        """Count a member's socket in; return the tenant's feed once it runs."""
        channel = live_channel(tenant.schema)
        feed = self._feeds.get(channel)
        if feed is None:
            feed = self._feeds[channel] = Feed(tenant)
            feed.join(socket)
            try:
                await self._subscribe(channel)
                await feed.start()
            except BaseException:
                if self._feeds.get(channel) is feed:
                    del self._feeds[channel]
                for waiting in feed.sockets:
                    waiting.outbox.cut(CloseCode.TRY_AGAIN)
                feed.started.set()
                raise
        else:
            feed.join(socket)
            await feed.started.wait()
        await self._note(note_online, feed, {socket.member_id})
        return feed

    async def leave(self, feed: Feed, socket: MemberSocket) -> None:
        """Count a member's socket out."""
        feed.leave(socket)
        if socket.member_id not in feed.member_ids():
            await self._note(note_offline, feed, {socket.member_id})

    async def join_visitor(self, tenant: TenantRef, conversation_key: str, outbox: Outbox) -> str:
        """Let a visitor's socket hear its conversation; return the name of the channel to leave it by."""
        channel = visitor_channel(tenant.schema, conversation_key)
        self._visitors.setdefault(channel, set()).add(outbox)
        await self._subscribe(channel)
        return channel

    async def leave_visitor(self, channel: str, outbox: Outbox) -> None:
        """Count a visitor's socket out."""
        outboxes = self._visitors.get(channel, set())
        outboxes.discard(outbox)
        if not outboxes and self._visitors.pop(channel, None) is not None:
            await self._unsubscribe(channel)

    async def drain(self) -> None:
        """Close every socket with the code that says: come again, to another process."""
        self.draining = True
        outboxes = [socket.outbox for feed in self._feeds.values() for socket in feed.sockets]
        outboxes += [outbox for group in self._visitors.values() for outbox in group]
        for outbox in outboxes:
            outbox.close(CloseCode.RESTART)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(outbox.finished() for outbox in outboxes)), DRAIN_SECONDS)
        for feed in self._feeds.values():
            await self._note(note_offline, feed, feed.member_ids())

    async def _note(self, note: Any, feed: Feed, member_ids: set[int]) -> None:
        try:
            await note(self._redis, self.process, feed.tenant.schema, member_ids)
        except (RedisError, OSError) as fault:
            log.warning("presence could not be noted: %s", type(fault).__name__)

    # --- the subscription ---

    async def _subscribe(self, channel: str) -> None:
        """Subscribe and wait for the confirmation.

        While Redis is away it goes on without: the table is read until Redis is back.
        """
        confirmed = self._confirmed.setdefault(channel, asyncio.Event())
        if self._pubsub is not None and not confirmed.is_set():
            # When it fails, the listener is about to connect anew, and then subscribes to all.
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.subscribe(channel)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(confirmed.wait(), CONFIRM_SECONDS)

    async def _unsubscribe(self, channel: str) -> None:
        self._confirmed.pop(channel, None)
        if self._pubsub is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._pubsub.unsubscribe(channel)

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            pubsub = self._redis.pubsub()
            try:
                # The first channel is nobody's: a subscription to nothing would end at once.
                await pubsub.subscribe(f"gx:hub:{self.process}", *self._confirmed)
                self._pubsub, self._heard_at = pubsub, time.monotonic()
                pause = 0.1
                await self._read(pubsub)
            except (RedisError, OSError) as fault:
                log.warning("the live hub lost Redis (%s) and connects again", type(fault).__name__)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("the live hub stumbled and connects again")
            finally:
                self._pubsub = None
                with contextlib.suppress(Exception):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            for confirmed in self._confirmed.values():
                confirmed.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)

    async def _read(self, pubsub: redis.asyncio.client.PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=PING_SECONDS)
            if message is None:
                if time.monotonic() - self._heard_at > SILENCE_SECONDS:
                    raise ConnectionError("silence")
                await pubsub.ping()
                continue
            self._heard_at = time.monotonic()
            if message["type"] == "subscribe":
                self._on_subscribed(message["channel"].decode())
            elif message["type"] == "message":
                self._on_message(message["channel"].decode(), message["data"])

    def _on_subscribed(self, channel: str) -> None:
        confirmed = self._confirmed.get(channel)
        if confirmed is not None:
            confirmed.set()
        feed = self._feeds.get(channel)
        if feed is not None and feed.started.is_set():
            # It is subscribed late, or for the second time: what was told in between is in the table, and the rights
            # that were taken away in between are read anew.
            feed.hear(CATCH_UP)
            for socket in feed.sockets:
                socket.stale = True

    def _on_message(self, channel: str, data: bytes) -> None:
        feed = self._feeds.get(channel)
        if feed is not None:
            feed.hear(orjson.loads(data))
            return
        text = data.decode()
        for outbox in self._visitors.get(channel, ()):
            outbox.put(text)

    # --- housekeeping ---

    async def _tick(self) -> None:
        beat_at = 0.0
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = time.monotonic()
            try:
                for channel, feed in list(self._feeds.items()):
                    await self._look_after(channel, feed, now)
                if now - beat_at >= BEAT_SECONDS:
                    beat_at = now
                    for feed in list(self._feeds.values()):
                        await self._note(note_online, feed, feed.member_ids())
            except Exception:
                log.exception("the live hub's housekeeping stumbled")

    async def _look_after(self, channel: str, feed: Feed, now: float) -> None:
        if not feed.started.is_set():
            return
        if not feed.sockets:
            if now - feed.empty_since > LINGER_SECONDS:
                del self._feeds[channel]
                await self._unsubscribe(channel)
                await feed.stop()
            return
        for socket in feed.sockets:
            if socket.live:
                socket.say_seq()
        if now - feed.heard_at > (LOOK_SECONDS if self._pubsub is not None else LOOK_SECONDS_WITHOUT_REDIS):
            feed.hear(CATCH_UP)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """Return the hub of the running event loop; a process has one of each."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
