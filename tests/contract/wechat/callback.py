"""A server of an account's owner, made of one function, to hold the fake against."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.fakes.running import ThreadedFake

Answering = Callable[["Pushed"], Awaitable[web.Response] | web.Response]


@dataclass
class Pushed:
    """One request that the owner's server received."""

    query: dict[str, str]
    body: str


@dataclass
class Inbox:
    pushes: list[Pushed] = field(default_factory=list)
    checks: list[Pushed] = field(default_factory=list)


class OwnServer(ThreadedFake):
    """Answers the check with echostr, and pushes by `answer`, which a test may replace."""

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.echo = True
        self.answer: Answering = lambda pushed: web.Response(text="success")
        app = web.Application()
        app.router.add_get("/callback", self._check)
        app.router.add_post("/callback", self._push)
        super().__init__(app)

    @property
    def callback_url(self) -> str:
        return f"{self.url}/callback"

    async def _check(self, request: web.Request) -> web.Response:
        self.inbox.checks.append(Pushed(dict(request.query), ""))
        return web.Response(text=request.query["echostr"] if self.echo else "no")

    async def _push(self, request: web.Request) -> web.Response:
        pushed = Pushed(dict(request.query), (await request.read()).decode("utf-8", "replace"))
        self.inbox.pushes.append(pushed)
        answer = self.answer(pushed)
        return answer if isinstance(answer, web.Response) else await answer
