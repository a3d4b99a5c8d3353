"""Put the parts together: the application, and the fake that tests start in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from tests.fakes.running import ThreadedFake
from tests.fakes.wechat import api, control, pages, store
from tests.fakes.wechat.api.calls import TENCENT, speak_tencent
from tests.fakes.wechat.api.templates import BACKGROUND, PUSHER
from tests.fakes.wechat.background import Background
from tests.fakes.wechat.client import WeChatControl
from tests.fakes.wechat.people import People
from tests.fakes.wechat.pushing import Pusher
from tests.fakes.wechat.tencent import Tencent

LARGEST_BODY = 12 * 1024 * 1024
SAVE_EVERY = 1.0


def make_app(tencent: Tencent, extend: Callable[[web.Application], None] | None = None) -> web.Application:
    """The server's routes over one state; `extend` adds a neighbour such as the mailbox."""
    app = web.Application(middlewares=[control.local_only, speak_tencent], client_max_size=LARGEST_BODY)
    app[TENCENT] = tencent
    app[BACKGROUND] = Background()
    app.cleanup_ctx.append(_outgoing)
    app.cleanup_ctx.append(_saving)
    app.add_routes([*api.routes(), *control.ROUTES, *pages.ROUTES])
    if extend is not None:
        extend(app)
    return app


async def _outgoing(app: web.Application) -> AsyncIterator[None]:
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as http:
        app[PUSHER] = Pusher(app[TENCENT], http)
        app[control.PEOPLE] = People(app[TENCENT], app[PUSHER])
        yield
        app[BACKGROUND].cancel()


async def _saving(app: web.Application) -> AsyncIterator[None]:
    tencent = app[TENCENT]
    store.load(tencent)

    async def keep_saving() -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            if tencent.dirty:
                store.save(tencent)

    saver = asyncio.ensure_future(keep_saving())
    yield
    saver.cancel()
    with suppress(asyncio.CancelledError):
        await saver
    store.save(tencent)


class FakeWeChat(ThreadedFake):
    """Tencent in a thread of the test's process."""

    def __init__(self, *, folder: Path | None = None, port: int = 0) -> None:
        self.tencent = Tencent(folder=folder)
        super().__init__(make_app(self.tencent), port=port)

    @property
    def control(self) -> WeChatControl:
        return WeChatControl(self.url)

    def start(self) -> Self:
        super().start()
        self.tencent.settings.base_url = self.url
        return self
