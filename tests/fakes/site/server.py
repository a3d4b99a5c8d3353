"""Serves the hostile pages; each is named by what it does to the chat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from string import Template

from aiohttp import web

from tests.fakes.running import ThreadedFake

PAGES = Path(__file__).parent / "pages"


@dataclass(frozen=True)
class Embed:
    """What the pages embed: the script's address and the channel's key."""

    script_url: str
    key: str

    @property
    def origin(self) -> str:
        return "/".join(self.script_url.split("/")[:3])

    def tag(self, **attributes: str) -> str:
        extra = "".join(f' data-{name}="{value}"' for name, value in attributes.items())
        return f'<script src="{self.script_url}" data-key="{self.key}"{extra} async></script>'


def policy_of(page: str, origin: str) -> str:
    """Return the page's content security policy; the strict one allows script and frame, and nothing else at all."""
    if page == "strict":
        only = f"default-src 'none'; script-src {origin}; frame-src {origin}"
        return f"{only}; require-trusted-types-for 'script'; trusted-types 'none'"
    if page == "noframe":
        return f"default-src 'none'; script-src {origin}; frame-src 'none'"
    return ""


class FakeSite:
    """The site on a port of its own, so that the chat is a stranger there as it is in life."""

    def __init__(self, *, script_url: str = "", key: str = "", host: str = "127.0.0.1") -> None:
        self.embed = Embed(script_url, key)
        app = web.Application()
        app.router.add_get("/favicon.ico", self._icon)
        app.router.add_get("/{page}", self._page)
        self._server = ThreadedFake(app, host=host)

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def origin(self) -> str:
        return self._server.url

    def point_at(self, *, script_url: str, key: str) -> None:
        """Embed another channel from now on."""
        self.embed = Embed(script_url, key)

    def __enter__(self) -> FakeSite:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    async def _icon(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _page(self, request: web.Request) -> web.Response:
        name = request.match_info["page"]
        path = PAGES / f"{name}.html"
        if not name.isalpha() or not path.is_file():
            raise web.HTTPNotFound
        attributes = {key: value for key, value in request.query.items() if key in {"lang", "theme", "side", "color"}}
        html = Template(path.read_text(encoding="utf-8")).substitute(tag=self.embed.tag(**attributes))
        response = web.Response(text=html, content_type="text/html")
        policy = policy_of(name, self.embed.origin)
        if policy:
            response.headers["Content-Security-Policy"] = policy
        return response
