"""Calls to the callback as Tencent makes them, signed and encrypted by the fake's own cryptography."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bots.channels.wechat.types import Credentials, Encryption, Query
from tests.fakes.wechat import crypto
from tests.fakes.wechat.pushxml import Fields, push_xml, wire_xml
from tests.fakes.wechat.records import Account, Mode

APP_ID = "wx0123456789abcdef"
ORIGINAL_ID = "gh_0123456789ab"
TOKEN = "QDG6eK"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SECRET = "0123456789abcdef0123456789abcdef"
OPENID = "oCustomer-1_abcdefghijklmnop"


@dataclass
class Signer:
    """One account's side of the callback."""

    mode: Mode = Mode.ENCRYPTED
    token: str = TOKEN
    shift: int = 0

    @property
    def account(self) -> Account:
        return Account(
            app_id=APP_ID, secret=SECRET, original_id=ORIGINAL_ID, name="茶庄", token=self.token, aes_key=AES_KEY,
            mode=self.mode,
        )  # fmt: skip

    @property
    def credentials(self) -> Credentials:
        return Credentials(APP_ID, ORIGINAL_ID, TOKEN, AES_KEY, Encryption(self.mode.value))

    def plain(self, kind: str, fields: Fields, *, openid: str = OPENID, created_at: int | None = None) -> str:
        return push_xml(self.account, openid, created_at or int(time.time()), kind, fields)

    def text(self, content: str, *, msg_id: int = 1, openid: str = OPENID) -> str:
        return self.plain("text", [("Content", content), ("MsgId", msg_id)], openid=openid)

    def event(self, name: str, key: str = "", *, openid: str = OPENID, created_at: int | None = None) -> str:
        fields: Fields = [("Event", name), ("EventKey", key)]
        return self.plain("event", fields, openid=openid, created_at=created_at)

    def call(self, plain: str) -> tuple[dict[str, str], bytes]:
        """The query and the body that carry a plain text."""
        body, sealed = wire_xml(self.account, plain)
        return self.query(sealed), body.encode("utf-8", "surrogatepass")

    def query(self, sealed: str = "", **more: str) -> dict[str, str]:
        stamp, nonce = str(int(time.time()) + self.shift), "1320562132"
        query = {"signature": crypto.sign(self.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, **more}
        if self.mode is not Mode.PLAIN:
            query |= {"encrypt_type": "aes", "msg_signature": crypto.sign(self.token, stamp, nonce, sealed)}
        return query

    def enveloped(self, sealed: str) -> tuple[dict[str, str], bytes]:
        """A call whose Encrypt is any text, rightly signed."""
        body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        return self.query(sealed), body.encode()


def query_of(values: dict[str, str]) -> Query:
    return Query.of(values)


def address(values: dict[str, str], app_id: str = APP_ID) -> str:
    return f"/wechat/{app_id}?{urlencode(values)}"


def post(client: Any, signer: Signer, plain: str, app_id: str = APP_ID) -> Any:
    """Push a plain text through Django's test client."""
    query, body = signer.call(plain)
    return client.post(address(query, app_id), data=body, content_type="text/xml")
