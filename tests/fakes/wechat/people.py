"""What a person does with the phone, and what Tencent pushes because of it."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import asdict
from typing import Any

from PIL import Image, ImageDraw

from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.pushing import Pusher
from tests.fakes.wechat.pushxml import Fields
from tests.fakes.wechat.quota import Cause, grant
from tests.fakes.wechat.records import Account, Bubble, Delivery, Follower, Json, Media
from tests.fakes.wechat.tencent import Tencent

SCAN_KINDS = ("scancode_push", "scancode_waitmsg")


class People:
    """The customers' side; each act answers with the deliveries that it caused."""

    def __init__(self, tencent: Tencent, pusher: Pusher) -> None:
        self._tencent = tencent
        self._pusher = pusher

    async def perform(self, app_id: str, openid: str, action: str, body: Json) -> list[Delivery]:
        """Do one act by its name, as the phone page and the tests ask for it."""
        acts = {
            "follow": self.follow, "unfollow": self.unfollow, "scan": self.scan, "text": self.text,
            "image": self.image, "voice": self.voice, "location": self.location, "link": self.link,
            "click": self.click, "tap": self.tap, "raw": self.raw,
        }  # fmt: skip
        if action not in acts:
            raise ValueError(f"a phone cannot {action!r}")
        account = self._tencent.account(app_id)
        return await acts[action](account, self._tencent.follower(app_id, openid), body)

    async def follow(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        scene, ticket = self._scene(account, body)
        self._subscribe(follower, scene)
        self._grant(follower, Cause.EVENT)
        self._say(follower, f"你已关注 {account.name}")
        fields: Fields = [("Event", "subscribe"), ("EventKey", f"qrscene_{scene}" if scene else "")]
        return await self._event(account, follower, fields + ([("Ticket", ticket)] if ticket else []))

    async def unfollow(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        follower.subscribed = False
        follower.grants = []
        self._tell(follower)
        self._say(follower, f"你已取消关注 {account.name}")
        return await self._event(account, follower, [("Event", "unsubscribe"), ("EventKey", "")])

    async def scan(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        """Scan a code with a scene: a new follower subscribes by it, a follower scans it."""
        if not follower.subscribed:
            return await self.follow(account, follower, body)
        scene, ticket = self._scene(account, body)
        self._grant(follower, Cause.EVENT)
        self._say(follower, f"扫描二维码 {scene}".rstrip())
        return await self._event(account, follower, [("Event", "SCAN"), ("EventKey", scene), ("Ticket", ticket)])

    async def text(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        content = str(body["content"])
        bubble = self._bubble(follower, "text", content)
        return await self._message(account, follower, "text", [("Content", content)], bubble)

    async def image(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        content: bytes = body.get("file") or sample_image()
        mime = str(body.get("mime") or "image/png")
        media = self._keep(account, "image", mime, content, str(body.get("name") or "photo.png"))
        bubble = self._bubble(follower, "image", "", {"media_id": media.media_id})
        picture = f"{self._tencent.settings.base_url}/media/{media.media_id}"
        return await self._message(
            account, follower, "image", [("PicUrl", picture), ("MediaId", media.media_id)], bubble
        )

    async def voice(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        seconds = int(body.get("seconds") or 3)
        media = self._keep(account, "voice", "audio/amr", sample_voice(seconds), "voice.amr")
        words = str(body.get("recognition") or "")
        bubble = self._bubble(follower, "voice", words, {"seconds": seconds, "media_id": media.media_id})
        fields: Fields = [("MediaId", media.media_id), ("Format", "amr")]
        return await self._message(
            account, follower, "voice", fields + ([("Recognition", words)] if words else []), bubble
        )

    async def location(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        label = str(body.get("label") or "浙江省杭州市西湖区龙井路1号")
        north, east = float(body.get("latitude") or 30.221), float(body.get("longitude") or 120.102)
        bubble = self._bubble(follower, "location", label, {"latitude": north, "longitude": east})
        fields: Fields = [
            ("Location_X", f"{north:.6f}"), ("Location_Y", f"{east:.6f}"), ("Scale", int(body.get("scale") or 16)),
            ("Label", label),
        ]  # fmt: skip
        return await self._message(account, follower, "location", fields, bubble)

    async def link(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        title, url = str(body.get("title") or "龙井新茶上市"), str(body.get("url") or "https://example.com/tea")
        about = str(body.get("description") or "")
        bubble = self._bubble(follower, "link", title, {"url": url, "description": about})
        fields: Fields = [("Title", title), ("Description", about), ("Url", url)]
        return await self._message(account, follower, "link", fields, bubble)

    async def click(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        """Press a button of the account's menu: `view` opens a page, the others send their key."""
        button = find_button(account.menu, str(body["name"]))
        kind = str(button.get("type", ""))
        if kind == "view":
            event: Fields = [("Event", "VIEW"), ("EventKey", str(button["url"])), ("MenuId", 100000001)]
            self._say(follower, f"打开网页 {button['url']}")
            return await self._event(account, follower, event)
        self._grant(follower, Cause.EVENT)
        self._say(follower, f"点击菜单「{button['name']}」")
        if kind in SCAN_KINDS:
            result = str(body.get("result") or "https://example.com/box/1")
            event = [("Event", kind), ("EventKey", str(button["key"])), ("ScanResult", result)]
            return await self._event(account, follower, event)
        return await self._event(account, follower, [("Event", "CLICK"), ("EventKey", str(button["key"]))])

    async def tap(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        """Tap an item of a menu message: its text is sent, and it counts as a menu click."""
        bubble_id, item_id = int(body["bubble"]), str(body["item"])
        source = next(each for each in self._tencent.screen(follower.openid) if each.id == bubble_id)
        item = next(each for each in source.detail["items"] if each["id"] == item_id)
        bubble = self._bubble(follower, "text", item["content"], {"menu_item": item_id})
        fields: Fields = [("Content", item["content"])]
        return await self._message(
            account, follower, "text", fields, bubble, cause=Cause.EVENT, tail=[("bizmsgmenuid", item_id)]
        )

    async def raw(self, account: Account, follower: Follower, body: Json) -> list[Delivery]:
        """Push XML that no phone would send, signed and encrypted as if it were Tencent's."""
        return await self._pusher.push_plain(account, follower, str(body["xml"]), kind="raw")

    async def _message(
        self, account: Account, follower: Follower, kind: str, fields: Fields, bubble: Bubble, *,
        cause: Cause = Cause.MESSAGE, tail: Fields | None = None,
    ) -> list[Delivery]:  # fmt: skip
        self._grant(follower, cause)
        msg_id = self._tencent.message_id()
        bubble.detail = {**bubble.detail, "msg_id": msg_id}
        return await self._pusher.push(
            account, follower, kind=kind, fields=[*fields, ("MsgId", int(msg_id)), *(tail or [])], bubble=bubble,
            msg_id=msg_id,
        )  # fmt: skip

    async def _event(self, account: Account, follower: Follower, fields: Fields) -> list[Delivery]:
        return await self._pusher.push(account, follower, kind="event", fields=fields)

    def _scene(self, account: Account, body: Json) -> tuple[str, str]:
        """The scene and the ticket of the code that is scanned; an expired code leads nowhere."""
        ticket = str(body.get("ticket") or "")
        if not ticket:
            return str(body.get("scene") or ""), ""
        known = self._tencent.tickets.get(ticket)
        if known is None or known.app_id != account.app_id:
            raise Refusal(61451, hint="no such code")
        if known.expires_at is not None and known.expires_at <= self._tencent.clock.now():
            raise Refusal(61451, hint="the code has expired")
        return known.scene, ticket

    def _subscribe(self, follower: Follower, scene: str) -> None:
        follower.subscribed = True
        follower.subscribed_at = self._tencent.clock.seconds()
        follower.scene = scene
        follower.subscribe_scene = "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH"

    def _grant(self, follower: Follower, cause: Cause) -> None:
        now = self._tencent.clock.now()
        follower.grants = grant(follower.grants, cause, now)
        follower.last_message_at = now
        self._tell(follower)

    def _bubble(self, follower: Follower, kind: str, text: str, detail: Json | None = None) -> Bubble:
        if not follower.subscribed:
            raise Refusal(43004)
        return self._tencent.show(follower, side="customer", kind=kind, text=text, state="sending", detail=detail)

    def _say(self, follower: Follower, text: str) -> None:
        self._tencent.show(follower, side="system", kind="hint", text=text)

    def _tell(self, follower: Follower) -> None:
        self._tencent.changed(follower.app_id, "follower", asdict(follower))

    def _keep(self, account: Account, kind: str, mime: str, content: bytes, name: str) -> Media:
        return self._tencent.keep_media(account.app_id, kind=kind, mime=mime, name=name, content=content)


def find_button(menu: Json | None, name: str) -> dict[str, Any]:
    for button in (menu or {}).get("button", []):
        for each in [button, *button.get("sub_button", [])]:
            if each["name"] == name and not each.get("sub_button"):
                return dict(each)
    raise Refusal(46003)


def sample_image() -> bytes:
    """A small picture that differs from its neighbours by nothing but is a real PNG."""
    picture = Image.new("RGB", (320, 220), "#e8efe6")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((96, 60, 224, 188), fill="#7aa874", outline="#4a6b47", width=4)
    draw.rectangle((60, 188, 260, 198), fill="#8a6f4d")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def sample_voice(seconds: int) -> bytes:
    """Narrow-band AMR of quiet noise: fifty frames a second of 12.2 kbit/s."""
    frames = [
        struct.pack("B", 0x3C) + hashlib.sha256(f"{number}".encode()).digest()[:31] for number in range(seconds * 50)
    ]
    return b"#!AMR\n" + b"".join(frames)
