"""What waits to be sent over one socket. A slow reader fills its own queue and is cut; it holds up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import IntEnum

MAX_WAITING = 2000


class CloseCode(IntEnum):
    """Why the server closes a socket."""

    TOO_BIG = 1009
    RESTART = 1012
    TRY_AGAIN = 1013
    NOT_SIGNED_IN = 4401
    FOREIGN_ORIGIN = 4403
    UNKNOWN_HOST = 4404
    NO_HELLO = 4408
    TOO_MANY = 4429


class Outbox:
    """Sends texts one after another, in order, by a task of its own; the close comes after what was put before it."""

    def __init__(self, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]]) -> None:
        self._send, self._close = send, close
        self._waiting: asyncio.Queue[str | CloseCode] = asyncio.Queue(MAX_WAITING)
        self._writer = asyncio.create_task(self._write(), name="socket-writer")
        self.closing = False

    def put(self, text: str) -> None:
        """Let a text be sent; a socket that reads too slowly is closed, and catches up when it comes again."""
        if self.closing:
            return
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.cut(CloseCode.TRY_AGAIN)

    def close(self, code: CloseCode) -> None:
        """Close the socket after what waits."""
        if not self.closing:
            self.closing = True
            try:
                self._waiting.put_nowait(code)
            except asyncio.QueueFull:
                self.cut(code)

    def cut(self, code: CloseCode) -> None:
        """Close the socket at once; what waits is dropped."""
        self.closing = True
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(code)

    async def stop(self) -> None:
        """End without a word: the other side has gone."""
        self.closing = True
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def finished(self) -> None:
        """Wait until everything is sent and the socket is closed."""
        await asyncio.gather(asyncio.shield(self._writer), return_exceptions=True)

    async def _write(self) -> None:
        while True:
            item = await self._waiting.get()
            if isinstance(item, CloseCode):
                await self._close(int(item))
                return
            await self._send(item)
