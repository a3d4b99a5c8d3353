"""Lets a web process say farewell to its sockets before it ends."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType


def on_shutdown(farewell: Callable[[], Awaitable[None]]) -> None:
    """Run `farewell` in the current event loop when SIGTERM comes, and then what the server itself does at SIGTERM.

    Only the main thread gets signals; a loop elsewhere, and a server that has no handler of its own, are left as they
    are.
    """
    before = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        return
    loop = asyncio.get_running_loop()
    tasks: list[asyncio.Task[None]] = []

    async def part(number: int, stack: FrameType | None) -> None:
        try:
            await farewell()
        finally:
            before(number, stack)

    def handle(number: int, stack: FrameType | None) -> None:
        if tasks:  # A second signal does not wait for good manners.
            before(number, stack)
            return
        loop.call_soon_threadsafe(lambda: tasks.append(loop.create_task(part(number, stack))))

    signal.signal(signal.SIGTERM, handle)
