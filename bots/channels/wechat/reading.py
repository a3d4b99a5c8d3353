"""Checks, decrypts and reads what reaches the callback; whatever is wrong becomes one Refused with its reason."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.messages import UnknownMessage

from bots.channels.wechat.types import (
    MAX_AGE,
    MAX_BODY,
    MAX_ECHO,
    OPENID,
    Credentials,
    Encryption,
    Push,
    Query,
    Reason,
    Refused,
)
from guanxi.common import clock

# What XML 1.0 has no place for: a customer can type it, and the parser would stop at it.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
DECLARATION = re.compile(r"<!\s*(DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
DIGITS = re.compile(r"^\d{1,12}\Z", re.ASCII)
MAX_FIELD = 200
DIGITS_LONG = re.compile(r"^\d{1,20}\Z", re.ASCII)
FIELDS: dict[str, tuple[tuple[str, str], ...]] = {
    "image": (("MediaId", "media_id"), ("PicUrl", "picture_url")),
    "voice": (("MediaId", "media_id"), ("Format", "format")),
    "video": (("MediaId", "media_id"), ("ThumbMediaId", "thumb_media_id")),
    "shortvideo": (("MediaId", "media_id"), ("ThumbMediaId", "thumb_media_id")),
    "location": (("Location_X", "latitude"), ("Location_Y", "longitude"), ("Scale", "scale"), ("Label", "label")),
    "link": (("Title", "title"), ("Description", "description"), ("Url", "url")),
}
WORDS = {"text": "Content", "voice": "Recognition", "location": "Label", "link": "Title"}
MAX_LONG_FIELD = 2000

SCAN_EVENTS = {"subscribe_scan": "subscribe", "scan": "scan"}
OPENING_EVENTS = {
    "subscribe": "subscribe",
    "subscribe_scan": "subscribe",
    "scan": "scan",
    "click": "menu_click",
    "scancode_push": "menu_click",
    "scancode_waitmsg": "menu_click",
}
KINDS = {
    "text": "text",
    "image": "image",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "location": "location",
    "link": "link",
}


def signature_of(token: str, *parts: str) -> str:
    """Return Tencent's signature over a token and the parts."""
    return hashlib.sha1(
        "".join(sorted((token, *parts))).encode("utf-8", "surrogatepass"), usedforsecurity=False
    ).hexdigest()


def check_signature(credentials: Credentials, given: str, *parts: str) -> None:
    """Raise Refused unless the signature is right; compared in constant time, and never against an empty token."""
    if not credentials.token:
        raise Refused(Reason.NO_TOKEN)
    expected = signature_of(credentials.token, *parts)
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogatepass")):
        raise Refused(Reason.SIGNATURE)


def check_query(credentials: Credentials, query: Query) -> None:
    """Raise Refused unless the call is signed, by the account's token and lately."""
    if not (query.signature and query.nonce and DIGITS.match(query.timestamp)):
        raise Refused(Reason.PARAMETERS)
    check_signature(credentials, query.signature, query.timestamp, query.nonce)
    age = abs(clock.now().timestamp() - int(query.timestamp))
    if age > MAX_AGE.total_seconds():
        raise Refused(Reason.TIMESTAMP)


def read_verification(credentials: Credentials, query: Query) -> str:
    """Return what Tencent wants to see again when it checks the address."""
    check_query(credentials, query)
    if not query.echostr or len(query.echostr) > MAX_ECHO or not query.echostr.isprintable():
        raise Refused(Reason.PARAMETERS)
    return query.echostr


def read_push(credentials: Credentials, query: Query, body: bytes) -> Push:
    """Return what was pushed. Raises Refused, and nothing else, whatever the body holds."""
    if len(body) > MAX_BODY:
        raise Refused(Reason.TOO_LARGE)
    check_query(credentials, query)
    text = _clean(body)
    encrypted = query.encrypt_type == "aes"
    if encrypted and credentials.encryption is not Encryption.PLAIN:
        text = _decrypt(credentials, query, text)
    elif credentials.encryption is Encryption.ENCRYPTED:
        raise Refused(Reason.NOT_ENCRYPTED)
    try:
        message = parse_message(text)
        push = _push(message, encrypted=encrypted)
    except Refused:
        raise
    except Exception as fault:
        # wechatpy and the parser below it raise a dozen kinds of errors for what is not a message.
        raise Refused(Reason.XML) from fault
    if credentials.original_id and push.original_id != credentials.original_id:
        raise Refused(Reason.OTHER_ACCOUNT)
    return push


def _clean(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as fault:
        raise Refused(Reason.NOT_UTF8) from fault
    if DECLARATION.search(CDATA.sub("", text)):
        raise Refused(Reason.DOCTYPE)
    return NOT_XML.sub("", text)


def _decrypt(credentials: Credentials, query: Query, text: str) -> str:
    sealed = _sealed(text)
    check_signature(credentials, query.msg_signature, query.timestamp, query.nonce, sealed)
    try:
        crypto = WeChatCrypto(credentials.token, credentials.aes_key, credentials.app_id)
        plain = crypto.decrypt_message({"Encrypt": sealed}, query.msg_signature, query.timestamp, query.nonce)
    except Exception as fault:
        # wechatpy lets every error of its parts through: padding, base64, struct, text, account.
        raise Refused(Reason.DECRYPTION) from fault
    return _clean(plain.encode("utf-8", "surrogatepass"))


def _sealed(text: str) -> str:
    """Return what stands in Encrypt, as a child of the root alone: a customer may well write that word."""
    try:
        found = ET.fromstring(text).findall("Encrypt")  # noqa: S314 -- declarations, and with them entities, were refused
    except ET.ParseError as fault:
        raise Refused(Reason.XML) from fault
    if len(found) != 1 or not (found[0].text or "").strip():
        raise Refused(Reason.NOT_ENCRYPTED)
    return (found[0].text or "").strip()


def _push(message: Any, *, encrypted: bool) -> Push:
    if message is None:
        raise Refused(Reason.XML)
    openid, original_id = _text(message, "FromUserName"), _text(message, "ToUserName")
    created = _text(message, "CreateTime")
    if not OPENID.match(openid) or not original_id or not DIGITS.match(created):
        raise Refused(Reason.FIELDS)
    sent_at = _moment(int(created))
    if _text(message, "MsgType").lower() == "event":
        return _event(message, openid, original_id, created, sent_at, encrypted=encrypted)
    return _message(message, openid, original_id, created, sent_at, encrypted=encrypted)


def _event(message: Any, openid: str, original_id: str, created: str, sent_at: datetime, *, encrypted: bool) -> Push:
    name = _text(message, "Event").lower()[:MAX_FIELD]
    if not name:
        raise Refused(Reason.FIELDS)
    key = _text(message, "EventKey")[:MAX_FIELD]
    payload = {"event": SCAN_EVENTS.get(name, name), "key": key}
    for field, name_here in (
        ("Ticket", "ticket"),
        ("Latitude", "latitude"),
        ("Longitude", "longitude"),
        ("Status", "status"),
    ):
        if value := _text(message, field)[:MAX_FIELD]:
            payload[name_here] = value
    return Push(
        openid=openid,
        original_id=original_id,
        dedupe_key=f"e:{openid}:{created}:{name}:{key}",
        kind="event",
        text="",
        sent_at=sent_at,
        payload=payload,
        event=SCAN_EVENTS.get(name, name),
        opens=OPENING_EVENTS.get(name, ""),
        scene=key if name in SCAN_EVENTS else "",
        encrypted=encrypted,
    )


def _message(message: Any, openid: str, original_id: str, created: str, sent_at: datetime, *, encrypted: bool) -> Push:
    kind = _text(message, "MsgType").lower()
    number = _text(message, "MsgId")
    if not kind or (number and not DIGITS_LONG.match(number)):
        raise Refused(Reason.FIELDS)
    payload = _payload(message, kind)
    item = _text(message, "bizmsgmenuid")[:MAX_FIELD]
    if item:
        payload["menu_item"] = item
    return Push(
        openid=openid,
        original_id=original_id,
        dedupe_key=f"m:{number}" if number else f"m:{openid}:{created}:{kind}",
        kind="unsupported" if isinstance(message, UnknownMessage) else KINDS.get(kind, "unsupported"),
        text=_words(message, kind),
        sent_at=sent_at,
        payload=payload,
        # A tapped item of a menu message counts as a click on the menu, not as a message.
        opens="menu_click" if item else "message",
        media_id=payload.get("media_id", ""),
        encrypted=encrypted,
    )


def _payload(message: Any, kind: str) -> dict[str, Any]:
    values = {name: _text(message, field)[:MAX_LONG_FIELD] for field, name in FIELDS.get(kind, ())}
    if kind not in KINDS:
        values["wechat_kind"] = kind[:MAX_FIELD]
    return {name: value for name, value in values.items() if value}


def _words(message: Any, kind: str) -> str:
    return _text(message, WORDS[kind]).strip("\ufeff") if kind in WORDS else ""


def _text(message: Any, name: str) -> str:
    # wechatpy keeps the parsed fields here, and has attributes for only some of them.
    value = message._data.get(name)
    return value.strip() if isinstance(value, str) else ""


def _moment(seconds: int) -> datetime:
    """Return when a customer wrote; a moment that cannot be true becomes now."""
    now = clock.now()
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return now
    return moment if now - timedelta(days=7) < moment < now + timedelta(minutes=5) else now
