"""Customer-service messages: what an account may write to a person who spoke to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from aiohttp import web

from tests.fakes.wechat.api.calls import TENCENT, body_of, caller, ok
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.quota import spend
from tests.fakes.wechat.records import Ability, Account, Follower, Json
from tests.fakes.wechat.tencent import Tencent

MEDIA_LIFE = 3 * 86400
TYPING_SECONDS = 15
TALKED_LATELY = 30

Content = tuple[str, Json]


async def send(request: web.Request) -> web.Response:
    account = caller(request, Ability.CUSTOMER_SERVICE)
    body = await body_of(request)
    tencent = request.app[TENCENT]
    follower = _addressee(tencent, account, body)
    kind = body.get("msgtype")
    if not isinstance(kind, str) or kind not in CONTENTS:
        raise Refusal(40008)
    part = body.get(kind)
    if not isinstance(part, dict):
        raise Refusal(44004 if kind == "text" else 47001)
    text, detail = CONTENTS[kind](tencent, account, part)
    if not follower.subscribed:
        raise Refusal(45015)
    spend(follower.grants, tencent.clock.now())
    follower.typing_until = 0.0
    worker = body.get("customservice")
    if isinstance(worker, dict):
        detail["kf_account"] = str(worker.get("kf_account", ""))
    tencent.show(follower, side="account", kind=kind, text=text, via="service", detail=detail)
    tencent.changed(account.app_id, "follower", asdict(follower))
    return ok()


async def typing(request: web.Request) -> web.Response:
    account = caller(request, Ability.CUSTOMER_SERVICE)
    body = await body_of(request)
    tencent = request.app[TENCENT]
    follower = _addressee(tencent, account, body)
    now = tencent.clock.now()
    command = body.get("command")
    if command not in ("Typing", "CancelTyping"):
        raise Refusal(45072)
    if now - follower.last_message_at > TALKED_LATELY:
        raise Refusal(45080)
    if command == "Typing" and follower.typing_until > now:
        raise Refusal(45081)
    follower.typing_until = now + TYPING_SECONDS if command == "Typing" else 0.0
    tencent.changed(account.app_id, "follower", asdict(follower))
    return ok()


def _addressee(tencent: Tencent, account: Account, body: Json) -> Follower:
    openid = body.get("touser")
    if not isinstance(openid, str) or not openid:
        raise Refusal(40003)
    follower = tencent.follower(account.app_id, openid)
    if follower.blocked:
        raise Refusal(43019)
    return follower


def _text(tencent: Tencent, account: Account, part: Json) -> Content:
    content = part.get("content")
    if not isinstance(content, str) or not content.strip():
        raise Refusal(44004)
    if len(content.encode()) > account.bytes_in_text:
        raise Refusal(45002)
    return content, {}


def _media(kind: str) -> Callable[[Tencent, Account, Json], Content]:
    def check(tencent: Tencent, account: Account, part: Json) -> Content:
        media = tencent.media.get(str(part.get("media_id", "")))
        if media is None or media.app_id != account.app_id or media.kind != kind:
            raise Refusal(40007)
        if tencent.clock.now() - media.created_at > MEDIA_LIFE:
            raise Refusal(40007)
        return "", {"media_id": media.media_id}

    return check


def _news(tencent: Tencent, account: Account, part: Json) -> Content:
    articles = part.get("articles")
    if not isinstance(articles, list) or not articles:
        raise Refusal(44003)
    if len(articles) > 1:
        raise Refusal(45008)
    article = articles[0]
    if not isinstance(article, dict) or not str(article.get("title", "")).strip():
        raise Refusal(44003)
    kept = {name: str(article.get(name, "")) for name in ("title", "description", "url", "picurl")}
    if kept["url"] and not kept["url"].startswith(("http://", "https://")):
        raise Refusal(40066)
    return kept["title"], {"articles": [kept]}


def _menu(tencent: Tencent, account: Account, part: Json) -> Content:
    items = part.get("list")
    if not isinstance(items, list) or not items:
        raise Refusal(47001, hint="list")
    for item in items:
        if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in ("id", "content")):
            raise Refusal(47001, hint="list item")
        if not item["id"] or not item["content"].strip():
            raise Refusal(44004)
    head, tail = part.get("head_content", ""), part.get("tail_content", "")
    if not isinstance(head, str) or not isinstance(tail, str):
        raise Refusal(47001)
    whole = head + tail + "".join(item["content"] for item in items)
    if len(whole.encode()) > account.bytes_in_text:
        raise Refusal(45002)
    return head, {"items": [{"id": i["id"], "content": i["content"]} for i in items], "tail": tail}


CONTENTS: dict[str, Callable[[Tencent, Account, Json], Content]] = {
    "text": _text,
    "image": _media("image"),
    "voice": _media("voice"),
    "video": _media("video"),
    "news": _news,
    "msgmenu": _menu,
}

ROUTES = [
    web.route("*", "/cgi-bin/message/custom/send", send),
    web.route("*", "/cgi-bin/message/custom/typing", typing),
]
