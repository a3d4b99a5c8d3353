"""Writes passive replies: XML that Tencent accepts whatever the text holds, encrypted when the account is."""

import re
import secrets
from typing import Any

from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from bots.channels.wechat.reading import NOT_XML
from bots.channels.wechat.types import MAX_TEXT_BYTES, Credentials, Push
from bots.channels.wechat.words import menu_text, with_label
from crm.conversations.types import Said
from guanxi.common import clock

SILENCE = "success"
SURROGATES = re.compile("[\ud800-\udfff]")


def cdata_safe(text: str) -> str:
    """Return a text that may stand inside CDATA: no end mark, nothing that XML has no place for."""
    return SURROGATES.sub("", NOT_XML.sub("", text)).replace("]]>", "]]]]><![CDATA[>")


def passive_text(said: Said) -> str | None:
    """Return what a passive reply says, None when it does not fit into one: too long, empty, or more than text."""
    if said.kind == "menu":
        text = menu_text(said.text, said.payload)
    elif said.kind == "text":
        text = said.text
    else:
        return None
    text = with_label(text) if said.generated else text
    return text if text.strip() and len(text.encode("utf-8", "replace")) <= MAX_TEXT_BYTES else None


def reply_of(text: str) -> dict[str, Any]:
    """Return a reply in the form that is stored, for when the same message is sent again."""
    return {"kind": "text", "text": text}


def render_reply(credentials: Credentials, push: Push, reply: dict[str, Any] | None) -> str:
    """Return the body that answers a push; without a reply the word that keeps Tencent quiet."""
    if not reply or not reply.get("text"):
        return SILENCE
    moment = int(clock.now().timestamp())
    plain = TextReply(
        source=cdata_safe(push.original_id),
        target=cdata_safe(push.openid),
        time=moment,
        content=cdata_safe(str(reply["text"])),
    ).render()
    if not push.encrypted:
        return str(plain)
    crypto = WeChatCrypto(credentials.token, credentials.aes_key, credentials.app_id)
    return str(crypto.encrypt_message(plain, secrets.token_hex(8), str(moment)))
