"""The page on which a customer pays."""

from __future__ import annotations

from html import escape

from aiohttp import web

from tests.fakes.stripe.errors import Refusal
from tests.fakes.stripe.server import SHOP
from tests.fakes.stripe.shop import CARD_DECLINED, CARD_PAID, Json

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>付款 · Pay</title><style>
body{{margin:0;background:#f5f6f8;color:#1c2024;font:16px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}}
main{{max-width:25rem;margin:8vh auto;padding:2rem;background:#fff;border-radius:12px;box-shadow:0 1px 3px #0002}}
h1{{font-size:1.6rem;margin:.2rem 0 1.2rem}} small{{color:#60646c}} label{{display:block;margin:.8rem 0 .2rem}}
input,button{{box-sizing:border-box;width:100%;padding:.65rem;border:1px solid #cdced6;border-radius:8px;font:inherit}}
button{{margin-top:1.2rem;border:0;background:#3a5bc7;color:#fff;cursor:pointer}} .error{{color:#ce2c31}}
</style></head><body><main>
<small>Stripe, played · 模拟的 Stripe 付款页</small><h1>{amount}</h1>{error}
<form method="post"><label for="card">卡号 · Card number</label>
<input id="card" name="card" inputmode="numeric" autocomplete="off" required placeholder="4242 4242 4242 4242">
<button type="submit">付款 · Pay</button></form>
<p><small>{paid} 付款成功 · is paid<br>{declined} 被拒 · is declined</small></p>
<p><a href="{back}">返回 · Back</a></p></main></body></html>"""


def _grouped(card: str) -> str:
    return " ".join(card[at : at + 4] for at in range(0, len(card), 4))


def _render(page: Json, error: str = "") -> str:
    amount = f"{page['currency'].upper()} {page['amount_total'] / 100:,.2f}"
    return PAGE.format(
        amount=escape(amount),
        error=f'<p class="error" role="alert">{escape(error)}</p>' if error else "",
        paid=_grouped(CARD_PAID),
        declined=_grouped(CARD_DECLINED),
        back=escape(page["cancel_url"] or page["success_url"]),
    )


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")


async def show(request: web.Request) -> web.StreamResponse:
    page = request.app[SHOP].pages.get(request.match_info["id"])
    if page is None or page["status"] == "expired":
        return _html("<!doctype html><title>Expired</title><p>此付款页已失效 · This page has expired.", 410)
    if page["status"] == "complete":
        raise web.HTTPSeeOther(page["success_url"])
    return _html(_render(page))


async def pay(request: web.Request) -> web.StreamResponse:
    shop = request.app[SHOP]
    page = shop.pages.get(request.match_info["id"])
    if page is None:
        return _html("<!doctype html><title>Unknown</title><p>没有这个付款页 · There is no such page.", 404)
    card = "".join(sign for sign in str((await request.post()).get("card", "")) if sign.isdecimal())
    try:
        shop.pay(page["id"], card)
    except Refusal as refusal:
        return _html(_render(page, refusal.message), refusal.status)
    raise web.HTTPSeeOther(page["success_url"])


ROUTES = [web.get("/pay/{id}", show), web.post("/pay/{id}", pay)]
