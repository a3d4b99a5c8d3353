"""Template messages: service notices outside the window, with an event that tells how they ended."""

from __future__ import annotations

import re
import secrets

from aiohttp import web

from tests.fakes.wechat.api.calls import TENCENT, answer, body_of, caller, ok
from tests.fakes.wechat.background import Background
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.pushing import Pusher
from tests.fakes.wechat.pushxml import Fields
from tests.fakes.wechat.records import Ability, Json

PUSHER = web.AppKey("pusher", Pusher)
BACKGROUND = web.AppKey("background", Background)

LIBRARY: dict[str, Json] = {
    "OPENTM207498902": {
        "title": "订单发货通知",
        "content": "{{first.DATA}}\n订单编号：{{keyword1.DATA}}\n快递公司：{{keyword2.DATA}}\n{{remark.DATA}}",
    },
    "OPENTM411651433": {
        "title": "服务进度提醒",
        "content": "{{first.DATA}}\n服务项目：{{keyword1.DATA}}\n当前进度：{{keyword2.DATA}}\n{{remark.DATA}}",
    },
}


async def add(request: web.Request) -> web.Response:
    account = caller(request, Ability.TEMPLATES)
    body = await body_of(request)
    known = LIBRARY.get(str(body.get("template_id_short", "")))
    if known is None:
        raise Refusal(40037)
    template_id = secrets.token_urlsafe(32)
    account.templates[template_id] = known
    request.app[TENCENT].dirty = True
    return ok(template_id=template_id)


async def all_private(request: web.Request) -> web.Response:
    account = caller(request, Ability.TEMPLATES)
    return answer({
        "template_list": [
            {"template_id": key, "title": each["title"], "primary_industry": "", "deputy_industry": "",
             "content": each["content"], "example": ""}
            for key, each in account.templates.items()
        ]
    })  # fmt: skip


async def delete(request: web.Request) -> web.Response:
    account = caller(request, Ability.TEMPLATES)
    body = await body_of(request)
    if account.templates.pop(str(body.get("template_id", "")), None) is None:
        raise Refusal(40037)
    return ok()


async def send(request: web.Request) -> web.Response:
    account = caller(request, Ability.TEMPLATES)
    body = await body_of(request)
    tencent = request.app[TENCENT]
    openid = body.get("touser")
    if not isinstance(openid, str) or not openid:
        raise Refusal(40003)
    follower = tencent.follower(account.app_id, openid)
    template = account.templates.get(str(body.get("template_id", "")))
    if template is None:
        raise Refusal(40037)
    if not follower.subscribed:
        raise Refusal(43004)
    text = _fill(str(template["content"]), body.get("data"))
    msg_id = tencent.next_id()
    failed = follower.blocked
    if not failed:
        tencent.show(
            follower, side="account", kind="template", text=text, via="template",
            detail={"title": template["title"], "url": str(body.get("url", ""))},
        )  # fmt: skip
    fields: Fields = [
        ("Event", "TEMPLATESENDJOBFINISH"), ("MsgID", msg_id), ("Status", "failed:user block" if failed else "success"),
    ]  # fmt: skip
    request.app[BACKGROUND].start(request.app[PUSHER].push(account, follower, kind="event", fields=fields))
    return ok(msgid=msg_id)


def _fill(content: str, data: object) -> str:
    if not isinstance(data, dict):
        raise Refusal(47001)
    names = re.findall(r"\{\{(\w+)\.DATA\}\}", content)
    for name in names:
        if name not in data and name.startswith("keyword"):
            raise Refusal(47003, hint=f"data.{name}.value is empty")
    values = {name: str(part.get("value", "")) for name, part in data.items() if isinstance(part, dict)}
    return re.sub(r"\{\{(\w+)\.DATA\}\}", lambda match: values.get(match[1], ""), content).strip()


ROUTES = [
    web.route("*", "/cgi-bin/template/api_add_template", add),
    web.get("/cgi-bin/template/get_all_private_template", all_private),
    web.route("*", "/cgi-bin/template/del_private_template", delete),
    web.route("*", "/cgi-bin/message/template/send", send),
]
