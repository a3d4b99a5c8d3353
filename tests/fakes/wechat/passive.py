"""Read a passive reply as strictly as Tencent: whatever is wrong makes the phone show its notice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from tests.fakes.wechat.crypto import CipherError, decrypt, signed
from tests.fakes.wechat.records import Account, Follower, Json, Media, Mode

NOTICE = "该公众号暂时无法提供服务，请稍后再试"
ARTICLES = 8
SILENT = ("", "success")


class Malformed(ValueError):
    """The reply is not one that Tencent passes on."""


@dataclass
class Reply:
    kind: str
    text: str
    plain: str
    detail: Json = field(default_factory=dict)


def read_reply(account: Account, follower: Follower, body: bytes, media: dict[str, Media]) -> Reply | None:
    """The reply in a callback's answer, None where the account chose to say nothing."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("the answer is not UTF-8") from error
    if text.strip() in SILENT:
        return None
    tree = _parse(text)
    plain = text
    if tree.find("Encrypt") is not None:
        plain = _open(account, tree)
        if plain.strip() in SILENT:
            return None
        tree = _parse(plain)
    elif account.mode is Mode.ENCRYPTED:
        raise Malformed("an account in encrypted mode answered in plain text")
    return _reply(account, follower, tree, plain, media)


def _parse(text: str) -> ET.Element:
    if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
        raise Malformed("a document type is not allowed")
    try:
        tree = ET.fromstring(text)
    except ET.ParseError as error:
        raise Malformed(f"not XML: {error}") from error
    if tree.tag != "xml":
        raise Malformed(f"the root is <{tree.tag}>, not <xml>")
    return tree


def _open(account: Account, tree: ET.Element) -> str:
    if account.mode is Mode.PLAIN:
        raise Malformed("an account in plain mode answered encrypted")
    sealed, stamp, nonce = _field(tree, "Encrypt"), _field(tree, "TimeStamp"), _field(tree, "Nonce")
    if not stamp.isdigit():
        raise Malformed("TimeStamp is not a number")
    if not signed(_field(tree, "MsgSignature"), account.token, stamp, nonce, sealed):
        raise Malformed("MsgSignature is wrong")
    try:
        return decrypt(account.aes_key, account.app_id, sealed)
    except CipherError as error:
        raise Malformed(f"Encrypt: {error}") from error


def _field(tree: ET.Element, name: str) -> str:
    found = tree.findall(name)
    if len(found) != 1:
        raise Malformed(f"{name} stands {len(found)} times")
    return found[0].text or ""


def _reply(account: Account, follower: Follower, tree: ET.Element, plain: str, media: dict[str, Media]) -> Reply:
    if _field(tree, "ToUserName") != follower.openid:
        raise Malformed("ToUserName is not the person who wrote")
    if _field(tree, "FromUserName") != account.original_id:
        raise Malformed("FromUserName is not the account's original id")
    if not re.fullmatch(r"\d{10}", _field(tree, "CreateTime").strip()):
        raise Malformed("CreateTime is not a time in seconds")
    kind = _field(tree, "MsgType")
    if kind == "text":
        content = _field(tree, "Content")
        if not content.strip():
            raise Malformed("Content is empty")
        if len(content.encode()) > account.bytes_in_text:
            raise Malformed(f"Content has more than {account.bytes_in_text} bytes")
        return Reply(kind, content, plain)
    if kind in ("image", "voice", "video"):
        media_id = _field(_child(tree, kind.capitalize()), "MediaId")
        known = media.get(media_id)
        if known is None or known.app_id != account.app_id:
            raise Malformed("MediaId is unknown")
        return Reply(kind, "", plain, {"media_id": media_id})
    if kind == "news":
        return Reply(kind, "", plain, {"articles": _articles(tree)})
    if kind == "transfer_customer_service":
        return Reply(kind, "", plain)
    raise Malformed(f"MsgType {kind!r} cannot be a reply")


def _child(tree: ET.Element, name: str) -> ET.Element:
    child = tree.find(name)
    if child is None:
        raise Malformed(f"{name} is missing")
    return child


def _articles(tree: ET.Element) -> list[Json]:
    items = _child(tree, "Articles").findall("item")
    if not 1 <= len(items) <= ARTICLES or _field(tree, "ArticleCount").strip() != str(len(items)):
        raise Malformed("ArticleCount does not fit the articles")
    return [
        {
            "title": _field(item, "Title"),
            "description": _field(item, "Description"),
            "picurl": _field(item, "PicUrl"),
            "url": _field(item, "Url"),
        }
        for item in items
    ]
