"""Tencent's error codes with the words that its server answers."""

from __future__ import annotations

import secrets

MESSAGES: dict[int, str] = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest, could get access_token by getStableAccessToken",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid media size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40023: "invalid sub button size",
    40037: "invalid template_id",
    40052: "invalid action name",
    40053: "invalid action info",
    40066: "invalid url",
    40125: "invalid appsecret",
    40164: "invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    41006: "media_id missing",
    41009: "missing openid",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45002: "content size out of limit",
    45007: "playtime out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45072: "invalid command",
    45080: "no message in the last 30 seconds",
    45081: "already typing",
    46003: "menu no exist",
    47001: "data format error",
    47003: "argument invalid",
    48001: "api unauthorized",
    61451: "invalid parameter",
}


class Refusal(Exception):
    """An answer with an errcode: HTTP 200, as Tencent sends it."""

    def __init__(self, errcode: int, hint: str = "", **params: str) -> None:
        words = MESSAGES.get(errcode, "error").format(**params) if params else MESSAGES.get(errcode, "error")
        self.errcode = errcode
        self.errmsg = f"{words}{f' hint: [{hint}]' if hint else ''} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"
        super().__init__(f"{errcode} {self.errmsg}")

    def body(self) -> dict[str, int | str]:
        return {"errcode": self.errcode, "errmsg": self.errmsg}
