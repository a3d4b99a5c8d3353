"""What a WeChat channel is set to, what it receives, and why calls are refused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

KIND = "wechat"
ROUTE_KIND = "wechat_app"
IDENTITY_KIND = "wechat_openid"

APP_ID = re.compile(r"^wx[0-9a-zA-Z]{16}\Z")
ORIGINAL_ID = re.compile(r"^gh_[0-9a-zA-Z]{6,20}\Z")
TOKEN = re.compile(r"^[0-9A-Za-z_-]{3,32}\Z")
AES_KEY = re.compile(r"^[0-9A-Za-z]{43}\Z")
OPENID = re.compile(r"^[\w-]{6,64}\Z", re.ASCII)

MAX_BODY = 128 * 1024
MAX_TEXT_BYTES = 2048
MAX_ECHO = 256
# Tencent signs each attempt anew, so that only a replayed call is older; clocks may differ a little.
MAX_AGE = timedelta(minutes=15)
PASSIVE_SECONDS = 1.5
# An account without customer-service messages has no other way to answer; Tencent waits for five seconds.
PASSIVE_ONLY_SECONDS = 3.5
LATEST_ANSWER_SECONDS = 4.2


class AccountType(StrEnum):
    """What an account is at Tencent; `unknown` until its abilities have been asked."""

    UNKNOWN = "unknown"
    VERIFIED_SERVICE = "verified_service"
    VERIFIED_SUBSCRIPTION = "verified_subscription"
    UNVERIFIED = "unverified"


class Encryption(StrEnum):
    """How callbacks are encrypted, as chosen at Tencent."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    ENCRYPTED = "encrypted"


class Capability(StrEnum):
    """What Tencent lets an account do, apart from receiving and answering at once."""

    CUSTOMER_SERVICE = "customer_service"
    MEDIA = "media"
    MENU = "menu"
    USERS = "users"
    QR = "qr"
    TEMPLATES = "templates"


class Reason(StrEnum):
    """Why a call to the callback was refused; counted, never told to the caller."""

    NO_TOKEN = "no_token"  # noqa: S105 -- a name, not a secret
    PARAMETERS = "parameters"
    TIMESTAMP = "timestamp"
    SIGNATURE = "signature"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    DOCTYPE = "doctype"
    XML = "xml"
    NOT_ENCRYPTED = "not_encrypted"
    DECRYPTION = "decryption"
    FIELDS = "fields"
    OTHER_ACCOUNT = "other_account"


class Refused(Exception):
    """A call to the callback that is not one of Tencent's, or not one that can be read."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a callback is checked with."""

    app_id: str
    original_id: str
    token: str
    aes_key: str
    encryption: Encryption


@dataclass(frozen=True, slots=True)
class Query:
    """The signed part of a call's address."""

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    msg_signature: str = ""
    encrypt_type: str = ""
    echostr: str = ""

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "Query":
        """Read the parameters of a request; what is not there is empty."""
        return cls(**{name: parameters.get(name, "") for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Push:
    """A message or an event that Tencent pushed, checked, decrypted and read.

    `opens` is what it means for the send window, `scene` the code that was scanned, `media_id` what can be fetched for
    three days.
    """

    openid: str
    original_id: str
    dedupe_key: str
    kind: str
    text: str
    sent_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
    event: str = ""
    opens: str = ""
    scene: str = ""
    media_id: str = ""
    encrypted: bool = False

    @property
    def concerns_talk(self) -> bool:
        """Return whether it belongs into the conversation; reports of Tencent's own work do not."""
        return self.event not in {"masssendjobfinish", "templatesendjobfinish"}
