"""What the fake remembers: accounts, followers, what their phones show, media, tickets and deliveries."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.fakes.wechat.quota import Grant

Json = dict[str, Any]


class AccountKind(StrEnum):
    VERIFIED_SERVICE = "verified_service"
    VERIFIED_SUBSCRIPTION = "verified_subscription"
    UNVERIFIED = "unverified"


class Mode(StrEnum):
    PLAIN = "plain"
    COMPATIBLE = "compatible"
    ENCRYPTED = "encrypted"


class Ability(StrEnum):
    CUSTOMER_SERVICE = "customer_service"
    MEDIA = "media"
    MENU = "menu"
    USERS = "users"
    QR = "qr"
    TEMPLATES = "templates"


ABILITIES: dict[AccountKind, frozenset[Ability]] = {
    AccountKind.VERIFIED_SERVICE: frozenset(Ability),
    AccountKind.VERIFIED_SUBSCRIPTION: frozenset(
        {Ability.CUSTOMER_SERVICE, Ability.MEDIA, Ability.MENU, Ability.USERS}
    ),
    AccountKind.UNVERIFIED: frozenset(),
}


@dataclass
class Account:
    """An Official Account as its owner sees it on mp.weixin.qq.com."""

    app_id: str
    secret: str
    original_id: str
    name: str
    kind: AccountKind = AccountKind.VERIFIED_SERVICE
    token: str = ""
    aes_key: str = ""
    mode: Mode = Mode.ENCRYPTED
    callback_url: str = ""
    enabled: bool = False
    last_check: str = ""
    menu: Json | None = None
    templates: dict[str, Json] = field(default_factory=dict)
    allowed_ips: list[str] = field(default_factory=list)
    open_platform: str = ""
    bytes_in_text: int = 2048

    def can(self, ability: Ability) -> bool:
        return ability in ABILITIES[self.kind]


@dataclass
class Follower:
    """A person with a phone; the openid is known to one account alone."""

    openid: str
    app_id: str
    nickname: str
    unionid: str = ""
    subscribed: bool = False
    subscribed_at: int = 0
    subscribe_scene: str = ""
    scene: str = ""
    blocked: bool = False
    typing_until: float = 0.0
    last_message_at: float = 0.0
    grants: list[Grant] = field(default_factory=list)


@dataclass
class Bubble:
    """One thing on the phone's screen."""

    id: int
    app_id: str
    openid: str
    side: str
    kind: str
    text: str
    at: float
    state: str = "delivered"
    via: str = ""
    detail: Json = field(default_factory=dict)


@dataclass
class Media:
    media_id: str
    app_id: str
    kind: str
    mime: str
    name: str
    size: int
    created_at: int


@dataclass
class QrTicket:
    ticket: str
    app_id: str
    scene: str
    url: str
    expires_at: float | None


@dataclass
class Delivery:
    """One attempt to hand a push to the account's callback."""

    id: int
    app_id: str
    openid: str
    kind: str
    msg_id: str
    attempt: int
    at: float
    url: str
    plain: str
    wire: str
    status: int = 0
    took_ms: int = 0
    outcome: str = "under way"
    answer: str = ""
    answer_plain: str = ""


@dataclass
class Call:
    """One call of an account to Tencent's API."""

    id: int
    app_id: str
    endpoint: str
    at: float
    errcode: int
    request: str
    answer: str


def openid_for(app_id: str, nickname: str) -> str:
    """The same person has another openid at every account, and the same one whenever the demo is filled again."""
    digest = hashlib.sha256(f"{app_id}/{nickname}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def unionid_for(platform: str, nickname: str) -> str:
    digest = hashlib.sha256(f"union/{platform}/{nickname}".encode()).digest()
    return "u" + base64.urlsafe_b64encode(digest).decode()[:27]
