"""The state of Tencent's server and the few rules that every part of it shares."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tests.fakes.wechat.clock import VirtualClock
from tests.fakes.wechat.errors import Refusal
from tests.fakes.wechat.faults import Faults
from tests.fakes.wechat.records import (
    Account,
    Bubble,
    Call,
    Delivery,
    Follower,
    Json,
    Media,
    QrTicket,
    openid_for,
    unionid_for,
)
from tests.fakes.wechat.tokens import TokenDesk

BUBBLES_KEPT = 400
TRACES_KEPT = 400
PERSONAS = ("林晓雨", "王建国", "陈思远", "Emily Zhang")

Listener = asyncio.Queue[Json]


@dataclass
class Settings:
    """Knobs of the server itself."""

    base_url: str = ""
    callback_timeout: float = 5.0
    attempts: int = 3
    pause_between_attempts: float = 0.0
    timestamp_shift: int = 0


@dataclass
class Tencent:
    """Everything that the server knows; touched only from its event loop."""

    folder: Path | None = None
    settings: Settings = field(default_factory=Settings)
    clock: VirtualClock = field(default_factory=VirtualClock)
    faults: Faults = field(default_factory=Faults)
    desk: TokenDesk = field(default_factory=TokenDesk)
    accounts: dict[str, Account] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)
    bubbles: list[Bubble] = field(default_factory=list)
    media: dict[str, Media] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    tickets: dict[str, QrTicket] = field(default_factory=dict)
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=TRACES_KEPT))
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=TRACES_KEPT))
    last_id: int = 0
    dirty: bool = False
    listeners: dict[str, list[Listener]] = field(default_factory=dict)

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def message_id(self) -> str:
        """A 64-bit number, as Tencent's are, never given twice."""
        return str(24_000_000_000_000_000 + self.next_id() * 1_000_003 + secrets.randbelow(1_000_000))

    def account(self, app_id: str) -> Account:
        if app_id not in self.accounts:
            raise Refusal(40013)
        return self.accounts[app_id]

    def add_account(self, account: Account, personas: tuple[str, ...] | list[str] = PERSONAS) -> Account:
        self.accounts[account.app_id] = account
        for nickname in personas:
            self.add_follower(account.app_id, nickname)
        self.changed(account.app_id, "account", asdict(account))
        return account

    def add_follower(self, app_id: str, nickname: str, openid: str = "") -> Follower:
        account = self.account(app_id)
        follower = Follower(
            openid=openid or openid_for(app_id, nickname),
            app_id=app_id,
            nickname=nickname,
            unionid=unionid_for(account.open_platform, nickname) if account.open_platform else "",
        )
        return self.followers.setdefault(follower.openid, follower)

    def follower(self, app_id: str, openid: str) -> Follower:
        follower = self.followers.get(openid)
        if follower is None or follower.app_id != app_id:
            raise Refusal(40003)
        return follower

    def of_account(self, app_id: str) -> list[Follower]:
        return [each for each in self.followers.values() if each.app_id == app_id]

    def show(
        self, follower: Follower, *, side: str, kind: str, text: str, via: str = "", state: str = "delivered",
        detail: Json | None = None,
    ) -> Bubble:  # fmt: skip
        """Put something on a person's screen."""
        bubble = Bubble(
            id=self.next_id(), app_id=follower.app_id, openid=follower.openid, side=side, kind=kind, text=text,
            at=self.clock.now(), state=state, via=via, detail=detail or {},
        )  # fmt: skip
        self.bubbles.append(bubble)
        mine = [each.id for each in self.bubbles if each.openid == follower.openid]
        if len(mine) > BUBBLES_KEPT:
            self.bubbles = [each for each in self.bubbles if each.id != mine[0]]
        self.changed(follower.app_id, "bubble", asdict(bubble))
        return bubble

    def screen(self, openid: str) -> list[Bubble]:
        return [each for each in self.bubbles if each.openid == openid]

    def keep_media(self, app_id: str, *, kind: str, mime: str, name: str, content: bytes) -> Media:
        media = Media(
            media_id=secrets.token_urlsafe(48), app_id=app_id, kind=kind, mime=mime, name=name, size=len(content),
            created_at=self.clock.seconds(),
        )  # fmt: skip
        self.media[media.media_id] = media
        self.blobs[media.media_id] = content
        if self.folder is not None:
            folder = self.folder / "media"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / media.media_id).write_bytes(content)
        self.dirty = True
        return media

    def blob(self, media_id: str) -> bytes:
        if media_id not in self.blobs and self.folder is not None:
            self.blobs[media_id] = (self.folder / "media" / media_id).read_bytes()
        return self.blobs[media_id]

    def changed(self, app_id: str, kind: str, data: Json) -> None:
        """Tell the open phones and remember that the state wants saving."""
        self.dirty = True
        for listener in self.listeners.get(app_id, []):
            listener.put_nowait({"type": kind, "data": data})

    @contextmanager
    def listening(self, app_id: str) -> Iterator[Listener]:
        listener: Listener = asyncio.Queue()
        self.listeners.setdefault(app_id, []).append(listener)
        try:
            yield listener
        finally:
            self.listeners[app_id].remove(listener)
