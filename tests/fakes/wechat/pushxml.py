"""The XML that Tencent pushes, in its own shapes."""

from __future__ import annotations

from tests.fakes.wechat.crypto import encrypt
from tests.fakes.wechat.records import Account, Mode

Fields = list[tuple[str, str | int | float]]


def cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def push_xml(account: Account, openid: str, created_at: int, kind: str, fields: Fields) -> str:
    head: Fields = [
        ("ToUserName", account.original_id),
        ("FromUserName", openid),
        ("CreateTime", created_at),
        ("MsgType", kind),
    ]
    lines = [f"<{name}>{cdata(value) if isinstance(value, str) else value}</{name}>" for name, value in head + fields]
    return "<xml>" + "\n".join(lines) + "\n</xml>"


def wire_xml(account: Account, plain: str) -> tuple[str, str]:
    """The body as it goes over the wire in the account's mode, and the encrypted text that its signature covers."""
    if account.mode is Mode.PLAIN:
        return plain, ""
    sealed = encrypt(account.aes_key, account.app_id, plain)
    if account.mode is Mode.COMPATIBLE:
        return plain.removesuffix("</xml>") + f"<Encrypt>{cdata(sealed)}</Encrypt>\n</xml>", sealed
    return (
        f"<xml>\n    <ToUserName>{cdata(account.original_id)}</ToUserName>\n"
        f"    <Encrypt>{cdata(sealed)}</Encrypt>\n</xml>\n"
    ), sealed
