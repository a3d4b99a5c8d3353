"""Put the parts together: the application, and the fake that tests start in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

from aiohttp import web

from tests.fakes.running import ThreadedFake
from tests.fakes.stripe import control, pages, server
from tests.fakes.stripe.faults import Faults
from tests.fakes.stripe.pushing import Pusher, Target
from tests.fakes.stripe.shop import Shop


def make_app(shop: Shop, target: Target, faults: Faults) -> web.Application:
    app = web.Application(middlewares=[control.local_only])
    app[server.SHOP] = shop
    app[server.FAULTS] = faults
    app.add_routes([*server.call_routes(), *pages.ROUTES, *control.ROUTES])

    async def pushing(app: web.Application) -> AsyncIterator[None]:
        pusher = Pusher(shop, target, faults)
        app[control.PUSHER] = pusher
        shop.emit = pusher.put
        runner = asyncio.ensure_future(pusher.run())
        yield
        runner.cancel()
        with suppress(asyncio.CancelledError):
            await runner

    app.cleanup_ctx.append(pushing)
    return app


class FakeStripe(ThreadedFake):
    """Stripe in a thread of the test's process."""

    def __init__(self, *, port: int = 0) -> None:
        self.shop, self.target, self.faults = Shop(), Target(), Faults()
        super().__init__(make_app(self.shop, self.target, self.faults), port=port)

    @property
    def pusher(self) -> Pusher:
        return self.app[control.PUSHER]

    def start(self) -> Self:
        super().start()
        self.shop.base_url = self.url
        return self

    def reset(self) -> None:
        """Begin anew: nothing sold, nothing ordered, nobody to tell."""
        self.target.url = ""
        self.faults.clear()
        self.shop.clear()
        self.pusher.deliveries.clear()
        self.pusher.held.clear()
