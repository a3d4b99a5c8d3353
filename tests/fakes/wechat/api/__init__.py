"""Tencent's API under /cgi-bin."""

from aiohttp import web

from tests.fakes.wechat.api import accounts, media, menus, messages, templates


def routes() -> list[web.RouteDef]:
    return [*accounts.ROUTES, *messages.ROUTES, *media.ROUTES, *menus.ROUTES, *templates.ROUTES]
