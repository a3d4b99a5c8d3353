"""Pushes that go on after the call which caused them has been answered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class Background:
    """Keeps a hold on running tasks, so that none is lost half way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """Start it, and raise here what it raises before it first waits for the network."""
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        if task.done():
            task.result()
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()
